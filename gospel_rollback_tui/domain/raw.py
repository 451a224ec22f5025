"""Reads values out of JSON from outside that may lack anything or hold the wrong type.

Every function answers with an empty value rather than an error: one mistyped field must not hide a whole object.
"""

from collections.abc import Mapping
from datetime import datetime

from gospel_rollback_tui.domain.text import clean

JsonObject = Mapping[str, object]
"""A JSON object as parsed; never changed after it was read."""

_NOTHING: JsonObject = {}


def child(value: object, *path: str) -> JsonObject:
    """Returns the object at that path, or an empty one."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else _NOTHING


def children(value: object, *path: str) -> tuple[JsonObject, ...]:
    """Returns the objects of the list at that path; members that are no objects are left out."""
    found = child(value, *path[:-1]).get(path[-1]) if path else value
    return tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list | tuple) else ()


def text(value: object, limit: int = 4000) -> str:
    """Returns a text in one harmless line; numbers are written out, everything else is empty."""
    if isinstance(value, str):
        return clean(value, limit)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def number(value: object, default: int = 0) -> int:
    """Returns a whole number, also from a text of digits; anything else is the default."""
    if isinstance(value, bool):
        return default
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return default
    return default


def flag(value: object, *, default: bool = False) -> bool:
    """Returns a boolean; anything else is the default."""
    return value if isinstance(value, bool) else default


def moment(value: object) -> float | None:
    """Returns an RFC 3339 time as seconds since the epoch, or None."""
    if not isinstance(value, str):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return parsed.timestamp() if parsed.tzinfo is not None else None


def pairs(value: object, *path: str) -> tuple[tuple[str, str], ...]:
    """Returns the entries of a map of texts, e.g. labels, in order of their names."""
    return tuple(sorted((text(name), text(held)) for name, held in child(value, *path).items()))
