"""Clocks that tests move, so that no test needs real time."""

from threading import Condition
from threading import Event as Stop

from gospel_rollback_tui.domain.feed import Moment

WALL = 1_700_000_000.0
"""Wall time at monotonic zero."""


class LeapingClock:
    """Waiting takes no time and moves the clock; the waits are kept."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def now(self) -> Moment:
        """Returns the present."""
        return Moment(self.seconds, WALL + self.seconds)

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Moves the clock, unless `stop` is set."""
        if not stop.is_set():
            self.waits.append(seconds)
            self.seconds += seconds
        return stop.is_set()


class SteppedClock:
    """Waiting lasts until the test has moved the clock far enough, or the wait is called off."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._seconds = 0.0
        self._until: list[float] = []

    def now(self) -> Moment:
        """Returns the present."""
        return Moment(self._seconds, WALL + self._seconds)

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits for `advance` or for `stop`."""
        with self._changed:
            until = self._seconds + seconds
            self._until.append(until)
            self._changed.notify_all()
            while self._seconds < until and not stop.is_set():
                self._changed.wait(0.005)
            self._until.remove(until)
        return stop.is_set()

    def advance(self, seconds: float) -> None:
        """Moves the clock."""
        with self._changed:
            self._seconds += seconds
            self._changed.notify_all()

    def waiting(self, count: int) -> bool:
        """Returns whether that many waits are under way that the present does not end."""
        with self._changed:
            return sum(until > self._seconds for until in self._until) >= count
