"""How a live source is doing: its state, since when, and when it was last heard."""

from dataclasses import dataclass, replace
from enum import Enum

STALE_AFTER = 30.0
"""Seconds of silence after which what a feed shows is old news, whatever its connection says."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant on both clocks: monotonic for ages, wall for what people read."""

    monotonic: float
    """Seconds of a clock that never jumps; comparable within one process only."""
    wall: float
    """Seconds since the epoch."""


class FeedState(Enum):
    """What a feed can be in; the value is the word shown."""

    STARTING = "starting"
    LISTING = "listing"
    LIVE = "live"
    WAITING = "nothing to read yet"
    """Reached and allowed, and there is nothing yet, e.g. no log before the first run."""
    RECONNECTING = "reconnecting"
    STALE = "stale"
    REFUSED = "login expired"
    """The source does not know who asks (401)."""
    FORBIDDEN = "no right to read it"
    """The source knows who asks and says no (403)."""
    UNREACHABLE = "unreachable"
    """Name, network or TLS: nobody was reached."""
    DOWN = "server down"
    """Reached, and does not serve."""
    FAILING = "answers with errors"
    """Reached, knows who asks, and says neither yes nor one of the other noes."""
    BUSY = "asked to wait"
    """The server serves others first (429)."""
    FAULTY = "fault of this program"
    PAUSED = "paused"
    STOPPED = "stopped"


KNOWING = frozenset({FeedState.LIVE, FeedState.LISTING, FeedState.WAITING, FeedState.RECONNECTING, FeedState.BUSY})
"""States in which what was last heard still counts, as long as it is not stale."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed's state with its times and, when something is wrong, the sentence that says what."""

    state: FeedState
    since: Moment
    """When it entered this state."""
    heard: Moment | None = None
    """When the source was last heard; None: never."""
    detail: str = ""
    """What is wrong, in a sentence; empty: nothing."""
    malformed: int = 0
    """Objects from the source that made no sense and are not shown."""
    why: str = ""
    """What is wrong in a word or three, for narrow places, e.g. `name not found`; empty: the state says it."""

    def age(self, now: float) -> float | None:
        """Returns seconds since the source was last heard at monotonic time `now`; None: never heard."""
        return None if self.heard is None else max(0.0, now - self.heard.monotonic)

    def seen_at(self, now: float) -> "FeedStatus":
        """Returns the status as it is at monotonic time `now`: a state that says nothing new for too long is stale."""
        age = self.age(now)
        if age is None or age <= STALE_AFTER or self.state not in KNOWING:
            return self
        return replace(self, state=FeedState.STALE)

    def known(self, now: float) -> bool:
        """Returns whether what the feed shows may still be taken for what is."""
        return self.heard is not None and self.seen_at(now).state in KNOWING

    def words(self, now: float) -> str:
        """Returns state and detail as a line: `stale: the connection was cut`; a live feed is just `live`."""
        seen = self.seen_at(now)
        parts = [seen.state.value]
        if seen.detail and seen.state is not FeedState.LIVE:
            parts.append(seen.detail)
        line = ": ".join(parts)
        return f"{line} ({self.malformed} not understood)" if self.malformed else line


def starting(at: Moment) -> FeedStatus:
    """Returns the status of a feed that has not asked yet."""
    return FeedStatus(FeedState.STARTING, at)
