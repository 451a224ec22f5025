"""The live strip below triage, wizard and verdict: pods, health and errors side by side, or their headlines in a line."""

from textual.content import Content

from gospel_rollback_tui.ui.presentation import health, logs, pods
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, beside, line
from gospel_rollback_tui.ui.presentation.metrics import metric_lines
from gospel_rollback_tui.ui.presentation.places import node_lines
from gospel_rollback_tui.ui.sight import Glance

_GAP = 4


def live_strip(glance: Glance, room: Room) -> list[Content]:
    """Returns three columns, each with its title, age and state; metrics below the errors where there is room."""
    snapshot = glance.snapshot
    now = glance.now.monotonic
    first = min(28, (room.width - 2 * _GAP) // 3)
    second = min(46, (room.width - 2 * _GAP - first) // 2)
    third = min(46, room.width - 2 * _GAP - first - second)
    height = max(1, room.height - 1)
    measured = metric_lines(glance, third, height - len(glance.desk.environment.services) - 1)
    errors = logs.error_lines(glance, third, height - len(measured) - 1 if measured else height)
    standing = pods.service_lines(glance, first, height)
    standing += node_lines(glance, first)[: height - len(standing)]
    columns = [
        ([title("Pods", snapshot.pods if snapshot else None, now, Room(first, 1)), *standing], first),
        ([title("Health", snapshot.health if snapshot else None, now, Room(second, 1)), *health.health_lines(glance, second, height)], second),
        ([title("Errors in logs", snapshot.logs if snapshot else None, now, Room(third, 1)), *errors, *([EMPTY, *measured] if measured else [])], third),
    ]
    return beside(columns, _GAP)


def headlines(glance: Glance, width: int) -> Content:
    """Returns pods, health and errors in one line."""
    return line(
        ("Pods ", "strong"), pods.headline(glance), "   ", ("Health ", "strong"), health.headline(glance), "   ", ("Errors ", "strong"), logs.headline(glance)
    ).truncate(width, ellipsis=True)
