"""The live strip below triage, wizard and verdict: pods, health and errors side by side, or their headlines in a line."""

from textual.content import Content

from gospel_rollback_tui.ui.presentation import health, logs, pods
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import Room, beside, line
from gospel_rollback_tui.ui.sight import Glance

_GAP = 4


def live_strip(glance: Glance, room: Room) -> list[Content]:
    """Returns three columns, each with its title, age and state."""
    snapshot = glance.snapshot
    now = glance.now.monotonic
    first = min(28, (room.width - 2 * _GAP) // 3)
    second = min(46, (room.width - 2 * _GAP - first) // 2)
    third = min(46, room.width - 2 * _GAP - first - second)
    height = max(1, room.height - 1)
    columns = [
        ([title("Pods", snapshot.pods if snapshot else None, now, Room(first, 1)), *pods.service_lines(glance, first, height)], first),
        ([title("Health", snapshot.health if snapshot else None, now, Room(second, 1)), *health.health_lines(glance, second, height)], second),
        ([title("Errors in logs", snapshot.logs if snapshot else None, now, Room(third, 1)), *logs.error_lines(glance, third, height)], third),
    ]
    return beside(columns, _GAP)


def headlines(glance: Glance, width: int) -> Content:
    """Returns pods, health and errors in one line."""
    return line(
        ("Pods ", "strong"), pods.headline(glance), "   ", ("Health ", "strong"), health.headline(glance), "   ", ("Errors ", "strong"), logs.headline(glance)
    ).truncate(width, ellipsis=True)
