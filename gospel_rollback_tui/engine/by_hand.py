"""Steps that an operator did by hand: recorded on their word, verified if the world shows it."""

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.fold_steps import BY_HAND
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.verification import Verification, seen


class ByHand:
    """Needs no lock, no network and no typed name: the ladder guards only what the tool sends."""

    def __init__(self, incident: Incident, verification: Verification, outcomes: Outcomes, debts: Debts) -> None:
        """Keeps what the word is recorded and looked at with."""
        self._incident = incident
        self._verification = verification
        self._outcomes = outcomes
        self._debts = debts

    def assert_done(self, step_id: str, who: str, note: str) -> str:
        """Records the operator's word, which puts back where an undo is what waits; returns why it cannot be taken, or an empty text."""
        record = self._incident.record
        with record.mutex:
            step_run = record.opened.step(step_id)
            if step_run.status not in BY_HAND:
                return f"step {step_run.title!r} is {step_run.status.value}"
            if self._incident.step(step_id).watches:
                return "the stability watch is ended early with a reason (`E`), not by hand"
            record.append(Kind.ASSERTED, step=step_id, who=who, note=note, seen="")
            self._debts.step_over(record.opened.step(step_id), who)
            self._debts.open_by_hand(record.opened.step(step_id))
        return ""

    def look(self, step_id: str) -> None:
        """Looks whether the world shows what was asserted, and records it as verified then."""
        run = self._incident.record.opened
        step_run = run.step(step_id)
        if run.waiting or step_run.status is not StepStatus.ASSERTED or step_run.preview is None:
            return
        try:
            states = self._verification.look(step_run)
        except RollbackError:
            return
        if seen(states):
            self._outcomes.succeeded(step_run, f"{step_run.reason}; seen: " + "; ".join(state.name for state in states))
