"""A run's state as a fold over its journal: the one place that says which record may follow which.

Every kind of `domain.events.Kind` has one transition; steps are folded in `fold_steps`, debts, symptom and stability
watch in `fold_watch`.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from gospel_rollback_tui.domain import fold_steps, fold_watch
from gospel_rollback_tui.domain.danger import danger_of
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.events import JOURNAL_VERSION, Event, Kind
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.transitions import IllegalTransition, require

AFTER_CLOSED = frozenset({Kind.NOTE, Kind.RUNNER, Kind.LOCK_LOST, Kind.SIGNAL, Kind.SYMPTOM})
"""What may still be recorded of a closed run: remarks, and what threads saw while it closed."""


def fold(run: Run | None, event: Event) -> Run:
    """Returns the run after one more record.

    Raises IllegalTransition if the record cannot follow what went before, and JournalError if a newer program wrote it.
    """
    try:
        return _fold(run, event)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise IllegalTransition(f"record {event.seq} ({event.kind.value}) lacks what its kind carries: {error!r}.") from error


def _fold(run: Run | None, event: Event) -> Run:
    if run is None:
        require(event.kind is Kind.RUN_OPENED and event.seq == 0, event, "a journal begins with the opening of its run")
        return _opened(event)
    require(event.seq == run.seq + 1, event, f"it should have number {run.seq + 1}")
    require(event.kind is not Kind.RUN_OPENED, event, "the run is open already")
    require(not run.closed or event.kind in AFTER_CLOSED, event, "the run is closed")
    return replace(_TRANSITIONS[event.kind](run, event), seq=event.seq)


def fold_all(events: Iterable[Event]) -> Run | None:
    """Returns the run that those records make, oldest first; None if there are none."""
    run: Run | None = None
    for event in events:
        run = fold(run, event)
    return run


def _opened(event: Event) -> Run:
    data = event.data
    version = int(data["version"])
    if version > JOURNAL_VERSION:
        raise JournalError(
            f"The journal was written by a newer version of this program (journal version {version}, this one reads {JOURNAL_VERSION}).",
            next_step="Open it with the program that wrote it.",
        )
    symptom = data["symptom"]
    return Run(
        id=str(data["run"]),
        environment=str(data["environment"]),
        operator=str(data["operator"]),
        host=str(data["host"]),
        server=str(data["server"]),
        identity=str(data["identity"]),
        opened=event.at,
        onset=float(data["onset"]),
        first_paint=float(data["first_paint"]),
        symptom=HttpCheck(**symptom) if symptom else None,
        symptom_failing_before=data["symptom_failing"] is True,
        read_only=bool(data["read_only"]),
        seq=event.seq,
        version=version,
    )


def _chosen(run: Run, event: Event) -> Run:
    require(not run.steps, event, "a path was chosen already")
    data = event.data
    steps = tuple(
        StepRun(str(step_id), str(title), bool(required), float(usual), danger_of(danger)) for step_id, title, required, usual, danger in data["steps"]
    )
    return replace(
        run,
        scenario=data["scenario"],
        path=data["path"],
        runbook=data["runbook"],
        digest=data["digest"],
        objective=float(data["objective"]),
        why=data["why"],
        steps=steps,
        inputs=dict(data["inputs"]),
    )


def _input(run: Run, event: Event) -> Run:
    return replace(run, inputs={**(run.inputs or {}), str(event.data["name"]): str(event.data["value"])})


def _locked(run: Run, event: Event) -> Run:
    return replace(run, holder=event.data["holder"], lock_lost="")


def _lock_lost(run: Run, event: Event) -> Run:
    return replace(run, holder=event.data["holder"], lock_lost=event.data["detail"] or "the lock is not known to be ours")


def _runner(run: Run, event: Event) -> Run:
    state = event.data["state"]
    steps = run.steps
    if state in ("resumed", "following") or (state == "started" and run.runner_pid):
        steps = tuple(replace(step, status=StepStatus.UNKNOWN) if step.unresolved else step for step in steps)
    return replace(run, steps=steps, runner_pid=int(event.data["pid"]), runner_started=float(event.data["started"]), runner_state=state)


def _waiting(run: Run, event: Event) -> Run:
    return replace(run, waiting=event.data["reason"])


def _going_on(run: Run, event: Event) -> Run:
    require(bool(run.waiting), event, "nothing was waited for")
    return replace(run, waiting="")


def _aborted(run: Run, event: Event) -> Run:
    under_way = (StepStatus.ACTING, StepStatus.UNKNOWN)
    cut_short = tuple((step.id, step.attempt) for step in run.steps if step.status in under_way)
    return replace(run, aborted=event.data["reason"], cut_short=cut_short)


def _note(run: Run, event: Event) -> Run:
    require(bool(event.data["text"]), event, "it says nothing")
    return run


def _closed(run: Run, event: Event) -> Run:
    how = event.data["how"]
    require(how in ("clean", "asserted", "debts", "aborted"), event, f"a run does not close {how!r}")
    acting = next((step for step in run.steps if step.status is StepStatus.ACTING), None)
    require(acting is None, event, f"step {acting.id if acting else ''} is acting")
    return replace(run, closed=how, closed_at=event.at, closed_reason=event.data["reason"])


_TRANSITIONS: dict[Kind, Callable[[Run, Event], Run]] = {
    Kind.CHOSEN: _chosen,
    Kind.INPUT: _input,
    Kind.LOCKED: _locked,
    Kind.LOCK_LOST: _lock_lost,
    Kind.RUNNER: _runner,
    Kind.WAITING: _waiting,
    Kind.GOING_ON: _going_on,
    Kind.ABORTED: _aborted,
    Kind.NOTE: _note,
    Kind.CLOSED: _closed,
    **fold_steps.TRANSITIONS,
    **fold_watch.TRANSITIONS,
}
