"""Where the lines of `pods/log` come from: a port that the drill's composition fills."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Protocol

from gospel_rollback_tui.drill.kubernetes.documents import Json


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a container wrote."""

    at: datetime
    """When, aware and in UTC."""
    text: str
    """Without the line's end."""


class LogSource(Protocol):
    """Knows what the containers of pods wrote."""

    def lines(self, pod: Json, container: str, *, previous: bool, start: int) -> Sequence[LogLine]:
        """Return the lines of a container from line number `start` (0 is its first) to the newest.

        With `previous`, the lines of the run of the container before its last restart. A
        followed log asks again a few times a second with a `start` behind what it has; the
        answer must be quick and the numbers of lines must not move while the container runs.
        """
        ...


@dataclass(slots=True)
class WrittenLogs:
    """A log source that returns exactly what was written to it; safe to use from any thread."""

    _lines: defaultdict[tuple[str, str, str, bool], list[LogLine]] = field(default_factory=lambda: defaultdict(list))
    _lock: Lock = field(default_factory=Lock)

    def write(self, namespace: str, pod: str, container: str, line: LogLine, *, previous: bool = False) -> None:
        """Add a line to the log of a container."""
        with self._lock:
            self._lines[namespace, pod, container, previous].append(line)

    def lines(self, pod: Json, container: str, *, previous: bool, start: int) -> Sequence[LogLine]:
        """Return the lines written for a container from number `start` on."""
        metadata = pod["metadata"]
        with self._lock:
            return self._lines[metadata["namespace"], metadata["name"], container, previous][start:]
