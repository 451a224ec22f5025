"""What the titles of live panes have in common: name, subject, age, and the state whenever it is not live."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.lines import Room, line, sides, start
from gospel_rollback_tui.ui.signs import UNKNOWN

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import Snapshot


def title(name: str, snapshot: Snapshot | None, now: float, room: Room, subject: str = "") -> Content:
    """Returns a pane's title: its name, what it shows, and at the right edge its age, or why it cannot be believed."""
    role = "current" if room.focused else "strong"
    left = line((name, role), "  " if subject else "", (subject, "dim"))
    return sides(left, line((standing(snapshot, now, max(8, room.width - len(name) - 2)), _role(snapshot, now))), room.width)


def standing(snapshot: Snapshot | None, now: float, width: int = 60) -> str:
    """Returns the age of a live picture, or why it may be wrong: `? stale 45 s: the connection was cut`, `? name not found 45 s` where it is narrow."""
    if snapshot is None:
        return "not started"
    age = snapshot.age(now)
    aged = "" if age is None else short_age(age)
    state = snapshot.status.seen_at(now).state
    if state is FeedState.LIVE and not snapshot.status.malformed:
        return aged
    if snapshot.known(now):
        return " ".join(part for part in (state.value if state is not FeedState.LIVE else "", aged, _odd(snapshot)) if part)
    seen = snapshot.status.seen_at(now)
    whole = f"{UNKNOWN} {state.value}{' ' + aged if aged else ''}{': ' + seen.detail if seen.detail else ''}"
    if len(whole) <= width or not seen.why:
        return start(whole, width)
    short = f"{UNKNOWN} {seen.why}"  # the reason in two words says more than the beginning of a sentence
    return start(f"{short} {aged}" if aged and len(short) + 1 + len(aged) <= width else short, width)


def believable(snapshot: Snapshot | None, now: float) -> bool:
    """Returns whether the picture may be taken for what is."""
    return snapshot is not None and snapshot.known(now)


def _odd(snapshot: Snapshot) -> str:
    return f"{snapshot.status.malformed} not understood" if snapshot.status.malformed else ""


def _role(snapshot: Snapshot | None, now: float) -> str:
    return "dim" if snapshot is None or snapshot.known(now) else "warn"
