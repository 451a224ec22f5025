"""How long a feed waits after a failure, and which state the failure puts it in."""

from collections.abc import Callable

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, NotFound, NotSent, RollbackError, ServerDown, Throttled
from gospel_rollback_tui.domain.feed import FeedState

LONGEST = 30.0
"""Seconds: no feed waits longer."""
FIRST = 0.5
"""Seconds after the first failure."""
FIRST_REFUSAL = 5.0
"""Seconds after a first answer that asking again will not change: no login, no right, no such object."""


class Backoff:
    """Exponential back-off with jitter; one a feed, used by its thread only."""

    def __init__(self, jitter: Callable[[], float]) -> None:
        """`jitter` returns numbers in [0, 1): a delay varies by a fifth either way, so that feeds do not march in step."""
        self._jitter = jitter
        self._delay = 0.0
        self.failures = 0
        """Failures since the last success."""

    def longer(self, at_least: float = FIRST) -> float:
        """Notes a failure and returns the seconds to wait."""
        self.failures += 1
        self._delay = min(LONGEST, max(at_least, self._delay * 2))
        return self._delay * (0.8 + 0.4 * self._jitter())

    def reset(self) -> None:
        """Notes a success."""
        self._delay = 0.0
        self.failures = 0


def patience(error: RollbackError) -> float:
    """Returns the least seconds to wait after that error."""
    if isinstance(error, Throttled):
        return error.retry_after
    return FIRST_REFUSAL if isinstance(error, CredentialsExpired | Forbidden | NotFound) else FIRST


def state_of(error: RollbackError, failures: int) -> FeedState:
    """Returns the state after that error, `failures` having gone before it in a row.

    One cut connection is a reconnect; only the second failure in a row says that nobody is there.
    """
    if isinstance(error, CredentialsExpired):
        return FeedState.REFUSED
    if isinstance(error, Forbidden):
        return FeedState.FORBIDDEN
    if isinstance(error, Throttled):
        return FeedState.BUSY
    if failures == 0 and isinstance(error, NoRoute | ServerDown):
        return FeedState.RECONNECTING
    if isinstance(error, NoRoute):
        return FeedState.UNREACHABLE
    if isinstance(error, ServerDown):
        return FeedState.DOWN
    return FeedState.FAILING


def why_of(error: RollbackError) -> str:
    """Returns the error's reason in a word or three; empty: its kind says it."""
    return error.why if isinstance(error, NotSent) else ""
