"""The words of a confirmation: what, where, how far, what stays, how it is undone, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content

from gospel_rollback_tui.domain.confirmation import Demand
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.preview import Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.header import block
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, cell, fit, labelled, line, wrapped
from gospel_rollback_tui.ui.signs import ARROW, BAD, WARNING
from gospel_rollback_tui.ui.theme import DANGER_ROLE

LABEL = 10
"""Cells of the labels' column."""
_LEADING = ("Lost", "Stays")
"""Notices that come before where it happens: what the operator must not miss."""
_LAST = ("Rests on", "Differs")
"""Notices that come behind everything else."""

_TITLES = {
    Danger.OBSERVE: "LOOK",
    Danger.REVERSIBLE: "REVERSIBLE CHANGE",
    Danger.DISRUPTIVE: "DISRUPTIVE: USERS WILL NOTICE",
    Danger.DESTRUCTIVE: "DESTRUCTIVE",
    Danger.IRREVERSIBLE: "IRREVERSIBLE",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a prompt asks, as it stands."""

    preview: Preview
    environment: Environment
    read_seconds: float
    """Age of what the preview rests on."""
    moved: Sequence[tuple[str, str, str]] = ()
    """Facts that moved since the last prompt: (name, old, new)."""
    refused: str = ""
    """Why it cannot be confirmed; empty: it can."""


def prompt(asked: Asked, demand: Demand, width: int, *, tight: bool = False) -> list[Content]:
    """Returns the prompt above its keys; `tight` leaves blank lines out."""
    gap: list[Content] = [] if tight else [EMPTY]
    preview = asked.preview
    role = DANGER_ROLE[preview.danger]
    lines: list[Content] = [
        line((_TITLES[preview.danger], f"{role} bold"), ("  in  ", "dim"), block(asked.environment, read_only=False)),
        *gap,
        *wrapped(preview.title, width, "strong"),
        EMPTY,
    ]
    reason = asked.refused or preview.refused
    if reason:  # first of all: on a small terminal what stands last is out of sight
        lines += [*wrapped(reason, width, "bad", first=line((f"{BAD} ", "bad")), indent=2), EMPTY]
    if asked.moved:
        lines += [*_moved(asked.moved, width), EMPTY]
    lines += _calls(preview.calls, width)
    first = [notice for notice in preview.notices if notice.label in _LEADING]
    rest = [notice for notice in preview.notices if notice.label not in (*_LEADING, *_LAST)]
    for notice in first:
        lines += _notice(notice, width)
    lines += labelled("Where", preview.where, width, column=LABEL)
    for notice in rest:
        lines += _notice(notice, width)
    if preview.undo:
        lines += _undo(preview.undo, width)
    lines += _rests_on(asked, demand, width)
    for notice in preview.notices:
        if notice.label == "Differs":
            lines += _notice(notice, width)
    return lines


def typed_line(demand: Demand) -> Content:
    """Returns what is to be typed."""
    what = "the word" if demand.danger is Danger.DISRUPTIVE else "the name"
    return line((f"Type {what} to go on:  ", "dim"), (demand.word, "strong"))


def unproved_lines(demand: Demand, width: int) -> list[Content]:
    """Returns what nobody could prove, and that a reason stands for it."""
    return wrapped(f"{demand.unproved} Write why it is right all the same; Enter then sends.", width, "warn", first=line((f"{WARNING} ", "warn")), indent=2)


def changed(summary: str) -> Content:
    """Returns a call's summary with old values red and new ones green: `v2 → v1, - FEATURE_X=on`."""
    parts: list[Part] = []
    for index, piece in enumerate(summary.split(", ")):
        if index:
            parts.append(", ")
        old, arrow, new = piece.partition(f" {ARROW} ")
        if arrow:
            parts += [(old, "bad"), f" {ARROW} ", (new, "good")]
        elif piece.startswith("- "):
            parts.append((piece, "bad"))
        elif piece.startswith("+ "):
            parts.append((piece, "good"))
        else:
            parts.append((piece, "text"))
    return line(*parts)


def _calls(calls: Sequence[PlannedCall], width: int) -> list[Content]:
    if not calls:
        return []
    column = max(len(call.where) for call in calls)
    tails = [line(changed(call.summary), (f"   debt: {call.debt.title}" if call.debt else "", "dim")) for call in calls]
    lines: list[Content] = []
    if 6 + column + max(tail.cell_length for tail in tails) <= width:
        for number, (call, tail) in enumerate(zip(calls, tails, strict=True), 1):
            lines.append(line((f"{number}  ", "dim"), cell(call.where, column, "text"), "   ", tail))
        return lines
    for number, (call, tail) in enumerate(zip(calls, tails, strict=True), 1):
        lines.append(line((f"{number}  ", "dim"), (fit(call.where, width - 3), "text")))
        lines.append(line("   ", tail if tail.cell_length <= width - 3 else changed(fit(call.summary, width - 3))))
    return lines


def _notice(notice: Notice, width: int) -> list[Content]:
    role = "bad" if notice.label == "Lost" else "warn" if notice.warning else "text"
    return labelled(notice.label, notice.text, width, role, column=max(LABEL, len(notice.label) + 1))


def _undo(undo: str, width: int) -> list[Content]:
    return wrapped(undo, width, "text", first=line(cell("Undo", LABEL, "dim"), ("u", "strong"), ": "), indent=LABEL)


def _rests_on(asked: Asked, demand: Demand, width: int) -> list[Content]:
    written = [notice.text for notice in asked.preview.notices if notice.label == "Rests on"]
    facts = written or [" · ".join(name for name, _ in asked.preview.fingerprint.facts)]
    if not facts[0]:
        return []
    again = "Enter" if demand.word else "y"
    return labelled("Rests on", f"{facts[0]} · read {short_age(asked.read_seconds)} ago, again at {again}", width, column=LABEL)


def _moved(moved: Sequence[tuple[str, str, str]], width: int) -> list[Content]:
    lines: list[Content] = [line((f"{WARNING} It has moved since you looked; nothing was sent.", "warn bold"))]
    for name, old, new in moved:
        space = max(6, (width - LABEL - 14) // 2)
        lines.append(line("  ", cell(name, max(LABEL + 4, min(20, len(name) + 1)), "dim"), (fit(old, space), "bad"), f" {ARROW} ", (fit(new, space), "good")))
    return lines
