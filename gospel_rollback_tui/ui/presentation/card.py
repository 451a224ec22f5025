"""One step, as it stands: what it does, its calls, what must become true, what stays, how it is undone."""

from textual.content import Content

from gospel_rollback_tui.domain.preview import CheckState, Outcome, PlannedCall
from gospel_rollback_tui.domain.run import CallRun, StepRun, StepStatus
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.runbooks.fill import fill_for_shell
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, cell, fit, labelled, line, packed, sides, wrapped
from gospel_rollback_tui.ui.presentation.prompt import changed
from gospel_rollback_tui.ui.presentation.steps import elapsed
from gospel_rollback_tui.ui.sight import Glance, services_of
from gospel_rollback_tui.ui.signs import ARROW, BAD, CURRENT, GOOD, UNKNOWN, WAITING, WARNING

LEAST = 6
"""Lines of a step's commands that a narrow screen shows beside its pane."""
_DONE = (StepStatus.VERIFIED, StepStatus.ASSERTED, StepStatus.SKIPPED, StepStatus.UNDONE)


def card(glance: Glance, step: StepRun, room: Room) -> list[Content]:
    """Returns the step in full, for a room of its own."""
    written = glance.step(step.id)
    width = room.width
    lines = [*wrapped(_title(step), width, "strong")]
    why = (written.why if written else "") if step.undo_of is None else "Puts back what this step did."
    if why:
        lines += wrapped(why, width, "dim", limit=3)
    lines += _asked(glance, written, width)
    lines += _moved(step, width)
    lines += _progress(glance, step, written, width)
    lines += _read(step, width)
    lines += _by_hand(glance, step, written, width)
    lines += _checks(step, width)
    lines += _surroundings(glance, step, written, width)
    return lines


def compact(glance: Glance, step: StepRun, width: int) -> list[Content]:
    """Returns the step in a few lines, for a narrow screen."""
    written = glance.step(step.id)
    lines: list[Content] = [sides(line((_title(step), "strong")), line((elapsed(step, glance) if step.started else "", "dim")), width)]
    lines += _moved(step, width)[1:]
    if step.reason:
        lines += wrapped(step.reason, width, _reason_role(step), limit=2)
    calls = _calls(step)
    if calls:
        lines += packed([line(_call_sign(step, done), " ", (planned.title, "text")) for planned, done in calls], width)
    if step.status is StepStatus.VERIFYING:
        doing = ", ".join(part for part in (*_doing(glance, step), _limits(step, written)) if part)
        lines += wrapped(doing, width, "text", first=line((f"{CURRENT} ", "key")), indent=2, limit=2)
    if step.status is StepStatus.ARMED and step.preview:
        lines += [line((call.where, "text"), "  ", changed(call.summary)).truncate(width, ellipsis=True) for call in step.preview.calls]
    by_hand = _read(step, width)[1:] if _only_looks(step) else [] if calls else _by_hand(glance, step, written, width)[2:]
    if by_hand:
        least = len(by_hand) if _only_looks(step) else LEAST  # what it read is what it is for
        lines += [*_next(glance, step, width)[1:], *by_hand[:least]]
        lines += [line((f"  and {len(by_hand) - least} lines more: ⏎ shows all, o prints them", "dim"))] if len(by_hand) > least else []
    else:
        lines += packed([line(_check_sign(check), " ", (check.name, "text")) for check in _check_states(step)], width)[:3]
    stays = " · ".join(notice.text for notice in step.preview.notices if notice.label == "Stays") if step.preview else ""
    debts = ", ".join(debt.title for debt in glance.run.open_debts) if glance.run else ""
    if stays:
        lines += [line(("Stays ", "dim"), (fit(stays, width - 6), "warn"))]
    if debts:
        lines += [line(("Debts ", "dim"), (fit(debts, width - 6), "warn"))]
    return lines


def commands_of(glance: Glance, step: StepRun) -> tuple[str, ...]:
    """Returns the exact commands of the step; names that have no value yet stand as shell variables a shell refuses."""
    if step.preview and step.preview.by_hand:
        return step.preview.by_hand
    written = glance.step(step.id)
    inputs = (glance.run.inputs if glance.run else None) or {}
    return tuple(fill_for_shell(command, glance.desk.environment, inputs) for command in written.commands) if written else ()


def look_for(glance: Glance, step: StepRun) -> str:
    """Returns how to tell that the step worked."""
    written = glance.step(step.id)
    return _filled(glance, written.look_for) if written else ""


def _filled(glance: Glance, text: str) -> str:
    """Returns a runbook's text with the estate's names and what was chosen."""
    return fill_for_shell(text, glance.desk.environment, (glance.run.inputs if glance.run else None) or {})


def _title(step: StepRun) -> str:
    if step.preview and step.preview.title:
        return step.preview.title
    return step.title


def _asked(glance: Glance, written: Step | None, width: int) -> list[Content]:
    """Shows the chosen and asked values that this step uses."""
    inputs = (glance.run.inputs if glance.run else None) or {}
    if written is None or not written.asks:
        return []
    lines: list[Content] = [EMPTY]
    for ask in written.asks:
        value = inputs.get(ask.name, "")
        lines += wrapped(
            f"{ask.question} {value}" if value else ask.question,
            width,
            "text" if value else "warn",
            first=line((f"{GOOD if value else UNKNOWN} ", "good" if value else "warn")),
            indent=2,
        )
    return lines


def _moved(step: StepRun, width: int) -> list[Content]:
    if not step.moved:
        return []
    lines: list[Content] = [EMPTY, line((f"{WARNING} It moved since you looked; nothing was sent.", "warn"))]
    space = max(6, (width - 24) // 2)
    return lines + [line("  ", cell(name, 18, "dim"), (fit(old, space), "bad"), f" {ARROW} ", (fit(new, space), "good")) for name, old, new in step.moved]


def _progress(glance: Glance, step: StepRun, written: Step | None, width: int) -> list[Content]:
    lines: list[Content] = []
    if step.reason and step.status is not StepStatus.ARMED:
        sign, role = _reason_sign(step)
        lines += [EMPTY, *wrapped(step.reason, width, role, first=line((f"{sign} ", role)), indent=2)]
    calls = _calls(step)
    lines += _next(glance, step, width)
    if not calls and step.status is StepStatus.ARMED and step.preview and step.preview.calls:
        lines.append(EMPTY)
        for number, call in enumerate(step.preview.calls, 1):
            lines += wrapped(call.where, width, "text", first=line((f"{number}  ", "dim")), indent=3)
            lines.append(line("   ", changed(fit(call.summary, width - 3))))
    elif calls:
        lines.append(EMPTY)
        lines += [_call(step, planned, done, glance, width) for planned, done in calls]
    if step.status is StepStatus.VERIFYING:
        taken = line((span(glance.now.wall - (_last_result(step) or step.started)), "dim"))
        doing, words = _doing(glance, step)
        lines.append(sides(line((f"{CURRENT} ", "key"), (doing, "text")), taken, width))
        lines += wrapped(" · ".join(part for part in (words, _limits(step, written)) if part), width, "dim", first=line("  "), indent=2)
    return lines


def _next(glance: Glance, step: StepRun, width: int) -> list[Content]:
    """Says what Enter does next, while nothing of the step is under way."""
    written = glance.step(step.id)
    if glance.follows or (written and written.watches) or (glance.run and glance.run.closed):
        return []
    sends = bool(step.preview and step.preview.calls)
    if step.status is StepStatus.ARMED:
        refused = step.preview.refused if step.preview else ""
        if refused:
            return [EMPTY, *wrapped(refused, width, "warn", first=line((f"{WARNING} ", "warn")), indent=2)]
        unsent = "⏎ looks at it: nothing is to be sent" if step.preview and not step.preview.by_hand else "⏎ records that you did this"
        words = "nothing is sent yet: ⏎ asks you to confirm" if sends else unsent
    elif step.status in (StepStatus.WAITING, StepStatus.UNDONE, StepStatus.FAILED):
        reads = "⏎ records that you did this" if written and written.action == "manual" else "⏎ reads what it would do, then asks"
        words = reads if step.status is not StepStatus.FAILED else "u puts it back, v looks again, ⏎ is a new attempt"
    else:
        return []
    return [EMPTY, *wrapped(words, width, "text", first=line((f"{CURRENT} ", "key")), indent=2)]


def _calls(step: StepRun) -> list[tuple[PlannedCall, CallRun | None]]:
    """Pairs each planned call with what became of it, once the step was confirmed."""
    if step.preview is None or step.status in (StepStatus.WAITING, StepStatus.ARMED):
        return []
    done = {call.id: call for call in step.calls}
    return [(planned, done.get(planned.id)) for planned in step.preview.calls]


def _call(step: StepRun, planned: PlannedCall, done: CallRun | None, glance: Glance, width: int) -> Content:
    took = ""
    if done is not None and done.outcome is not None and done.result_at:
        took = span(done.result_at - done.intent_at)
    elif done is not None and done.outcome is None:
        took = span(glance.now.wall - done.intent_at)
    words = done.detail if done is not None and done.outcome not in (None, Outcome.DONE) else ""
    text = line(_call_sign(step, done), " ", (planned.title, "text"), (f"  {words}" if words else "", "warn"))
    return sides(text, line((took, "dim")), width)


def _call_sign(step: StepRun, done: CallRun | None) -> tuple[str, str]:
    if done is None:
        return (WAITING, "dim")
    if done.outcome is None:
        return (UNKNOWN, "warn") if step.status is StepStatus.UNKNOWN else (CURRENT, "key")
    if done.outcome is Outcome.UNKNOWN:
        return {None: (UNKNOWN, "warn"), True: (GOOD, "good"), False: (BAD, "bad")}[done.verified]
    return (GOOD, "good") if done.outcome is Outcome.DONE else (BAD, "bad")


def _last_result(step: StepRun) -> float:
    return max((call.result_at for call in step.calls), default=0.0)


_OF_DATA = ("migrations.", "postgres.", "rds.")
"""How the names of actions begin that roll nothing out."""


def _doing(glance: Glance, step: StepRun) -> tuple[str, str]:
    """Returns what is being waited for, and how far it is."""
    written = glance.step(step.id)
    services = services_of(glance.run) if written is None or not written.action.startswith(_OF_DATA) else ()
    rows = [glance.snapshot.rollout.of(name) for name in services] if glance.snapshot else []
    words = [f"{row.service}: {row.words}" if len(services) > 1 else row.words for row in rows if row is not None]
    if words and step.calls:
        return "rolling out", "; ".join(words)
    return "looking at the world", ""


def _limits(step: StepRun, written: Step | None) -> str:
    usual = f"usual {span(step.usual)}" if step.usual else ""
    fails = f"given up at {span(written.timeout)}" if written else ""
    return " · ".join(part for part in (usual, fails) if part)


def _check_states(step: StepRun) -> list[CheckState]:
    if step.status in _DONE and not step.checks:
        return []
    if step.checks:
        return list(step.checks)
    return [CheckState(name, None) for name in (step.preview.checks if step.preview else ())]


def _check_sign(check: CheckState) -> tuple[str, str]:
    if check.passed is None:
        return (WAITING, "dim")
    return (GOOD, "good") if check.passed else (BAD, "bad") if check.final else (WAITING, "warn")


def _checks(step: StepRun, width: int) -> list[Content]:
    states = _check_states(step)
    if not states:
        return []
    lines: list[Content] = [EMPTY, line(("What was seen" if step.status in _DONE else "Will be true when it worked", "dim"))]
    for check in states:
        words = f"  {check.words}" if check.words and check.words != check.name else ""
        lines.append(line(_check_sign(check), " ", (check.name, "text"), (words, "dim")).truncate(width, ellipsis=True))
    return lines


def _only_looks(step: StepRun) -> bool:
    """Returns whether the step has read something and sends nothing: then what it read is what it is for."""
    return step.preview is not None and not step.preview.calls and not step.preview.refused and bool(step.preview.notices)


def _read(step: StepRun, width: int) -> list[Content]:
    """Shows what a step that only looks has read."""
    if step.preview is None or not _only_looks(step):
        return []
    return [EMPTY, *(row for notice in step.preview.notices for row in labelled(notice.label, notice.text, width, "warn" if notice.warning else "text"))]


def _by_hand(glance: Glance, step: StepRun, written: Step | None, width: int) -> list[Content]:
    """Shows the commands of a step that nothing sends."""
    if (step.preview and step.preview.calls) or step.status in _DONE or (written and written.watches):
        return []
    lines: list[Content] = []
    commands = commands_of(glance, step)
    if commands:
        lines += [EMPTY, line(("By hand", "dim"))]
        for command in commands:
            lines += wrapped(command, width, "text", first=line(("$ ", "dim")), indent=4)
    found = look_for(glance, step)
    if found:
        lines += labelled("Look for", found, width)
    return lines


def _surroundings(glance: Glance, step: StepRun, written: Step | None, width: int) -> list[Content]:
    lines: list[Content] = []
    if step.preview and not _only_looks(step):
        stays = [notice for notice in step.preview.notices if notice.label not in ("Reaches", "Rests on")]
        for notice in stays:
            lines += labelled(notice.label, notice.text, width, "warn" if notice.warning else "text")
    if step.undo_of is None:
        undo = (step.preview.undo if step.preview else "") or (_filled(glance, written.undo) if written else "")
        if undo:
            lines += wrapped(undo, width, "text", first=line(cell("Undo", 10, "dim"), (("u ", "key") if step.done_calls else "")), indent=10)
        elif written and written.no_undo:
            lines += labelled("No undo", written.no_undo, width, "warn")
    if written and written.differs:
        lines += [EMPTY, *wrapped(written.differs, width, "text", first=line((f"{WARNING} ", "warn"), ("unlike the written procedure: ", "dim")), indent=2)]
    return [EMPTY, *lines] if lines else []


def _reason_role(step: StepRun) -> str:
    return _reason_sign(step)[1]


def _reason_sign(step: StepRun) -> tuple[str, str]:
    if step.status is StepStatus.FAILED:
        return BAD, "bad"
    if step.status in _DONE:
        return GOOD if step.status is StepStatus.VERIFIED else WAITING, "dim"
    return WARNING, "warn"
