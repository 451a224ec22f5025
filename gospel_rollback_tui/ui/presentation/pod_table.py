"""The pods pane alone: a window on a list that may have thousands of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_order import Grouping, PodGroup
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.pod_list import PodList, words
from gospel_rollback_tui.ui.presentation.feeds import believable, title
from gospel_rollback_tui.ui.presentation.lines import Part, Room, cell, line, start
from gospel_rollback_tui.ui.presentation.places import node_lines, node_of, place_lines
from gospel_rollback_tui.ui.presentation.pods import sign_of
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, GOOD, UNKNOWN

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.nodes import NodeVerdict
    from gospel_rollback_tui.domain.snapshots import PodRow

_REVISION = 5
_RESTARTS = 9
_AGE = 6
_NODE = 18
_STATE = 22
_STATE_NAMED = 18
"""Cells of the state where the namespace takes some."""
_NAMESPACE = 13
_NAMESPACE_WIDE = 21
_LONGEST_POD = 52
_WIDE = 110
"""Cells from which the node has a column; below, it stands in the pod's detail."""


def pod_table(glance: Glance, room: Room, pods: PodList) -> list[Content]:
    """Returns title, column heads, the rows in the window with the chosen one marked, and where the window is."""
    now = glance.now.monotonic
    snapshot = glance.snapshot.pods if glance.snapshot else None
    if snapshot is None:
        pods.take(())
    else:
        pods.take(snapshot.rows, snapshot.further, several=bool(snapshot.places))
    known = believable(snapshot, now)
    lines = [title("Pods", snapshot, now, room, _subject(pods) if known or pods.total else "")]
    lines += [*place_lines(glance, room.width), *node_lines(glance, room.width)]
    if snapshot is None or not pods.listed:
        nothing = "none of them" if pods.total else "none seen" if known else "not known"
        return [*lines, line((nothing, "dim"))]
    space = max(1, room.height - 2 - len(lines))
    indent = 2 if pods.view.grouping is not Grouping.NOTHING else 0
    columns = _columns(room.width - indent, named=bool(snapshot.places) and pods.view.grouping is not Grouping.NAMESPACE)
    lines.append(line(" " * indent, _head(columns)))
    for number, entry in pods.seen(space):
        if isinstance(entry, PodGroup):
            made = _heading(entry, room.width, known=all(snapshot.knows(name, now) for name in entry.namespaces or ("",)))
        else:
            made = line(" " * indent, _row(entry, glance, columns, known=snapshot.knows(entry.namespace, now)))
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


@dataclass(frozen=True, slots=True)
class _Columns:
    """Widths in cells; 0: the column is left out."""

    namespace: int
    pod: int
    state: int
    node: int


def _columns(width: int, *, named: bool) -> _Columns:
    """Returns the widths; `named`: with the namespace of each pod."""
    node = _NODE if width >= _WIDE else 0
    namespace = (_NAMESPACE_WIDE if width >= _WIDE else _NAMESPACE) if named else 0
    rest = width - 2 - namespace - _REVISION - _RESTARTS - _AGE - node
    pod = min(_LONGEST_POD, max(20, rest - (_STATE_NAMED if named else _STATE)))
    return _Columns(namespace, pod, max(8, rest - pod), node)


def _head(columns: _Columns) -> Content:
    first: list[Part] = [cell("namespace", columns.namespace - 1, "dim"), " "] if columns.namespace else []
    further: list[Part] = [cell("  node", columns.node, "dim")] if columns.node else []
    return line(
        "  ",
        *first,
        cell("pod", columns.pod, "dim"),
        cell("rev", _REVISION, "dim"),
        cell("state", columns.state, "dim"),
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


def _name(row: PodRow, columns: _Columns) -> str:
    """Returns the pod's name; where the namespace leaves too little room for it, its service and the end that tells it from its siblings."""
    short = columns.namespace and not columns.node and row.service and len(row.name) > columns.pod - 1
    return f"{row.service} {row.short}" if short else row.name


def _state(row: PodRow, node: NodeVerdict | None, width: int) -> str:
    """Returns the pod's state and its node's where that is unwell; the node's alone where both do not fit and the pod has no trouble of its own."""
    if node is None:
        return row.state
    both = f"{row.state} · node {node.health.value}"
    return f"node {node.health.value}" if len(both) > width and row.state in ("Ready", "Not ready", "Starting") else both


def _row(row: PodRow, glance: Glance, columns: _Columns, *, known: bool) -> Content:
    role = "text" if known else "dim"
    bad = known and row.verdict is Verdict.BAD
    node = node_of(glance, row)
    state = _state(row, node, columns.state - 1)
    first: list[Part] = [cell(row.namespace, columns.namespace - 1, "dim" if row.service else role), " "] if columns.namespace else []
    further: list[Part] = [cell(f"  {row.node}", columns.node, "warn" if node else "dim")] if columns.node else []
    revision = "" if not row.service else "?" if row.revision is None else str(row.revision)
    return line(
        sign_of(row, known=known),
        " ",
        *first,
        cell(_name(row, columns), columns.pod - 1, role),
        " ",
        cell(revision, _REVISION, role if row.newest is not False else "dim"),
        cell(start(state, columns.state - 1), columns.state, "bad" if bad else "dim" if row.leaving else "warn" if node else role),
        cell(str(row.restarts), _RESTARTS, "bad" if known and row.restarts and not row.ready else role, right=True),
        cell(short_age(glance.cluster_wall - row.created), _AGE, "dim", right=True),
        *further,
    )
