"""Which tool migrates a database, told by the tables that such tools leave, and which of them is the service's own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

GOLANG_MIGRATE = "golang-migrate"
_RUNNERS = MappingProxyType(
    {
        "alembic_version": "Alembic",
        "django_migrations": "Django",
        "flyway_schema_history": "Flyway",
        "databasechangelog": "Liquibase",
        "_prisma_migrations": "Prisma",
        "knex_migrations": "Knex",
        "goose_db_version": "goose",
        "sequelizemeta": "Sequelize",
        "__efmigrationshistory": "Entity Framework",
    }
)
"""Name of the table, in small letters → the tool that keeps it."""
_RAILS = "ar_internal_metadata"
_SHARED = "schema_migrations"
"""A name that golang-migrate, dbmate and Rails all use; the columns tell them apart."""
NAMES = (*_RUNNERS, _RAILS, _SHARED)
"""Table names worth looking for, in small letters."""
_SHAPE = ("dirty boolean", "version bigint")


@dataclass(frozen=True, slots=True)
class MigrationTable:
    """A table that may count migrations."""

    schema: str
    name: str
    columns: tuple[str, ...]
    """`NAME TYPE` of each."""
    readable: bool = True
    """Whether our role may read it."""

    @property
    def full(self) -> str:
        """Schema and name."""
        return f"{self.schema}.{self.name}"

    @property
    def counts_versions(self) -> bool:
        """Whether it has golang-migrate's own two columns."""
        return tuple(sorted(self.columns)) == _SHAPE


def runner_of(table: MigrationTable, beside: Iterable[MigrationTable] = ()) -> str:
    """Returns the tool that keeps the table; empty: none that is known.

    Args:
        table: The table.
        beside: Every table that was found in the database.
    """
    if table.counts_versions:
        return GOLANG_MIGRATE
    if table.name.lower() in _RUNNERS:
        return _RUNNERS[table.name.lower()]
    if table.name.lower() == _SHARED and any(column.startswith("version ") for column in table.columns):
        return "Rails" if any(one.name == _RAILS and one.schema == table.schema for one in beside) else "dbmate"
    return ""


def chosen_table(tables: Sequence[MigrationTable], schema: str, name: str, first_schema: str) -> MigrationTable | None:
    """Returns the table that golang-migrate itself would read; None: it is not there, or is another tool's.

    Args:
        tables: Every table that was found.
        schema: The configured schema; empty: none.
        name: The configured name.
        first_schema: Where the role's unqualified names lead, which is where golang-migrate looks.
    """
    wanted = schema or first_schema
    return next((one for one in tables if one.name == name and one.schema == wanted and one.counts_versions), None)


def other_tables(tables: Sequence[MigrationTable], chosen: MigrationTable | None) -> tuple[str, ...]:
    """Returns whose tables were found besides, each with its name, e.g. `Alembic (public.alembic_version)`."""
    named = ((runner_of(one, tables), one) for one in tables if one != chosen)
    return tuple(f"{runner} ({one.full})" for runner, one in named if runner)
