"""What stands around the pods of the services: nodes that are unwell, and namespaces beside theirs that cannot be believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.namespaces import troubled
from gospel_rollback_tui.ui.presentation.lines import line
from gospel_rollback_tui.ui.signs import UNKNOWN, WARNING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.nodes import NodeVerdict
    from gospel_rollback_tui.domain.snapshots import PodRow
    from gospel_rollback_tui.ui.sight import Glance

NAMED = 2
"""Nodes or namespaces that a line names; of more it says how many."""


def place_lines(glance: Glance, width: int, *, events: bool = False) -> list[Content]:
    """Returns a line for the further namespaces whose pods, or `events`, cannot be believed, by name and with why; empty: all can."""
    snapshot = glance.snapshot
    said = troubled(snapshot.pods.places, glance.now.monotonic, events=events) if snapshot else ()
    if not said:
        return []
    more = f"  and {len(said) - NAMED} more" if len(said) > NAMED else ""
    words = line((f"{UNKNOWN} ", "warn"), ("  ".join(said[:NAMED]), "warn")).truncate(width - len(more), ellipsis=True)
    return [line(words, (more, "warn"))]


def node_words(glance: Glance) -> str:
    """Returns which nodes are unwell, e.g. `1 of 3 nodes silent: ip-10-0-12-87`; empty: none, or none is known."""
    nodes = glance.snapshot.nodes if glance.snapshot else None
    if nodes is None or not nodes.unwell or not nodes.known(glance.now.monotonic):
        return ""
    worst = [node for node in nodes.unwell if node.health is nodes.unwell[0].health]
    named = ", ".join(node.name for node in worst[:NAMED]) + (f" and {len(worst) - NAMED} more" if len(worst) > NAMED else "")
    others = len(nodes.unwell) - len(worst)
    return f"{len(worst)} of {nodes.total} nodes {worst[0].health.value}: {named}{f'; {others} unwell otherwise' if others else ''}"


def node_lines(glance: Glance, width: int) -> list[Content]:
    """Returns a line for the nodes that are unwell; empty: none is, or none is known."""
    words = node_words(glance)
    return [line((f"{WARNING} {words}", "warn")).truncate(width, ellipsis=True)] if words else []


def node_of(glance: Glance, row: PodRow) -> NodeVerdict | None:
    """Returns the verdict on a pod's node; None: nothing is wrong with it, or nothing is known."""
    nodes = glance.snapshot.nodes if glance.snapshot else None
    return nodes.of(row.node) if nodes is not None and nodes.unwell and nodes.known(glance.now.monotonic) else None
