"""A run's journal as lines for people: time, what happened, in the operator's words."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from gospel_rollback_tui.domain.daytime import time_of_day
from gospel_rollback_tui.domain.events import Event, Kind

Fields = Mapping[str, Any]

_WORDS: Mapping[Kind, Callable[[Fields], str]] = {
    Kind.RUN_OPENED: lambda d: f"run opened in {d['environment']} by {d['operator']} on {d['host']}, {d['server']} as {d['identity']}",
    Kind.CHOSEN: lambda d: f"chose {d['scenario']}, path {d['path']}: {d['why']}" + (f" (not what was suggested: {d['override']})" if d["override"] else ""),
    Kind.LOCKED: lambda d: f"lock taken by {d['holder']}" + (f", from {d['taken_over_from']}: {d['reason']}" if d.get("taken_over_from") else ""),
    Kind.LOCK_LOST: lambda d: f"lock not ours: {d['detail']}",
    Kind.RUNNER: lambda d: f"runner {d['state']} (pid {d['pid']})",
    Kind.WAITING: lambda d: f"waits: {d['reason']}",
    Kind.GOING_ON: lambda d: f"goes on: {d['reason']}",
    Kind.INPUT: lambda d: f"{d['step']}: {d['name']} = {d['value']}, by {d['who']}",
    Kind.PREVIEWED: lambda d: f"{d['step']}: previewed, {len(d['preview']['calls'])} calls, {d['preview']['danger']}",
    Kind.MOVED: lambda d: f"{d['step']}: moved under the prompt: " + "; ".join(f"{name}: {old} → {new}" for name, old, new in d["moved"]),
    Kind.CONFIRMED: lambda d: (
        f"{d['step']}: confirmed as {d['danger']} by {d['who']}"
        + (f", BREAK-GLASS: {d['break_glass']}" if d.get("break_glass") else "")
        + (f", UNPROVED, since: {d['reason']}" if d.get("reason") else "")
    ),
    Kind.REFUSED: lambda d: f"{d['step']}: refused: {d['reason']}",
    Kind.INTENT: lambda d: f"{d['step']}: sending {d['where']}",
    Kind.RESULT: lambda d: f"{d['step']}: {d['call']}: {d['outcome']}" + (f", {d['detail']}" if d["detail"] else ""),
    Kind.CALL_VERIFIED: lambda d: f"{d['step']}: {d['call']} {'seen in the world' if d['passed'] else 'NOT seen in the world'}: {d['detail']}",
    Kind.OBSERVED: lambda d: f"{d['step']}: {_sign(d['passed'])} {d['check']}: {d['words']}",
    Kind.VERIFIED: lambda d: f"{d['step']}: verified: {d['detail']}",
    Kind.FAILED: lambda d: f"{d['step']}: FAILED: {d['reason']}",
    Kind.ASSERTED: lambda d: f"{d['step']}: asserted by {d['who']}: {d['note']}",
    Kind.SKIPPED: lambda d: f"{d['step']}: skipped by {d['who']}: {d['reason']}",
    Kind.UNDONE: lambda d: f"{d['step']}: put back",
    Kind.DEBT_OPENED: lambda d: f"debt: {d['title']}: {d['reason']}",
    Kind.DEBT_PAID: lambda d: f"debt {d['id']} paid: {d['how']}",
    Kind.DEBT_SIGNED: lambda d: f"debt {d['id']} left open, signed by {d['who']}: {d['reason']}",
    Kind.SYMPTOM: lambda d: f"symptom {_sign(d['passing'])}: {d['words']}",
    Kind.WATCH_STARTED: lambda d: f"stability watch of {d['minutes']:g} minutes",
    Kind.SIGNAL: lambda d: f"signal {d['name']} {d['state']}: {d['words']}",
    Kind.CLOCK_RESET: lambda d: f"the stability clock started again: {d['signal']}, {d['words']}",
    Kind.STABLE: lambda d: f"stable for {d['minutes']:g} minutes",
    Kind.ENDED_EARLY: lambda d: f"stability watch ended early by {d['who']} after {d['after']:.0f} s: {d['reason']}",
    Kind.ABORTED: lambda d: f"ABORTED by {d['who']}: {d['reason']}",
    Kind.NOTE: lambda d: f"note by {d['who']}: {d['text']}",
    Kind.CLOSED: lambda d: f"closed {d['how']}" + (f": {d['reason']}" if d["reason"] else ""),
}


def timeline_lines(events: Sequence[Event]) -> Iterator[str]:
    """Yields one line a record: time of day in UTC, and what happened."""
    for event in events:
        yield f"{time_of_day(event.at)}  {_WORDS[event.kind](event.data)}"


def _sign(passed: bool | None) -> str:
    return {True: "✓", False: "✗", None: "·"}[passed]
