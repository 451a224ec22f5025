"""Logs that rage: one container after the other writes faster than anybody can read, or writes what a terminal would obey."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock

from gospel_rollback_tui.drill.hostile import PAYLOADS
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine, LogSource

FLOODING = "gateway"
"""The container that rages."""
LINES_PER_SECOND = 50_000
LONG_LINE = 10 * 1024 * 1024
"""Characters of the line that a flood begins with."""
_AT_ONCE = 10_000
"""Lines that one question is answered with: five questions a second make the rate."""


class RagingLogs:
    """A log source over another one; safe to use from any thread.

    A flooding container's own log ends where the flood begins: its lines keep their numbers.
    """

    def __init__(self, source: LogSource, clock: Clock, *, ticks: Callable[[], float] = time.monotonic) -> None:
        """Passes on what `source` knows until something is switched on."""
        self._source = source
        self._clock = clock
        self._ticks = ticks
        self._lock = Lock()
        self._flooding_since: float | None = None
        self._before: dict[str, int] = {}
        """Lines that a container had written when the flood began, by pod and container."""
        self.hostile = False
        """Whether every fifth line is one that a terminal would obey."""

    def flood(self, *, on: bool = True) -> None:
        """Begins a flood, or ends it: the containers' own logs go on where they were."""
        with self._lock:
            self._flooding_since = self._ticks() if on else None
            self._before.clear()

    def lines(self, pod: Json, container: str, *, previous: bool, start: int) -> Sequence[LogLine]:
        """Returns the lines of a container from number `start` to the newest, of a flood only so many at once."""
        since = self._flooding_since
        if since is None or previous or container != FLOODING:
            found = self._source.lines(pod, container, previous=previous, start=start)
            return [self._poisoned(line, number) for number, line in enumerate(found, start)] if self.hostile else found
        key = f"{pod['metadata']['uid']}/{container}"
        with self._lock:
            if key not in self._before:
                self._before[key] = len(self._source.lines(pod, container, previous=False, start=0))
            before = self._before[key]
        written = int((self._ticks() - since) * LINES_PER_SECOND) + 1
        first = max(0, start - before)
        own = self._source.lines(pod, container, previous=False, start=start)[: max(0, before - start)]
        return [*own, *(self._raging(number, written) for number in range(first, min(written, first + _AT_ONCE)))]

    def _raging(self, number: int, written: int) -> LogLine:
        at = self._clock.now() - timedelta(seconds=max(0, written - number) / LINES_PER_SECOND)
        return LogLine(at, "INFO " + "x" * LONG_LINE if number == 0 else f"ERROR request={number} status=503 upstream gone")

    def _poisoned(self, line: LogLine, number: int) -> LogLine:
        return LogLine(line.at, f"ERROR {PAYLOADS[number // 5 % len(PAYLOADS)]}") if number % 5 == 0 else line
