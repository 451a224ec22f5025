"""JSON documents as the API server keeps them: copying, comparing, printing, and their clock.

A stored document is never changed in place: whoever wants another one copies it first.
"""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object; values are what `json.loads` yields."""

JsonValue: TypeAlias = Any
"""Any JSON value: its shape is the client's business until it was validated."""


class Clock(Protocol):
    """Where the simulated cluster takes its time from."""

    def now(self) -> datetime:
        """Return the time of day, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the time of day, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()


def copy_json(value: JsonValue) -> JsonValue:
    """Return a deep copy of a JSON value."""
    if isinstance(value, dict):
        return {key: copy_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_json(item) for item in value]
    return value


def equal_json(left: JsonValue, right: JsonValue) -> bool:
    """Compare two JSON values, telling `true` from `1` as JSON does and Python does not."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal_json(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal_json(one, other) for one, other in zip(left, right, strict=True))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def compact(value: JsonValue) -> bytes:
    """Print a JSON value on one line, without blanks."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def canonical(value: JsonValue) -> bytes:
    """Print a JSON value so that equal values print alike."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def digest(value: JsonValue) -> str:
    """Return the SHA-256 of a value's canonical form in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def timestamp(moment: datetime) -> str:
    """Print a moment as `metav1.Time` does: whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro_timestamp(moment: datetime) -> str:
    """Print a moment as `metav1.MicroTime` does: six decimals, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_timestamp(text: str) -> datetime:
    """Read an RFC 3339 time.

    Raises:
        ValueError: the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"no time zone in {text!r}")
    return moment.astimezone(UTC)
