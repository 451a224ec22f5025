"""Calls that wait for their turn: shown, stopped by an abort, and never meant before it comes."""

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from tests.engine.bench import Bench

FIRST, SECOND = "set:auto-sync", "set:gateway"


class Turn:
    """Lets the second call wait until it was asked for so many times."""

    def __init__(self, bench: Bench, looks: int) -> None:
        """Waits in that bench."""
        self._bench, self._left = bench, looks
        bench.estate.awaited = self

    def __call__(self, call: PlannedCall) -> str:
        """Tells what the call has to wait for."""
        if call.id == FIRST or not self._left:
            return ""
        self._left -= 1
        self.looked()
        return "the first is under way"

    def looked(self) -> None:
        """Is told of each look at which the call had to wait."""
        assert [event.data["call"] for event in self._bench.records(Kind.INTENT)] == [FIRST], "meant before its turn"


def test_a_call_is_meant_and_sent_once_its_turn_has_come() -> None:
    """Until then nothing of it is in the journal, and the step's conditions are looked at."""
    bench = Bench()
    Turn(bench, 4)
    bench.open()
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST, SECOND]
    observed = [event.seq for event in bench.records(Kind.OBSERVED)]
    assert observed[0] < bench.records(Kind.INTENT)[1].seq
    assert bench.step("roll-back").status is StepStatus.VERIFIED


def test_an_abort_ends_the_waiting_with_nothing_more_sent() -> None:
    """What was done is said, and can be put back."""
    bench = Bench()

    class Aborting(Turn):
        def looked(self) -> None:
            """Aborts at the first look."""
            bench.decide(Verb.ABORT, reason="wrong estate")

    Aborting(bench, 1000)
    bench.open()
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST]
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "aborted: wrong estate" in step.reason
    assert "Done before it stopped" in step.reason


def test_the_waiting_ends_with_the_steps_time() -> None:
    """It says what it waited for; trying again sends only what is missing."""
    bench = Bench()
    Turn(bench, 10**6)
    bench.open()
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST]
    assert "the first is under way, after " in bench.step("roll-back").reason
    bench.estate.awaited = lambda _call: ""
    bench.arm("roll-back")
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST, SECOND]


def test_a_turn_that_will_never_come_stops_the_step() -> None:
    """And one that cannot be read for a moment does not."""
    bench = Bench()
    looks = [NotSent("no route"), Refused("The instance that comes before is gone.")]

    def awaited(call: PlannedCall) -> str:
        if call.id == SECOND and looks:
            raise looks.pop(0)
        return ""

    bench.estate.awaited = awaited
    bench.open()
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST]
    assert "comes before is gone" in bench.step("roll-back").reason
    assert looks == []


@pytest.mark.parametrize("key", [True, False], ids=["L", "by itself"])
def test_one_systems_expired_login_keeps_the_run_waiting_while_others_answer(*, key: bool) -> None:
    """The lock is renewed and the cluster knows us: that says nothing about AWS."""
    bench = Bench()
    bench.open()
    bench.estate.awaited = lambda _call: ""

    def expire(call: PlannedCall) -> None:
        bench.estate.missing_login = call.id == FIRST

    bench.estate.on_send = expire
    bench.confirm("roll-back")
    bench.estate.on_send = lambda _call: None
    for _ in range(10):
        bench.settle(2)
        assert bench.run.waiting == "credentials"
    assert len(bench.records(Kind.WAITING)) == 1
    assert "still refused" in bench.decide(Verb.CREDENTIALS).text
    bench.estate.missing_login = False
    if key:
        assert bench.decide(Verb.CREDENTIALS).taken
    bench.settle(10)
    assert bench.run.waiting == ""
    assert bench.sent() == [FIRST]
    assert bench.step("roll-back").status is StepStatus.ARMED
    bench.confirm("roll-back")
    assert bench.sent() == [FIRST, SECOND]
