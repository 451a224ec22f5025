"""The health pane: symptom and public endpoints first, then each service's health and readiness."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.certificates import NEXT_STEP, ending_words
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.spans import clock, latency, short_age
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import Room, cell, fit, line, start, wrapped
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import FOLDED, GOOD, SIGN_OF_VERDICT, UNKNOWN, WARNING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import HealthRow

_KINDS = {"symptom": 0, "endpoint": 1, "ready": 2, "health": 3}
_TIMING = 9
"""Cells of the column that shows how long an answer took."""
FRESH_SECONDS = 30.0
"""Age from which an answer says nothing about now."""


def health_pane(glance: Glance, room: Room, needle: str = "", *, detailed: bool = False) -> list[Content]:
    """Returns each check with its answer and its time; failing first, healthy ones folded into a count when room is short."""
    snapshot = glance.snapshot.health if glance.snapshot else None
    lines = [title("Health", snapshot, glance.now.monotonic, room)]
    return lines + health_lines(glance, room.width, room.height - 1 if not detailed else 0, needle, detailed=detailed)


def health_lines(glance: Glance, width: int, height: int, needle: str = "", *, detailed: bool = False) -> list[Content]:
    """Returns the checks without a title, in at most `height` lines (0: as many as there are)."""
    rows = sorted(_rows(glance), key=lambda row: (verdict(row, glance) is not Verdict.BAD, verdict(row, glance) is Verdict.GOOD, _KINDS.get(row.kind, 9)))
    rows = [row for row in rows if needle.lower() in f"{row.name} {row.label}".lower()]
    if not rows:
        return [line(("not asked yet", "dim"))]
    shown, folded = (rows, []) if not height or len(rows) <= height else (rows[: height - 1], rows[height - 1 :])
    lines: list[Content] = []
    for row in shown:
        lines.append(_row(row, glance, width))
        if detailed:
            lines += _detail(row, glance, width)
    if folded:
        good = all(verdict(row, glance) is Verdict.GOOD for row in folded)
        lines.append(line((GOOD, "good") if good else (FOLDED, "dim"), f" {len(folded)} more"))
    return lines


def verdict(row: HealthRow, glance: Glance) -> Verdict:
    """Returns the settled verdict, or unknown when the newest answer is too old to count."""
    latest = row.standing.latest
    if latest is None or glance.now.monotonic - latest.at.monotonic > FRESH_SECONDS:
        return Verdict.UNKNOWN
    return row.standing.verdict


def short_label(row: HealthRow) -> str:
    """Returns what the check is called in a narrow column: an endpoint by method and path, a service's check by its name."""
    if row.kind not in ("symptom", "endpoint"):
        return row.name
    method, _, address = row.label.partition(" ")
    _, slash, path = address.partition("/")
    return f"{method} {slash}{path}" if path else row.label


def headline(glance: Glance, width: int = 40) -> Content:
    """Returns the health in a few words: the worst check, and how many others are good."""
    rows = _rows(glance)
    if not rows:
        return line((UNKNOWN, "warn"), (" not known", "warn"))
    bad = [row for row in rows if verdict(row, glance) is Verdict.BAD]
    unknown = [row for row in rows if verdict(row, glance) is Verdict.UNKNOWN]
    good = len(rows) - len(bad) - len(unknown)
    rest = line(" ", (GOOD, "good"), f" {good} more") if good else line("")
    if bad:
        first = min(bad, key=lambda row: _KINDS.get(row.kind, 9))
        more = f" and {len(bad) - 1}" if len(bad) > 1 else ""
        label = fit(short_label(first).removeprefix("GET "), max(8, width - 18))
        return line((f"✗ {label} {_answer(first, glance)}{more}", "bad"), rest)
    if unknown:
        return line((f"{UNKNOWN} {len(unknown)} unknown", "warn"), rest)
    return line((GOOD, "good"), f" {good} of {len(rows)}")


def _rows(glance: Glance) -> list[HealthRow]:
    return list(glance.snapshot.health.rows) if glance.snapshot else []


def _answer(row: HealthRow, glance: Glance, width: int = 40) -> str:
    latest = row.standing.latest
    if latest is None:
        return "not asked"
    if verdict(row, glance) is Verdict.UNKNOWN and latest.verdict is not Verdict.UNKNOWN:
        return f"{short_age(glance.now.monotonic - latest.at.monotonic)} old"
    if latest.status is not None:
        return f"API {latest.status}" if latest.through else str(latest.status)
    fault = latest.certificate.fault if latest.certificate else None
    return fault.value if fault is not None and len(latest.words) > width else latest.words


def _row(row: HealthRow, glance: Glance, width: int) -> Content:
    judged = verdict(row, glance)
    sign, role = SIGN_OF_VERDICT[judged]
    latest = row.standing.latest
    timing = latency(latest.latency) if latest and latest.status is not None else ""
    column = _TIMING if timing else 0  # without a time, the words of the silence take its place
    answer = start(_answer(row, glance, width // 3 + _TIMING - column), max(5, width // 3 + _TIMING - column))
    name = max(8, width - 3 - len(answer) - column)
    return line(
        (sign, role),
        " ",
        cell(short_label(row), name, "text"),
        " ",
        (answer, role if judged is not Verdict.GOOD else "text"),
        cell(timing, column, "dim", right=True),
    )


def _detail(row: HealthRow, glance: Glance, width: int) -> list[Content]:
    latest = row.standing.latest
    parts = [row.label]
    if latest is not None:
        parts += [latest.words, *([latest.detail] if latest.detail else [])]
    if row.standing.since is not None:
        parts.append(f"{row.standing.verdict.value} for {clock(glance.now.monotonic - row.standing.since.monotonic)}")
    if row.standing.verdict is not Verdict.GOOD:
        good = row.standing.last_good
        parts.append(f"last good {short_age(glance.now.monotonic - good.monotonic)} ago" if good else "never seen good")
    return [*wrapped(" · ".join(parts), width, "dim", first=line("  "), indent=2), *_certificate(row, glance, width)]


def _certificate(row: HealthRow, glance: Glance, width: int) -> list[Content]:
    """Returns what is to be done about a refused certificate, or that an accepted one ends soon."""
    shown = row.standing.latest.certificate if row.standing.latest else None
    if shown is None:
        return []
    words = NEXT_STEP[shown.fault] if shown.fault is not None else ending_words(shown, glance.cluster_wall)
    return wrapped(words, width, "warn", first=line("  ", (f"{WARNING} ", "warn")), indent=4) if words else []
