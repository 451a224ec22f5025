"""Sync windows: which of a project's windows are open at a moment, and whether an Application may be synced then.

Rules: Argo CD 3.2. A deny window that is open wins over everything, unless every open one lets manual syncs through;
where there are allow windows and none is open, nothing is synced.
"""

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.documents import Json

_SHOWN = ("kind", "schedule", "duration")
_CRON_RANGES = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(h|m|s)")
_SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0}


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows that are assigned to an Application, and those of them that are open."""

    assigned: tuple[Json, ...]
    active: tuple[Json, ...]

    def can_sync(self, *, manual: bool) -> bool:
        """Whether a sync may start now."""
        denying = [window for window in self.active if window["kind"] == "deny"]
        if denying:
            return manual and all(window.get("manualSync") for window in denying)
        allowing = [window for window in self.assigned if window["kind"] == "allow"]
        if not allowing or any(window in self.active for window in allowing):
            return True
        return manual and all(window.get("manualSync") for window in allowing)

    def shown(self) -> Json:
        """Return the answer of the API."""
        answer: Json = {}
        if self.active:
            answer["activeWindows"] = [_shown(window) for window in self.active]
        if self.assigned:
            answer["assignedWindows"] = [_shown(window) for window in self.assigned]
        return {**answer, "canSync": True} if self.can_sync(manual=True) else {**answer, "canSync": False}


def windows_of(project: Json, application: Json, now: datetime) -> Windows:
    """Return the windows of a project that mean an Application."""
    assigned = tuple(window for window in project["spec"].get("syncWindows", []) if _means(window, application))
    return Windows(assigned, tuple(window for window in assigned if is_open(window, now)))


def is_open(window: Json, now: datetime) -> bool:
    """Whether a window has started less than its duration ago."""
    length = timedelta(seconds=_seconds(window["duration"]))
    start = now.astimezone(UTC).replace(second=0, microsecond=0)
    while start > now - length:
        if cron_matches(window["schedule"], start):
            return True
        start -= timedelta(minutes=1)
    return False


def cron_matches(schedule: str, minute: datetime) -> bool:
    """Whether a cron expression of five fields starts at that minute; Sunday is 0."""
    values = (minute.minute, minute.hour, minute.day, minute.month, minute.isoweekday() % 7)
    fields = schedule.split()
    return len(fields) == len(values) and all(_field_matches(field, *bounds, value) for field, bounds, value in zip(fields, _CRON_RANGES, values, strict=True))


def _field_matches(field: str, lowest: int, highest: int, value: int) -> bool:
    return any(value in _range(part, lowest, highest) for part in field.split(","))


def _range(part: str, lowest: int, highest: int) -> range:
    span, _, step = part.partition("/")
    first, _, last = ("", "", "") if span == "*" else span.partition("-")
    start = int(first) if first else lowest
    end = int(last) if last else start if first and not step else highest
    return range(start, end + 1, int(step) if step else 1)


def _seconds(duration: str) -> float:
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(duration))


def _means(window: Json, application: Json) -> bool:
    destination = application["spec"]["destination"]
    subjects: tuple[tuple[str, Sequence[str]], ...] = (
        ("applications", (application["metadata"]["name"],)),
        ("namespaces", (destination.get("namespace", ""),)),
        ("clusters", (destination.get("server", ""), destination.get("name", ""))),
    )
    return any(fnmatch.fnmatchcase(value, pattern) for kind, values in subjects for pattern in window.get(kind, []) for value in values if value)


def _shown(window: Json) -> Json:
    return {**{name: window[name] for name in _SHOWN}, "manualSync": bool(window.get("manualSync"))}
