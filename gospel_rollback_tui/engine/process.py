"""The process an engine runs in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """A runner's process, as the journal remembers it."""

    pid: int = 0
    started: float = 0.0
    """Wall time."""
