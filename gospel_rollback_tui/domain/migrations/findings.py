"""What is found in a migration: kinds of effect, the statement behind each, and what is lost."""

from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.text import clean


class Trait(Enum):
    """What a migration is; the value is the word that an operator reads."""

    ADDITIVE = "additive"
    REVERSIBLE = "reversible"
    LOSSY_DOWN = "lossy down"
    MISSING_DOWN = "missing down"
    EMPTY_DOWN = "empty down"
    DATA_CHANGING = "data-changing"
    LOCKING = "locking"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found, and where."""

    trait: Trait
    file: str
    line: int
    """1-based; 0: the file as a whole."""
    statement: str
    """The SQL as written, made harmless line by line; empty when no single statement says it."""
    why: str
    """What it means, in words without a full stop."""
    one_way: bool = False
    """Alone makes the migration irreversible."""
    certain: bool = True
    """False: it depends on the data or on the code, so the words say `may`."""

    @property
    def place(self) -> str:
        """File and line, e.g. `000042_add_tax.down.sql:3`."""
        return f"{self.file}:{self.line}" if self.line else self.file


def finding(trait: Trait, file: str, line: int, statement: str, why: str, *, one_way: bool = False, certain: bool = True) -> Finding:
    """Returns a finding whose texts are harmless: names and SQL come from whoever wrote the migration."""
    shown = "\n".join(clean(each) for each in statement.split("\n"))
    return Finding(trait, clean(file), line, shown, clean(why), one_way, certain)


@dataclass(frozen=True, slots=True)
class Loss:
    """Data that a file takes away."""

    table: str
    """Schema-qualified if it was written so, quoted where PostgreSQL needs it, so that `to_regclass` reads it; for other
    things than tables, their name."""
    column: str
    """The column as the catalogue holds it, without quotes; empty: whole rows."""
    how: str
    """The statement in a few words, e.g. `DROP COLUMN`."""
    narrows: bool = False
    """The values stay, in a type that may hold less of them."""
    what: str = "table"
    """What `table` names: table, materialized view, sequence, schema, database, type, extension or role."""
