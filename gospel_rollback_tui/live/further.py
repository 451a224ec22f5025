"""Feeds of the namespaces beside that of the services: their pods and the warnings about them, seen and never judged."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from gospel_rollback_tui.domain.cluster_events import ClusterEvent, event_from
from gospel_rollback_tui.domain.namespaces import FurtherNamespace
from gospel_rollback_tui.domain.snapshots import PodRow
from gospel_rollback_tui.live.pods import further_row
from gospel_rollback_tui.live.ports import Clock, ObjectSource
from gospel_rollback_tui.live.reflector import Reflector


@dataclass(frozen=True, slots=True)
class FurtherPorts:
    """Where the feeds of one further namespace read, or of all of them at once."""

    name: str
    """`EVERY_NAMESPACE`: all but that of the services."""
    pods: ObjectSource
    events: ObjectSource


@dataclass(frozen=True, slots=True)
class Further:
    """What was heard of further namespaces; the same tuples as before while nothing changes."""

    pods: tuple[PodRow, ...] = ()
    events: tuple[ClusterEvent, ...] = ()
    """Newest first."""


class FurtherFeeds:
    """One feed of pods and one of warnings a namespace, each with a state of its own: what one may not read holds no other up."""

    def __init__(self, ports: Sequence[FurtherPorts], home: str, clock: Clock, jitter: Callable[[], float]) -> None:
        """Starts nothing; `home` is the namespace of the services."""
        self._home = home
        self._names = tuple(port.name for port in ports)
        self._pods = tuple(Reflector(f"pods of {port.name}", port.pods, further_row, clock, jitter=jitter) for port in ports)
        self._events = tuple(Reflector(f"events of {port.name}", port.events, event_from, clock, jitter=jitter) for port in ports)
        self._read: tuple[tuple[int, ...], Further] = ((), Further())

    @property
    def reflectors(self) -> tuple[Reflector[PodRow] | Reflector[ClusterEvent], ...]:
        """Every feed, pods first."""
        return (*self._pods, *self._events)

    def places(self) -> tuple[FurtherNamespace, ...]:
        """Returns how the feeds of each namespace are doing."""
        return tuple(
            FurtherNamespace(name, self._home, pods.read()[1], events.read()[1])
            for name, pods, events in zip(self._names, self._pods, self._events, strict=True)
        )

    def read(self) -> Further:
        """Returns everything that was heard; made anew only if it changed."""
        if not self._names:
            return self._read[1]
        pods, events = [one.read() for one in self._pods], [one.read() for one in self._events]
        made_of = tuple(changes for _, _, changes in (*pods, *events))
        before = self._read
        if before[0] == made_of:
            return before[1]
        heard = chain.from_iterable(rows for rows, _, _ in events)
        made = Further(
            tuple(chain.from_iterable(rows for rows, _, _ in pods)),
            tuple(sorted(heard, key=lambda event: -(event.last or 0.0))),
        )
        self._read = (made_of, made)
        return made
