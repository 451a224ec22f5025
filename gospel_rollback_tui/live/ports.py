"""What the feeds need of the world, as small protocols. Nothing here can change anything."""

import time
from collections.abc import Iterator
from threading import Event as Stop
from typing import Any, Protocol

from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import HttpAnswer


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


class ObjectSource(Protocol):
    """One kind of Kubernetes object in one namespace, listed and watched raw.

    Every call raises the errors of `domain.errors`: CredentialsExpired (401), Forbidden (403), NoRoute, ServerDown,
    Throttled (429), VersionGone (HTTP 410), Refused (anything else the server said no to).
    """

    def list_pages(self, limit: int) -> Iterator[dict[str, Any]]:
        """Yields each page of the list as the decoded List object, following `continue`."""

    def watch_lines(self, resource_version: str, seconds: int, read_timeout: float) -> Iterator[bytes]:
        """Yields each line of a watch with bookmarks from that version; ends when the server closes it.

        Raises NoRoute after `read_timeout` seconds of silence.
        """

    def stop(self) -> None:
        """Ends the call in flight at once, from any thread; later calls work again."""


class LogSource(Protocol):
    """The logs of the namespace's containers."""

    def follow(self, pod: str, container: str, since_time: str, tail_lines: int, read_timeout: float) -> "LogStream":
        """Opens a following stream with the kubelet's time before each line.

        `since_time` is an RFC 3339 time to resume from, empty for none. Raises the errors of `domain.errors`.
        """

    def previous(self, pod: str, container: str, tail_lines: int) -> list[bytes]:
        """Returns the last lines of the container's run before this one; empty if there was none."""


class LogStream(Protocol):
    """One open stream of log lines."""

    def __iter__(self) -> Iterator[bytes]:
        """Yields lines without their newline; ends with the container. Raises NoRoute on silence or a cut."""

    def close(self) -> None:
        """Ends the stream at once, from any thread."""


class HttpAsker(Protocol):
    """Asks health requests."""

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none, within four seconds; never raises."""
