"""The run as a fold: what may follow what."""

from collections.abc import Mapping
from typing import Any

import pytest

from gospel_rollback_tui.domain.chain import verify_chain
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import GENESIS, JOURNAL_VERSION, Event, Kind
from gospel_rollback_tui.domain.fold import _TRANSITIONS, fold, fold_all
from gospel_rollback_tui.domain.preview import Fingerprint, Outcome, PlannedCall, Preview, preview_to_json
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.transitions import IllegalTransition

OPENED = {
    "version": JOURNAL_VERSION,
    "run": "0312-k7",
    "environment": "production",
    "operator": "ada",
    "host": "jump-1",
    "server": "https://k8s",
    "identity": "ada",
    "symptom": {"name": "verses", "url": "https://x", "method": "GET", "expect_status": 200, "expect_text": ""},
    "symptom_failing": True,
    "onset": 900.0,
    "first_paint": 990.0,
    "read_only": False,
}
CHOSEN = {
    "scenario": "bad-code",
    "path": "main",
    "runbook": "Bad code",
    "digest": "d",
    "steps": [["act", "Act", True, 30, "reversible"], ["watch", "Watch", False, 900, "observe"]],
    "objective": 120,
    "why": "it fails",
    "evidence": [],
    "override": "",
    "inputs": {"services": "gateway"},
}
PREVIEW = Preview(
    "act",
    "Act",
    "gateway",
    "here",
    Danger.REVERSIBLE,
    tuple(PlannedCall(name, name, f"PATCH {name}", "", {}, {"was": name}, "") for name in ("one", "two")),
    Fingerprint((("template", "v2"),)),
)
DIGEST = PREVIEW.fingerprint.digest
STEP: Mapping[str, object] = {"step": "act", "attempt": 1}
PREVIEWED = {**STEP, "undo_of": None, "preview": preview_to_json(PREVIEW)}
CONFIRMED = {**STEP, "danger": "reversible", "fingerprint": DIGEST, "typed": "", "who": "ada", "second_person": "", "break_glass": ""}


def _call(name: str, **more: object) -> dict[str, object]:
    return {**STEP, "call": name, **more}


def _intent(name: str) -> tuple[Kind, dict[str, object]]:
    return Kind.INTENT, _call(name, where=f"PATCH {name}", body={}, undo={"was": name}, debt=None)


def _result(name: str, outcome: str = "done") -> tuple[Kind, dict[str, object]]:
    return Kind.RESULT, _call(name, outcome=outcome, detail="")


def _seen(name: str, *, passed: bool) -> tuple[Kind, dict[str, object]]:
    return Kind.CALL_VERIFIED, _call(name, passed=passed, detail="")


START: list[tuple[Kind, Mapping[str, object]]] = [(Kind.RUN_OPENED, OPENED), (Kind.CHOSEN, CHOSEN)]
ARMED = [*START, (Kind.PREVIEWED, PREVIEWED)]
ACTING = [*ARMED, (Kind.CONFIRMED, CONFIRMED)]
MEANT = [*ACTING, _intent("one")]
VERIFYING = [*MEANT, _result("one"), _intent("two"), _result("two")]
VERIFIED = [*VERIFYING, (Kind.VERIFIED, {**STEP, "detail": "all ready", "asserted": False})]
RESUMED = (Kind.RUNNER, {"pid": 2, "started": 2.0, "state": "resumed"})


def run_of(records: list[Any]) -> Run:
    """Returns the fold of those records, a second apart."""
    run = fold_all(Event(seq, 1000.0 + seq, kind, data) for seq, (kind, data) in enumerate(records))
    assert run is not None
    return run


def act(records: list[Any]) -> StepRun:
    """Returns the step after those records."""
    return run_of(records).step("act")


def test_every_kind_has_its_transition() -> None:
    """No record is ever read without a meaning."""
    assert set(_TRANSITIONS) == set(Kind) - {Kind.RUN_OPENED}


def test_a_step_goes_through_its_life() -> None:
    """Each status at the record that brings it."""
    assert act(START).status is StepStatus.WAITING
    assert act(ARMED).status is StepStatus.ARMED
    assert act(ACTING).status is StepStatus.ACTING
    assert act(MEANT).unresolved[0].id == "one"
    assert act([*MEANT, _result("one")]).status is StepStatus.ACTING
    assert act(VERIFYING).status is StepStatus.VERIFYING
    done = act(VERIFIED)
    assert (done.status, done.reason) == (StepStatus.VERIFIED, "all ready")
    assert [call.id for call in done.done_calls] == ["one", "two"]
    assert run_of(VERIFIED).current == run_of(VERIFIED).step("watch")


@pytest.mark.parametrize("runner", [RESUMED, (Kind.RUNNER, {"pid": 2, "started": 2.0, "state": "started"})])
def test_an_intent_without_result_is_unknown_to_the_next_runner(runner: tuple[Kind, dict[str, object]]) -> None:
    """Nobody knows what became of it; a step with all its results stays what it was."""
    first = (Kind.RUNNER, {"pid": 1, "started": 1.0, "state": "started"})
    with_runner = [*START, first, *MEANT[2:]]
    assert act(with_runner).status is StepStatus.ACTING
    assert act([*with_runner, runner]).status is StepStatus.UNKNOWN
    assert act([*START, first, *VERIFYING[2:], runner]).status is StepStatus.VERIFYING


def test_an_unknown_call_that_is_seen_counts_as_done_and_one_that_is_not_as_not_sent() -> None:
    """What the world shows settles what the journal could not know."""
    unknown = [*MEANT, _result("one", "unknown")]
    assert act(unknown).status is StepStatus.UNKNOWN
    seen = act([*unknown, _seen("one", passed=True)])
    assert (seen.status, seen.done_calls[0].outcome) == (StepStatus.ACTING, Outcome.DONE)
    denied = act([*unknown, _seen("one", passed=False)])
    assert (denied.status, denied.done_calls, denied.unresolved) == (StepStatus.UNKNOWN, (), ())
    failed = act([*unknown, _seen("one", passed=False), (Kind.FAILED, {**STEP, "reason": "lost", "undo": False})])
    assert failed.status is StepStatus.FAILED


def test_refused_and_declined_put_the_step_back_to_where_it_was() -> None:
    """Nothing was sent: it is as before the prompt, with the reason."""
    step = act([*ACTING, (Kind.REFUSED, {**STEP, "reason": "no lock"})])
    assert (step.status, step.reason, step.attempts) == (StepStatus.WAITING, "no lock", 0)
    undo = {**STEP, "attempt": 2, "undo_of": 1, "preview": preview_to_json(PREVIEW)}
    step = act([*VERIFIED, (Kind.PREVIEWED, undo), (Kind.REFUSED, {"step": "act", "attempt": 2, "reason": "ada went back"})])
    assert (step.status, step.attempt) == (StepStatus.VERIFIED, 1)


def test_undone_forgets_what_was_done() -> None:
    """There is nothing left to put back; the next attempt has the next number."""
    undo = {**STEP, "attempt": 2, "undo_of": 1, "preview": preview_to_json(PREVIEW)}
    records = [*VERIFIED, (Kind.PREVIEWED, undo), (Kind.CONFIRMED, {**CONFIRMED, "attempt": 2})]
    for name in ("one", "two"):
        records += [(_intent(name)[0], {**_intent(name)[1], "attempt": 2}), (_result(name)[0], {**_result(name)[1], "attempt": 2})]
    step = act([*records, (Kind.UNDONE, {"step": "act", "attempt": 2})])
    assert (step.status, step.done_calls, step.next_attempt) == (StepStatus.UNDONE, (), 3)


ILLEGAL: list[tuple[str, list[Any]]] = [
    ("a journal that does not begin with the opening", [(Kind.NOTE, {"text": "x", "who": "ada"})]),
    ("opened twice", [*START, (Kind.RUN_OPENED, OPENED)]),
    ("chosen twice", [*START, (Kind.CHOSEN, CHOSEN)]),
    ("confirmed without a preview", [*START, (Kind.CONFIRMED, CONFIRMED)]),
    ("confirmed twice", [*ACTING, (Kind.CONFIRMED, CONFIRMED)]),
    ("another fingerprint confirmed", [*ARMED, (Kind.CONFIRMED, {**CONFIRMED, "fingerprint": "x"})]),
    ("another attempt confirmed", [*ARMED, (Kind.CONFIRMED, {**CONFIRMED, "attempt": 2})]),
    ("meant without confirmation", [*ARMED, _intent("one")]),
    ("meant what was not previewed", [*ACTING, _intent("three")]),
    ("meant while another is on its way", [*MEANT, _intent("two")]),
    ("meant twice in an attempt", [*MEANT, _result("one"), _intent("one")]),
    ("a result without intent", [*ACTING, _result("one")]),
    ("a second result", [*MEANT, _result("one"), _result("one")]),
    ("verified with a call on its way", [*MEANT, (Kind.VERIFIED, {**STEP, "detail": "", "asserted": False})]),
    ("verified before it was done", [*ARMED, (Kind.VERIFIED, {**STEP, "detail": "", "asserted": False})]),
    ("armed while acting", [*MEANT, (Kind.PREVIEWED, PREVIEWED)]),
    ("armed with an old number", [*VERIFIED, (Kind.PREVIEWED, PREVIEWED)]),
    ("undone with nothing being put back", [*VERIFYING, (Kind.UNDONE, STEP)]),
    ("a required step skipped", [*START, (Kind.SKIPPED, {"step": "act", "reason": "no", "who": "ada"})]),
    ("a step that is not there", [*START, (Kind.SKIPPED, {"step": "x", "reason": "no", "who": "ada"})]),
    ("a debt paid that was never left", [*START, (Kind.DEBT_PAID, {"id": "x", "how": "y", "who": "ada"})]),
    ("stable without a watch", [*START, (Kind.STABLE, {"minutes": 15})]),
    ("going on without waiting", [*START, (Kind.GOING_ON, {"reason": "x"})]),
    ("closed around a call", [*MEANT, (Kind.CLOSED, {"how": "clean", "reason": ""})]),
    ("closed in a way there is not", [*START, (Kind.CLOSED, {"how": "gone", "reason": ""})]),
    ("more after the end", [*START, (Kind.CLOSED, {"how": "aborted", "reason": ""}), (Kind.ABORTED, {"reason": "", "who": "ada"})]),
    ("a record that lacks its fields", [*START, (Kind.ABORTED, {})]),
]


@pytest.mark.parametrize("records", [records for _, records in ILLEGAL], ids=[name for name, _ in ILLEGAL])
def test_a_record_that_cannot_follow_raises(records: list[Any]) -> None:
    """The state before it stands; the record is refused with its number."""
    before = fold_all(Event(seq, 1.0, kind, data) for seq, (kind, data) in enumerate(records[:-1]))
    kind, data = records[-1]
    with pytest.raises(IllegalTransition, match=str(len(records) - 1)):
        fold(before, Event(len(records) - 1, 1.0, kind, data))


def test_a_gap_in_the_numbers_raises() -> None:
    """A record is missing."""
    with pytest.raises(IllegalTransition, match="number 2"):
        fold(run_of(START), Event(3, 1.0, Kind.NOTE, {"text": "x", "who": "ada"}))


def test_a_newer_journal_is_not_folded() -> None:
    """Its meaning may have changed."""
    with pytest.raises(JournalError, match="newer version"):
        fold(None, Event(0, 1.0, Kind.RUN_OPENED, {**OPENED, "version": JOURNAL_VERSION + 1}))


def test_recovery_is_the_first_pass_after_a_failure_and_a_change() -> None:
    """Passing before anything was done is no recovery; failing again withdraws it."""

    def symptom(*, passing: bool | None) -> tuple[Kind, dict[str, object]]:
        return Kind.SYMPTOM, {"passing": passing, "words": ""}

    assert run_of([*START, symptom(passing=True)]).recovered_at == 0
    records = [*MEANT, symptom(passing=False), symptom(passing=None), symptom(passing=True)]
    assert run_of(records).recovered_at == 1000.0 + len(records) - 1
    assert run_of([*records, symptom(passing=False)]).recovered_at == 0


def test_the_watch_counts_only_good_time() -> None:
    """The clock stands still while a signal is not good, and goes on from what it had."""

    def signal(state: str, held: float) -> tuple[Kind, dict[str, object]]:
        return Kind.SIGNAL, {"name": "pods", "state": state, "words": "", "held": held}

    started = [*VERIFIED, (Kind.WATCH_STARTED, {"minutes": 15, "step": "watch"})]
    watch = run_of([*started, signal("good", 0.0), signal("unknown", 60.0)]).watch
    assert watch is not None
    assert watch.held(99_999.0) == 60.0
    run = run_of([*started, signal("good", 0.0), signal("unknown", 60.0), signal("good", 60.0)])
    assert run.watch is not None
    assert run.watch.held(1000.0 + run.seq + 5) == 65.0
    reset = run_of([*started, signal("good", 30.0), (Kind.CLOCK_RESET, {"signal": "pods", "words": "restarted"})])
    assert reset.watch is not None
    assert (reset.watch.good_seconds, reset.watch.resets[0][1:]) == (0.0, ("pods", "restarted"))


def test_a_debt_is_left_paid_left_again_and_signed() -> None:
    """A later act may leave the same debt again; signing says who accepted it."""
    opened = (Kind.DEBT_OPENED, {"id": "git", "title": "git", "reason": "r", "due": 2000.0, "step": "act", "call": "one", "owner": "ada"})
    paid = (Kind.DEBT_PAID, {"id": "git", "how": "push", "who": "ada"})
    assert run_of([*MEANT, opened]).open_debts[0].owner == "ada"
    assert run_of([*MEANT, opened, paid]).open_debts == ()
    again = run_of([*MEANT, opened, paid, opened, (Kind.DEBT_SIGNED, {"id": "git", "who": "bob", "reason": "later"})])
    assert (again.open_debts, again.debts[0].signed) == ((), "bob: later")


def _lines(records: list[Any]) -> list[str]:
    lines: list[str] = []
    prev = GENESIS
    for seq, (kind, data) in enumerate(records):
        event = Event(seq, 1000.0 + seq, kind, data).sealed(prev)
        prev = event.hash
        lines.append(event.line())
    return lines


def test_the_chain_of_a_whole_journal_verifies() -> None:
    """Untouched, it is whole."""
    assert verify_chain(_lines(VERIFIED)) == ()


@pytest.mark.parametrize(
    ("edit", "line", "says"),
    [
        (lambda lines: [*lines[:2], lines[2].replace("gateway", "gatewax"), *lines[3:]], 3, "changed"),
        (lambda lines: [*lines[:2], *lines[3:]], 3, "does not follow"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], 1, "does not follow"),
        (lambda lines: [*lines[:4], "{}", *lines[4:]], 5, "not a journal record"),
        (lambda lines: [*lines, lines[-1]], 10, "does not follow"),
        (lambda lines: ["rubbish"], 1, "not a journal record"),
    ],
)
def test_an_edit_is_found_where_it_is(edit: Any, line: int, says: str) -> None:  # noqa: ANN401  a function from lines to lines
    """Changed, taken out, swapped, put in, doubled: the first problem names the line."""
    lines = _lines(VERIFIED)
    problems = verify_chain(edit(lines))
    assert problems
    assert says in problems[0].text
    assert problems[0].line == line


def test_a_forged_but_well_chained_journal_is_still_not_legal() -> None:
    """Whoever writes the chain anew must also tell a story that could have happened."""
    assert "armed" in verify_chain(_lines([*ARMED, _intent("one")]))[0].text


UNDO_ARMED = [*VERIFIED, (Kind.PREVIEWED, {"step": "act", "attempt": 2, "undo_of": 1, "preview": preview_to_json(PREVIEW)})]
BY_WORD = (Kind.ASSERTED, {"step": "act", "who": "ada", "note": "", "seen": ""})


def test_what_is_done_by_hand_while_an_undo_waits_is_the_putting_back() -> None:
    """The word on an armed, acting, unknown or failed undo ends it as undone, with nothing left to put back."""
    confirmed = [*UNDO_ARMED, (Kind.CONFIRMED, {**CONFIRMED, "attempt": 2})]
    meant = [*confirmed, (Kind.INTENT, {**_intent("one")[1], "attempt": 2})]
    unknown = [*meant, RESUMED]
    failed = [*confirmed, (Kind.FAILED, {"step": "act", "attempt": 2, "reason": "it did not", "undo": True})]
    for before in (UNDO_ARMED, confirmed, unknown, failed):
        done = act([*before, BY_WORD])
        assert (done.status, done.done_calls, done.unresolved) == (StepStatus.UNDONE, (), ())
        assert done.reason == "put back by hand, asserted by ada"
    assert act([*unknown, BY_WORD, RESUMED]).status is StepStatus.UNDONE


def test_a_step_that_was_put_back_and_then_done_by_hand_goes_forward_again() -> None:
    """The undo's preview says nothing of it: it is not kept to be looked at."""
    done = act([*UNDO_ARMED, BY_WORD, BY_WORD])
    assert (done.status, done.undo_of, done.preview) == (StepStatus.ASSERTED, None, None)
