"""Proves a journal: each record unchanged, each chained to the one before, none missing."""

from collections.abc import Iterable
from dataclasses import dataclass

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import GENESIS, Event, event_from_line
from gospel_rollback_tui.domain.fold import fold
from gospel_rollback_tui.domain.run import Run


@dataclass(frozen=True, slots=True)
class ChainProblem:
    """What is wrong with a journal, and where."""

    line: int
    """Counted from 1."""
    text: str


def verify_chain(lines: Iterable[str]) -> tuple[ChainProblem, ...]:
    """Returns what is wrong with the lines of a journal, without their newlines; empty if nothing is.

    A record that cannot be read breaks the chain for the one behind it: only the first of such a row is told.
    """
    problems: list[ChainProblem] = []
    last: Event | None = None
    run: Run | None = None
    foldable = True
    for number, line in enumerate(lines, start=1):
        try:
            event = event_from_line(line)
        except ValueError as error:
            problems.append(ChainProblem(number, f"{error}"))
            last, foldable = None, False
            continue
        if broken := _broken_link(last, event, first=number == 1):
            if foldable or last is not None:
                problems.append(ChainProblem(number, broken))
            foldable = False
        last = event
        if foldable:
            try:
                run = fold(run, event)
            except JournalError as error:
                problems.append(ChainProblem(number, error.text))
                foldable = False
    return tuple(problems)


def _broken_link(last: Event | None, event: Event, *, first: bool) -> str:
    prev = GENESIS if first else last.hash if last else ""
    if event.prev != prev:
        return f"record {event.seq} does not follow the record before it: one was changed, taken out or put in"
    expected = 0 if last is None else last.seq + 1
    if event.seq != expected:
        return f"record {event.seq} stands where record {expected} should"
    return ""
