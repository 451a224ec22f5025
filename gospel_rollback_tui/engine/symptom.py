"""Asks the symptom before the first change, and then again and again: it alone says that users are well."""

from threading import Event as Stop

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.engine.incident import Incident

BUSY_SECONDS = 1.0
"""Between two requests while something is being done or watched."""
QUIET_SECONDS = 5.0
"""Between two requests while nothing happens."""
UNOPENED_SECONDS = 0.1
FIRST_LOOK_SECONDS = 1.5
"""How long the first change waits for the symptom's first answer."""
_BUSY = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)


def busy(run: Run) -> bool:
    """Returns whether the symptom may change any moment: something is under way, or was done and users still fail."""
    watching = run.watch is not None and not run.watch.over
    return watching or any(step.status in _BUSY for step in run.steps) or (run.acted and run.symptom_passing is not True)


class SymptomWatch:
    """Records each change of the symptom's answer."""

    def __init__(self, incident: Incident) -> None:
        """Has not asked yet."""
        self._incident = incident
        self._looked = Stop()
        self._last: bool | str | None = "never"

    def beat(self) -> float:
        """Asks once, records a change, and returns the seconds until the next time."""
        record = self._incident.record
        run = record.run
        if run is None or run.closed:
            return UNOPENED_SECONDS
        if run.symptom is None:
            self._looked.set()
            return QUIET_SECONDS
        try:
            passing, words = self._incident.world.symptom.passing(run.symptom)
        except RollbackError as error:
            passing, words = None, error.text
        if passing != self._last:
            record.append_if(lambda now: not now.closed, Kind.SYMPTOM, passing=passing, words=words)
            self._last = passing
        self._looked.set()
        return BUSY_SECONDS if busy(record.opened) else QUIET_SECONDS

    def await_first_look(self) -> None:
        """Waits until it is known whether the symptom fails before the change, but not long: a rollback is not held up by it."""
        if not self._incident.record.opened.symptom_failing_before:
            self._incident.world.clock.wait(self._looked, FIRST_LOOK_SECONDS)
