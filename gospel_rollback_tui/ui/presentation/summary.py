"""What came of a run: how it closed, both clocks, the debts, and the timeline."""

from collections.abc import Sequence

from textual.content import Content

from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.domain.spans import clock
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, labelled, line, wrapped
from gospel_rollback_tui.ui.presentation.meanwhile import words_of
from gospel_rollback_tui.ui.presentation.times import hour
from gospel_rollback_tui.ui.signs import BAD, GOOD, WARNING

_HOW = {
    "clean": (GOOD, "good", "Closed clean: users are well, it held, nothing is owed."),
    "asserted": (WARNING, "warn", "Closed as asserted: on the operator's word, no symptom judged it."),
    "debts": (WARNING, "warn", "Closed with debts."),
    "aborted": (BAD, "bad", "Aborted."),
}
_LEFT_OUT = frozenset({Kind.OBSERVED, Kind.RUNNER, Kind.PREVIEWED})


def summary(run: Run | None, events: Sequence[Event], room: Room) -> list[Content]:
    """Returns the end of a run."""
    if run is None:
        return [line(("There is no run.", "dim"))]
    width = room.width
    sign, role, words = _HOW.get(run.closed, (WARNING, "warn", "Still open."))
    lines: list[Content] = [
        line((f"Run {run.id}", "dim")),
        line((f"{sign} {words}", f"{role} bold")).truncate(width, ellipsis=True),
        *(wrapped(run.closed_reason, width, "text", first=line("  "), indent=2) if run.closed_reason else []),
        EMPTY,
        *labelled("Way back", f"{run.runbook or run.scenario}, path {run.path}", width),
        *clocks(run, width),
        *labelled("Journal", f"gospel-rollback runs show {run.id} prints the timeline; runs verify {run.id} proves it", width),
    ]
    if run.debts:
        lines += [EMPTY, line(("Debts", "dim"))]
        for debt in run.debts:
            paid, signed = bool(debt.paid), bool(debt.signed)
            what = f"paid: {debt.paid}" if paid else f"left open, signed: {debt.signed}" if signed else "open"
            mark = (GOOD, "good") if paid else (WARNING, "warn")
            lines += wrapped(f"{debt.title}  {what}", width, "text", first=line(mark, " "), indent=2)
    lines += [EMPTY, line(("Timeline", "dim"))]
    for event in events:
        if event.kind not in _LEFT_OUT:
            lines += wrapped(words_of(event), width, "text", first=line((f"{hour(event.at)}  ", "dim")), indent=10)
    return lines


def clocks(run: Run, width: int) -> list[Content]:
    """Returns both clocks: users failing since the onset, and first paint to the symptom passing."""
    if not run.recovered_at:
        return labelled("Users", "not seen to be well again", width, "warn")
    lines: list[Content] = []
    if run.onset:
        lines += labelled("Users", f"failed for {clock(run.recovered_at - run.onset)}, from {hour(run.onset)} to {hour(run.recovered_at)}", width)
    taken = run.recovered_at - run.first_paint
    late = run.objective > 0 and taken > run.objective
    against = f" of {clock(run.objective)}" if run.objective else ""
    return lines + labelled("Recovered", f"{clock(taken)}{against} after the first paint", width, "bad" if late else "good")


def farewell(run: Run) -> list[str]:
    """Returns the sentences that stay on the terminal once the screen is gone."""
    how = _HOW.get(run.closed, ("", "", "Still open."))[2]
    said = [f"Run {run.id}: {how}"]
    if run.recovered_at:
        said.append(f"Recovered {clock(run.recovered_at - run.first_paint)} after the first paint.")
    said += [f"Debt: {debt.title}." for debt in run.open_debts]
    return [*said, f"Timeline: gospel-rollback runs show {run.id}"]
