"""What is waiting for the engine's one working thread."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Event as Stop

Job = Callable[[], None]


class Work:
    """A queue of jobs, and the signal that wakes their thread."""

    def __init__(self) -> None:
        """Begins empty."""
        self.wake = Stop()
        self._jobs: SimpleQueue[Job] = SimpleQueue()

    def put(self, job: Job) -> None:
        """Adds a job; from any thread."""
        self._jobs.put(job)
        self.wake.set()

    def next(self) -> Job | None:
        """Returns the next job, None if there is none."""
        try:
            return self._jobs.get_nowait()
        except Empty:
            return None
