"""When a failed operation is tried again: 10, 20, 40… seconds after the attempt before it, as recorded from Argo CD 3.2."""

from datetime import datetime, timedelta

FIRST_SECONDS = 10.0
FACTOR = 2
LONGEST_SECONDS = 180.0


def next_retry(failed: datetime, retries: int, speed: float = 1.0) -> datetime:
    """Return when the next attempt is due, after a failure that so many retries came before; `speed` divides the wait."""
    return failed + timedelta(seconds=min(LONGEST_SECONDS, FIRST_SECONDS * FACTOR**retries) / speed)
