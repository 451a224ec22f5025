"""What an operator must know of a run before looking at its step: who waits for what, and why nothing is sent."""

from textual.content import Content

from gospel_rollback_tui.ui.presentation.doubts import doubts
from gospel_rollback_tui.ui.presentation.lines import EMPTY, line, wrapped
from gospel_rollback_tui.ui.presentation.since import since_began
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, WARNING

PAYING = (("git", "g makes git equal"), ("auto-sync", "a switches auto-sync on again"))
"""(debt, key and words of the step that pays it)."""


def run_notes(glance: Glance, width: int, news: str = "") -> list[Content]:
    """Returns a line or two for each thing that is not as usual, and a blank line behind them; empty when all is."""
    run = glance.run
    if run is None:
        return []
    notes: list[tuple[str, str]] = []
    if news:
        notes.append((news, "key"))
    if glance.follows:
        notes.append((f"Following only: {glance.follows}.", "warn"))
    if not glance.alive and not run.closed:
        notes.append(("The runner of this run is gone. Quit and start again: it is started anew and looks first at what is unknown.", "bad"))
    if run.unknown:
        notes.append((f"The outcome of {run.unknown[0].title!r} is not known; the world is looked at before anything else.", "warn"))
    if run.waiting:
        notes.append((f"The run waits for {run.waiting}: L logs in, for the run and for this screen. Nothing failed.", "warn"))
    if run.lock_lost:
        notes.append((f"Nothing is sent: {run.lock_lost.rstrip('.')}. T takes over, with a reason.", "bad"))
    if run.aborted:
        owed = {debt.id for debt in run.open_debts}
        ways = ["u", *(words for debt, words in PAYING if debt in owed)]
        notes.append((f"Aborted: {run.aborted}. Nothing further is sent but what puts back: {', '.join(ways)}. F closes.", "warn"))
    notes += [(words, "warn") for words in doubts(glance)]
    lines: list[Content] = []
    for text, role in notes:
        sign = BAD if role == "bad" else WARNING if role == "warn" else "·"
        lines += wrapped(text, width, role if role != "key" else "text", first=line((f"{sign} ", role)), indent=2)
    lines += since_began(glance, width)
    return [*lines, EMPTY] if lines else []
