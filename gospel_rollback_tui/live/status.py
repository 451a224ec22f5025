"""The state of one feed, written by its thread and read by any."""

from dataclasses import replace
from threading import Lock

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, starting
from gospel_rollback_tui.live.ports import Clock


class StatusBoard:
    """Holds a feed's status; a state's `since` moves only when the state does."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._status = starting(clock.now())

    def enter(self, state: FeedState, detail: str = "", why: str = "") -> None:
        """Notes the state, and what is wrong if something is: in a sentence, and in a word or three."""
        with self._lock:
            old = self._status
            since = old.since if old.state is state else self._clock.now()
            self._status = FeedStatus(state, since, old.heard, detail, old.malformed, why)

    def hear(self) -> None:
        """Notes that the source was heard just now."""
        with self._lock:
            self._status = replace(self._status, heard=self._clock.now())

    def progress(self, detail: str) -> None:
        """Notes how far a list has come; one that follows a failure leaves the failure standing until it is whole."""
        with self._lock:
            if self._status.state is FeedState.LISTING:
                self._status = replace(self._status, detail=detail)

    def live(self) -> None:
        """Notes that the source was heard just now and all is well."""
        with self._lock:
            now = self._clock.now()
            old = self._status
            since = old.since if old.state is FeedState.LIVE else now
            self._status = FeedStatus(FeedState.LIVE, since, now, "", old.malformed)

    def malformed(self, count: int) -> None:
        """Notes how many objects make no sense."""
        with self._lock:
            self._status = replace(self._status, malformed=count)

    def read(self) -> FeedStatus:
        """Returns the status."""
        with self._lock:
            return self._status
