"""What an app may ask of a run: one decision, one JSON object on the socket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

PROTOCOL_VERSION = 1
"""Of the socket's JSON lines; an app of another version follows read-only."""


class Verb(Enum):
    """The decisions there are; the fields of `Decision.data` are listed beside each."""

    OPEN = "open"
    """run_opened{…}, chosen{…} (as the events' data): opens the run, takes the lock, arms the first step."""
    ARM = "arm"
    """step: previews the step (again) and arms it."""
    CHOOSE = "choose"
    """step, inputs{name: value}: live choices and asked values; arms again."""
    CONFIRM = "confirm"
    """step, attempt, fingerprint, danger (word), typed, second_person, break_glass, reason."""
    DECLINE = "decline"
    """step, attempt: go back, nothing is sent."""
    BY_HAND = "by hand"
    """step, note: the operator did it; verified if a probe can see it, else asserted."""
    SKIP = "skip"
    """step, reason."""
    UNDO = "undo"
    """step: previews putting back what the step did, and arms that."""
    VERIFY = "verify"
    """step: looks at the world again (after UNKNOWN or a failed verification)."""
    SIGN_DEBT = "sign debt"
    """debt, reason."""
    PAY_DEBT = "pay debt"
    """debt, how: for debts that are paid by hand."""
    END_EARLY = "end early"
    """reason: ends the stability watch."""
    TAKE_OVER = "take over"
    """reason: takes the environment's lock from its holder."""
    CREDENTIALS = "credentials"
    """(none): the operator logged in again; try what waited."""
    NOTE = "note"
    """text."""
    ABORT = "abort"
    """reason: sends nothing further; what is in flight is waited for."""
    CLOSE = "close"
    """reason (needed without a symptom, or with open debts)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with who made it."""

    verb: Verb
    who: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Returns the decision as it goes over the socket."""
        return {"version": PROTOCOL_VERSION, "verb": self.verb.value, "who": self.who, "data": dict(self.data)}


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer: taken, or why not."""

    taken: bool
    text: str = ""


def decision_from_json(data: Mapping[str, Any]) -> Decision:
    """Returns the decision of that JSON object; raises ValueError if it is none, or of another version."""
    if data.get("version") != PROTOCOL_VERSION:
        raise ValueError(f"protocol version {data.get('version')!r}, this side speaks {PROTOCOL_VERSION}")
    try:
        return Decision(Verb(data["verb"]), str(data["who"]), dict(data["data"]))
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a decision: {error}") from None
