"""A clock that can be wrong, for every server of the simulated estate at once."""

import time
from datetime import UTC, datetime, timedelta

SHIFT = timedelta(minutes=4)
"""How far ahead of this host's clock the estate's is while it is wrong: more than any link explains."""


class ShiftedClock:
    """The machine's own clock, or one that is minutes ahead of it; seconds that pass are the same."""

    def __init__(self, *, wrong: bool = False) -> None:
        """Start right, or wrong."""
        self._shift = SHIFT if wrong else timedelta()

    def now(self) -> datetime:
        """Return the time of day, aware and in UTC."""
        return datetime.now(UTC) + self._shift

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def put_wrong(self) -> None:
        """Jump ahead."""
        self._shift = SHIFT

    def put_right(self) -> None:
        """Go by this host's clock again."""
        self._shift = timedelta()
