"""What the repair of lost data asks of the two databases, the live one and the one restored beside it.

Reads raise `UsageError` where no address is configured, `NotSent` and its kinds, `NotFound` and `Refused`.
"""

from collections.abc import Sequence
from typing import Protocol

from gospel_rollback_tui.domain.databases import Count, DatabaseIdentity, Session
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.preview import Json
from gospel_rollback_tui.domain.repair import Beside, Newest, Tally
from gospel_rollback_tui.domain.repair_plan import Sides
from gospel_rollback_tui.domain.repair_sql import TallyText
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


class RestoredInstances(Protocol):
    """Knows what was restored."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the restored instances to choose from."""

    def beside(self, request: StepRequest) -> Beside:
        """Returns the chosen restored instance, or the newest; raises Refused where there is none, or it is not available."""


class Repairs(Protocol):
    """Reads both sides of a service's database, and writes to the live one; `beside` None means the live one."""

    def identity(self, service: str, beside: Beside | None) -> DatabaseIdentity:
        """Returns which database of which server answers."""

    def head(self, service: str, beside: Beside | None) -> SchemaHead:
        """Returns the version that the service's migrations are at."""

    def sessions(self, service: str, beside: Beside | None) -> tuple[Session, ...]:
        """Returns who is connected to the database, ourselves and the server's own left out."""

    def sides(self, service: str, beside: Beside, tables: Sequence[str]) -> tuple[Sides, ...]:
        """Returns each table on both sides, looked for on the live side under the name that it has on the restored one."""

    def absent_types(self, service: str, types: Sequence[str]) -> tuple[str, ...]:
        """Returns those types that the live side has not got."""

    def may_create(self, service: str) -> bool:
        """Returns whether the live side lets this role make a schema."""

    def target(self, service: str, beside: Beside | None) -> str:
        """Returns how psql is told where to connect, without a password."""

    def structure(self, service: str, beside: Beside, schema: str, table: str) -> str:
        """Returns the SQL that makes a table of the restored side, without rows; raises NotSent where no pg_dump can tell."""

    def marks(self, service: str, schema: str) -> frozenset[str] | None:
        """Returns what the staging schema says is done; None: there is no such schema."""

    def busy(self, service: str, lock: int) -> bool:
        """Returns whether a session is at work on the repair."""

    def tally(self, service: str, beside: Beside, text: TallyText, seconds: float) -> Tally | None:
        """Compares one table's keys on both sides; None: not within the seconds, or too many."""

    def tally_staged(self, service: str, text: TallyText, seconds: float) -> Tally | None:
        """The same once the copy is staged, in one query; None: not within the seconds."""

    def number(self, service: str, query: str, seconds: float) -> int | None:
        """Returns the one number that a query on the live side counts; None: not within the seconds."""

    def stage(self, service: str, beside: Beside, body: Json) -> str:
        """Copies into the staging schema in one transaction, and returns what was copied; raises as a change does."""

    def carry_out(self, service: str, statements: Sequence[str]) -> str:
        """Carries one whole transaction out, statement by statement; raises FactsMoved where a guard in it ends it."""

    def count(self, service: str, beside: Beside | None, losses: Sequence[Loss], deadline: float) -> tuple[Count, ...]:
        """Returns the rows or values there are, counted as far as the seconds reach, estimated beyond."""

    def tables(self, service: str, beside: Beside | None) -> tuple[Count, ...]:
        """Returns what PostgreSQL believes each of the service's tables holds, largest first."""

    def newest(self, service: str, beside: Beside, tables: Sequence[str], seconds: float) -> tuple[Newest, ...]:
        """Returns the newest row of each table that has a column of a time for it."""
