"""Everything that is known of one pod: conditions, containers and how they ended, its events, its last log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

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

LOG_LINES = 12
"""Last lines of the pod that are shown; the logs pane has the others."""


def pod_detail(glance: Glance, row: PodRow, width: int) -> list[Content]:
    """Returns the pod as it is now; one that is gone is shown as it was last seen, and said to be gone."""
    snapshot = glance.snapshot
    if snapshot is None:
        return [line(("not known", "dim"))]
    present = next((one for one in snapshot.pods.rows if one.uid == row.uid), None)
    shown = present or row
    known = snapshot.pods.known(glance.now.monotonic)
    lines = [line(sign_of(shown, known=known and present is not None), f" {shown.state}", (f"  {standing(snapshot.pods, glance.now.monotonic)}", "dim"))]
    if present is None:
        lines.append(line(("It is gone; this is how it was last seen.", "warn")))
    told = {state.message for state in shown.pod.containers + shown.pod.init_containers} if shown.pod else set()
    if shown.message and shown.message not in told:
        lines += wrapped(shown.message, width, "text")
    lines += [EMPTY, *_facts(shown, glance, width)]
    if shown.pod is not None:
        lines += [EMPTY, line(("Containers", "strong")), *_containers(shown.pod, glance, width)]
        lines += [EMPTY, line(("Conditions", "strong")), *_conditions(shown.pod, glance, width)]
    return [*lines, EMPTY, line(("Events", "strong")), *_events(snapshot, shown, glance, width), EMPTY, *_logs(snapshot, shown, width)]


def _facts(row: PodRow, glance: Glance, width: int) -> list[Content]:
    revision = "unknown" if row.revision is None else f"{row.revision}{', the current one' if row.newest else ', an older one' if row.newest is False else ''}"
    facts = (
        ("Service", row.service),
        ("Revision", revision),
        ("Image", row.image),
        ("Node", row.node or "none yet"),
        ("Created", f"{short_age(glance.cluster_wall - row.created)} ago" if row.created else "not told"),
    )
    return [made for label, text in facts for made in labelled(label, text, width)]


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
    found = [event for event in snapshot.events.rows if event.uid == row.uid or (not event.uid and event.kind == "Pod" and event.name == row.name)]
    if found:
        return [made for event in found for made in event_lines(event, glance.cluster_wall, width)]
    known = snapshot.events.known(glance.now.monotonic)
    return [line(("none seen" if known else f"not known: {standing(snapshot.events, glance.now.monotonic)}", "dim"))]


def _logs(snapshot: EstateSnapshot, row: PodRow, width: int) -> list[Content]:
    found = [one for one in snapshot.logs.lines if one.pod == row.name][-LOG_LINES:]
    if found:
        return [line(("Last log lines", "strong")), *(log_line(one, width) for one in found)]
    why = "it is beyond the limit of streams" if row.name in snapshot.logs.not_followed else f"none here of {row.service}"
    return [line(("Last log lines", "strong"), (f"  {why}", "dim"))]
