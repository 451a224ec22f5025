"""The stability watch: one line a signal against one time axis, flaps where they happened."""

from collections.abc import Sequence

from textual.content import Content

from gospel_rollback_tui.domain.debts import IMAGE_UPDATER_DEBT
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import Run, SignalState, WatchRun
from gospel_rollback_tui.domain.spans import clock, span
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, Room, cell, line, sides, start, wrapped
from gospel_rollback_tui.ui.presentation.times import hour, short_hour
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, BAR, FLAP, GOOD, LINE, UNKNOWN, WAITING

_SIGN = {"good": (GOOD, "good"), "bad": (BAD, "bad"), "unknown": (UNKNOWN, "warn")}
_NAME = 17
_MARKS = 4
"""Hours written along the axis."""


def counted(minutes: float) -> str:
    """Returns e.g. `1 minute` or `15 minutes`."""
    return "1 minute" if minutes == 1 else f"{minutes:g} minutes"


def stability(glance: Glance, room: Room) -> list[Content]:
    """Returns the watch: how long it has held, each signal, what started the clock again, what can be done meanwhile."""
    run = glance.run
    watch = run.watch if run else None
    if run is None or watch is None:
        return [line(("The stability watch has not begun.", "dim"))]
    width = room.width
    lines: list[Content] = [_head(watch, glance.now.wall, width), EMPTY]
    lines += _signals(watch, glance, width)
    lines += _resets(watch, width)
    lines += _meanwhile(run, glance, width)
    lines += [*([EMPTY] if width >= 80 else []), line((_goes_on(watch), "dim")).truncate(width, ellipsis=True)]
    return lines


def _head(watch: WatchRun, now: float, width: int) -> Content:
    title = f"Stability: {span(watch.minutes * 60)} without a flap" if watch.minutes < 1 else f"Stability: {counted(watch.minutes)} without a flap"
    if watch.stable_at:
        return sides(line((f"{GOOD} ", "good"), (title, "strong")), line(("stable", "good bold"), (f" since {hour(watch.stable_at)}", "dim")), width)
    if watch.ended_early:
        return sides(line((title, "strong")), line(("ended early", "warn bold")), width)
    held = clock(watch.held(now))
    return sides(line((title, "strong")), line((held, "strong"), (f" of {clock(watch.minutes * 60)}", "dim")), width)


def _signals(watch: WatchRun, glance: Glance, width: int) -> list[Content]:
    now_width = 24 if width >= 70 else 20
    axis = max(0, width - 2 - _NAME - now_width - 1)
    begin = watch.started
    end = max(watch.clock_from + watch.minutes * 60, begin + 60)
    if not watch.over and watch.held(glance.now.wall) < watch.minutes * 60:
        end = max(end, glance.now.wall + watch.minutes * 60 - watch.held(glance.now.wall))
    lines = [line("  ", cell("signal", _NAME, "dim"), cell("now", now_width, "dim"), " ", (_hours(begin, end, axis), "dim"))]
    for signal in watch.signals:
        sign, role = _SIGN.get(signal.state, _SIGN["unknown"])
        head = line((sign, role), " ", cell(signal.name, _NAME, "text"))
        if signal.state == "good" or len(signal.words) <= now_width:
            bar = _bar(signal, watch, glance.events, (begin, end, glance.now.wall), axis)
            lines.append(line(head, cell(signal.words, now_width, "text" if signal.state == "good" else role), " ", bar))
        else:
            lines += wrapped(signal.words, width, role if signal.state == "bad" else "text", first=head, indent=2 + _NAME, limit=2)
    if not watch.signals:
        lines.append(line((f"{WAITING} the first samples are being taken", "dim")))
    return lines


def _hours(begin: float, end: float, axis: int) -> str:
    marks = _MARKS if axis >= 36 else 2
    if axis < 12:
        return ""
    step = (axis - 5) / (marks - 1)
    text = ""
    for index in range(marks):
        at = begin + (end - begin) * (index * step) / max(1, axis - 1)
        text = text.ljust(round(index * step)) + short_hour(at)
    return text


def _bar(signal: SignalState, watch: WatchRun, events: Sequence[Event], span_of: tuple[float, float, float], axis: int) -> Content:
    """Returns the signal's past along the axis: good green, bad red, unknown amber, flaps as crosses, the rest still to come."""
    begin, end, now = span_of
    history = _history(signal.name, watch, events)
    flaps = {_place(at, begin, end, axis) for at, name, _ in watch.resets if name == signal.name}
    parts: list[Part] = []
    for place in range(axis):
        at = begin + (end - begin) * place / max(1, axis - 1)
        if place in flaps:
            parts.append((FLAP, "bad"))
        elif at > now:
            parts.append((LINE, "rail"))
        else:
            state = _worst(history, at, at + (end - begin) / max(1, axis))
            parts.append((BAR, _SIGN.get(state, _SIGN["unknown"])[1]))
    return _joined(parts)


def _worst(history: Sequence[tuple[float, str]], begin: float, end: float) -> str:
    """Returns the worst state that held at any time of the stretch; unknown before the first sample."""
    states = {state for index, (since, state) in enumerate(history) if since < end and (index + 1 == len(history) or history[index + 1][0] > begin)}
    return next((state for state in ("bad", "unknown", "good") if state in states), "unknown")


def _joined(parts: Sequence[Part]) -> Content:
    """Joins neighbours of one role, so that a bar costs few escape sequences."""
    merged: list[tuple[str, str]] = []
    for part in parts:
        assert isinstance(part, tuple)
        if merged and merged[-1][1] == part[1]:
            merged[-1] = (merged[-1][0] + part[0], part[1])
        else:
            merged.append(part)
    return line(*merged)


def _place(at: float, begin: float, end: float, axis: int) -> int:
    return max(0, min(axis - 1, round((at - begin) / max(1.0, end - begin) * (axis - 1))))


def _history(name: str, watch: WatchRun, events: Sequence[Event]) -> list[tuple[float, str]]:
    return [
        (event.at, str(event.data["state"]))
        for event in events
        if event.kind is Kind.SIGNAL and event.data.get("name") == name and event.at >= watch.started - 1
    ]


def _resets(watch: WatchRun, width: int) -> list[Content]:
    if not watch.resets:
        return []
    lines: list[Content] = [EMPTY]
    for at, signal, words in watch.resets[-3:]:
        lines += wrapped(f"the clock started again: {signal}, {words}", width, "text", first=line((f"{hour(at)}  ", "dim")), indent=10, limit=2)
    return lines


def _meanwhile(run: Run, glance: Glance, width: int) -> list[Content]:
    """Shows what can be paid while it holds."""
    path = glance.path
    lines: list[Content] = []
    keys: list[Content] = []
    for key, debt in (("g", "git"), ("a", "auto-sync"), ("i", IMAGE_UPDATER_DEBT.id)):
        if not may_be_paid(run, debt):
            continue
        steps = [step for step in (path.steps if path else ()) if debt in step.pays]
        for step in steps[:1]:
            state = next((one for one in run.steps if one.id == step.id), None)
            if state is None or state.at_rest.status.over:
                continue
            keys.append(line("   ", (f"{key} ", "key"), (step.title, "text")))
            lines.append(sides(line("  ", (f"{key}  ", "key"), (start(step.title, width - 20), "text")), line(("pays a debt", "dim")), width))
    if not lines or width >= 80:
        return [EMPTY, line(("While it holds", "dim")), *lines] if lines else []
    return [line(("While it holds", "dim"), *(row.rstrip() for row in keys))]


def may_be_paid(run: Run, debt: str) -> bool:
    """Returns whether the step that pays a debt is worth a key: few estates have an Image Updater, so that one only once it was stopped."""
    return debt != IMAGE_UPDATER_DEBT.id or any(one.id == debt for one in run.open_debts)


def _goes_on(watch: WatchRun) -> str:
    if watch.over:
        return "The watch is over. F closes the run."
    return "You may quit: the watch goes on without the screen."
