"""Threads that look at one thing again and again."""

from collections.abc import Callable
from threading import Event as Stop
from threading import Thread
from time import monotonic

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.engine.incident import Incident

AFTER_FAULT_SECONDS = 2.0
"""Pause after a beat that failed."""


class Beats:
    """Runs beats, each in a thread of its own, until `ended` is set. A beat returns the seconds until its next one."""

    def __init__(self, incident: Incident) -> None:
        """Has no threads yet."""
        self._incident = incident
        self._ended = Stop()
        self._threads: list[Thread] = []

    def start(self, name: str, beat: Callable[[], float]) -> None:
        """Starts a thread that beats at once and then again and again."""
        thread = Thread(target=self._go_on, args=(name, beat), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _go_on(self, name: str, beat: Callable[[], float]) -> None:
        while not self._ended.is_set():
            try:
                seconds = beat()
            except RollbackError:
                seconds = AFTER_FAULT_SECONDS
            except Exception as error:  # noqa: BLE001  the boundary of this thread: a fault here must not end the run
                self._record_fault(name, error)
                seconds = AFTER_FAULT_SECONDS
            self._incident.world.clock.wait(self._ended, seconds)

    def _record_fault(self, name: str, error: Exception) -> None:
        try:
            if self._incident.record.run is not None:
                self._incident.record.append(Kind.NOTE, text=f"fault of this program ({name}): {error!r}", who="gospel-rollback")
        except RollbackError:
            return

    def end(self, seconds: float) -> None:
        """Ends the threads; those that still wait for an answer after that time are left behind."""
        self._ended.set()
        until = monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
