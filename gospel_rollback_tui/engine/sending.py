"""Sends one call once: intent, act, result, and a look at the world."""

from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, JournalError, NotSent, OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import Outcome, PlannedCall
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.engine.conditions import still
from gospel_rollback_tui.engine.debts import Debts
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.locks import LockKeeper
from gospel_rollback_tui.engine.ports import Action
from gospel_rollback_tui.engine.sent import Next, Sent
from gospel_rollback_tui.engine.unknowns import Unknowns
from gospel_rollback_tui.engine.waiting import Credentials

EFFECT_LOOKS = 3
"""Looks for the effect of a call that the server has acknowledged."""
LOOK_SECONDS = 1.0
"""Between two of them."""


class Sender:
    """Sends the calls of a confirmed step."""

    def __init__(self, incident: Incident, credentials: Credentials, lock: LockKeeper, debts: Debts, unknowns: Unknowns) -> None:
        """Keeps what a call is recorded and looked at with."""
        self._incident = incident
        self._credentials = credentials
        self._lock = lock
        self._debts = debts
        self._unknowns = unknowns

    def send(self, step_id: str, attempt: int, call: PlannedCall) -> Sent:
        """Sends the call, if it still may be sent, and returns what became of it."""
        lost = self._lock.still_ours()
        if lost:
            return Sent(Next.STOP, f"nothing more was sent: {lost}")
        action = self._incident.action(self._incident.step(step_id))
        stopped = self._intend(step_id, attempt, call)
        if stopped:
            return Sent(Next.STOP, stopped)
        outcome, detail, sent = self._act(action, step_id, call)
        self._incident.record.insist(self._incident.stop, Kind.RESULT, step=step_id, attempt=attempt, call=call.id, outcome=outcome.value, detail=detail)
        if outcome is Outcome.DONE:
            return self._see_effect(action, step_id, attempt, call)
        if outcome is Outcome.UNKNOWN:
            return self._unknowns.resolve_now(step_id, call.id)
        self._debts.tidy(self._incident.record.opened.step(step_id))
        return sent

    def _intend(self, step_id: str, attempt: int, call: PlannedCall) -> str:
        """Records the intent and the debt it opens as one act; returns why it may not be sent after all."""
        record = self._incident.record
        with record.mutex:
            why = self.stopped(step_id, attempt)
            if why:
                return why
            debt = [call.debt.id, call.debt.title, call.debt.reason, call.debt.due_seconds] if call.debt else None
            fields = {"step": step_id, "attempt": attempt, "call": call.id, "where": call.where, "body": call.body, "undo": call.undo, "debt": debt}
            record.append(Kind.INTENT, **fields)
            try:
                self._debts.open_for(record.opened.step(step_id), call)
            except JournalError as error:
                detail = "the debt it leaves could not be recorded"
                record.insist(self._incident.stop, Kind.RESULT, step=step_id, attempt=attempt, call=call.id, outcome=Outcome.NOT_SENT.value, detail=detail)
                return error.text
        return ""

    def stopped(self, step_id: str, attempt: int) -> str:
        """Returns why nothing more of the attempt may be sent; empty: it may."""
        run = self._incident.record.opened
        step_run = run.step(step_id)
        if self._incident.stop.is_set():
            return "the runner was asked to end"
        if run.stopped_by_abort(step_run):
            return f"the run was aborted: {run.aborted}"
        if step_run.status is not StepStatus.ACTING or step_run.attempt != attempt:
            return f"the step is {step_run.status.value} meanwhile"
        return "" if not run.lock_lost else f"nothing more was sent: {run.lock_lost}"

    def _act(self, action: Action, step_id: str, call: PlannedCall) -> tuple[Outcome, str, Sent]:
        request = self._incident.request(self._incident.record.opened.step(step_id))
        try:
            return Outcome.DONE, action.send(request, call), Sent(Next.GO_ON)
        except CredentialsExpired as error:
            self._credentials.expired(error, lambda: action.happened(request, call))
            return Outcome.NOT_SENT, error.text, Sent(Next.AGAIN, error.text)
        except NotSent as error:
            return Outcome.NOT_SENT, error.text, Sent(Next.STOP, error.text)
        except FactsMoved as error:
            return Outcome.REFUSED, error.text, Sent(Next.AGAIN, error.text)
        except Refused as error:
            return Outcome.REFUSED, error.text, Sent(Next.STOP, error.text)
        except OutcomeUnknown as error:
            return Outcome.UNKNOWN, error.text, Sent(Next.UNKNOWN)
        except Exception as error:  # noqa: BLE001  whatever else escapes a change leaves an outcome that nobody knows
            return Outcome.UNKNOWN, f"fault of this program while sending: {error!r}", Sent(Next.UNKNOWN)

    def _see_effect(self, action: Action, step_id: str, attempt: int, call: PlannedCall) -> Sent:
        """Looks for the effect of an acknowledged call; what cannot be told is left to the step's own checks."""
        request = self._incident.request(self._incident.record.opened.step(step_id))
        seen: bool | None = None
        for look in range(EFFECT_LOOKS):
            try:
                seen = self._credentials.read(lambda: action.happened(request, call), repeatable=True)
            except RollbackError:
                seen = None
            if seen is not False or look == EFFECT_LOOKS - 1 or self._incident.world.clock.wait(self._incident.stop, LOOK_SECONDS):
                break
        if seen is None:
            return Sent(Next.GO_ON)
        detail = "seen" if seen else "acknowledged, but its effect is not there"
        open_still = still(step_id, attempt, StepStatus.ACTING, StepStatus.VERIFYING)
        self._incident.record.append_if(open_still, Kind.CALL_VERIFIED, step=step_id, attempt=attempt, call=call.id, passed=seen, detail=detail)
        return Sent(Next.GO_ON) if seen else Sent(Next.STOP, f"{call.title}: {detail}.")
