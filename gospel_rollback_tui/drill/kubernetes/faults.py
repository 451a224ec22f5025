"""The switchboard of troubles: what the drill's script breaks, and mends, while clients talk.

Every method may be called from any thread at any time and takes effect at once, on
requests under way as far as that is possible.
"""

import fnmatch
from dataclasses import dataclass, field
from threading import Condition, Event, Timer

from gospel_rollback_tui.drill.kubernetes.access import Attributes
from gospel_rollback_tui.drill.kubernetes.connection_faults import ConnectionFaults, OutageListener


@dataclass(slots=True)
class Hold:
    """Keeps back the answer of one mutating request, whose change is done nevertheless."""

    method: str
    path: str
    """Exact path or shell pattern (`*/deployments/web`), without the query."""
    arrived: Event = field(default_factory=Event)
    """Set once the request has come and its change is stored and logged."""
    finished: Event = field(default_factory=Event)
    """Set by `release` and `drop`."""
    dropped: bool = False

    def release(self) -> None:
        """Let the answer go."""
        self.finished.set()

    def drop(self) -> None:
        """Reset the connection instead of answering: the client never learns the outcome."""
        self.dropped = True
        self.finished.set()

    def matches(self, method: str, path: str) -> bool:
        """Whether this hold waits for such a request."""
        return method == self.method and fnmatch.fnmatchcase(path, self.path)


@dataclass(slots=True)
class _Throttle:
    retry_after: int
    remaining: int | None
    spared: frozenset[str]


class Faults(ConnectionFaults):
    """What is broken at the moment; everything is well at first."""

    def __init__(self) -> None:
        """Start with nothing broken."""
        super().__init__()
        self._changed = Condition()
        self._down = False
        self._mending: Timer | None = None
        self._outage_listeners: list[OutageListener] = []
        self._throttle: _Throttle | None = None
        self._silence_generation = 0
        self._silent = False
        self.watches_expire = False
        """Whether every watch ends at once by 410: nothing is remembered of what was before."""
        self._latency = 0.0
        self._forbidden: set[tuple[str, str, str]] = set()
        self._holds: list[Hold] = []

    # API down

    def api_down(self, seconds: float | None = None) -> None:
        """Refuse new connections and reset the open ones, for some seconds or until `api_up`."""
        self._set_down(down=True)
        if seconds is not None:
            with self._changed:
                self._mending = Timer(seconds, self.api_up)
                self._mending.daemon = True
                self._mending.start()

    def api_up(self) -> None:
        """End an outage."""
        self._set_down(down=False)

    @property
    def is_down(self) -> bool:
        """Whether the API server is unreachable now."""
        return self._down

    def on_outage(self, listener: OutageListener) -> None:
        """Call the listener, in the thread that flips the switch: `True` at down, `False` at up."""
        self._outage_listeners.append(listener)

    def _set_down(self, *, down: bool) -> None:
        with self._changed:
            if self._mending is not None:
                self._mending.cancel()
                self._mending = None
            turned = self._down != down
            self._down = down
            self._changed.notify_all()
        if turned:
            for listener in list(self._outage_listeners):
                listener(down)

    # Too many requests

    def throttle(
        self,
        *,
        retry_after: int = 1,
        requests: int | None = None,
        spared: frozenset[str] = frozenset(),
    ) -> None:
        """Answer 429 to the next `requests` requests, or to all until `unthrottle`.

        Members of `system:masters` and the users named in `spared` are not throttled.
        """
        with self._changed:
            self._throttle = _Throttle(retry_after, requests, spared)

    def unthrottle(self) -> None:
        """Answer requests again."""
        with self._changed:
            self._throttle = None

    def take_throttle(self, user: str) -> int | None:
        """Return the seconds of `Retry-After` when this request is to be refused with 429."""
        with self._changed:
            throttle = self._throttle
            if throttle is None or user in throttle.spared:
                return None
            if throttle.remaining is not None:
                if throttle.remaining <= 0:
                    return None
                throttle.remaining -= 1
            return throttle.retry_after

    # Dead watches

    def silence_watches(self) -> None:
        """Let every open watch, followed log and new one stay open without a byte, for good.

        They are dead as half-open connections are: also after `wake_watches` only new ones live.
        """
        with self._changed:
            self._silence_generation += 1
            self._silent = True
            self._changed.notify_all()

    def wake_watches(self) -> None:
        """Let watches that are opened from now on live."""
        with self._changed:
            self._silent = False
            self._changed.notify_all()

    def open_watch(self) -> int:
        """Return a ticket for a watch that is being opened, to be shown to `is_dead`."""
        with self._changed:
            return self._silence_generation - (1 if self._silent else 0)

    def is_dead(self, ticket: int) -> bool:
        """Whether the watch with that ticket must not send anything, ever again."""
        return ticket < self._silence_generation

    # Frozen API

    def freeze(self) -> None:
        """Answer nothing on any connection, and close none, as a stopped process does; also new ones are accepted."""
        self.is_frozen = True
        self.silence_watches()

    def thaw(self) -> None:
        """Answer again, what has waited too; watches that were open stay dead."""
        self.is_frozen = False
        self.wake_watches()

    # Slow API

    def slow(self, seconds: float) -> None:
        """Delay every request by that many real seconds before it is looked at; 0 ends it."""
        self._latency = seconds

    @property
    def latency(self) -> float:
        """Seconds by which requests are delayed now."""
        return self._latency

    # Missing rights

    def forbid(self, user: str, verb: str = "*", resource: str = "*") -> None:
        """Take a right away, whatever the rules say; `*` stands for all verbs or resources."""
        with self._changed:
            self._forbidden.add((user, verb, resource))

    def permit(self, user: str, verb: str = "*", resource: str = "*") -> None:
        """Give back what `forbid` took with the same arguments."""
        with self._changed:
            self._forbidden.discard((user, verb, resource))

    def forbids(self, user: str, wanted: Attributes) -> bool:
        """Whether a right that the rules grant is taken away now."""
        with self._changed:
            forbidden = list(self._forbidden)
        return any(user == who and verb in ("*", wanted.verb) and resource in ("*", wanted.resource) for who, verb, resource in forbidden if not wanted.path)

    # Answers kept back

    def hold(self, method: str, path: str) -> Hold:
        """Keep back the answer of the next mutating request of that method and path (or pattern).

        The change is made and logged, then the answer waits for `Hold.release` or
        `Hold.drop`. One hold serves one request; dry runs are never held.
        """
        hold = Hold(method, path)
        with self._changed:
            self._holds.append(hold)
        return hold

    def take_hold(self, method: str, path: str) -> Hold | None:
        """Return, and use up, the hold that waits for this request."""
        with self._changed:
            for hold in self._holds:
                if hold.matches(method, path):
                    self._holds.remove(hold)
                    return hold
        return None

    def mend(self) -> None:
        """End every trouble and let every answer go that was not asked for yet."""
        self.api_up()
        self.unthrottle()
        self.wake_watches()
        self.watches_expire = False
        self.slow(0)
        self.expire_certificate(expired=False)
        self.is_frozen = False
        with self._changed:
            self._forbidden.clear()
            self._holds.clear()
