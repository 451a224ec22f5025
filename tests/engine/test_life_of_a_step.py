"""One step from its preview to its verification."""

from dataclasses import replace

from gospel_rollback_tui.domain.chain import verify_chain
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Path
from tests.engine.bench import Bench
from tests.engine.worlds import BY_HAND, GOOD, library, step


def test_nothing_is_sent_before_the_confirmation_and_everything_in_order_after_it() -> None:
    """Opening only previews; the confirmation sends the bundle, call by call, each recorded before and after."""
    bench = Bench()
    assert bench.open().taken
    assert bench.step("roll-back").status is StepStatus.ARMED
    assert bench.sent() == []

    assert bench.confirm("roll-back").taken

    assert bench.sent() == ["set:auto-sync", "set:gateway"]
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    life = [kind for kind in bench.kinds() if kind not in ("symptom", "locked", "runner", "observed")]
    assert life[:13] == [
        "run opened",
        "chosen",
        "previewed",
        "confirmed",
        "intent",
        "debt opened",
        "result",
        "call verified",
        "intent",
        "result",
        "call verified",
        "verified",
        "watch started",
    ]
    assert verify_chain([event.line() for event in bench.journal.events()]) == ()


def test_a_run_that_is_well_closes_clean_by_itself() -> None:
    """Rollback, watch and debts over, the symptom failed before and passes after: nobody needs to close it."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    assert bench.run.recovered_at > 0
    bench.do("git-equal")
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]
    bench.do("auto-sync-on")
    assert bench.run.open_debts == ()
    assert bench.closed() == ""
    bench.clock.time += 16 * 60
    bench.settle()
    assert bench.run.watch is not None
    assert bench.run.watch.stable_at
    assert bench.closed() == "clean"


def test_what_failed_is_tried_again_only_as_a_new_attempt() -> None:
    """A refused call stops the bundle; the retry is previewed anew, numbered anew and confirmed anew."""
    bench = Bench()
    bench.open()
    bench.estate.trouble["send"] = [Refused("Admission said no.")]
    bench.confirm("roll-back")
    failed = bench.step("roll-back")
    assert failed.status is StepStatus.FAILED
    assert "Admission said no." in failed.reason
    assert "Nothing was changed." in failed.reason
    assert bench.sent() == []
    assert bench.run.open_debts == ()
    assert not bench.decide(Verb.CONFIRM, **bench.confirmation("roll-back")).taken

    again = bench.do("roll-back")
    assert again.attempt == 2
    assert again.status is StepStatus.VERIFIED
    assert bench.estate.values["gateway"] == GOOD
    assert len(bench.records(Kind.CONFIRMED)) == 2


def test_an_automated_step_that_has_nothing_to_send_is_only_looked_at() -> None:
    """Whatever danger is written: the world is so already, so that Enter starts the look; a manual step stays what it is."""
    nothing = replace(step("wait", "nothing", danger=Danger.DISRUPTIVE), parameters=(("set", ""),), commands=("kubectl get pods",))
    bench = Bench(library=library(Path("main", "Main", "", (nothing, replace(BY_HAND, danger=Danger.DISRUPTIVE)))))
    bench.open()
    armed = bench.arm("wait").preview
    assert armed is not None
    assert (armed.danger, armed.by_hand, armed.calls) == (Danger.OBSERVE, (), ())
    bench.confirm("wait")
    by_hand = bench.arm("by-hand").preview
    assert by_hand is not None
    assert (by_hand.danger, by_hand.by_hand) == (Danger.DISRUPTIVE, ("reboot",))
