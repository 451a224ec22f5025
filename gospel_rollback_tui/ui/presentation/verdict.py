"""The verdict: the row, why, and the ways back with the time at which users would be well again."""

from collections.abc import Sequence

from textual.content import Content

from gospel_rollback_tui.domain.evidence import RowWeight
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.domain.spans import clock, span
from gospel_rollback_tui.domain.triage import Way
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, cell, line, sides, start, wrapped
from gospel_rollback_tui.ui.presentation.rows import short_objective
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, GOOD, UNKNOWN, WARNING

_NARROW = 90
"""Cells below which the columns beside the title are narrower."""


def ways_of(glance: Glance, scenario: str) -> tuple[Way, ...]:
    """Returns the ways back: those weighed for the suggested scenario, the written paths for another one."""
    picture = glance.picture
    weighed = picture.weighing.suggested if picture and picture.weighing else ""
    if picture is not None and picture.ways and scenario == weighed:
        return picture.ways
    runbook = glance.runbook(scenario)
    if runbook is None:
        return ()
    return tuple(
        Way(
            path.id,
            path.title,
            path.summary,
            sum(step.usual for step in path.steps if not step.watches and not step.pays),
            path.reverted_by,
            automated=path.automated,
        )
        for path in runbook.paths
    )


def verdict(glance: Glance, scenario: str, current: int, room: Room, refused: str = "") -> list[Content]:
    """Returns the whole verdict; `current` is the way that Enter takes, `refused` why the last try was not taken."""
    row = glance.row(scenario)
    if row is None:
        return [line((f"There is no row {scenario!r} in the matrix.", "bad"))]
    width = min(room.width, 110)
    objective = glance.objective_of(scenario)
    used = f"objective {clock(objective)}, {clock(glance.clock)} used" if objective else f"objective {short_objective(row.objective)}"
    over = "bad" if objective and glance.clock > objective else "dim"
    roomy = room.height > 20
    lines: list[Content] = [line((f"Row {row.number}", "dim"))] if roomy else []
    lines += [sides(line((row.title, "strong")), line((used, over)), width), EMPTY]
    lines += _because(glance, scenario, width, limit=6 if roomy else 3)
    lines.append(EMPTY)
    ways = ways_of(glance, scenario)
    lines += _ways(glance, scenario, ways, current, width, roomy=roomy)
    if refused:
        lines += [EMPTY, *wrapped(refused, width, "bad", first=line((f"{BAD} ", "bad")), indent=2)]
    differs = _differs(glance, scenario, ways, current)
    if differs:
        lines += [EMPTY, line(("Where the written procedure differs", "dim"))]
        for text in differs[: 4 if roomy else 1]:
            lines += wrapped(text, width, "text", first=line(" ", (f"{WARNING} ", "warn")), indent=3, limit=3 if roomy else 2)
    return lines


def _because(glance: Glance, scenario: str, width: int, limit: int) -> list[Content]:
    weight = _weight(glance, scenario)
    lines: list[Content] = [line(("Because", "dim"))]
    if weight is None or not (weight.pro or weight.contra or weight.unknown or weight.ruled_out):
        return [*lines, line(" ", (UNKNOWN, "warn"), (" you chose it; no evidence speaks for it or against it", "dim"))]
    entries = [(BAD, "bad", f"ruled out: {weight.ruled_out}")] if weight.ruled_out else []
    entries += [(GOOD, "good", words) for words in weight.pro]
    entries += [(BAD, "bad", f"against: {words}") for words in weight.contra]
    entries += [(UNKNOWN, "dim", f"not known: {_named(glance, fact)}") for fact in weight.unknown]
    for sign, role, words in entries[:limit]:
        lines.append(line(" ", (sign, role), " ", (start(words, width - 3), "dim" if sign == UNKNOWN else "text")))
    if len(entries) > limit:
        lines.append(line(("   and more: e", "dim")))
    return lines


def _named(glance: Glance, fact: str) -> str:
    weighing = glance.picture.weighing if glance.picture else None
    return weighing.named(fact) if weighing else fact


def _weight(glance: Glance, scenario: str) -> RowWeight | None:
    weighing = glance.picture.weighing if glance.picture else None
    return next((weight for weight in weighing.rows if weight.row.id == scenario), None) if weighing else None


def _ways(glance: Glance, scenario: str, ways: Sequence[Way], current: int, width: int, *, roomy: bool) -> list[Content]:
    at_cells, by_cells = (14, 22) if width >= _NARROW else (13, 17)
    title = max(20, width - 5 - at_cells - by_cells)
    head = line(cell("Ways back", 5 + title, "dim"), cell("recovered at", at_cells, "dim"), cell("reverted by", by_cells, "dim"))
    lines: list[Content] = [head.rstrip()]
    if not ways:
        return [*lines, line("  ", ("none written", "dim"))]
    objective = glance.objective_of(scenario)
    for index, way in enumerate(ways):
        recovered = glance.clock + way.seconds
        late = objective > 0 and recovered > objective
        at = clock(recovered) if way.seconds and not (way.refused or way.crashes or way.silent) else "—"
        role = "faint" if way.refused else "strong" if index == current else "text"
        row = line(
            "  ",
            (f"{index + 1}  ", "faint" if way.refused else "key"),
            cell(way.title, title - 1, role),
            " ",
            cell(at, at_cells, "faint" if way.refused else "warn" if late else "text"),
            cell(way.reverted_by or "nothing", by_cells, "faint" if way.refused else "warn" if way.reverted_by else "text"),
        ).truncate(width)
        lines.append(row.pad_right(max(0, width - row.cell_length)).stylize("here") if index == current else row)
        lines += _below(way, recovered - objective if late else 0.0, width, roomy=roomy)
    return lines


def _below(way: Way, late: float, width: int, *, roomy: bool) -> list[Content]:
    if way.refused:
        return wrapped(f"refused now: {way.refused}", width, "faint", first=line("     "), indent=5, limit=2)
    if way.crashes:
        return wrapped(f"takes a written reason: {way.crashes}", width, "warn", first=line("     "), indent=5, limit=2)
    if way.silent:
        return wrapped(f"does not answer now: {way.silent}", width, "warn", first=line("     "), indent=5, limit=2)
    if not roomy:
        return []
    past = f"{span(late)} past the objective" if late and way.seconds else ""
    parts = [past, way.summary.rstrip("."), "" if way.automated else "by hand, guided", way.syncs_back]
    text = "; ".join(part for part in parts if part)
    return wrapped(text, width, "dim", first=line("     "), indent=5, limit=2) if text else []


def _differs(glance: Glance, scenario: str, ways: Sequence[Way], current: int) -> list[str]:
    runbook = glance.runbook(scenario)
    if runbook is None or not ways:
        return []
    way = ways[min(current, len(ways) - 1)]
    steps: list[Step] = [step for path in runbook.paths if path.id == way.path for step in path.steps]
    return [step.differs for step in steps if step.differs]
