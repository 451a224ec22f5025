"""The six rows of the decision matrix, thinning out as facts arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.evidence import Confidence, RowWeight, Weighing
from gospel_rollback_tui.domain.runbook import Matrix, Row
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, Room, fit, line, sides, start
from gospel_rollback_tui.ui.signs import EDGE

if TYPE_CHECKING:  # only triage's own thread makes pictures, behind the first paint
    from gospel_rollback_tui.domain.triage import TriagePicture


def rows_panel(matrix: Matrix, weighing: Weighing | None, room: Room) -> list[Content]:
    """Returns each row with its objective and what speaks for and against it; ruled-out rows with their reason."""
    block: list[Content] = [line(("The six rows", "dim"))]
    roomy = room.height >= 3 * len(matrix.rows) + 1
    for row in matrix.rows:
        weight = _weight(weighing, row.id)
        suggested = weighing is not None and weighing.suggested == row.id
        out = weight is not None and bool(weight.ruled_out)
        role = "strong" if suggested else "faint" if out else "text"
        edge = (EDGE, "current") if suggested else " "
        objective = line((short_objective(row.objective), "faint" if out else "dim"))
        title = line(edge, (str(row.number), role), "  ", (row.title, role))
        if roomy:
            block.append(EMPTY)
        block.append(sides(title, objective, room.width))
        block.append(line(edge, "   ", _weight_words(weight, room.width - 4)))
    return block


def rows_strip(matrix: Matrix, weighing: Weighing | None, width: int) -> Content:
    """Returns the rows in one line: what stands, with its counts, and the numbers that are out."""
    if weighing is None:
        return line(("The six rows: no evidence yet", "dim"))
    standing = _standing(weighing)
    out = [str(w.row.number) for w in weighing.rows if w.ruled_out]
    tail = line(("out: " + " ".join(out), "dim")) if out else EMPTY
    parts: list[Part] = []
    used = tail.cell_length + 3
    for weight in standing:
        entry = _strip_entry(weight, suggested=weight.row.id == weighing.suggested)
        if used + entry.cell_length > width:
            break
        used += entry.cell_length + 3
        parts += [entry, "   "]
    return line(*parts, tail)


def leading(weighing: Weighing | None) -> Row | None:
    """Returns the row that more speaks for than for any other; None: nothing speaks for one alone."""
    standing = _standing(weighing) if weighing is not None else []
    alone = standing and standing[0].score > 0 and all(weight.score < standing[0].score for weight in standing[1:])
    return standing[0].row if alone or (standing and weighing is not None and weighing.suggested == standing[0].row.id) else None


def clear_row(picture: TriagePicture | None) -> Row | None:
    """Returns the row that the evidence is clear for although no key takes its way back: all but the first, whose change is one confirmation."""
    weighing = picture.weighing if picture is not None and picture.suggestion is None else None
    if weighing is None or weighing.confidence is not Confidence.CLEAR or not weighing.suggested:
        return None
    row = weighing.of(weighing.suggested).row
    return row if row.number > 1 else None


def _standing(weighing: Weighing) -> list[RowWeight]:
    """Returns the rows that are not ruled out, the leading one first."""
    return sorted((w for w in weighing.rows if not w.ruled_out), key=lambda w: (w.row.id != weighing.suggested, -w.score))


def short_objective(text: str) -> str:
    """Returns the matrix's objective with its unit shortened: `< 2 min`, `1–2 h`."""
    return text.replace("minutes", "min").replace("minute", "min").replace("hours", "h").replace("hour", "h")


def short_name(scenario: str) -> str:
    """Returns a scenario in a word or two, for one-line lists."""
    words = scenario.removeprefix("bad-code-").replace("-", " ")
    return fit(words[:1].upper() + words[1:], 15)


def counts(weight: RowWeight) -> str:
    """Returns the counts in short: `6+ 0- 1?`."""
    unknown = f" {len(weight.unknown)}?" if weight.unknown else ""
    return f"{len(weight.pro)}+ {len(weight.contra)}-{unknown}"


def _strip_entry(weight: RowWeight, *, suggested: bool) -> Content:
    role = "strong" if suggested else "text"
    edge = (EDGE, "current") if suggested else " "
    return line(edge, (f"{weight.row.number} {short_name(weight.row.id)} {counts(weight)}", role))


def _weight(weighing: Weighing | None, scenario: str) -> RowWeight | None:
    if weighing is None:
        return None
    return next((weight for weight in weighing.rows if weight.row.id == scenario), None)


def _weight_words(weight: RowWeight | None, width: int) -> Content:
    if weight is None:
        return line(("no evidence yet", "dim"))
    if weight.ruled_out:
        return line((start(f"ruled out: {weight.ruled_out}", width), "faint"))
    pro, contra, unknown = len(weight.pro), len(weight.contra), len(weight.unknown)
    if not (pro or contra or unknown):
        return line(("nothing speaks for or against", "dim"))
    parts: list[Part] = [(f"{pro} for", "good" if pro and not contra else "dim"), (f" · {contra} against", "dim")]
    if unknown:
        parts.append((f" · {unknown} unknown", "dim"))
    return line(*parts)
