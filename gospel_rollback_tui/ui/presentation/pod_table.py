"""The pods pane alone: a window on a list that may have thousands of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_order import Grouping, PodGroup
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.pod_list import PodList, words
from gospel_rollback_tui.ui.presentation.feeds import believable, title
from gospel_rollback_tui.ui.presentation.lines import Part, Room, cell, line, start
from gospel_rollback_tui.ui.presentation.pods import sign_of
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, GOOD, UNKNOWN

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import PodRow

_REVISION = 5
_RESTARTS = 9
_AGE = 6
_NODE = 18
_STATE = 22
_LONGEST_POD = 52
_WIDE = 110
"""Cells from which the node has a column; below, it stands in the pod's detail."""


def pod_table(glance: Glance, room: Room, pods: PodList) -> list[Content]:
    """Returns title, column heads, the rows in the window with the chosen one marked, and where the window is."""
    snapshot = glance.snapshot.pods if glance.snapshot else None
    pods.take(snapshot.rows if snapshot else ())
    known = believable(snapshot, glance.now.monotonic)
    lines = [title("Pods", snapshot, glance.now.monotonic, room, _subject(pods) if known or pods.total else "")]
    if not pods.listed:
        nothing = "none of them" if pods.total else "none seen" if known else "not known"
        return [*lines, line((nothing, "dim"))]
    space = max(1, room.height - 3)
    indent = 2 if pods.view.grouping is not Grouping.NOTHING else 0
    lines.append(line(" " * indent, _head(room.width - indent)))
    for number, entry in pods.seen(space):
        if isinstance(entry, PodGroup):
            made = _heading(entry, room.width, known=known)
        else:
            made = line(" " * indent, _row(entry, glance, room.width - indent, known=known))
        lines.append(_chosen(made, room.width) if number == pods.cursor else made)
    return [*lines, *([line((_place(pods, space), "dim"))] if pods.listed > space else [])]


def _subject(pods: PodList) -> str:
    needle = pods.view.needle
    counted = f"{pods.listed:,} of {pods.total:,}" if pods.listed != pods.total else f"{pods.total:,}"
    return "  ".join(part for part in (counted + (f" with {needle!r}" if needle else ""), words(pods.view)) if part)


def _place(pods: PodList, space: int) -> str:
    return f"lines {pods.first + 1:,} to {pods.first + space:,}, the cursor on {pods.cursor + 1:,}"


def _chosen(made: Content, width: int) -> Content:
    return made.pad_right(max(0, width - made.cell_length)).stylize("here")


def _widths(width: int) -> tuple[int, int, int]:
    """Returns the widths of (pod, state, node); the last is 0 where there is no room."""
    node = _NODE if width >= _WIDE else 0
    rest = width - 2 - _REVISION - _RESTARTS - _AGE - node
    pod = min(_LONGEST_POD, max(20, rest - _STATE))
    return pod, max(8, rest - pod), node


def _head(width: int) -> Content:
    pod, state, node = _widths(width)
    further: list[Part] = [cell("  node", node, "dim")] if node else []
    return line(
        "  ",
        cell("pod", pod, "dim"),
        cell("rev", _REVISION, "dim"),
        cell("state", state, "dim"),
        cell("restarts", _RESTARTS, "dim", right=True),
        cell("age", _AGE, "dim", right=True),
        *further,
    )


def _heading(group: PodGroup, width: int, *, known: bool) -> Content:
    if not known:
        sign = (f"{UNKNOWN} ", "warn")
    elif group.failing:
        sign = (f"{BAD} ", "bad")
    else:
        sign = (f"{GOOD} ", "good") if group.ready == group.pods else ("  ", "dim")
    failing = f", {group.failing:,} failing" if group.failing else ""
    return line(sign, (group.name, "strong"), (f"  {group.ready:,} of {group.pods:,} ready{failing}", "dim")).truncate(width, ellipsis=True)


def _row(row: PodRow, glance: Glance, width: int, *, known: bool) -> Content:
    pod, state, node = _widths(width)
    role = "text" if known else "dim"
    bad = known and row.verdict is Verdict.BAD
    further: list[Part] = [cell(f"  {row.node}", node, "dim")] if node else []
    return line(
        sign_of(row, known=known),
        " ",
        cell(row.name, pod - 1, role),
        " ",
        cell("?" if row.revision is None else str(row.revision), _REVISION, role if row.newest is not False else "dim"),
        cell(start(row.state, state - 1), state, "bad" if bad else "dim" if row.leaving else role),
        cell(str(row.restarts), _RESTARTS, "bad" if known and row.restarts and not row.ready else role, right=True),
        cell(short_age(glance.cluster_wall - row.created), _AGE, "dim", right=True),
        *further,
    )
