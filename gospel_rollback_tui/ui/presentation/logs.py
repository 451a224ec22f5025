"""The logs pane: the last lines of the chosen services with errors counted; the errors of every service by the minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.counted import counted
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, cell, fit, line, sides, start, wrapped
from gospel_rollback_tui.ui.presentation.times import hour
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import FOLDED, UNKNOWN, spark

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.log_lines import LogLine
    from gospel_rollback_tui.domain.snapshots import LogsSnapshot, ServiceErrors

SPARK_CELLS = 10
_POD = 6


def logs_pane(glance: Glance, room: Room, needle: str = "", *, kinds: int = 0) -> list[Content]:
    """Returns the last lines that fit, newest last; above them so many kinds of error, the most frequent first, with count and first sight."""
    logs = glance.snapshot.logs if glance.snapshot else None
    head = [title("Logs", logs, glance.now.monotonic, room, subject(logs))]
    if logs is None:
        return [*head, line(("not known", "dim"))]
    rows = matching(logs, needle)
    notes = _notes(logs, needle, len(rows))
    if kinds and logs.signatures:
        notes = [*_kinds(logs, room.width, kinds), EMPTY, *notes]
    space = max(1, room.height - len(head) - len(notes))
    lines = [log_line(row, room.width) for row in rows[-space:]]
    return [*head, *notes, *(lines or [line(("no lines yet", "dim"))])]


def subject(logs: LogsSnapshot | None) -> str:
    """Returns which services' lines are shown, and their errors a minute."""
    if logs is None or not logs.chosen:
        return ""
    rows = [row for row in logs.errors if row.service in logs.chosen]
    known = [row for row in rows if row.known]
    errors = f"{_total(known)} errors/min" if known else "errors unknown"
    return f"{', '.join(logs.chosen)}, {errors}"


def _total(rows: Sequence[ServiceErrors]) -> str:
    return counted(sum(row.per_minute for row in rows), at_least=any(row.at_least for row in rows))


def matching(logs: LogsSnapshot, needle: str) -> list[LogLine]:
    """Returns the lines that hold the needle; all of them when it is empty."""
    return [row for row in logs.lines if needle.lower() in f"{row.pod} {row.text}".lower()]


def _notes(logs: LogsSnapshot, needle: str, shown: int) -> list[Content]:
    notes: list[str] = []
    if needle:
        notes.append(f"{shown} of {len(logs.lines)} with {needle!r}")
    if logs.unread:
        notes.append(f"{logs.unread:,} lines left out unread")
    if logs.unshown:
        notes.append(f"{logs.unshown:,} left out of view")
    if logs.not_followed:
        notes.append(f"{len(logs.not_followed)} pods not followed")
    return [line((" · ".join(notes), "warn"))] if notes else []


def _kinds(logs: LogsSnapshot, width: int, limit: int) -> list[Content]:
    """Returns the most frequent kinds of error line of the chosen services, or of all where none of theirs is known."""
    chosen = [count for count in logs.signatures if count.service in logs.chosen] or list(logs.signatures)
    lines = []
    for count in chosen[:limit]:
        since = line((f"  since {hour(count.first_seen)}", "dim"))
        words = start(f"{count.service}: {count.message or count.sample}", width - 8 - since.cell_length)
        lines.append(sides(line(cell(f"{count.count:,}×", 7, "bad", right=True), " ", (words, "text")), since, width))
    if len(chosen) > limit:
        lines.append(line((f"{len(chosen) - limit:,} more kinds of error", "dim")))
    return lines


def log_line(row: LogLine, width: int, *, chosen: bool = False) -> Content:
    """Returns a line: hour, pod, text; errors red, this program's own remarks dim."""
    stamp = hour(row.at) if row.at is not None else "--:--:--"
    pod = row.pod.rsplit("-", 1)[-1] if row.pod else ""
    role = "dim" if row.marker else "bad" if row.error else "text"
    space = max(4, width - 9 - _POD - 1)
    body = line((f"{stamp} ", "dim"), cell(pod, _POD - 1, "dim"), " ", (start(row.text, space), role))
    return body.pad_right(max(0, width - body.cell_length)).stylize("here") if chosen else body


def saved_line(row: LogLine) -> str:
    """Returns one line as it is written to a file: UTC time, pod, text."""
    at = "-" if row.at is None else datetime.fromtimestamp(row.at, UTC).isoformat(timespec="milliseconds")
    return f"{at} {row.pod or row.service or '-'} {row.text}"


def detail(row: LogLine, width: int) -> list[Content]:
    """Returns one line in full, unshortened, with what is known of it."""
    facts = [hour(row.at) if row.at is not None else "no time", row.service, row.pod, row.level or "no level", row.signature]
    return [
        *wrapped(" · ".join(part for part in facts if part), width, "dim"),
        *wrapped(row.text, width, "bad" if row.error else "text"),
    ]


def error_lines(glance: Glance, width: int, height: int) -> list[Content]:
    """Returns one line a service: its errors of the last minutes as a sparkline, and the number of the last one."""
    logs = glance.snapshot.logs if glance.snapshot else None
    known = logs is not None and logs.known(glance.now.monotonic)
    rows = {row.service: row for row in logs.errors} if logs else {}
    services = [service.name for service in glance.desk.environment.services]
    services.sort(key=lambda name: -(rows[name].per_minute if name in rows and rows[name].known else 0))
    lines = [_error_line(name, rows.get(name) if known else None, width) for name in services]
    if len(lines) > height > 0:
        lines = [*lines[: height - 1], line((FOLDED, "dim"), f" {len(services) - height + 1} more")]
    return lines


def _error_line(service: str, row: ServiceErrors | None, width: int) -> Content:
    name = max(8, width - SPARK_CELLS - 11)
    if row is None or not row.known:
        return line(cell(service, name, "text"), (f"{UNKNOWN} not known", "warn"))
    loud = row.per_minute > 1
    role = "bad" if loud else "warn" if row.at_least else "dim"
    number = f"{counted(row.per_minute, at_least=row.at_least)}/min".replace(" ", "") if row.per_minute or row.at_least else "0"
    return line(cell(service, name, "text"), (spark(row.history, SPARK_CELLS), role), cell(number, 11, role if loud or row.at_least else "text", right=True))


def headline(glance: Glance) -> Content:
    """Returns the errors in a few words."""
    logs = glance.snapshot.logs if glance.snapshot else None
    known = [row for row in logs.errors if row.known] if logs and logs.known(glance.now.monotonic) else []
    if not known:
        return line((f"{UNKNOWN} not known", "warn"))
    total, missed = sum(row.per_minute for row in known), any(row.at_least for row in known)
    return line((f"{_total(known)}/min", "bad" if total > len(known) else "warn" if missed else "text"))


def frequent(glance: Glance, width: int, limit: int) -> list[Content]:
    """Returns the most frequent kinds of error line, most frequent first."""
    logs = glance.snapshot.logs if glance.snapshot else None
    found = logs.signatures[:limit] if logs else ()
    return [line(cell(f"{count.count}×", 8, "bad", right=True), " ", (fit(f"{count.service}: {count.sample}", width - 9), "text")) for count in found]
