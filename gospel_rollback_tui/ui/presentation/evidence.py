"""Every fact for and against each row, every reading with its age, and why ways are refused."""

from textual.content import Content

from gospel_rollback_tui.domain.evidence import Reading, RowWeight, Truth, Weighing
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.domain.triage import Way
from gospel_rollback_tui.ui.presentation.lines import EMPTY, line, sides, wrapped
from gospel_rollback_tui.ui.presentation.logs import frequent
from gospel_rollback_tui.ui.presentation.times import when
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, EDGE, GOOD, UNKNOWN, WAITING

_SIGN = {Truth.TRUE: (GOOD, "good"), Truth.FALSE: (BAD, "dim"), Truth.UNKNOWN: (UNKNOWN, "warn")}


def evidence(glance: Glance, width: int) -> list[Content]:
    """Returns the rows with their reasons, then the ways that are refused, then the readings and the changes."""
    picture = glance.picture
    if picture is None:
        return [line(("No probe has answered yet.", "dim"))]
    lines: list[Content] = []
    weighing = picture.weighing
    if weighing is not None:
        lines += [one for weight in weighing.rows for one in _row(weight, weighing, width)]
    refused = [(way.title, why) for way in picture.ways if (why := _against(way))]
    if refused:
        lines += [line(("Refused now", "dim"))]
        for title, why in refused:
            lines += wrapped(f"{title}: {why}", width, "text", first=line((f"{BAD} ", "bad")), indent=2)
        lines.append(EMPTY)
    lines += [sides(line(("What was read", "dim")), line(("age", "dim")), width)]
    for reading in sorted(picture.readings.values(), key=lambda one: (one.truth is Truth.UNKNOWN, one.fact)):
        lines += reading_lines(reading, glance, width)
    if picture.changes:
        lines += [EMPTY, line(("What changed", "dim"))]
        for change in picture.changes:
            lines += wrapped(f"{change.subject}  {change.words}", width, "text", first=line((f"{when(change.at, glance.cluster_wall):<10}", "dim")), indent=10)
    errors = frequent(glance, width, 8)
    if errors:
        lines += [EMPTY, line(("Most frequent error lines", "dim")), *errors]
    return lines


def reading_lines(reading: Reading, glance: Glance, width: int) -> list[Content]:
    """Returns a reading with its source and its age at the right edge."""
    sign, role = _SIGN[reading.truth]
    age = line((short_age(glance.now.wall - reading.at), "dim"))
    words = wrapped(f"{reading.words}", width - 7, "text" if reading.truth is not Truth.UNKNOWN else "dim", first=line((f"{sign} ", role)), indent=2)
    return [sides(words[0], age, width), *words[1:], line("  ", (f"{reading.source} · {reading.fact}", "faint")).truncate(width, ellipsis=True)]


def _row(weight: RowWeight, weighing: Weighing, width: int) -> list[Content]:
    suggested = weighing.suggested == weight.row.id
    edge = (EDGE, "current") if suggested else " "
    role = "strong" if suggested else "faint" if weight.ruled_out else "text"
    lines = [line(edge, (f"{weight.row.number}  {weight.row.title}", role))]
    if weight.ruled_out:
        lines += wrapped(f"ruled out: {weight.ruled_out}", width, "faint", first=line("    "), indent=4)
    for words in weight.pro:
        lines += wrapped(words, width, "text", first=line("    ", (f"{GOOD} ", "good")), indent=6)
    for words in weight.contra:
        lines += wrapped(words, width, "text", first=line("    ", (f"{BAD} ", "bad")), indent=6)
    for fact in weight.unknown:
        lines += wrapped(f"not known: {weighing.named(fact)}", width, "dim", first=line("    ", (f"{UNKNOWN} ", "warn")), indent=6)
    if not (weight.ruled_out or weight.pro or weight.contra or weight.unknown):
        lines.append(line("    ", (f"{WAITING} nothing speaks for or against", "dim")))
    return [*lines, EMPTY]


def _against(way: Way) -> str:
    """Returns why a way is not simply taken; empty: nothing stands against it."""
    if way.refused:
        return way.refused
    if way.crashes:
        return f"takes a written reason: {way.crashes}"
    return f"does not answer now: {way.silent}" if way.silent else ""
