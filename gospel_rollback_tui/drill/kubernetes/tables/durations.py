"""Ages in the short form that kubectl prints: `42s`, `5m10s`, `3h`, `12d`."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import parse_timestamp

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def short_duration(seconds: float) -> str:
    """Return a duration in at most two units, coarser the longer it is."""
    whole = int(seconds)
    if whole < 0:
        return "0s"
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 10 * _MINUTE:
        return _two_units(whole, _MINUTE, "m", 1, "s")
    if whole < 3 * _HOUR:
        return f"{whole // _MINUTE}m"
    if whole < 8 * _HOUR:
        return _two_units(whole, _HOUR, "h", _MINUTE, "m")
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two_units(whole, _DAY, "d", _HOUR, "h")
    return f"{whole // _DAY}d"


def age(moment: str | None, now: datetime) -> str:
    """Return how long ago a timestamp was, `<unknown>` for none."""
    if not moment:
        return "<unknown>"
    return short_duration((now - parse_timestamp(moment)).total_seconds())


def _two_units(whole: int, large: int, large_name: str, small: int, small_name: str) -> str:
    rest = whole % large // small
    return f"{whole // large}{large_name}" + (f"{rest}{small_name}" if rest else "")
