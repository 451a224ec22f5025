"""The gate before a code rollback: which migrations lie between two releases, and what old and new code do on each schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.migrations.classification import Classified
from gospel_rollback_tui.domain.migrations.files import MigrationFolder
from gospel_rollback_tui.domain.migrations.heads import SchemaHead


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """What was read about one service and its database."""

    service: str
    database: str
    """Its name, as an operator knows it."""
    head: SchemaHead | None = None
    """None: it was not read."""
    bad: MigrationFolder | None = None
    """The migrations at the running release's commit; None: they were not read."""
    good: MigrationFolder | None = None
    """The migrations at the target's commit; None: they were not read."""
    migrates_at_start: bool | None = None
    """Whether pods or hooks migrate by themselves when the code starts; None: nobody knows."""
    problem: str = ""
    """Why something could not be read."""


class Order(Enum):
    """What is done first; the value is how an operator reads it."""

    CODE_ONLY = "code only: the schema stays"
    SCHEMA_FIRST = "schema first: stop the new code, migrate down, start the old code"
    FORWARD = "forward: repair in a new release"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Cell:
    """One of the four: old or new code on the old or the new schema."""

    code: str
    """`old` or `new`."""
    schema: str
    """`old` or `new`."""
    crashes: bool | None
    """None: it may, or nobody knows; the words say which."""
    why: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What the schema says about going back to the target."""

    service: str
    database: str
    scenario: str
    """Id of the row of the matrix; empty: nobody can tell."""
    order: Order
    crossing: tuple[Classified, ...] = ()
    """Applied migrations that the target lacks, newest first."""
    cells: tuple[Cell, ...] = ()
    """Old code on old schema, old on new, new on old, new on new."""
    target: int | None = None
    """The schema version to go back to: the highest that the target ships; None: it ships none, or nobody knows."""
    refuses: str = ""
    """Why a plain code rollback would crash, or may; empty: it would not."""
    words: str = ""
    """One line for triage."""
    unknown: str = ""
    """What nobody could read; empty: everything was read."""
    head: SchemaHead | None = None
    """Where the schema stands; None: it was not read."""


def judge(facts: SchemaFacts) -> Gate:
    """Returns what the facts say about a code rollback; what is not known refuses it, with the reason."""
    return Gate(facts.service, facts.database, "", Order.UNKNOWN, unknown=facts.problem or "nothing was read", head=facts.head)


def combine(gates: Sequence[Gate]) -> Gate | None:
    """Returns the gate of the worst of several services, or None when there is none."""
    return gates[0] if gates else None
