"""Durations and ages as operators read them."""

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY


def clock(seconds: float) -> str:
    """Returns a running clock: `0:58`, `6:52`, `1:02:09`; negative time is `0:00`."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def span(seconds: float) -> str:
    """Returns a duration in its one telling unit: `0.3 s`, `71 s`, `10 min`, `5 h`, `3 d`.

    Seconds up to two minutes, minutes up to two hours, hours up to two days: the larger unit would hide what matters.
    """
    seconds = max(0.0, seconds)
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 2 * _MINUTE:
        return f"{int(seconds)} s"
    if seconds < 2 * _HOUR:
        return f"{int(seconds // _MINUTE)} min"
    if seconds < 2 * _DAY:
        return f"{int(seconds // _HOUR)} h"
    return f"{int(seconds // _DAY)} d"


def latency(seconds: float) -> str:
    """Returns an answer's time: `9 ms`, `840 ms`, `1.2 s`."""
    if seconds < 1:
        return f"{max(0, round(seconds * 1000))} ms" if seconds < 0.9995 else "1.0 s"
    return f"{seconds:.1f} s"


def age(seconds: float) -> str:
    """Returns an age in kubectl's buckets: `9s`, `2m5s`, `15m`, `3h20m`, `23h`, `2d4h`, `12d`, `2y80d`.

    The bucket limits are those of Kubernetes' duration.HumanDuration, so that both tools say the same of one pod.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    whole = max(0, whole)
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    if whole < 8 * _HOUR:
        return _age_in_minutes(whole)
    if whole < 2 * _DAY:
        return f"{whole // _HOUR}h"
    if whole < 8 * _DAY:
        return _two(whole // _DAY, "d", whole // _HOUR % 24, "h")
    if whole < 2 * _YEAR:
        return f"{whole // _DAY}d"
    if whole < 8 * _YEAR:
        return _two(whole // _YEAR, "y", whole // _DAY % 365, "d")
    return f"{whole // _YEAR}y"


def _age_in_minutes(whole: int) -> str:
    minutes = whole // _MINUTE
    if minutes < 10:
        return _two(minutes, "m", whole % _MINUTE, "s")
    if minutes < 3 * 60:
        return f"{minutes}m"
    return _two(whole // _HOUR, "h", minutes % 60, "m")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def short_age(seconds: float) -> str:
    """Returns an age in one unit with a space, for narrow columns: `9 s`, `7 m`, `3 h`, `12 d`."""
    whole = max(0, int(seconds))
    if whole < 2 * _MINUTE:
        return f"{whole} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE} m"
    if whole < 2 * _DAY:
        return f"{whole // _HOUR} h"
    return f"{whole // _DAY} d"
