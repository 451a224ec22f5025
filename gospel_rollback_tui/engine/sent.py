"""What became of one call, as the parts of the engine tell each other."""

from dataclasses import dataclass
from enum import Enum


class Next(Enum):
    """What follows for the step from what became of one of its calls."""

    GO_ON = "go on"
    STOP = "stop"
    """The rest is not sent; undo is offered for what was."""
    AGAIN = "again"
    """Nothing counts as failed: the step is armed again."""
    UNKNOWN = "unknown"
    """Nobody knows what became of it: the world is looked at first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one call."""

    next: Next
    reason: str = ""
