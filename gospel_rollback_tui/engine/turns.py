"""The turn of a call: nothing is meant to be sent before what it needs has come to its end."""

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, Refused, RollbackError
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.domain.run import StepRun
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.ports import Sequenced
from gospel_rollback_tui.engine.sending import Sender
from gospel_rollback_tui.engine.sent import Next, Sent
from gospel_rollback_tui.engine.verification import Verification
from gospel_rollback_tui.engine.waiting import Credentials

LOOK_SECONDS = 3.0
"""Between two looks; what is looked at takes minutes."""


class Turns:
    """Waits for the turn of calls, and shows how far the step is meanwhile; an abort or the runner's end stops the waiting."""

    def __init__(self, incident: Incident, credentials: Credentials, verification: Verification, sender: Sender) -> None:
        """Keeps what it looks with."""
        self._incident = incident
        self._credentials = credentials
        self._verification = verification
        self._sender = sender

    def wait(self, step_id: str, attempt: int, call: PlannedCall) -> Sent | None:
        """Returns None once the call may be sent, or why it is not; at most for as long as the step has."""
        action = self._incident.action(self._incident.step(step_id))
        if not isinstance(action, Sequenced):
            return None
        until = self._incident.now() + self._incident.step(step_id).timeout
        while True:
            stopped = self._sender.stopped(step_id, attempt)
            if stopped:
                return Sent(Next.STOP, f"{stopped}.")
            step_run = self._incident.record.opened.step(step_id)
            try:
                missing = self._look(action, step_run, call)
            except CredentialsExpired as error:
                return Sent(Next.AGAIN, error.text)
            except (Forbidden, Refused) as error:
                return Sent(Next.STOP, error.text)
            except RollbackError as error:
                missing = error.text
            if not missing:
                return None
            if self._incident.now() >= until:
                return Sent(Next.STOP, f"{missing.rstrip('.')}, after {span(self._incident.step(step_id).timeout)}.")
            self._incident.world.clock.wait(self._incident.stop, LOOK_SECONDS)

    def _look(self, action: Sequenced, step_run: StepRun, call: PlannedCall) -> str:
        """Returns what the call has to wait for; while it waits, the step's conditions are looked at too."""
        request = self._incident.request(step_run)
        missing = self._credentials.read(lambda: action.awaited(request, call), repeatable=True)
        if missing:
            self._verification.look(step_run)
        return missing
