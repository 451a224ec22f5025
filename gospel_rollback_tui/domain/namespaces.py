"""Namespaces beside that of the services: how the feeds of each are doing, and what is said of those that cannot be believed."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.estate import EVERY_NAMESPACE
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.spans import short_age

OTHERS = "other namespaces"
"""What all namespaces but that of the services are called."""


@dataclass(frozen=True, slots=True)
class FurtherNamespace:
    """A namespace that is watched beside that of the services, or all of them by one feed."""

    name: str
    """`EVERY_NAMESPACE`: all but that of the services."""
    home: str
    """The namespace of the services."""
    pods: FeedStatus
    events: FeedStatus

    @property
    def shown(self) -> str:
        """The name as a line says it."""
        return OTHERS if self.name == EVERY_NAMESPACE else self.name

    def holds(self, namespace: str) -> bool:
        """Returns whether the feeds tell of that namespace."""
        return namespace == self.name or (self.name == EVERY_NAMESPACE and namespace not in ("", self.home))


def place_of(places: Sequence[FurtherNamespace], namespace: str) -> FurtherNamespace | None:
    """Returns what tells of a namespace; None: it is that of the services."""
    return next((place for place in places if place.holds(namespace)), None)


def troubled(places: Sequence[FurtherNamespace], now: float, *, events: bool = False) -> tuple[str, ...]:
    """Returns a sentence for each namespace whose pods, or `events`, cannot be believed at monotonic time `now`, by its name."""
    found = ((place.shown, place.events if events else place.pods) for place in places)
    return tuple(f"{name}: {_why(status, now)}" for name, status in found if not status.known(now) and not _begins(status))


def _begins(status: FeedStatus) -> bool:
    """Whether the feed has only just been started: that is no trouble yet."""
    return status.state in (FeedState.STARTING, FeedState.LISTING, FeedState.RECONNECTING) and status.heard is None


def _why(status: FeedStatus, now: float) -> str:
    seen = status.seen_at(now)
    age = status.age(now)
    aged = "" if age is None or seen.state is FeedState.FORBIDDEN else f" {short_age(age)}"
    reason = seen.why or ("" if seen.state is FeedState.FORBIDDEN else seen.detail)
    return f"{seen.state.value}{aged}{': ' + reason if reason else ''}"
