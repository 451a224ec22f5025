"""Looks at the world again because an operator asked for it."""

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.by_hand import ByHand
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.unknowns import Unknowns
from gospel_rollback_tui.engine.verification import Verification, seen


class Looks:
    """Looks once more, whatever the step's standing."""

    def __init__(self, incident: Incident, verification: Verification, unknowns: Unknowns, by_hand: ByHand, outcomes: Outcomes) -> None:
        """Keeps the parts that look."""
        self._incident = incident
        self._verification = verification
        self._unknowns = unknowns
        self._by_hand = by_hand
        self._outcomes = outcomes

    def again(self, step_id: str) -> None:
        """Looks at the step once more: what was failed or asserted may be verified after all."""
        status = self._incident.record.opened.step(step_id).status
        if status is StepStatus.UNKNOWN:
            self._unknowns.beat(at_once=True)
        elif status is StepStatus.VERIFYING:
            self._verification.beat()
        elif status is StepStatus.ASSERTED:
            self._by_hand.look(step_id)
        elif status is StepStatus.FAILED:
            self._look_at_failed(step_id)

    def _look_at_failed(self, step_id: str) -> None:
        step_run = self._incident.record.opened.step(step_id)
        try:
            states = self._verification.look(step_run)
        except RollbackError as error:
            fields = {"step": step_id, "attempt": step_run.attempt, "reason": f"looked again: {error.text}"}
            self._incident.record.append_if(lambda run: run.step(step_id).status is StepStatus.FAILED, Kind.REFUSED, **fields)
            return
        if seen(states):
            self._outcomes.succeeded(self._incident.record.opened.step(step_id), "seen when looked at again: " + "; ".join(state.name for state in states))
