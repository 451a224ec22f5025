"""How a step ends: verified, failed, put back, or put down with nothing sent."""

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.engine.conditions import still
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.incident import Incident


class Outcomes:
    """Records the end of a step's attempt, with what follows from it for the debts."""

    def __init__(self, incident: Incident, debts: Debts) -> None:
        """Keeps what the ends are recorded with."""
        self._incident = incident
        self._debts = debts

    def succeeded(self, step_run: StepRun, detail: str) -> None:
        """Records that what the attempt was for is so: the step is verified, or put back."""
        record = self._incident.record
        with record.mutex:
            if not still(step_run.id, step_run.attempt, StepStatus.VERIFYING, StepStatus.FAILED, StepStatus.ASSERTED)(record.opened):
                return
            if record.opened.step(step_run.id).undo_of is not None:
                record.append(Kind.UNDONE, step=step_run.id, attempt=step_run.attempt)
            else:
                record.append(Kind.VERIFIED, step=step_run.id, attempt=step_run.attempt, detail=detail, asserted=False)
            self._debts.step_over(record.opened.step(step_run.id), record.opened.operator)

    def failed(self, step_run: StepRun, reason: str) -> None:
        """Records that the attempt failed, and whether undo is offered."""
        record = self._incident.record
        with record.mutex:
            may_fail = still(step_run.id, step_run.attempt, StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)
            if may_fail(record.opened) and not record.opened.step(step_run.id).unresolved:
                done = record.opened.step(step_run.id).done_calls
                undo = bool(done) and self._incident.action(self._incident.step(step_run.id)).spec.undo
                record.append(Kind.FAILED, step=step_run.id, attempt=step_run.attempt, reason=reason, undo=undo)
                self._debts.tidy(record.opened.step(step_run.id))

    def put_down(self, step_run: StepRun, reason: str) -> None:
        """Records that nothing (more) is sent of an attempt, without counting it as failed."""
        at_hand = still(step_run.id, step_run.attempt, StepStatus.ARMED, StepStatus.ACTING)

        def nothing_on_its_way(run: Run) -> bool:
            """Returns whether the attempt is at hand and every call of it has a known result."""
            return at_hand(run) and not run.step(step_run.id).unresolved

        self._incident.record.append_if(nothing_on_its_way, Kind.REFUSED, step=step_run.id, attempt=step_run.attempt, reason=reason)

    def stopped(self, step_run: StepRun, reason: str) -> None:
        """Records the end of an attempt that stopped before all was sent: failed if something was done, put down if not."""
        now = self._incident.record.opened.step(step_run.id)
        (self.failed if now.calls else self.put_down)(step_run, reason)
