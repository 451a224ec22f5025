"""The metrics pane: each metric's value against what was usual before the incident, worse ones first; a few words of it for other rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.metrics import Standing, change_words, judge_metric, spark_values, value_words
from gospel_rollback_tui.ui.presentation.feeds import believable, title
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, cell, labelled, line, start, wrapped
from gospel_rollback_tui.ui.presentation.times import short_hour
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, FOLDED, GOOD, SPARKS, UNKNOWN, WARNING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.metrics import MetricSeries, MetricState
    from gospel_rollback_tui.domain.snapshots import MetricsSnapshot

SPARK_CELLS = 12
WIDE, WIDE_SPARK_CELLS = 100, 30
"""Cells of a room from which a sparkline has a cell for every minute."""
SPARK_SECONDS = 1800.0
"""Time that a sparkline spans, up to the newest sample."""
_NUMBER = 9
_USUAL = 13
_CHANGE = 6
_SIGN = {Standing.WORSE: (BAD, "bad"), Standing.BETTER: (WARNING, "warn"), Standing.UNKNOWN: (UNKNOWN, "warn"), Standing.BACK: (GOOD, "good")}
_ORDER = (Standing.WORSE, Standing.BETTER, Standing.UNKNOWN, Standing.BACK)


def metrics_pane(glance: Glance, room: Room, needle: str = "") -> list[Content]:
    """Returns each metric with its value, its last half hour, what was usual, and how it stands; below, where the dashboard is."""
    snapshot = _snapshot(glance)
    if glance.snapshot is not None and snapshot is None:
        words = "No Prometheus is configured: write `prometheus: https://…` in this environment's part of the configuration."
        return [line(("Metrics", "strong")), *wrapped(words, room.width, "dim")]
    since = onset_of(glance)
    subject = f"against the hour before {short_hour(since)}" if since else "no onset known: against the last hours' median"
    lines = [title("Metrics", snapshot, glance.now.monotonic, room, subject)]
    if snapshot is None:
        return [*lines, line(("not known", "dim"))]
    known = believable(snapshot, glance.now.monotonic)
    if not known and snapshot.status.detail:
        lines += wrapped(snapshot.status.detail, room.width, "warn", first=line((f"{WARNING} ", "warn")), indent=2, limit=2)
    found = [(row, state) for row, state in _judged(glance, snapshot) if needle.lower() in row.query.label.lower()]
    for row, state in found:
        lines += [_row(row, state if known else None, room.width), *_detail(row, state, room.width)]
    if not found:
        lines.append(line(("none", "dim")))
    if snapshot.dashboard:
        lines += [EMPTY, *labelled("Grafana", snapshot.dashboard, room.width), line("          ", ("c", "key"), (" copies the address", "dim"))]
    return lines


def metric_lines(glance: Glance, width: int, limit: int) -> list[Content]:
    """Returns one short line a metric, worst first, in at most `limit` lines; none where no Prometheus is configured."""
    snapshot = _snapshot(glance)
    if snapshot is None or limit <= 0:
        return []
    known = believable(snapshot, glance.now.monotonic)
    rows = [_short(row, state if known else None, width) for row, state in _judged(glance, snapshot)]
    return rows if len(rows) <= limit else [*rows[: limit - 1], line((FOLDED, "dim"), f" {len(rows) - limit + 1} more metrics")]


def onset_of(glance: Glance) -> float:
    """Returns the wall time, by the cluster's clock, at which users began to fail, as the run has it, else as triage sees it; 0: not known."""
    if glance.run is not None and glance.run.onset:
        return glance.run.onset + glance.cluster_wall - glance.now.wall
    symptom = glance.picture.symptom if glance.picture else None
    return symptom.since if symptom else 0.0


def _snapshot(glance: Glance) -> MetricsSnapshot | None:
    return glance.snapshot.metrics if glance.snapshot else None


def _judged(glance: Glance, snapshot: MetricsSnapshot) -> list[tuple[MetricSeries, MetricState]]:
    """Returns every metric with its judgement, worse ones first, otherwise as configured."""
    since = onset_of(glance)
    found = [(row, judge_metric(row, since, glance.now.monotonic)) for row in snapshot.rows]
    return sorted(found, key=lambda pair: _ORDER.index(pair[1].standing))


def _row(row: MetricSeries, state: MetricState | None, width: int) -> Content:
    """Returns a metric's line; without a state nothing is known of now, and only its past is shown."""
    sign, role = _SIGN[state.standing] if state else (UNKNOWN, "warn")
    unit = row.query.unit
    cells = SPARK_CELLS if width < WIDE else WIDE_SPARK_CELLS
    fixed = 2 + _NUMBER + 2 + cells + 2 + _USUAL + _CHANGE
    name = max(12, min(28, width - fixed - 8))
    head = line((sign, role), " ", cell(row.query.label, name, "text"))
    if state is None:
        return line(head, " " * (_NUMBER + 2), (sparkline(row, cells), "dim"), "  ", ("not known", role))
    if state.value is None:
        return line(head, "  ", (start(state.words, max(4, width - name - 4)), role))
    value = cell(value_words(state.value, unit), _NUMBER, role if state.standing is not Standing.BACK else "text", right=True)
    marks = (sparkline(row, cells), role if state.standing is Standing.WORSE else "dim")
    if state.baseline is None:
        rest = line((start(state.words.partition(": ")[2] or state.words.partition(", ")[2], max(4, width - name - _NUMBER - cells - 6)), "dim"))
        return line(head, value, "  ", marks, "  ", rest)
    usual = cell(f"usual {value_words(state.baseline, unit)}", _USUAL, "dim")
    space = max(0, width - name - fixed)
    words = start("" if state.standing is Standing.BACK else state.standing.value.partition(",")[0], space - 1)
    return line(head, value, "  ", marks, "  ", usual, cell(change_words(state), _CHANGE, role, right=True), " ", (words, role))


def _detail(row: MetricSeries, state: MetricState, width: int) -> list[Content]:
    """Returns what stands behind a metric in one line: its limit, what Prometheus warns of, the query."""
    parts = [f"up to {value_words(state.limit, row.query.unit)} counts as usual"] if state.limit is not None else []
    parts += [f"Prometheus warns: {warning}" for warning in row.warnings[:1]]
    return [line("  ", (start(" · ".join([*parts, row.query.promql]), max(8, width - 2)), "dim"))]


def _short(row: MetricSeries, state: MetricState | None, width: int) -> Content:
    sign, role = _SIGN[state.standing] if state else (UNKNOWN, "warn")
    value = value_words(state.value, row.query.unit) if state and state.value is not None else "not known"
    cells = 10 if width >= 36 else 0
    name = max(8, width - 2 - cells - 11)
    return line((sign, role), " ", cell(row.query.label, name, "text"), (sparkline(row, cells), "dim"), cell(value, 11, role, right=True))


def sparkline(row: MetricSeries, cells: int) -> str:
    """Returns the metric's last half hour as bars against its greatest value; what is not known of it stays blank."""
    if not row.history or cells <= 0:
        return " " * cells
    values = spark_values(row.history, row.history[-1].at, SPARK_SECONDS, cells)
    top = max((value for value in values if value is not None), default=0.0)
    return "".join(_bar(value, top) for value in values)


def _bar(value: float | None, top: float) -> str:
    if value is None:
        return " "
    return SPARKS[0] if value <= 0 or top <= 0 else SPARKS[min(len(SPARKS) - 1, round(value / top * (len(SPARKS) - 1)))]
