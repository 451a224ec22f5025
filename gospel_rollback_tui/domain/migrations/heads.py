"""Where a database stands: the version that its table of migrations tells."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SchemaHead:
    """What the database itself says about its migrations, read with SQL and never by the migrating tool."""

    version: int | None = None
    """The version in the table; None: there is no row, or no table. golang-migrate writes -1 for a failed step to before the first."""
    dirty: bool = False
    """A step began and did not end well; the version is the one that the step was to lead to."""
    table: str = ""
    """The table it was read from, with its schema; empty: there is none."""
    read_only: bool = False
    """The address leads to a replica: what it says may lag behind, and no migration can run there."""
    others: tuple[str, ...] = ()
    """Tables of migrations that were found besides, with whose they are, e.g. `Alembic (alembic_version)`."""
    at: float = 0.0
    """When it was read, Unix seconds."""
