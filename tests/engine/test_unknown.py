"""Lost answers and stopped runners: look first, never send again unasked."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.preview import Outcome
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.incident import captured
from tests.engine.bench import Bench
from tests.engine.worlds import GOOD


class Killed(BaseException):
    """The process is gone: nothing of the engine runs on."""


def test_a_change_that_was_made_and_whose_answer_was_lost_is_seen_and_the_rest_goes_on() -> None:
    """The world is looked at; the effect is there; the second call follows."""
    bench = Bench()
    bench.open()
    bench.estate.lose = "after"
    bench.confirm("roll-back")
    assert bench.sent() == ["set:auto-sync", "set:gateway"]
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert [event.data["outcome"] for event in bench.records(Kind.RESULT)] == ["unknown", "done"]


def test_a_change_that_was_lost_on_its_way_is_denied_only_after_several_looks_and_not_sent_again() -> None:
    """Its effect is not there: the step fails, the debt it would have left is withdrawn, a retry takes a new confirmation."""
    bench = Bench()
    bench.open()
    bench.estate.lose = "before"
    bench.confirm("roll-back")
    meant = bench.records(Kind.INTENT)[0].at
    while bench.clock.now() < meant + 59:
        assert bench.step("roll-back").status is StepStatus.UNKNOWN
        assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]
        bench.settle(1)
    bench.settle(6)
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert bench.sent() == ["set:auto-sync"]
    assert bench.run.open_debts == ()
    bench.settle(20)
    assert bench.sent() == ["set:auto-sync"]
    assert bench.do("roll-back").status is StepStatus.VERIFIED


def test_what_cannot_be_told_stays_unknown_and_holds_up_everything() -> None:
    """While nobody can tell, nothing is sent; once it can be seen, the bundle's rest waits for a new confirmation."""
    bench = Bench()
    bench.open()
    bench.estate.lose = "after"
    bench.estate.blind = True
    bench.confirm("roll-back")
    assert bench.step("roll-back").status is StepStatus.UNKNOWN
    assert "became of" in bench.decide(Verb.ARM, step="roll-back").text
    assert "became of" in bench.decide(Verb.ARM, step="git-equal").text
    assert bench.estate.lock_intent == ("roll-back", "SET auto-sync")
    bench.estate.blind = False
    assert bench.decide(Verb.VERIFY, step="roll-back").taken
    bench.settle()
    assert bench.step("roll-back").status is StepStatus.FAILED
    assert bench.sent() == ["set:auto-sync"]
    bench.do("roll-back")
    assert bench.sent() == ["set:auto-sync", "set:gateway"]


def test_an_unknown_step_can_be_settled_by_hand() -> None:
    """With the network gone for good, the operator's word ends it."""
    bench = Bench()
    bench.open("short")
    bench.estate.lose = "after"
    bench.estate.blind = True
    bench.confirm("roll-back")
    assert bench.decide(Verb.BY_HAND, step="roll-back", note="seen on the console").taken
    assert bench.step("roll-back").status is StepStatus.ASSERTED


def _records() -> list[str]:
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    return bench.kinds()


@pytest.mark.parametrize("record", range(len(_records())))
@pytest.mark.parametrize("written", [False, True])
def test_killed_at_any_record_a_new_runner_never_sends_unasked(record: int, *, written: bool) -> None:
    """Killed before or after each record: the new runner looks first; a new confirmation brings the step home, each change made once."""
    bench = Bench()

    def kill_after(event: Event) -> None:
        if event.seq == record:
            raise Killed

    def kill_before(_kind: Kind) -> bool:
        if len(bench.journal.events()) == record:
            raise Killed
        return False

    if written:
        bench.journal.on_append = kill_after
    else:
        bench.journal.fail_at = kill_before
    try:
        bench.open()
        bench.confirm("roll-back")
    except Killed:
        pass
    if bench.engine.state is None and not bench.journal.events():
        return
    before = list(bench.sent())
    bench.restart()
    if not bench.run.steps:
        assert bench.closed() == "aborted"
        return
    bench.settle(70)
    assert bench.sent() == before, "sent unasked"
    for _ in range(2):
        if bench.step("roll-back").status.over:
            break
        if bench.step("roll-back").status is not StepStatus.ARMED:
            bench.arm("roll-back")
        bench.confirm("roll-back", 70)
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert sorted(bench.sent()) == ["set:auto-sync", "set:gateway"]
    assert bench.estate.values["gateway"] == GOOD
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]


def test_a_runner_that_died_with_the_change_on_its_way_finds_out_later_that_it_was_made() -> None:
    """Killed inside the call; the API is down at first; the effect is seen once it serves again."""
    bench = Bench()
    bench.open("short")

    def die(_call: object) -> None:
        bench.estate.on_send = lambda _call: None
        bench.estate.values["gateway"] = GOOD
        raise Killed

    bench.estate.on_send = die
    with pytest.raises(Killed):
        bench.confirm("roll-back")
    bench.estate.trouble["happened"] = [NoRoute("The API server was not reached.")] * 3
    bench.restart()
    assert bench.step("roll-back").status is StepStatus.UNKNOWN
    bench.settle(20)
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert bench.sent() == []


def test_a_change_that_takes_effect_late_is_seen_and_its_debt_was_never_withdrawn() -> None:
    """The request was queued for half a minute: nothing is denied meanwhile, and the late effect counts."""
    bench = Bench()
    bench.open()
    bench.estate.lose = "before"
    bench.confirm("roll-back")
    bench.settle(20)
    assert bench.records(Kind.DEBT_PAID) == []
    bench.estate.values["auto-sync"] = "off"
    bench.settle(8)
    assert [call.id for call in bench.step("roll-back").done_calls] == ["set:auto-sync"]
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]


def test_what_a_call_has_captured_is_kept_while_nobody_knows_whether_it_was_made() -> None:
    """The step that would put it back is told what was there before, until the call is known not to have been made."""
    bench = Bench()
    bench.open()
    bench.estate.lose = "before"
    bench.estate.blind = True
    bench.confirm("roll-back")
    run = bench.run
    step = run.step("roll-back")
    captured_calls = tuple(replace(call, undo={"captured": {"prune": True}}) for call in step.calls)
    with_capture = replace(run, steps=tuple(replace(one, calls=captured_calls) if one.id == step.id else one for one in run.steps))
    assert captured(with_capture) == {"captured:auto-sync": '{"prune": true}'}
    denied = tuple(replace(call, outcome=Outcome.NOT_SENT) for call in captured_calls)
    not_made = replace(run, steps=tuple(replace(one, calls=denied) if one.id == step.id else one for one in run.steps))
    assert captured(not_made) == {}
