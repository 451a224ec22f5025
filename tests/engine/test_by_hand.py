"""Steps done by hand: on somebody's word, or seen."""

from collections.abc import Callable
from dataclasses import replace
from threading import RLock
from typing import Any

import pytest

from gospel_rollback_tui.domain.debts import AUTO_SYNC_DEBT
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Path
from tests.engine.bench import Bench
from tests.engine.worlds import BAD, BY_HAND, GOOD, Estate, library


def test_a_manual_step_is_asserted_by_name_unless_a_probe_sees_it() -> None:
    """The word is recorded with its author; what the world shows then verifies it."""
    bench = Bench()
    bench.open("hands")
    bench.decide(Verb.BY_HAND, "grace", step="by-hand", note="rebooted it")
    bench.settle()
    step = bench.step("by-hand")
    assert step.status is StepStatus.ASSERTED
    assert step.reason == "by hand, asserted by grace: rebooted it"
    bench.estate.values["host"] = "new"
    bench.decide(Verb.VERIFY, step="by-hand")
    bench.settle()
    assert bench.step("by-hand").status is StepStatus.VERIFIED


def test_confirming_a_manual_step_is_the_operators_word() -> None:
    """`y` on a step that the tool only guides needs no lock and no typed name, and is seen at once if it can be."""
    bench = Bench(Estate(lock_owner=("bob@jump-2", "0305-x2")))
    bench.open("hands")
    bench.estate.values["host"] = "new"
    assert bench.confirm("by-hand").taken
    assert bench.records(Kind.ASSERTED)[0].data["who"] == "ada"
    assert bench.step("by-hand").status is StepStatus.VERIFIED


def test_an_automated_step_can_be_done_by_hand_with_the_network_gone() -> None:
    """Nothing is read: the word counts, and the run goes on."""
    bench = Bench()
    bench.open("short")
    bench.estate.trouble["checks"] = [NoRoute("gone")] * 5
    bench.decide(Verb.BY_HAND, step="roll-back", note="kubectl rollout undo")
    bench.settle(1)
    assert bench.step("roll-back").status is StepStatus.ASSERTED


def test_a_rollback_by_hand_that_is_seen_is_verified_and_recovers() -> None:
    """The checks of the armed preview see it; the symptom passes: recovered."""
    bench = Bench()
    bench.open("short")
    bench.estate.values["gateway"] = GOOD
    bench.decide(Verb.BY_HAND, step="roll-back", note="")
    bench.settle()
    assert bench.step("roll-back").status is StepStatus.VERIFIED
    assert bench.run.recovered_at > 0
    assert bench.closed() == "clean"


def test_a_debt_paid_by_hand_is_paid_on_somebodys_word() -> None:
    """The journal says who said how."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    assert not bench.decide(Verb.PAY_DEBT, debt="auto-sync", how="").taken
    assert bench.decide(Verb.PAY_DEBT, debt="auto-sync", how="argocd app set").taken
    assert bench.run.debts[0].paid == "by hand, asserted by ada: argocd app set"
    assert not bench.decide(Verb.PAY_DEBT, debt="auto-sync", how="again").taken


def test_a_paying_step_that_was_done_by_hand_pays() -> None:
    """Asserted pays like verified, and the record says that it was asserted."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.decide(Verb.BY_HAND, step="auto-sync-on", note="in the UI")
    assert bench.run.open_debts == ()
    assert "asserted" in bench.run.debts[0].paid


@pytest.mark.parametrize("put_back_first", [False, True])
def test_an_undo_done_by_hand_is_put_back_and_never_verified_forward(*, put_back_first: bool) -> None:
    """The bad release runs again: the step is undone, its debt is over, and no look makes it verified."""
    bench = Bench()
    bench.open()
    bench.confirm("roll-back")
    bench.decide(Verb.UNDO, step="roll-back")
    bench.settle()
    if put_back_first:
        bench.estate.values.update({"gateway": BAD, "auto-sync": "on"})
    assert bench.decide(Verb.BY_HAND, step="roll-back", note="kubectl rollout undo").taken
    bench.estate.values.update({"gateway": BAD, "auto-sync": "on"})
    bench.decide(Verb.VERIFY, step="roll-back")
    bench.settle()
    step = bench.step("roll-back")
    assert step.status is StepStatus.UNDONE
    assert step.reason == "put back by hand, asserted by ada: kubectl rollout undo"
    assert bench.run.open_debts == ()
    assert bench.sent() == ["set:auto-sync", "set:gateway"]


class Watched:
    """A lock that tells when its holder has let go of it altogether."""

    def __init__(self, released: Callable[[], None]) -> None:
        """Is free; `released` is called at each release."""
        self._lock = RLock()
        self._depth = 0
        self._released = released

    def __enter__(self) -> None:
        """Takes it."""
        self._lock.acquire()
        self._depth += 1

    def __exit__(self, *_error: object) -> None:
        """Lets go of it."""
        self._depth -= 1
        depth = self._depth
        self._lock.release()
        if depth == 0:
            self._released()


def test_nothing_comes_between_the_confirmation_of_a_manual_step_and_the_word() -> None:
    """Whoever looks between two records finds the manual step asserted already, never being verified."""
    bench = Bench()
    bench.open("hands")
    statuses: list[StepStatus] = []

    def look() -> None:
        bench.parts.step_desk._incident.record.mutex = RLock()
        statuses.append(bench.step("by-hand").status)
        bench.parts.step_desk._incident.record.mutex = watched

    watched: Any = Watched(look)
    bench.parts.step_desk._incident.record.mutex = watched
    assert bench.decide(Verb.CONFIRM, **bench.confirmation("by-hand")).taken
    bench.parts.step_desk._incident.record.mutex = RLock()
    assert StepStatus.VERIFYING not in statuses
    assert statuses[-1] is StepStatus.ASSERTED


def test_a_manual_step_that_nothing_can_see_stays_on_somebodys_word() -> None:
    """Without any condition there is nothing that could verify it."""
    unseen = replace(BY_HAND, parameters=())
    bench = Bench(library=library(Path("hands", "Hands", "", (unseen,))))
    bench.open("hands")
    assert bench.confirm("by-hand").taken
    bench.decide(Verb.VERIFY, step="by-hand")
    bench.settle()
    assert bench.step("by-hand").status is StepStatus.ASSERTED


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_freeze_done_by_hand_opens_the_debt_of_the_automated_one(*, confirmed: bool) -> None:
    """By its confirmation or by `h`; the automated step that puts auto-sync back pays it, and only then is the run clean."""
    bench = Bench()
    bench.open("frozen")
    bench.estate.values["auto-sync"] = "off"
    assert (bench.confirm("freeze") if confirmed else bench.decide(Verb.BY_HAND, step="freeze", note="")).taken
    bench.settle()
    (debt,) = bench.run.open_debts
    assert (debt.id, debt.title, debt.reason) == (AUTO_SYNC_DEBT.id, AUTO_SYNC_DEBT.title, AUTO_SYNC_DEBT.reason)
    assert (debt.step, debt.owner) == ("freeze", "ada")
    bench.do("roll-back")
    assert bench.closed() == ""
    bench.do("auto-sync-on")
    assert bench.run.open_debts == ()
    assert bench.sent() == ["set:gateway", "set:auto-sync"]
    assert bench.closed() == "clean"


def test_a_freeze_done_by_hand_twice_is_owed_twice() -> None:
    """Switched off, on, and off again: what was paid is not paid for the second time."""
    bench = Bench()
    bench.open("frozen")
    for _ in range(2):
        bench.arm("freeze")
        bench.estate.values["auto-sync"] = "off"
        assert bench.confirm("freeze").taken
        assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]
        bench.do("auto-sync-on")
        assert bench.run.open_debts == ()


def test_an_automated_rollback_done_by_hand_owes_what_its_calls_would_have_left() -> None:
    """The preview knows that auto-sync would have been switched off, so the operator's own hands have left the same debt."""
    bench = Bench()
    bench.open()
    bench.estate.values.update({"auto-sync": "off", "gateway": GOOD})
    assert bench.decide(Verb.BY_HAND, step="roll-back", note="kubectl").taken
    bench.settle()
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync"]


def test_a_runner_killed_between_the_word_and_its_debt_opens_it_when_it_is_taken_up() -> None:
    """Two records that a stop may part: the second is made up for, and once only."""
    bench = Bench()
    bench.open("frozen")
    bench.estate.values["auto-sync"] = "off"
    bench.journal.fail_at = lambda kind: kind is Kind.DEBT_OPENED
    assert not bench.decide(Verb.BY_HAND, step="freeze", note="").taken
    assert bench.step("freeze").status is StepStatus.ASSERTED
    assert bench.run.open_debts == ()
    for _ in range(2):
        bench.restart()
        assert [debt.id for debt in bench.run.debts] == ["auto-sync"]
    bench.do("auto-sync-on")
    bench.restart()
    assert bench.run.open_debts == ()
