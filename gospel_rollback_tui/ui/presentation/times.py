"""Wall times in UTC, as servers, logs and colleagues elsewhere write them."""

from datetime import UTC, datetime

_DAY = 24 * 3600


def hour(at: float) -> str:
    """Returns `03:05:00`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def short_hour(at: float) -> str:
    """Returns `03:05`, UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")


def when(at: float, now: float) -> str:
    """Returns the hour of what happened within a day, the weekday within a week, the date before that."""
    if now - at < _DAY:
        return hour(at)
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%A") if now - at < 6 * _DAY else moment.strftime("%d %b")
