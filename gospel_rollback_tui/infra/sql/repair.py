"""Implements the actions' `Repairs` on two PostgreSQLs: the live one, and the one restored beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import cast

from psycopg import errors, sql

from gospel_rollback_tui.domain.databases import Count, DatabaseIdentity, Session
from gospel_rollback_tui.domain.errors import Forbidden
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.repair import Beside, Newest, TableShape, Tally
from gospel_rollback_tui.domain.repair_sql import RECORD, TallyText
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.comparing import compared
from gospel_rollback_tui.infra.sql.copying import carried_out, staged
from gospel_rollback_tui.infra.sql.counting import estimated
from gospel_rollback_tui.infra.sql.passfile import password_of
from gospel_rollback_tui.infra.sql.schema import PostgresSchema
from gospel_rollback_tui.infra.sql.session import STATEMENT_SECONDS, Connection, reading
from gospel_rollback_tui.infra.sql.shapes import full_name, shapes
from gospel_rollback_tui.infra.sql.structure import structure

_MARKS = sql.SQL("SELECT what FROM {}")
_SCHEMA = b"SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s), to_regclass(quote_ident(%s) || '.record') IS NOT NULL"
_TABLES = b"""
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^(pg_|rollback_)'
 ORDER BY c.reltuples DESC, 1 LIMIT 500
"""
_MOMENTS = b"""
SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass(%s) AND a.attnum > 0 AND NOT a.attisdropped
   AND a.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype, 'date'::regtype) AND a.attname ~ '^(updated|modified|changed|created|inserted)'
 ORDER BY CASE WHEN a.attname ~ '^(updated|modified|changed)' THEN 0 ELSE 1 END, a.attnum LIMIT 1
"""


def address_beside(address: DatabaseAddress, host: str, port: int) -> DatabaseAddress:
    """Returns the same role and database on a restored instance, with the password that is used for the live one."""
    return replace(address, host=host, port=port, password=password_of(address))


@dataclass(frozen=True, slots=True)
class PostgresRepair:
    """Reads both sides, and writes to the live one."""

    address_of: Callable[[str], DatabaseAddress]
    """Service → address of the live database; raises UsageError."""
    beside: Callable[[DatabaseAddress, str, int], DatabaseAddress] = address_beside
    """(live address, host, port) → address on the restored instance."""

    def _address(self, service: str, beside: Beside | None) -> DatabaseAddress:
        address = self.address_of(service)
        return self.beside(address, beside.host, beside.port) if beside is not None else address

    @contextmanager
    def _read(self, service: str, beside: Beside | None, seconds: float = STATEMENT_SECONDS) -> Iterator[Connection]:
        with _told(beside), reading(self._address(service, beside), seconds) as connection:
            yield connection

    def _schema(self, beside: Beside | None) -> PostgresSchema:
        return PostgresSchema(lambda service: self._address(service, beside))

    def identity(self, service: str, beside: Beside | None) -> DatabaseIdentity:
        """Returns which database of which server answers."""
        with _told(beside):
            return self._schema(beside).identity(service)

    def head(self, service: str, beside: Beside | None) -> SchemaHead:
        """Returns the version that the service's migrations are at."""
        with _told(beside):
            return self._schema(beside).head(service)

    def sessions(self, service: str, beside: Beside | None) -> tuple[Session, ...]:
        """Returns who is connected to the database, ourselves and the server's own left out."""
        with _told(beside):
            return self._schema(beside).sessions(service)

    def sides(self, service: str, beside: Beside, tables: Sequence[str]) -> tuple[tuple[TableShape | None, TableShape | None], ...]:
        """Returns each table on both sides, looked for on the live side under the name that it has on the restored one."""
        with self._read(service, beside) as connection:
            names = [full_name(connection, table) for table in tables]
            before = shapes(connection, names)
        with self._read(service, None) as connection:
            return tuple(zip(before, shapes(connection, names), strict=True))

    def absent_types(self, service: str, types: Sequence[str]) -> tuple[str, ...]:
        """Returns those types that the live side has not got."""
        with self._read(service, None) as connection:
            connection.execute(b"SET search_path = ''")
            return tuple(each for each in types if not _known(connection, each))

    def may_create(self, service: str) -> bool:
        """Returns whether the live side lets this role make a schema."""
        with self._read(service, None) as connection:
            row = connection.execute(b"SELECT has_database_privilege(current_database(), 'CREATE')").fetchone()
            return bool(row and row[0])

    def target(self, service: str, beside: Beside | None) -> str:
        """Returns how psql is told where to connect, without a password."""
        address = self._address(service, beside)
        mode = f" sslmode={address.sslmode}" if address.sslmode else ""
        return f"host={address.host} port={address.port} dbname={address.dbname} user={address.user}{mode}"

    def structure(self, service: str, beside: Beside, schema: str, table: str) -> str:
        """Returns the SQL that makes a table of the restored side; raises NotSent where no pg_dump can tell."""
        name = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, table))
        return structure(self._address(service, beside), name)

    def marks(self, service: str, schema: str) -> frozenset[str] | None:
        """Returns what the staging schema says is done; None: there is no such schema."""
        with self._read(service, None) as connection:
            there, noted = connection.execute(_SCHEMA, (schema, schema)).fetchone() or (False, False)
            if not there or not noted:
                return frozenset() if there else None
            return frozenset(str(row[0]) for row in connection.execute(_MARKS.format(sql.Identifier(schema, RECORD))).fetchall())

    def busy(self, service: str, lock: int) -> bool:
        """Returns whether a session is at work on the repair: it would hold its lock."""
        with self._read(service, None) as connection:
            row = connection.execute(b"SELECT pg_try_advisory_xact_lock(%s)", (lock,)).fetchone()
            return not (row and row[0])

    def tally(self, service: str, beside: Beside, text: TallyText, seconds: float) -> Tally | None:
        """Compares one table's keys on both sides; None: not within the seconds, or too many."""
        with self._read(service, beside, seconds) as side, self._read(service, None, seconds) as live:
            return compared(side, live, text, seconds)

    def tally_staged(self, service: str, text: TallyText, seconds: float) -> Tally | None:
        """The same once the copy is staged, in one query; None: not within the seconds."""
        row = self._numbers(service, text.both, seconds)
        return Tally(*row) if row is not None else None

    def number(self, service: str, query: str, seconds: float) -> int | None:
        """Returns the one number that a query on the live side counts; None: not within the seconds."""
        row = self._numbers(service, query, seconds)
        return row[0] if row is not None else None

    def _numbers(self, service: str, query: str, seconds: float) -> tuple[int, ...] | None:
        with self._read(service, None, seconds) as connection:
            try:
                row = connection.execute(query.encode()).fetchone()
            except (errors.QueryCanceled, errors.LockNotAvailable):
                connection.rollback()
                return None
        return tuple(int(cast("int", value)) for value in row) if row is not None else None

    def stage(self, service: str, beside: Beside, body: Mapping[str, object]) -> str:
        """Copies into the staging schema in one transaction, and returns what was copied."""
        source = self._address(service, beside)
        with _told(beside), reading(source, cast("float", body["seconds"])) as side:
            return staged(side, source, self.address_of(service), body)

    def carry_out(self, service: str, statements: Sequence[str]) -> str:
        """Carries one whole transaction out, statement by statement; raises FactsMoved where a guard in it ends it."""
        return carried_out(self.address_of(service), statements)

    def count(self, service: str, beside: Beside | None, losses: Sequence[Loss], deadline: float) -> tuple[Count, ...]:
        """Returns the rows or values there are, counted as far as the seconds reach, estimated beyond."""
        with _told(beside):
            return self._schema(beside).count(service, losses, deadline)

    def tables(self, service: str, beside: Beside | None) -> tuple[Count, ...]:
        """Returns what PostgreSQL believes each of the service's tables holds, largest first."""
        with self._read(service, beside) as connection:
            names = [str(row[0]) for row in connection.execute(_TABLES).fetchall()]
            return tuple(estimated(connection, name) for name in names)

    def newest(self, service: str, beside: Beside, tables: Sequence[str], seconds: float) -> tuple[Newest, ...]:
        """Returns the newest row of each table that has a column of a time for it."""
        with self._read(service, beside, seconds) as connection:
            return tuple(_newest(connection, table) for table in tables)


def _newest(connection: Connection, table: str) -> Newest:
    name = full_name(connection, table)
    row = connection.execute(_MOMENTS, (name,)).fetchone() if name else None
    if row is None:
        return Newest(table, "", None)
    column = str(row[0])
    try:
        query = sql.SQL("SELECT extract(epoch FROM max({}))::float8 FROM {}").format(sql.Identifier(column), sql.SQL(name))
        found = connection.execute(query).fetchone()
    except (errors.QueryCanceled, errors.LockNotAvailable, errors.InsufficientPrivilege):
        connection.rollback()
        return Newest(table, column, None)
    return Newest(table, column, cast("float | None", found[0] if found else None))


def _known(connection: Connection, name: str) -> bool:
    try:
        row = connection.execute(b"SELECT to_regtype(%s) IS NOT NULL", (name,)).fetchone()
    except errors.Error:
        connection.rollback()  # a type whose schema is not there
        return False
    return bool(row and row[0])


@contextmanager
def _told(beside: Beside | None) -> Iterator[None]:
    """Says of a login that the restored side refuses why that may be."""
    try:
        yield
    except Forbidden as error:
        if beside is None:
            raise
        words = f"{error.text} {beside.identifier} has the roles and passwords of its restore point."
        raise Forbidden(words, next_step="Give the role today's password there (`ALTER ROLE`), or reset the master's in the console.") from None
