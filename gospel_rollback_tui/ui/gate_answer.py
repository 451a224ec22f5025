"""What the journal says of a confirmation that was handed to the gate: let through, moved, or not taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.preview import Preview, preview_from_json

_ACTED = frozenset({Kind.INTENT, Kind.RESULT, Kind.VERIFIED, Kind.FAILED, Kind.UNDONE})
"""Records that prove that the gate let the step through."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The gate let it through."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Facts moved; nothing was sent, and this is armed now."""

    preview: Preview
    moved: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Nothing was sent, and why."""

    reason: str


GateAnswer = Sent | Moved | NotTaken


def gate_answer(events: Sequence[Event], step: str, *, calls: bool) -> GateAnswer | None:
    """Returns what the records behind a confirmation say of the step; None: nothing yet.

    `calls` is whether the step sends anything: one that only observes is under way as soon as it is confirmed.
    """
    moved: tuple[tuple[str, str, str], ...] = ()
    for event in events:
        if event.data.get("step") != step:
            continue
        if event.kind in _ACTED or (event.kind is Kind.CONFIRMED and not calls):
            return Sent()
        if event.kind is Kind.REFUSED:
            return NotTaken(str(event.data["reason"]))
        if event.kind is Kind.MOVED:
            moved = tuple((str(name), str(old), str(new)) for name, old, new in event.data["moved"])
        if event.kind is Kind.PREVIEWED and moved:
            return Moved(preview_from_json(event.data["preview"]), moved)
    return None
