"""Everything that is known of one pod: conditions, containers and how they ended, its events, its last log lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.namespaces import place_of
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.events import event_lines
from gospel_rollback_tui.ui.presentation.feeds import standing
from gospel_rollback_tui.ui.presentation.lines import EMPTY, labelled, line, wrapped
from gospel_rollback_tui.ui.presentation.logs import log_line
from gospel_rollback_tui.ui.presentation.pods import sign_of
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, GOOD, WAITING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.pod_state import ContainerState, PodState
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot, PodRow
    from gospel_rollback_tui.ui.asked_log import AskedLog

LOG_LINES = 12
"""Last lines of the pod that are shown; the logs pane has the others."""


def pod_detail(glance: Glance, row: PodRow, width: int, log: AskedLog | None = None) -> list[Content]:
    """Returns the pod as it is now; one that is gone is shown as it was last seen, and said to be gone.

    `log` holds the last lines of a pod whose log no feed follows.
    """
    snapshot = glance.snapshot
    if snapshot is None:
        return [line(("not known", "dim"))]
    now = glance.now.monotonic
    place = place_of(snapshot.pods.places, row.namespace)
    pods = snapshot.pods if place is None else replace(snapshot.pods, status=place.pods)
    present = next((one for one in (pods.rows if place is None else pods.further) if one.uid == row.uid), None)
    shown = present or row
    known = pods.known(now)
    lines = [line(sign_of(shown, known=known and present is not None), f" {shown.state}", (f"  {standing(pods, now)}", "dim"))]
    if present is None:
        lines.append(line(("It is gone; this is how it was last seen.", "warn")))
    told = {state.message for state in shown.pod.containers + shown.pod.init_containers} if shown.pod else set()
    if shown.message and shown.message not in told:
        lines += wrapped(shown.message, width, "text")
    lines += [EMPTY, *_facts(shown, glance, width)]
    if shown.pod is not None:
        lines += [EMPTY, line(("Containers", "strong")), *_containers(shown.pod, glance, width)]
        lines += [EMPTY, line(("Conditions", "strong")), *_conditions(shown.pod, glance, width)]
    return [*lines, EMPTY, line(("Events", "strong")), *_events(snapshot, shown, glance, width), EMPTY, *_logs(snapshot, shown, width, log)]


def _facts(row: PodRow, glance: Glance, width: int) -> list[Content]:
    revision = "unknown" if row.revision is None else f"{row.revision}{', the current one' if row.newest else ', an older one' if row.newest is False else ''}"
    facts = (
        *((("Service", row.service), ("Revision", revision)) if row.service else (("Service", "none of the environment's: it is shown, not judged"),)),
        ("Namespace", row.namespace or glance.desk.environment.cluster.namespace),
        ("Image", row.image),
        ("Node", _node(row, glance)),
        ("Created", f"{short_age(glance.cluster_wall - row.created)} ago" if row.created else "not told"),
    )
    return [made for label, text in facts for made in labelled(label, text, width)]


def _node(row: PodRow, glance: Glance) -> str:
    """Returns the pod's node with what is wrong with it, or why nothing is known of it."""
    nodes = glance.snapshot.nodes if glance.snapshot else None
    if not row.node:
        return "none yet"
    if nodes is None:
        return row.node
    if not nodes.known(glance.now.monotonic):
        return f"{row.node}: nothing is known of it, {standing(nodes, glance.now.monotonic)}"
    unwell = nodes.of(row.node)
    version = f" (kubelet {nodes.kubelets[row.node]})" if nodes.kubelets.get(row.node) else ""
    if row.node not in nodes.kubelets:
        return f"{row.node}: there is no such node any more"
    if unwell is None:
        return f"{row.node}{version}: ready"
    ago = "" if unwell.since is None else f" for {short_age(glance.cluster_wall - unwell.since)}"
    return f"{row.node}{version}: {unwell.words}{ago if not unwell.serves else ''}{': ' + unwell.message if unwell.message else ''}"


def _containers(pod: PodState, glance: Glance, width: int) -> list[Content]:
    seen = (*pod.init_containers, *pod.containers)
    if not seen:
        return [line(("none has a state yet", "dim"))]
    return [made for state in seen for made in _container(state, glance, width)]


def _container(state: ContainerState, glance: Glance, width: int) -> list[Content]:
    ended_well = state.is_terminated and state.exit_code == 0 and not state.signal
    sign = (f"{GOOD} ", "good") if state.ready or ended_well else (f"{BAD} ", "bad") if state.is_terminated or state.waiting else (f"{WAITING} ", "dim")
    restarts = f", {state.restarts} restarts" if state.restarts else ""
    lines = wrapped(f"{state.name}  {_doing(state, glance)}{restarts}", width, "text", first=line(sign), indent=2)
    if state.message:
        lines += wrapped(state.message, width, "dim", first=line("  "), indent=2)
    if state.last_reason or state.last_ended is not None:
        ago = "" if state.last_ended is None else f" {short_age(glance.cluster_wall - state.last_ended)} ago"
        before = f"the run before ended{ago}: {state.last_reason or 'no reason given'}, exit code {state.last_exit_code}"
        lines += wrapped(before, width, "dim", first=line("  "), indent=2)
    return lines


def _doing(state: ContainerState, glance: Glance) -> str:
    if state.is_running:
        since = "" if state.running_since is None else f" for {short_age(glance.cluster_wall - state.running_since)}"
        return f"runs{since}, {'ready' if state.ready else 'not ready'}"
    if state.is_terminated:
        how = f"signal {state.signal}" if state.signal else f"exit code {state.exit_code}"
        return f"ended: {state.ended or 'no reason given'}, {how}"
    return f"waits: {state.waiting or 'no reason given'}"


def _conditions(pod: PodState, glance: Glance, width: int) -> list[Content]:
    lines: list[Content] = []
    for condition in pod.conditions:
        ago = "" if condition.changed is None else f" for {short_age(glance.cluster_wall - condition.changed)}"
        said = " ".join(part for part in (condition.reason, condition.message) if part)
        words = f"{condition.type} {condition.status}{ago}{': ' + said if said else ''}"
        sign = (f"{GOOD} ", "good") if condition.status == "True" else (f"{BAD} ", "bad") if condition.status == "False" else ("? ", "warn")
        lines += wrapped(words, width, "text", first=line(sign), indent=2)
    return lines or [line(("none told", "dim"))]


def _events(snapshot: EstateSnapshot, row: PodRow, glance: Glance, width: int) -> list[Content]:
    place = place_of(snapshot.pods.places, row.namespace)
    events = snapshot.events if place is None else replace(snapshot.events, rows=snapshot.events.further, status=place.events)
    found = [event for event in events.rows if event.uid == row.uid or (not event.uid and event.kind == "Pod" and event.name == row.name)]
    if found:
        return [made for event in found for made in event_lines(event, glance.cluster_wall, width)]
    nothing = "none seen" if place is None else "no warnings seen"
    known = events.known(glance.now.monotonic)
    return [line((nothing if known else f"not known: {standing(events, glance.now.monotonic)}", "dim"))]


def _logs(snapshot: EstateSnapshot, row: PodRow, width: int, log: AskedLog | None) -> list[Content]:
    if log is not None:
        return [line(("Last log lines", "strong"), (f"  {log.words}", "dim")), *(line((text, "text")).truncate(width, ellipsis=True) for text in log.lines)]
    found = [one for one in snapshot.logs.lines if one.pod == row.name][-LOG_LINES:]
    if found:
        return [line(("Last log lines", "strong")), *(log_line(one, width) for one in found)]
    why = "it is beyond the limit of streams" if row.name in snapshot.logs.not_followed else f"none here of {row.service}"
    return [line(("Last log lines", "strong"), (f"  {why}", "dim"))]
