"""How a run may close: clean, asserted, with signed debts, or aborted; and closing by itself when it is clean."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.domain.runbook import Path
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.order import all_over, required_open

CLEAN = "clean"
ASSERTED = "asserted"
DEBTS = "debts"
ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Closing:
    """How the run would close now, and what keeps it from closing clean."""

    how: str
    lacks: tuple[str, ...]
    """Empty: nothing, it closes clean."""


def closing(run: Run, path: Path) -> Closing:
    """Returns how the run would close now."""
    lacks = [f"{step.title!r} is {step.status.value}" for step in required_open(run, path)]
    if run.aborted:
        lacks.append(f"it was aborted: {run.aborted}")
    if run.symptom is not None and (run.symptom_passing is False or (run.symptom_failing_before and run.symptom_passing is None)):
        lacks.append(f"the symptom does not pass: {run.symptom_words or 'it was not asked'}")
    if lacks:
        return Closing(ABORTED, tuple(lacks))
    lacks += [f"debt {debt.title!r} is open" for debt in run.open_debts]
    signed = [f"debt {debt.title!r} was signed for: {debt.signed}" for debt in run.debts if debt.signed and not debt.paid]
    if lacks or signed:
        return Closing(DEBTS, tuple(lacks + signed))
    if run.symptom is None:
        return Closing(ASSERTED, ("no symptom was named that could judge the recovery",))
    if not run.symptom_failing_before:
        return Closing(ASSERTED, ("the symptom did not fail before the first change",))
    return Closing(CLEAN, ())


class Closer:
    """Closes the run, by decision or by itself."""

    def __init__(self, incident: Incident) -> None:
        """Keeps what it judges by."""
        self._incident = incident

    def close(self, who: str, reason: str) -> str:
        """Closes the run by decision, signing open debts with its reason; returns why it cannot be closed, or an empty text."""
        record = self._incident.record
        with record.mutex:
            run = record.opened
            acting = next((step for step in run.steps if step.status is StepStatus.ACTING), None)
            if acting is not None:
                return f"{acting.title!r} is being carried out: wait for it"
            state = closing(run, self._incident.path())
            if state.lacks and not reason:
                return f"closing it as {state.how} takes a written reason: " + "; ".join(state.lacks)
            if state.how == DEBTS:
                for debt in run.open_debts:
                    record.append(Kind.DEBT_SIGNED, id=debt.id, who=who, reason=reason)
            record.append(Kind.CLOSED, how=state.how, reason=reason or run.aborted)
        return ""

    def by_itself(self) -> bool:
        """Closes the run if everything is over and clean, or if it was aborted and nothing is left that could be put back; returns whether it did."""
        record = self._incident.record
        with record.mutex:
            run = record.opened
            if run.closed or run.waiting:
                return bool(run.closed)
            if run.aborted and self._nothing_left(run):
                record.append(Kind.CLOSED, how=ABORTED, reason=run.aborted)
            elif all_over(run, self._incident.path()) and closing(run, self._incident.path()).how == CLEAN:
                record.append(Kind.CLOSED, how=CLEAN, reason="")
            return bool(record.opened.closed)

    def _nothing_left(self, run: Run) -> bool:
        if any(step.done_calls and self._can_be_put_back(step.id) for step in run.steps):
            return False
        under_way = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)
        watch = run.watch.step if run.watch else ""
        return not run.open_debts and all(step.at_rest.status not in under_way or step.id == watch for step in run.steps)

    def _can_be_put_back(self, step_id: str) -> bool:
        try:
            return self._incident.action(self._incident.step(step_id)).spec.undo
        except Refused:
            return False


def exit_code(run: Run | None) -> int:
    """Returns the exit code a command ends with that leaves the run like this (DESIGN §10): 0, 1, 3 or 4."""
    if run is None or run.closed == CLEAN:
        return 0
    if not run.closed:
        return 4
    return 3 if run.closed == DEBTS else 1
