"""Commands that the tool runs, as values."""

from dataclasses import dataclass
from pathlib import PurePath


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a command is that outlives whoever started it."""

    running: bool
    pid: int
    """0: nobody had written it down, and it has ended."""
    ours: bool
    """Whether this very process started it."""
    code: int | None
    """Exit code where this process started it and it has ended; negative: the signal that ended it."""
    lines: tuple[str, ...]
    """The last lines of its output, harmless and without secrets, oldest first."""
    interrupted: bool
    """Whether it was asked to stop."""

    @property
    def last(self) -> str:
        """What it said last; empty: nothing."""
        return self.lines[-1] if self.lines else ""


@dataclass(frozen=True, slots=True)
class MigrateProgram:
    """A `migrate` that was proved to be golang-migrate."""

    path: str
    version: str
    """e.g. `4.18.1`."""


@dataclass(frozen=True, slots=True)
class MigrateOrder:
    """What migrate shall do."""

    service: str
    source: PurePath
    """Folder of the migrations."""
    verb: tuple[str, ...]
    """e.g. `("goto", "41")`."""
    statement_seconds: float
    """When the server gives a single file's SQL up."""
    encrypted: bool
    """Whether the server speaks TLS; matters where the address leaves it open."""
