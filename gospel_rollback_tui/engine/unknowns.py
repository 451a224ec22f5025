"""Calls of which nobody knows whether they took effect: looked for in the world, never sent again unasked."""

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.domain.run import StepRun, StepStatus
from gospel_rollback_tui.engine.conditions import still
from gospel_rollback_tui.engine.incident import Incident
from gospel_rollback_tui.engine.outcome import Outcomes
from gospel_rollback_tui.engine.sent import Next, Sent
from gospel_rollback_tui.engine.waiting import Credentials

LOOKS_AT_ONCE = 5
"""Looks in a row while the confirmed step is still being carried out."""
DENY_SECONDS = 60.0
"""Age of an intent before which no call counts as not made: its request may still be on its way, or queued in a server."""
LOOKS_TO_DENY = 3
"""Looks in a row that must not see the effect before it counts as not made."""
AT_ONCE_SECONDS = 1.0
"""Between two looks in a row."""
LOOK_SECONDS = 3.0
"""Between two later looks."""
RARELY_SECONDS = 5.0
"""Between two looks at what could not be told at once."""


class Unknowns:
    """Finds out what became of calls without a result."""

    def __init__(self, incident: Incident, credentials: Credentials, outcomes: Outcomes) -> None:
        """Has looked for nothing yet."""
        self._incident = incident
        self._credentials = credentials
        self._outcomes = outcomes
        self._denied: dict[tuple[str, int, str], int] = {}
        self._next_look = 0.0

    def resolve_now(self, step_id: str, call_id: str) -> Sent:
        """Looks several times for the effect of a call whose answer was lost, and returns what became of it."""
        for look in range(LOOKS_AT_ONCE):
            if look and self._incident.world.clock.wait(self._incident.stop, AT_ONCE_SECONDS):
                break
            step_run = self._incident.record.opened.step(step_id)
            if step_run.status is not StepStatus.UNKNOWN:
                break
            self._look(step_run, call_id)
        step_run = self._incident.record.opened.step(step_id)
        call = next(call for call in step_run.calls if call.id == call_id)
        if call.verified is None:
            return Sent(Next.UNKNOWN)
        return Sent(Next.GO_ON) if call.verified else Sent(Next.STOP, self._not_made(call.where))

    @staticmethod
    def _not_made(where: str) -> str:
        return f"{where} was sent, its answer was lost, and its effect is not there. Trying again is a new attempt."

    def beat(self, *, at_once: bool = False) -> None:
        """Looks once at every call without a known result; steps of which all is known then go on or fail."""
        if not at_once and self._incident.now() < self._next_look:
            return
        self._next_look = self._incident.now() + RARELY_SECONDS
        for step_run in self._incident.record.opened.unknown:
            for call in step_run.unresolved:
                self._next_look = self._incident.now() + LOOK_SECONDS
                self._look(step_run, call.id)
            self._settle(step_run.id)

    def _settle(self, step_id: str) -> None:
        step_run = self._incident.record.opened.step(step_id)
        if step_run.status is not StepStatus.UNKNOWN or step_run.unresolved:
            return
        denied = next((call for call in step_run.calls if call.verified is False), None)
        self._outcomes.failed(step_run, self._not_made(denied.where) if denied else "It was stopped before every call was sent.")

    def _look(self, step_run: StepRun, call_id: str) -> None:
        planned = _planned(step_run, call_id)
        if planned is None:
            return
        action = self._incident.action(self._incident.step(step_run.id))
        try:
            seen = self._credentials.read(lambda: action.happened(self._incident.request(step_run), planned), repeatable=True)
        except RollbackError:
            return
        key = (step_run.id, step_run.attempt, call_id)
        if seen is None:
            return
        self._denied[key] = 0 if seen else self._denied.get(key, 0) + 1
        if not seen and (self._denied[key] < LOOKS_TO_DENY or self._incident.now() - _intent_at(step_run, call_id) < DENY_SECONDS):
            return
        detail = "its effect is there" if seen else "its effect is not there"
        fields = {"step": step_run.id, "attempt": step_run.attempt, "call": call_id, "passed": seen, "detail": detail}
        self._incident.record.append_if(still(step_run.id, step_run.attempt, StepStatus.UNKNOWN), Kind.CALL_VERIFIED, **fields)


def _intent_at(step_run: StepRun, call_id: str) -> float:
    return max((call.intent_at for call in step_run.calls if call.id == call_id), default=0.0)


def _planned(step_run: StepRun, call_id: str) -> PlannedCall | None:
    calls = step_run.preview.calls if step_run.preview else ()
    return next((call for call in calls if call.id == call_id), None)
