"""The steps of a path, what each is doing, the debts and who holds the run."""

from textual.content import Content

from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.spans import clock, span
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, line, sides, start, wrapped
from gospel_rollback_tui.ui.presentation.times import hour
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, CURRENT, GOOD, UNKNOWN, WAITING, WARNING

SIGN_OF_STATUS = {
    StepStatus.WAITING: (WAITING, "dim"),
    StepStatus.ARMED: (CURRENT, "key"),
    StepStatus.ACTING: (CURRENT, "key"),
    StepStatus.VERIFYING: (CURRENT, "key"),
    StepStatus.UNKNOWN: (UNKNOWN, "warn"),
    StepStatus.VERIFIED: (GOOD, "good"),
    StepStatus.ASSERTED: (GOOD, "warn"),
    StepStatus.FAILED: (BAD, "bad"),
    StepStatus.SKIPPED: (WAITING, "faint"),
    StepStatus.UNDONE: (WAITING, "warn"),
}
"""Sign and style of a step's status."""
_SAID = {
    StepStatus.ASSERTED: "by hand",
    StepStatus.SKIPPED: "skipped",
    StepStatus.UNDONE: "put back",
    StepStatus.FAILED: "failed",
    StepStatus.UNKNOWN: "unknown",
}


def sign_of(step: StepRun, run: Run | None) -> tuple[str, str]:
    """Returns the sign and style of a step; the watch is under way while it watches."""
    watch = run.watch if run else None
    if watch is not None and watch.step == step.id and not watch.over:
        return CURRENT, "key"
    return SIGN_OF_STATUS[step.status]


def short_title(run: Run) -> str:
    """Returns the procedure's title up to its first comma or bracket."""
    title = run.runbook or run.scenario
    return title.split(",")[0].split(" (")[0]


def first_open(run: Run, glance: Glance) -> StepRun | None:
    """Returns the first step an operator has to take: the stability watch starts by itself."""
    for step in run.steps:
        written = glance.step(step.id)
        if not (written and written.watches) and not step.at_rest.status.over:
            return step
    return None


def steps_column(glance: Glance, room: Room, selected: str) -> list[Content]:
    """Returns the column left of the card."""
    run = glance.run
    if run is None:
        return [line(("no run yet", "dim"))]
    role = "current" if room.focused else "dim"
    lines: list[Content] = [line((start(short_title(run), room.width), role)), EMPTY]
    for number, step in enumerate(run.steps, 1):
        lines += _step(number, step, glance, room.width, chosen=step.id == selected)
    if run.debts:
        lines += [EMPTY, *debts(run, room.width)]
    lines += [EMPTY, line(("Holder", "dim")), *wrapped(holder(glance), room.width, "warn" if run.lock_lost else "text", first=line("  "), indent=2)]
    return lines


def debts(run: Run, width: int) -> list[Content]:
    """Returns the debts, open ones with a warning sign."""
    lines = [line(("Debts", "dim"))]
    for debt in run.debts:
        if debt.open:
            lines += wrapped(debt.title, width, "text", first=line((f"{WARNING} ", "warn")), indent=2)
        else:
            how = "paid" if debt.paid else "signed for"
            lines += wrapped(f"{debt.title}: {how}", width, "dim", first=line((f"{GOOD} ", "good" if debt.paid else "warn")), indent=2)
    return lines


def holder(glance: Glance) -> str:
    """Returns who may change the environment, in words."""
    run = glance.run
    if run is None:
        return "nobody"
    if run.lock_lost:
        return "not us: nothing is sent"
    if not run.holder:
        return "nobody"
    if run.holder in (run.operator, f"{run.operator}@{run.host}") and run.operator == glance.desk.operator:
        return f"you, since {hour(run.opened)}"
    return f"{run.holder}, since {hour(run.opened)}"


def elapsed(step: StepRun, glance: Glance) -> str:
    """Returns the time a step took or has taken so far; before it starts, what it usually takes."""
    if step.started:
        return clock((step.ended or glance.now.wall) - step.started)
    written = glance.step(step.id)
    if written is not None and written.watches:
        watch = glance.run.watch if glance.run else None
        if watch is not None:
            return clock(watch.held(glance.now.wall))
    return span(step.usual) if step.usual else ""


def steps_line(glance: Glance, selected: str, width: int) -> Content:
    """Returns the steps in one line: a sign each, and where we are in words."""
    run = glance.run
    if run is None:
        return EMPTY
    signs = line(*(sign_of(step, run) for step in run.steps))
    number = next((index for index, step in enumerate(run.steps, 1) if step.id == selected), 0)
    title = run.steps[number - 1].title if number else "all steps are over"
    where = f"step {number} of {len(run.steps)}: {title}" if number else title
    head = line((start(short_title(run), width // 3), "strong"), "  ", signs, "  ")
    return line(head, (start(where, max(0, width - head.cell_length)), "text"))


def _step(number: int, step: StepRun, glance: Glance, width: int, *, chosen: bool) -> list[Content]:
    sign, sign_role = sign_of(step, glance.run)
    role = "current" if chosen else "faint" if step.status is StepStatus.SKIPPED else "text"
    said = _SAID.get(step.status, "")
    right = elapsed(step, glance)
    first = line((sign, sign_role), " ", (f"{number} ", role))
    rows = wrapped(step.title, width - 1, role, first=first, indent=4)
    tail = line((right, "dim"))
    if rows[-1].cell_length + tail.cell_length + 1 <= width:
        rows[-1] = sides(rows[-1], tail, width)
    elif right:
        rows.append(sides(line("    "), tail, width))
    if said:
        rows.append(line("    ", (said, sign_role)))
    return rows
