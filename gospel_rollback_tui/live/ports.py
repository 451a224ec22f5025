"""What the feeds need of the world, as small protocols. Nothing here can change anything."""

import time
from collections.abc import Callable, Iterator
from threading import Event as Stop
from typing import Any, Protocol

from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.metrics import MetricAnswer


class Clock(Protocol):
    """Time and waiting, injected so that tests need neither."""

    def now(self) -> Moment:
        """Returns the present on both clocks."""

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until `stop` is set (True) or the seconds are over (False)."""


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Moment:
        """Returns the present on both clocks."""
        return Moment(time.monotonic(), time.time())

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until `stop` is set (True) or the seconds are over (False)."""
        return stop.wait(max(0.0, seconds))


def no_skew() -> float:
    """Two clocks that agree."""
    return 0.0


class ClusterClock:
    """The cluster's time of day on this host's clocks: what its pods write is dated by it."""

    def __init__(self, clock: Clock, skew: Callable[[], float]) -> None:
        """`skew` returns by how many seconds the cluster's clock is ahead."""
        self._clock = clock
        self._skew = skew

    def now(self) -> Moment:
        """Returns the present: monotonic as this host has it, wall as the cluster has it."""
        now = self._clock.now()
        return Moment(now.monotonic, now.wall + self._skew())

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until `stop` is set (True) or the seconds are over (False)."""
        return self._clock.wait(stop, seconds)


class ObjectSource(Protocol):
    """One kind of Kubernetes object in one namespace, listed and watched raw.

    Every call raises the errors of `domain.errors`: CredentialsExpired (401), Forbidden (403), NoRoute, ServerDown,
    Throttled (429), VersionGone (HTTP 410), Refused (anything else the server said no to).
    """

    def list_pages(self, limit: int) -> Iterator[dict[str, Any]]:
        """Yields each page of the list as the decoded List object, following `continue`."""

    def watch_lines(self, resource_version: str, seconds: int) -> Iterator[str]:
        """Returns the lines of a watch with bookmarks from that version, once the server has accepted it.

        They end when the server closes the watch, after `seconds` at the latest. NoRoute is raised five seconds of
        silence later.
        """

    def stop(self) -> None:
        """Ends the call in flight at once and every later one, from any thread."""


class Silent(NoRoute):
    """Nothing came in time: a quiet container and a dead connection look the same."""


class LogStream(Protocol):
    """One open stream of log lines."""

    def __iter__(self) -> Iterator[str]:
        """Yields lines, each beginning with the kubelet's time; ends with the container. Raises NoRoute on a cut."""

    def stop(self) -> None:
        """Ends the stream at once, from any thread."""

    def close(self) -> None:
        """Ends the stream and gives back what it holds; for the thread that reads it."""


class LogSource(Protocol):
    """The logs of the namespace's containers."""

    def follow(self, pod: str, container: str, since: float | None, tail: int, silence: float) -> LogStream:
        """Opens a stream that goes on until the container ends.

        `since` is a wall time by the cluster's clock, `tail` the most old lines, `silence` the seconds without a byte
        that are borne. Raises Silent when the container wrote nothing in that time, else the errors of `domain.errors`.
        """

    def previous(self, pod: str, container: str, tail: int) -> tuple[str, ...]:
        """Returns the last lines of the container's run before this one; empty if there was none."""


class HttpAsker(Protocol):
    """Asks health requests."""

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none, within four seconds; never raises."""


class MetricSource(Protocol):
    """A Prometheus. Raises the errors of `domain.errors` for what is wrong with the server; what is wrong with a query is in the answer."""

    def now(self, promql: str) -> MetricAnswer:
        """Returns the query's value by the server's own clock, within four seconds."""

    def past(self, promql: str, begin: float, end: float, step: float) -> MetricAnswer:
        """Returns the query's values from wall time `begin` to `end`, one every `step` seconds, within four seconds."""
