"""Stability, abort, and the ways a run closes."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import CheckState, PlannedCall
from gospel_rollback_tui.domain.run import SignalState, StepStatus
from gospel_rollback_tui.engine.closing import exit_code
from gospel_rollback_tui.engine.ports import WatchReport
from tests.engine.bench import Bench
from tests.engine.worlds import GOOD


def _signal(state: str) -> SignalState:
    return SignalState("pods", state, f"pods {state}", 0.0)


def test_the_watch_starts_by_itself_and_records_signals_flaps_and_stability() -> None:
    """Nobody presses a key; only changes are recorded; a flap starts the clock again and says what flapped."""
    bench = Bench()
    bench.open()
    now = bench.clock.now()
    bench.estate.reports = [
        WatchReport((_signal("good"),), now),
        WatchReport((_signal("good"),), now),
        WatchReport((_signal("bad"),), now + 60, reset=("pods", "gateway restarted")),
        WatchReport((_signal("good"),), now + 60),
    ]
    bench.confirm("roll-back", 8)
    assert len(bench.records(Kind.WATCH_STARTED)) == 1
    assert [event.data["state"] for event in bench.records(Kind.SIGNAL)] == ["good", "bad", "good"]
    assert bench.run.watch is not None
    assert [(signal, words) for _, signal, words in bench.run.watch.resets] == [("pods", "gateway restarted")]
    assert bench.step("watch").status is StepStatus.VERIFYING
    bench.clock.time += 901
    bench.settle()
    assert bench.step("watch").status is StepStatus.VERIFIED


def test_a_new_runner_watches_from_the_start_again() -> None:
    """Time that nobody watched does not count."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.clock.time += 600
    bench.restart()
    bench.settle(1)
    assert bench.run.watch is not None
    assert bench.run.watch.resets
    assert bench.run.watch.held(bench.clock.now()) < 60


def test_the_watch_is_ended_early_only_with_a_reason() -> None:
    """The reason and the time it held are recorded; the step counts as asserted."""
    bench = Bench()
    bench.open()
    assert not bench.decide(Verb.END_EARLY, reason="now").taken
    bench.confirm("roll-back")
    assert not bench.decide(Verb.END_EARLY, reason="").taken
    assert bench.decide(Verb.END_EARLY, reason="shift ends").taken
    assert bench.step("watch").status is StepStatus.ASSERTED
    assert "shift ends" in bench.step("watch").reason


def test_an_undone_rollback_stops_its_watch() -> None:
    """What was put back is not watched; the next attempt is watched from its start."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.decide(Verb.UNDO, step="roll-back")
    bench.settle(1)
    bench.confirm("roll-back", 1)
    assert bench.step("roll-back").status is StepStatus.UNDONE
    bench.clock.time += 1000
    bench.settle(2)
    assert not bench.step("watch").status.over
    bench.do("roll-back")
    bench.settle(1)
    assert bench.run.watch is not None
    assert bench.run.watch.resets[-1][1] == "the watch"


def test_an_aborted_run_sends_nothing_further_and_waits_for_what_is_on_its_way() -> None:
    """Aborted while the first call is on its way: it is recorded, the second never leaves; the open debt keeps the run open."""
    bench = Bench()
    bench.open()

    def abort(call: PlannedCall) -> None:
        bench.estate.on_send = lambda _call: None
        assert bench.decide(Verb.ABORT, reason="wrong estate").taken

    bench.estate.on_send = abort
    bench.confirm("roll-back")
    assert bench.sent() == ["set:auto-sync"]
    assert [event.data["outcome"] for event in bench.records(Kind.RESULT)] == ["done"]
    assert bench.closed() == ""
    assert bench.decide(Verb.SIGN_DEBT, debt="auto-sync", reason="bob puts it back").taken
    bench.settle()
    assert bench.closed() == "", "what was done could still be put back"
    assert bench.decide(Verb.CLOSE, reason="bob puts it back").taken
    assert bench.closed() == "aborted"
    assert exit_code(bench.run) == 1


def test_an_aborted_run_still_puts_back_what_it_did_and_nothing_else() -> None:
    """Undo goes through preview, confirmation and sending as before; steps forward stay refused; then the run closes by itself."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.arm("git-equal")
    assert bench.decide(Verb.ABORT, reason="the wrong release").taken
    assert "aborted" in bench.confirm("git-equal").text
    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle()
    assert "nother preview" in bench.confirm("roll-back", fingerprint="other").text
    assert bench.confirm("roll-back").taken
    assert bench.sent() == ["set:auto-sync", "set:gateway", "set:gateway", "set:auto-sync"]
    assert bench.step("roll-back").status is StepStatus.UNDONE
    assert bench.closed() == "aborted"


def test_after_an_abort_auto_sync_is_put_back_by_its_own_step() -> None:
    """What pays an open debt is previewed, confirmed and sent as before; with the debt paid the step is forward again, and refused."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    assert "auto-sync off" in bench.decide(Verb.ABORT, reason="the wrong release").text
    assert bench.do("auto-sync-on").status is StepStatus.VERIFIED
    assert bench.sent() == ["set:auto-sync", "set:gateway", "set:auto-sync"]
    assert bench.run.open_debts == ()
    bench.estate.values["auto-sync"] = "off"
    bench.arm("auto-sync-on")
    assert "aborted" in bench.confirm("auto-sync-on").text
    assert len(bench.sent()) == 3


def test_an_abort_stops_a_putting_back_that_is_under_way_until_it_is_confirmed_anew() -> None:
    """Whoever aborts in the middle of an undo stops it too; the next confirmation puts the rest back."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.decide(Verb.UNDO, step="roll-back")
    bench.settle()

    def abort(_call: PlannedCall) -> None:
        bench.estate.on_send = lambda _call: None
        assert bench.decide(Verb.ABORT, reason="wait").taken

    bench.estate.on_send = abort
    bench.confirm("roll-back")
    assert bench.sent()[2:] == ["set:gateway"]
    assert bench.step("roll-back").status is StepStatus.FAILED
    assert bench.decide(Verb.UNDO, step="roll-back").taken
    bench.settle()
    assert bench.confirm("roll-back").taken
    assert bench.sent()[2:] == ["set:gateway", "set:auto-sync"]
    assert bench.closed() == "aborted"


def test_an_aborted_run_with_nothing_done_closes_at_once() -> None:
    """There is nothing to wait for."""
    bench = Bench()
    bench.open()
    assert not bench.decide(Verb.ABORT, reason="").taken
    assert bench.decide(Verb.ABORT, reason="false alarm").taken
    bench.settle()
    assert bench.closed() == "aborted"
    assert not bench.decide(Verb.ARM, step="roll-back").taken


def test_a_run_without_a_symptom_closes_asserted_with_a_written_reason() -> None:
    """Nothing could judge the recovery: the operator does, in writing."""
    bench = Bench()
    bench.open("short", None)
    bench.confirm("roll-back")
    assert bench.closed() == ""
    assert "symptom" in bench.decide(Verb.CLOSE, reason="").text
    assert bench.decide(Verb.CLOSE, reason="the support desk sees it work").taken
    assert bench.closed() == "asserted"
    assert exit_code(bench.run) == 1


def test_a_symptom_that_never_failed_proves_no_recovery() -> None:
    """It passed all along: the run does not close clean."""
    bench = Bench()
    bench.estate.symptom_reads = lambda _values: True
    bench.open("short")
    bench.confirm("roll-back")
    assert bench.closed() == ""
    assert bench.run.recovered_at == 0
    bench.decide(Verb.CLOSE, reason="it was another symptom")
    assert bench.closed() == "asserted"


def test_open_debts_are_signed_by_closing_with_a_reason() -> None:
    """Closing with debts takes a reason, which signs them; the exit code says so."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.decide(Verb.END_EARLY, reason="shift ends")
    bench.decide(Verb.SKIP, step="git-equal", reason="tomorrow")
    reply = bench.decide(Verb.CLOSE, reason="")
    assert not reply.taken
    assert "auto-sync" in reply.text
    assert bench.decide(Verb.CLOSE, reason="bob does it at nine").taken
    assert bench.closed() == "debts"
    assert bench.run.debts[0].signed == "ada: bob does it at nine"
    assert exit_code(bench.run) == 3


def test_a_debt_that_was_paid_otherwise_leaves_its_step_nothing_to_do() -> None:
    """Auto-sync was put back by hand and the debt paid: the run is clean without the step that would have done it."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.do("git-equal")
    bench.decide(Verb.PAY_DEBT, debt="auto-sync", how="argocd app set")
    bench.decide(Verb.END_EARLY, reason="shift ends")
    bench.settle()
    assert bench.closed() == "clean"


def test_a_run_whose_required_steps_are_open_closes_only_as_aborted() -> None:
    """With a reason, since it takes one."""
    bench = Bench()
    bench.open()
    assert "roll back" in bench.decide(Verb.CLOSE, reason="").text
    assert bench.decide(Verb.CLOSE, reason="another run does it").taken
    assert bench.closed() == "aborted"


def test_recovery_is_withdrawn_while_users_fail_again() -> None:
    """The clock of the recovery tells the truth: it is set at the pass that lasts."""
    bench = Bench()
    bench.open("main")
    bench.confirm("roll-back")
    first = bench.run.recovered_at
    assert first > 0
    bench.estate.symptom_reads = lambda _values: False
    bench.settle(2)
    assert bench.run.recovered_at == 0
    bench.estate.symptom_reads = lambda values: values["gateway"] == GOOD
    bench.settle(2)
    assert bench.run.recovered_at > first


def test_closing_waits_for_what_is_being_carried_out() -> None:
    """A run cannot close around a call that is on its way."""
    bench = Bench()
    bench.open()
    bench.decide(Verb.CONFIRM, **bench.confirmation("roll-back"))
    assert not bench.decide(Verb.CLOSE, reason="enough").taken


@pytest.mark.parametrize(("closed", "code"), [("clean", 0), ("asserted", 1), ("debts", 3), ("aborted", 1)])
def test_exit_codes(closed: str, code: int) -> None:
    """DESIGN §10, and 4 while the run is open."""
    bench = Bench()
    bench.open()
    assert exit_code(bench.run) == 4
    assert exit_code(replace(bench.run, closed=closed)) == code
    assert exit_code(None) == 0


def test_an_observing_step_is_confirmed_and_verified_without_sending() -> None:
    """A step that plans no calls only looks."""
    bench = Bench()
    bench.estate.values["gateway"] = GOOD
    bench.estate.rollout = [(CheckState("pods", None, "1 of 2"),)] * 2
    bench.open("short")
    bench.estate.values["gateway"] = GOOD
    assert "so already" in bench.confirm("roll-back").text
    assert bench.sent() == []
