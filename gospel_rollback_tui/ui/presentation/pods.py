"""The pods pane, and pods by service in a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_order import urgency
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.feeds import believable, title
from gospel_rollback_tui.ui.presentation.lines import Room, cell, fit, line, start
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, FOLDED, GOOD, SIGN_OF_VERDICT, UNKNOWN, WAITING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import EstateSnapshot, PodRow

_AGE = 5
_RESTARTS = 9


def pods_pane(glance: Glance, room: Room, services: tuple[str, ...] = ()) -> list[Content]:
    """Returns the pods of those services, or of all; failing first, healthy ones folded into a count when room is short."""
    snapshot = glance.snapshot
    pods = snapshot.pods if snapshot else None
    now = glance.now
    rows = [row for row in (pods.rows if pods else ()) if not services or row.service in services]
    lines = [title("Pods", pods, now.monotonic, room, ", ".join(services) if services else "every service")]
    if pods is None or not rows:
        return [*lines, line(("none seen" if believable(pods, now.monotonic) else "not known", "dim"))]
    known = pods.known(now.monotonic)
    lines.append(_head(room.width, wide=not services))
    rows.sort(key=urgency)
    shown, folded = _folded(rows, room.height - 2)
    lines += [_row(row, glance, room.width, known=known, wide=not services) for row in shown]
    if folded:
        healthy = all(row.verdict is Verdict.GOOD for row in folded)
        sign = line((GOOD, "good")) if healthy and known else line((FOLDED, "dim"))
        lines.append(line(sign, f" {len(folded):,} more", (" ready" if healthy else "", "dim")))
    return lines


def _folded(rows: list[PodRow], space: int) -> tuple[list[PodRow], list[PodRow]]:
    if len(rows) <= space:
        return rows, []
    keep = max(1, space - 1)
    return rows[:keep], rows[keep:]


def _widths(width: int, *, wide: bool) -> tuple[int, int, int]:
    """Returns the widths of (pod, revision, state)."""
    pod, revision = (20, 5) if wide else (7, 4)
    return pod, revision, max(8, width - 2 - pod - revision - _RESTARTS - _AGE)


def _head(width: int, *, wide: bool) -> Content:
    pod, revision, state = _widths(width, wide=wide)
    return line(
        "  ",
        cell("pod", pod, "dim"),
        cell("rev", revision, "dim"),
        cell("state", state, "dim"),
        cell("restarts", _RESTARTS, "dim", right=True),
        cell("age", _AGE, "dim", right=True),
    )


def sign_of(row: PodRow, *, known: bool) -> tuple[str, str]:
    """Returns a pod's sign and its style; of one that may be frozen, the question mark."""
    if not known:
        return UNKNOWN, "warn"
    if row.leaving:
        return WAITING, "dim"
    if row.verdict is Verdict.UNKNOWN:
        return FOLDED, "warn"
    return SIGN_OF_VERDICT[row.verdict]


def _row(row: PodRow, glance: Glance, width: int, *, known: bool, wide: bool) -> Content:
    pod, revision, state = _widths(width, wide=wide)
    name = f"{row.service} {row.short}" if wide else row.short
    role = "text" if known else "dim"
    bad = known and row.verdict is Verdict.BAD
    return line(
        sign_of(row, known=known),
        " ",
        cell(name, pod, role),
        cell("?" if row.revision is None else str(row.revision), revision, role if row.newest is not False else "dim"),
        cell(start(row.state, state - 1), state, "bad" if bad else "dim" if row.leaving else role),
        cell(str(row.restarts), _RESTARTS, "bad" if known and row.restarts and not row.ready else role, right=True),
        cell(short_age(glance.cluster_wall - row.created), _AGE, "dim", right=True),
    )


def service_lines(glance: Glance, width: int, height: int) -> list[Content]:
    """Returns one line a service: how many of its pods are ready of how many wanted; lacking ones first."""
    snapshot = glance.snapshot
    services = [service.name for service in glance.desk.environment.services]
    found = [(service, *_ready(snapshot, service, glance.now.monotonic)) for service in services]
    found.sort(key=lambda entry: (entry[1] is Verdict.GOOD, services.index(entry[0])))
    lines: list[Content] = []
    name = max(8, width - 12)
    for service, verdict, words in found:
        sign, role = SIGN_OF_VERDICT[verdict]
        lines.append(line((sign, role), " ", cell(service, name, "text"), cell(words, 10, role if verdict is Verdict.BAD else "text", right=True)))
    if len(lines) > height > 0:
        rest = len(lines) - height + 1
        lines = [*lines[: height - 1], line((FOLDED, "dim"), f" {rest} more")]
    return lines


def headline(glance: Glance) -> Content:
    """Returns the pods in a few words: `✓ 12 of 12`, or the services that lack some."""
    snapshot = glance.snapshot
    if snapshot is None or not snapshot.pods.known(glance.now.monotonic):
        return line((UNKNOWN, "warn"), (" not known", "warn"))
    ready = wanted = 0
    lacking: list[str] = []
    for service in glance.desk.environment.services:
        row = snapshot.rollout.of(service.name)
        standing = sum(pod.ready and not pod.leaving for pod in snapshot.pods.of(service.name))
        want = row.desired if row else standing
        ready += min(standing, want)
        wanted += want
        if standing < want:
            lacking.append(service.name)
    if not wanted and not snapshot.pods.rows:
        return line((UNKNOWN, "warn"), " none seen")
    if lacking:
        return line((f"{BAD} {ready} of {wanted}", "bad"), f" {fit(', '.join(lacking), 24)}")
    return line((GOOD, "good"), f" {ready} of {wanted}")


def _ready(snapshot: EstateSnapshot | None, service: str, now: float) -> tuple[Verdict, str]:
    if snapshot is None or not snapshot.pods.known(now):
        return Verdict.UNKNOWN, "unknown"
    pods = snapshot.pods.of(service)
    row = snapshot.rollout.of(service)
    ready = sum(pod.ready and not pod.leaving for pod in pods)
    if row is None:
        return (Verdict.UNKNOWN, "not seen") if not pods else (Verdict.UNKNOWN, f"{ready} ready")
    if ready < row.desired:
        return Verdict.BAD, f"{ready} of {row.desired}"
    return Verdict.GOOD, "scaled to 0" if row.desired == 0 else f"{ready} of {row.desired}"
