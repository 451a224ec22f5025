"""Times of day as operators write them; UTC, as every clock on the screen."""

from datetime import UTC, datetime


def time_of_day(wall: float) -> str:
    """Returns the time of day of a wall time: `03:12:19`."""
    return datetime.fromtimestamp(wall, UTC).strftime("%H:%M:%S")
