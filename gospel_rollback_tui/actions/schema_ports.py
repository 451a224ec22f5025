"""What actions ask of a service's database, of the migrations in git, and of the command that migrates.

Reads of the database raise `UsageError` where no address is configured, `NotSent` and its kinds, `NotFound` and `Refused`.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gospel_rollback_tui.domain.commits import Commit, Tag
from gospel_rollback_tui.domain.databases import Column, Count, DatabaseIdentity, Session
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.processes import MigrateOrder, MigrateProgram, Progress


class Databases(Protocol):
    """Reads the services' databases; nothing here writes, creates or waits for long."""

    def identity(self, service: str) -> DatabaseIdentity:
        """Returns which database of which server answers."""

    def cautions(self, service: str) -> tuple[str, ...]:
        """Returns what is wrong with the way to it, in sentences."""

    def head(self, service: str) -> SchemaHead:
        """Returns the version that the service's migrations are at."""

    def holders(self, service: str) -> tuple[Session, ...]:
        """Returns who holds, or waits for, a lock that golang-migrate takes, as a command or inside the service."""

    def blockers(self, service: str) -> tuple[Session, ...]:
        """Returns whom a migrate that we started waits behind."""

    def long_transactions(self, service: str) -> tuple[Session, ...]:
        """Returns the transactions older than half a minute, oldest first."""

    def columns(self, service: str) -> frozenset[Column]:
        """Returns every column of every table and view of the service's own."""

    def estimates(self, service: str, tables: Collection[str]) -> Mapping[str, Count]:
        """Returns the rows that PostgreSQL believes each table has."""

    def count(self, service: str, losses: Sequence[Loss], deadline: float) -> tuple[Count, ...]:
        """Returns how much each loss takes, counted exactly as far as the seconds reach, estimated beyond."""


class MigrationSources(Protocol):
    """Reads migrations in git, as of the last fetch."""

    def fetch(self) -> None:
        """Brings branch and tags as the remote has them."""

    def tags(self, prefix: str = "") -> tuple[Tag, ...]:
        """Returns the release tags, newest version first."""

    def log(self, folder: str, limit: int) -> tuple[Commit, ...]:
        """Returns the states of the branch that changed the folder, newest first."""

    def commit(self, sha: str, folder: str = "") -> Commit:
        """Returns one commit; raises NotFound when it is gone."""

    def texts(self, revision: str, folder: str) -> dict[str, str]:
        """Returns name → text of the files right in a folder; empty: the revision has no such folder."""


class MigrateRunner(Protocol):
    """Runs golang-migrate so that it outlives whoever started it."""

    def program(self) -> MigrateProgram:
        """Returns the proved migrate of this machine; raises NotSent with what is wrong with it."""

    def command(self, order: MigrateOrder, program: str = "migrate") -> tuple[str, ...]:
        """Returns the whole command, without a password."""

    def source(self, name: str) -> Path:
        """Returns the folder that a command's migrations are written into."""

    def start(self, name: str, order: MigrateOrder, files: Mapping[str, str]) -> None:
        """Writes the migrations and starts migrate, once under that name; raises NotSent, or Refused when it was started before."""

    def look(self, name: str, service: str) -> Progress | None:
        """Returns where the command is; None: it was never started."""

    def interrupt(self, name: str) -> bool:
        """Asks the command to stop, once; returns whether it was asked now."""
