"""Bundles that stop half-way, undo, verification that fails or cannot be told."""

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, Refused, ServerDown
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import CheckState, DebtSpec, PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from tests.engine.bench import Bench
from tests.engine.worlds import BAD, GOOD


def _second(bench: Bench, error: Exception) -> None:
    """Makes the second change of the bundle fail."""

    def fail(call: PlannedCall) -> None:
        if call.id == "set:gateway":
            bench.estate.on_send = lambda _call: None
            raise error

    bench.estate.on_send = fail


@pytest.mark.parametrize("error", [Refused("Admission said no."), NotSent("The network is gone.")])
def test_the_first_failure_stops_the_rest_and_offers_undo(error: Exception) -> None:
    """The first call was made, the second was not: said, and undo puts the first back through the same gate."""
    bench = Bench()
    bench.open()
    _second(bench, error)
    bench.confirm("roll-back")
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "Done before it stopped: auto-sync off" in step.reason
    assert bench.records(Kind.FAILED)[0].data["undo"] is True
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]

    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle()
    assert bench.step("roll-back").undo_of == 1
    assert bench.estate.values["auto-sync"] == "off"
    assert bench.confirm("roll-back").taken
    assert bench.step("roll-back").status is StepStatus.UNDONE
    assert bench.estate.values == {"gateway": BAD, "auto-sync": "on", "git": BAD, "host": "old"}
    assert bench.run.open_debts == ()


def test_undo_goes_backwards_and_is_declined_like_anything_else() -> None:
    """Newest first; a No leaves the step verified as it was."""
    bench = Bench()
    bench.open("main")
    bench.confirm("roll-back")
    bench.decide(Verb.UNDO, step="roll-back")
    bench.settle()
    assert bench.step("roll-back").status is StepStatus.ARMED
    bench.decide(Verb.DECLINE, step="roll-back", attempt=2)
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    bench.decide(Verb.UNDO, step="roll-back")
    bench.settle()
    bench.confirm("roll-back")
    assert bench.sent() == ["set:auto-sync", "set:gateway", "set:gateway", "set:auto-sync"]
    assert bench.step("roll-back").status is StepStatus.UNDONE


def test_a_final_condition_fails_at_once_and_not_at_the_deadline() -> None:
    """CrashLoopBackOff is told when it is seen."""
    bench = Bench()
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),), (CheckState("pods", passed=False, words="CrashLoopBackOff", final=True),)]
    bench.open()
    began = bench.clock.now()
    bench.confirm("roll-back")
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "CrashLoopBackOff" in step.reason
    assert bench.clock.now() - began < 10
    assert bench.records(Kind.FAILED)[0].data["undo"] is True


def test_conditions_are_recorded_when_they_change_and_only_then() -> None:
    """The journal holds changes, not polls."""
    bench = Bench()
    waiting = (CheckState("pods", None, "1 of 2"),)
    bench.estate.rollout = [waiting] * 4
    bench.open()
    bench.confirm("roll-back", 8)
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert [event.data["words"] for event in bench.records(Kind.OBSERVED) if event.data["check"] == "pods"] == ["1 of 2"]


def test_what_does_not_become_true_in_time_fails_and_may_be_verified_later() -> None:
    """After the timeout the step is failed with what was missing; a later look that sees it verifies it."""
    bench = Bench()
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),)] * 100
    bench.open()
    bench.confirm("roll-back", 70)
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "pods (1 of 2)" in step.reason
    bench.estate.rollout = []
    assert bench.decide(Verb.VERIFY, step="roll-back").taken
    bench.settle()
    assert bench.step("roll-back").status is StepStatus.VERIFIED


def test_a_server_that_is_down_while_verifying_is_waited_for() -> None:
    """A read that fails is no failed condition."""
    bench = Bench()
    bench.estate.trouble["checks"] = [ServerDown("The API server does not serve.")] * 10
    bench.open()
    bench.confirm("roll-back", 5)
    assert bench.step("roll-back").status is StepStatus.VERIFYING
    bench.settle(10)
    assert bench.step("roll-back").status is StepStatus.VERIFIED


def test_an_undo_can_be_armed_while_the_step_is_still_being_verified() -> None:
    """Nobody has to wait for a deadline to go back."""
    bench = Bench()
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),)] * 4
    bench.open()
    bench.confirm("roll-back", 2)
    assert bench.step("roll-back").status is StepStatus.VERIFYING
    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle(1)
    bench.estate.rollout = []
    assert bench.confirm("roll-back").taken
    assert bench.step("roll-back").status is StepStatus.UNDONE


def test_an_acknowledged_call_without_effect_stops_the_bundle() -> None:
    """The server said yes, the world says no: the step fails there."""
    bench = Bench()
    bench.open()

    def put_back(call: PlannedCall) -> None:
        bench.estate.lose = ""

    bench.estate.on_send = put_back
    change = bench.estate.change

    def ignored(call: PlannedCall) -> str:
        answer = change(call)
        if call.id == "set:auto-sync":
            bench.estate.values["auto-sync"] = "on"
        return answer

    bench.estate.change = ignored  # type: ignore[method-assign]  # a controller that puts it back at once
    bench.confirm("roll-back")
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "its effect is not there" in step.reason
    assert bench.sent() == ["set:auto-sync"]


def test_a_verified_step_can_be_done_again_when_somebody_put_the_world_back() -> None:
    """Self-heal reverted it: a new attempt, with a preview and a confirmation of its own."""
    bench = Bench()
    bench.open("short")
    bench.estate.symptom_reads = lambda _values: False
    bench.confirm("roll-back")
    bench.estate.values["gateway"] = BAD
    again = bench.do("roll-back")
    assert (again.attempt, again.status) == (2, StepStatus.VERIFIED)
    assert bench.estate.values["gateway"] == GOOD


def test_a_step_with_nothing_done_has_no_undo() -> None:
    """Undo is offered for what was done."""
    bench = Bench()
    bench.open()
    assert not bench.decide(Verb.UNDO, step="roll-back").taken


def test_skipping_takes_a_reason_and_never_a_required_step() -> None:
    """The optional step is skipped with its reason; the required one cannot be."""
    bench = Bench()
    bench.open()
    assert "required" in bench.decide(Verb.SKIP, step="roll-back", reason="no").text
    assert "reason" in bench.decide(Verb.SKIP, step="git-equal", reason=" ").text
    assert bench.decide(Verb.SKIP, step="git-equal", reason="tomorrow").taken
    assert bench.step("git-equal").reason == "tomorrow"


def test_a_fault_while_planning_is_said_and_the_run_goes_on() -> None:
    """What an action did not foresee ends its preview, not the run."""
    bench = Bench()
    bench.open()
    bench.estate.trouble["plan"] = [ZeroDivisionError("oh")]
    bench.decide(Verb.ARM, step="git-equal")
    bench.settle()
    assert "ZeroDivisionError" in bench.records(Kind.NOTE)[0].data["text"]
    assert bench.confirm("roll-back").taken


def test_a_step_without_conditions_is_verified_by_its_calls_alone() -> None:
    """Nothing to look at but the calls: once each was seen it is verified, and not before."""
    bench = Bench()
    bench.estate.blind = True
    bench.estate.rollout = [()] * 200
    bench.open()
    bench.confirm("roll-back", 5)
    assert bench.step("roll-back").status is StepStatus.VERIFYING
    bench.estate.blind = False
    bench.settle()
    step = bench.step("roll-back")
    assert (step.status, step.reason) == (StepStatus.VERIFIED, "the effect of each call was seen")


def test_a_step_of_which_nothing_can_be_seen_fails_in_time_and_is_never_verified() -> None:
    """No condition and no call that could be seen: an empty list of conditions proves nothing."""
    bench = Bench()
    bench.estate.blind = True
    bench.estate.rollout = [()] * 200
    bench.open()
    bench.confirm("roll-back", 70)
    step = bench.step("roll-back")
    assert step.status is StepStatus.FAILED
    assert "nothing of it can be seen" in step.reason


def _frozen_only(bench: Bench) -> None:
    """Leaves a bundle whose first call was made and whose second was refused because what it rests on has moved."""
    bench.open()
    _second(bench, FactsMoved("It was changed meanwhile.", moved=()))
    bench.confirm("roll-back")
    assert bench.estate.values["auto-sync"] == "off"
    assert bench.sent() == ["set:auto-sync"]


@pytest.mark.parametrize("declined", [False, True])
def test_a_bundle_that_stopped_half_way_can_be_put_back_though_it_waits_again(*, declined: bool) -> None:
    """Armed again for its rest, or waiting: what was done of it can be undone."""
    bench = Bench()
    _frozen_only(bench)
    assert bench.step("roll-back").status is StepStatus.ARMED
    if declined:
        bench.decide(Verb.DECLINE, step="roll-back")
        assert bench.step("roll-back").status is StepStatus.WAITING
    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle()
    assert bench.step("roll-back").undo_of == 1
    assert bench.confirm("roll-back").taken
    assert bench.step("roll-back").status is StepStatus.UNDONE
    assert bench.estate.values["auto-sync"] == "on"
    assert bench.run.open_debts == ()


def test_an_open_debt_can_be_paid_before_the_steps_that_come_before_its_own() -> None:
    """The rollback cannot go on: auto-sync is switched on again nevertheless."""
    bench = Bench()
    _frozen_only(bench)
    assert bench.do("auto-sync-on").status is StepStatus.VERIFIED
    assert bench.estate.values["auto-sync"] == "on"
    assert bench.run.open_debts == ()


def test_a_step_that_would_pay_waits_its_turn_while_nothing_is_owed() -> None:
    """Without an open debt it is a step like any other."""
    bench = Bench()
    bench.estate.values["auto-sync"] = "off"
    bench.open()
    bench.arm("auto-sync-on")
    assert "comes first" in bench.confirm("auto-sync-on").text


def test_paying_out_of_turn_waits_for_what_is_under_way() -> None:
    """While the rollback is being verified its debt is not paid behind its back."""
    bench = Bench()
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),)] * 20
    bench.open()
    bench.confirm("roll-back", 2)
    bench.arm("auto-sync-on")
    assert "comes first" in bench.confirm("auto-sync-on").text


def test_what_a_putting_back_leaves_behind_itself_stays_a_debt() -> None:
    """The undo had to freeze again: its own debt is not paid by the undo being done."""
    bench = Bench()
    bench.open()
    bench.do("roll-back")
    bench.settle()
    bench.estate.undo_debt = DebtSpec("again", "auto-sync off", "frozen again for the undo", 3600)
    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle()
    assert bench.confirm("roll-back").taken
    assert bench.step("roll-back").status is StepStatus.UNDONE
    assert [debt.id for debt in bench.run.open_debts] == ["again"]
