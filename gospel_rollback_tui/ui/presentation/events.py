"""The namespace's events, warnings first, newest first."""

from textual.content import Content

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import Room, cell, line, wrapped
from gospel_rollback_tui.ui.presentation.places import place_lines
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import WAITING, WARNING


def events_pane(glance: Glance, room: Room, needle: str = "") -> list[Content]:
    """Returns each event with its age, its object and its reason; warnings stand out, those about pods of further namespaces name these."""
    snapshot = glance.snapshot.events if glance.snapshot else None
    lines = [title("Events", snapshot, glance.now.monotonic, room, f"with {needle!r}" if needle else ""), *place_lines(glance, room.width, events=True)]
    above = len(lines)
    told = [("", row) for row in snapshot.rows] + [(f"{row.namespace}/", row) for row in snapshot.further] if snapshot else []
    rows = [(place, row) for place, row in told if needle.lower() in f"{place}{row.name} {row.reason} {row.message}".lower()]
    for place, row in sorted(rows, key=lambda one: (one[1].type != "Warning", -(one[1].last or 0.0))):
        lines += event_lines(row, glance.cluster_wall, room.width, place)
    return lines if len(lines) > above else [*lines, line(("none seen", "dim"))]


def event_lines(row: ClusterEvent, now: float, width: int, place: str = "") -> list[Content]:
    """Returns one event: its age at wall time `now`, its sign, its reason, its object after its `place`, and what it says."""
    age = line(cell(short_age(now - row.last) if row.last else "", 6, "dim", right=True), "  ")
    count = f" ×{row.count}" if row.count > 1 else ""
    sign = (f"{WARNING} ", "warn") if row.type == "Warning" else (f"{WAITING} ", "dim")
    return wrapped(f"{row.reason}{count}  {row.kind} {place}{row.name}: {row.message}", width, "text", first=line(age, sign), indent=10)
