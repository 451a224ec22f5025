"""What happened to a run, record by record: for who comes back to it, and for the summary."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.spans import span

_QUIET = frozenset({Kind.OBSERVED, Kind.SIGNAL, Kind.RUNNER, Kind.LOCKED, Kind.INPUT, Kind.RESULT, Kind.PREVIEWED})
"""Records that tell nothing an operator must know at once."""

_WORDS: Mapping[Kind, Callable[[Mapping[str, Any]], str]] = {
    Kind.RUN_OPENED: lambda data: f"opened by {data['operator']}@{data['host']}",
    Kind.CHOSEN: lambda data: (
        f"chose {data['scenario']}, path {data['path']}" + (f"; another row than suggested: {data['override']}" if data.get("override") else "")
    ),
    Kind.LOCKED: lambda data: f"environment held by {data['holder']}" + (f", taken over from {data['taken_over_from']}" if data.get("taken_over_from") else ""),
    Kind.LOCK_LOST: lambda data: f"the environment's lock was lost: {data['detail']}",
    Kind.RUNNER: lambda data: f"runner {data['state']}",
    Kind.WAITING: lambda data: f"waits for {data['reason']}",
    Kind.GOING_ON: lambda data: f"goes on: {data['reason']}",
    Kind.INPUT: lambda data: f"{data['name']} is {data['value']}",
    Kind.PREVIEWED: lambda data: f"previewed {data['step']}",
    Kind.MOVED: lambda data: f"{data['step']}: facts had moved, nothing was sent",
    Kind.CONFIRMED: lambda data: f"{data['step']} confirmed by {data['who']}",
    Kind.REFUSED: lambda data: f"{data['step']} not sent: {data['reason']}",
    Kind.INTENT: lambda data: f"{data['where']}",
    Kind.RESULT: lambda data: f"{data['call']}: {data['outcome']}" + (f", {data['detail']}" if data.get("detail") else ""),
    Kind.CALL_VERIFIED: lambda data: f"{data['call']}: {data['detail']}",
    Kind.OBSERVED: lambda data: f"{data['check']}: {data['words']}",
    Kind.VERIFIED: lambda data: f"{data['step']} verified",
    Kind.FAILED: lambda data: f"{data['step']} failed: {data['reason']}",
    Kind.ASSERTED: lambda data: f"{data['step']} done by hand, says {data['who']}" + (f": {data['note']}" if data.get("note") else ""),
    Kind.SKIPPED: lambda data: f"{data['step']} skipped: {data['reason']}",
    Kind.UNDONE: lambda data: f"{data['step']} put back",
    Kind.DEBT_OPENED: lambda data: f"debt: {data['title']}",
    Kind.DEBT_PAID: lambda data: f"debt {data['id']} paid: {data['how']}",
    Kind.DEBT_SIGNED: lambda data: f"debt {data['id']} left open, signed by {data['who']}: {data['reason']}",
    Kind.SYMPTOM: lambda data: f"symptom {'passes' if data['passing'] else 'fails' if data['passing'] is False else 'not known'}: {data['words']}",
    Kind.WATCH_STARTED: lambda data: f"stability watch of {data['minutes']:g} minutes began",
    Kind.SIGNAL: lambda data: f"{data['name']} {data['state']}: {data['words']}",
    Kind.CLOCK_RESET: lambda data: f"stability clock started again: {data['words']}",
    Kind.STABLE: lambda data: f"stable for {data['minutes']:g} minutes",
    Kind.ENDED_EARLY: lambda data: f"watch ended early by {data['who']}: {data['reason']}",
    Kind.ABORTED: lambda data: f"aborted by {data['who']}: {data['reason']}",
    Kind.NOTE: lambda data: f"{data['who']}: {data['text']}",
    Kind.CLOSED: lambda data: f"closed {data['how']}" + (f": {data['reason']}" if data.get("reason") else ""),
}


def words_of(event: Event) -> str:
    """Returns the record in an operator's words; a record of an unknown shape by its kind alone."""
    try:
        return _WORDS[event.kind](event.data)
    except (KeyError, TypeError, ValueError):
        return event.kind.value


def telling(event: Event) -> bool:
    """Returns whether an operator wants to know of it at once."""
    return event.kind not in _QUIET


def meanwhile(run_id: str, events: Sequence[Event], left_at: float, now: float, titles: Mapping[str, str]) -> str:
    """Returns what happened while no screen was open, in a sentence; what happened last when it is not known when one was.

    `titles` gives the steps' titles by id.
    """
    told = [event for event in events if telling(event)]
    if not told:
        return f"Run {run_id}: attached."
    if not left_at:
        last = told[-1]
        return f"Run {run_id}, attached. Last, {span(now - last.at)} ago: {_titled(last, titles)}."
    since = [event for event in told if event.at > left_at]
    if not since:
        return f"Run {run_id}: attached again after {span(now - left_at)}; nothing happened meanwhile."
    happened = "; ".join(f"{_titled(event, titles)} {span(event.at - left_at)} after you left" for event in since[-3:])
    return f"Run {run_id}: {happened}."


def _titled(event: Event, titles: Mapping[str, str]) -> str:
    step = str(event.data.get("step", ""))
    words = words_of(event)
    return words.replace(step, titles[step], 1) if step in titles and words.startswith(step) else words
