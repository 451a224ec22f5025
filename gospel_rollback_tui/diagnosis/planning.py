"""Reads the suggestion's preview in a thread of its own: a planner that hangs holds up nobody but itself."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from gospel_rollback_tui.diagnosis.probes import fault_of
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.triage import Suggestion

PLAN_SECONDS = 5.0
"""Seconds a round waits for a preview; one that comes later is taken by the next round."""

Planner = Callable[[Suggestion, HttpCheck | None], Preview]


def same_way(one: Suggestion, other: Suggestion) -> bool:
    """Returns whether both suggest the same change."""
    return (one.scenario, one.path, one.step, one.inputs) == (other.scenario, other.path, other.step, other.inputs)


@dataclass(slots=True)
class _Reading:
    """One preview that is being read."""

    suggestion: Suggestion
    symptom: HttpCheck | None
    settled: threading.Event = field(default_factory=threading.Event)
    missed: bool = False
    """Whether a round has gone on without it."""
    preview: Preview | None = None
    failure: RollbackError | None = None
    at: float = 0.0


class Planning:
    """Reads one preview at a time for each way back; used by the thread of triage alone."""

    def __init__(self, planner: Planner, now: Callable[[], float], late: Callable[[], None], seconds: float) -> None:
        """A question waits for `seconds`; `late` is called when a preview has come that nobody waited for any more."""
        self._planner = planner
        self._now = now
        self._late = late
        self._seconds = seconds
        self._reading: _Reading | None = None

    def read(self, suggestion: Suggestion, symptom: HttpCheck | None) -> tuple[Preview, float] | None:
        """Returns the preview and the wall time it was read; None when it did not come in time.

        One that came too late is the answer to the next question for the same way. Raises whatever the planner raises.
        """
        reading = self._reading
        if reading is None or reading.symptom != symptom or not same_way(reading.suggestion, suggestion):
            reading = self._reading = _Reading(suggestion, symptom)
            threading.Thread(target=self._take, args=(reading,), name="preview", daemon=True).start()
        if not reading.settled.wait(self._seconds):
            reading.missed = True
            if not reading.settled.is_set():
                return None
        self._reading = None
        if reading.failure is not None:
            raise reading.failure
        assert reading.preview is not None, "settled without a failure"
        return reading.preview, reading.at

    def _take(self, reading: _Reading) -> None:
        try:
            reading.preview = self._planner(reading.suggestion, reading.symptom)
        except RollbackError as error:
            reading.failure = error
        except Exception as error:  # noqa: BLE001  the boundary of this thread: a fault of ours must be named as one, not pass for a preview that is late
            reading.failure = fault_of("The preview", error)
        reading.at = self._now()
        reading.settled.set()
        if reading.missed:
            self._late()
