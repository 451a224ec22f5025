"""What a service's database says about its migrations, its sessions and its columns: by SQL alone, and without creating anything."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from psycopg import errors, sql

from gospel_rollback_tui.domain.databases import Column, Count, DatabaseIdentity, Session, migrate_lock_ids
from gospel_rollback_tui.domain.errors import Forbidden
from gospel_rollback_tui.domain.migration_tables import NAMES, MigrationTable, chosen_table, other_tables
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.heads import SchemaHead
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.counting import counted, estimated
from gospel_rollback_tui.infra.sql.session import APPLICATION, MIGRATE_APPLICATION, Connection, reading

LONG_SECONDS = 30.0
"""Age from which a transaction is told: whatever alters its tables waits behind it, and everybody else behind that."""
_WIDTH = 120
_MOST_SESSIONS = 20
_IDENTITY = """
SELECT current_database(), current_user, coalesce(current_schema(), ''), current_setting('server_version'), extract(epoch FROM now())::float8,
       coalesce(host(inet_server_addr()) || ':' || inet_server_port(), 'a socket of this machine'),
       CASE WHEN pg_is_in_recovery() THEN '' ELSE pg_current_wal_lsn()::text END
"""
_READ_ONLY = "SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on', coalesce(current_schema(), '')"
_TABLES = """
SELECT n.nspname, c.relname, has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE'),
       array_agg(a.attname || ' ' || format_type(a.atttypid, NULL) ORDER BY a.attnum)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
 GROUP BY n.nspname, n.oid, c.relname, c.oid
HAVING lower(c.relname) = ANY(%s) OR (count(*) = 2 AND bool_or(a.attname = 'version' AND a.atttypid = 'int8'::regtype)
                                                   AND bool_or(a.attname = 'dirty' AND a.atttypid = 'bool'::regtype))
 ORDER BY 1, 2
"""
_HOLDERS = """
SELECT l.pid, a.usename, a.application_name, a.state, extract(epoch FROM now() - coalesce(a.xact_start, a.backend_start))::float8,
       a.query, '{}'::text[], NOT l.granted
  FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objsubid = 1 AND l.objid::bigint = ANY(%s)
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY l.granted DESC, l.pid
"""
_LONG = """
SELECT a.pid, a.usename, a.application_name, a.state, extract(epoch FROM now() - a.xact_start)::float8, a.query, coalesce(held.tables, '{}'), false
  FROM pg_stat_activity a LEFT JOIN (
       SELECT l.pid, array_agg(DISTINCT n.nspname || '.' || c.relname) AS tables
         FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE l.granted AND c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
        GROUP BY l.pid) AS held USING (pid)
 WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
   AND (a.xact_start < now() - make_interval(secs => %s) AND a.backend_type = 'client backend'
        OR a.backend_type IS NULL AND a.usename IS NOT NULL AND held.tables IS NOT NULL)
 ORDER BY a.xact_start LIMIT %s
"""
"""Sessions of other roles are hidden from one without pg_monitor, age included: those are told by the locks that they hold, which nothing hides."""
_CONNECTED = """
SELECT a.pid, a.usename, a.application_name, a.state, extract(epoch FROM now() - coalesce(a.xact_start, a.backend_start))::float8, '', '{}'::text[], false
  FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
 WHERE a.datname = current_database() AND coalesce(a.backend_type, 'client backend') = 'client backend' AND NOT r.rolsuper
   AND a.pid <> pg_backend_pid() AND a.application_name <> ALL(%s)
 ORDER BY a.application_name, a.pid LIMIT %s
"""
_BLOCKERS = """
SELECT b.pid, b.usename, b.application_name, b.state, extract(epoch FROM now() - coalesce(b.xact_start, b.backend_start))::float8, b.query, '{}'::text[], false
  FROM pg_stat_activity b
 WHERE b.pid = ANY(SELECT unnest(pg_blocking_pids(a.pid)) FROM pg_stat_activity a WHERE a.datname = current_database() AND a.application_name = %s)
 ORDER BY b.pid
"""
_COLUMNS = """
SELECT s.name, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN LATERAL (VALUES (n.nspname), (CASE WHEN pg_table_is_visible(c.oid) THEN '' END)) AS s(name) ON s.name IS NOT NULL
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
   AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
"""


@dataclass(frozen=True, slots=True)
class PostgresSchema:
    """Implements the actions' `Databases` on PostgreSQL."""

    address_of: Callable[[str], DatabaseAddress]
    """Service → address, read anew for each question; raises UsageError."""
    now: Callable[[], float] = time.time

    def identity(self, service: str) -> DatabaseIdentity:
        """Returns which database of which server answers."""
        with reading(self.address_of(service)) as connection:
            name, user, schema, version, now, server, position = cast("tuple[Any, ...]", _one(connection, _IDENTITY))
            encrypted = bool(connection.pgconn.ssl_in_use)
            return DatabaseIdentity(_system(connection), server, name, user, schema, str(version).partition(" ")[0], now, position, encrypted)

    def cautions(self, service: str) -> tuple[str, ...]:
        """Returns what is wrong with the way to the database, in sentences."""
        address = self.address_of(service)
        found = []
        if address.unproved:
            found.append(f"{address.source} does not ask the server to prove itself: write sslmode=verify-full.")
        if address.pooled:
            found.append(f"Port {address.port} is usually a pooler, behind which migrate's lock means nothing: name the database's own endpoint.")
        return tuple(found)

    def head(self, service: str) -> SchemaHead:
        """Returns the version that the service's migrations are at, and which other tools left tables."""
        address = self.address_of(service)
        with reading(address) as connection:
            read_only, first_schema = _one(connection, _READ_ONLY)
            found = [MigrationTable(schema, name, tuple(columns), readable) for schema, name, readable, columns in _rows(connection, _TABLES, (list(NAMES),))]
            chosen = chosen_table(found, address.schema, address.table, str(first_schema))
            others = other_tables(found, chosen)
            if chosen is None:
                return SchemaHead(None, dirty=False, table="", read_only=bool(read_only), others=others, at=self.now())
            if not chosen.readable:
                raise Forbidden(
                    f"{address.user} may not read {chosen.full}.", next_step=f"Grant SELECT on it to {address.user}, or name another role in {address.source}."
                )
            row = connection.execute(sql.SQL("SELECT version, dirty FROM {} LIMIT 1").format(sql.Identifier(chosen.schema, chosen.name))).fetchone()
            version, dirty = (int(cast("int", row[0])), bool(row[1])) if row is not None else (None, False)
            return SchemaHead(version, dirty=dirty, table=chosen.full, read_only=bool(read_only), others=others, at=self.now())

    def holders(self, service: str) -> tuple[Session, ...]:
        """Returns who holds, or waits for, a lock that golang-migrate takes, as a command or inside the service."""
        address = self.address_of(service)
        with reading(address) as connection:
            name, schema = cast("tuple[str, str]", _one(connection, "SELECT current_database(), coalesce(current_schema(), '')"))
            ids = migrate_lock_ids(name, address.schema or schema, address.table)
            return tuple(_session(row) for row in _rows(connection, _HOLDERS, (list(ids),)))

    def blockers(self, service: str) -> tuple[Session, ...]:
        """Returns whom a migrate that we started waits behind; nobody: it waits for no lock, or does not run."""
        with reading(self.address_of(service)) as connection:
            return tuple(_session(row) for row in _rows(connection, _BLOCKERS, (MIGRATE_APPLICATION,)))

    def long_transactions(self, service: str, seconds: float = LONG_SECONDS) -> tuple[Session, ...]:
        """Returns the transactions that are older, oldest first, with the tables they hold; those whose age is hidden too, if they hold any."""
        with reading(self.address_of(service)) as connection:
            return tuple(_session(row) for row in _rows(connection, _LONG, (seconds, _MOST_SESSIONS)))

    def sessions(self, service: str) -> tuple[Session, ...]:
        """Returns who is connected; sessions of this program and of superusers, which are the server's own on RDS, are left out."""
        with reading(self.address_of(service)) as connection:
            return tuple(_session(row) for row in _rows(connection, _CONNECTED, ([APPLICATION, MIGRATE_APPLICATION], _MOST_SESSIONS)))

    def columns(self, service: str) -> frozenset[Column]:
        """Returns every column of every table and view that is not PostgreSQL's own; twice where a name without a schema leads there."""
        with reading(self.address_of(service)) as connection:
            return frozenset(cast("list[Column]", _rows(connection, _COLUMNS)))

    def estimates(self, service: str, tables: Collection[str]) -> Mapping[str, Count]:
        """Returns the rows that PostgreSQL believes each table has; at once, whatever their size."""
        with reading(self.address_of(service)) as connection:
            return {table: estimated(connection, table) for table in tables}

    def count(self, service: str, losses: Sequence[Loss], deadline: float) -> tuple[Count, ...]:
        """Returns how much each loss takes, counted exactly as far as the seconds reach, estimated beyond."""
        with reading(self.address_of(service)) as connection:
            return counted(connection, losses, deadline)


def _one(connection: Connection, statement: str) -> tuple[object, ...]:
    row = connection.execute(statement.encode()).fetchone()
    assert row is not None, "a SELECT without FROM has one row"
    return row


def _rows(connection: Connection, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    return connection.execute(statement.encode(), values or None).fetchall()


def _system(connection: Connection) -> str:
    try:
        return str(_one(connection, "SELECT system_identifier FROM pg_control_system()")[0])
    except errors.InsufficientPrivilege:
        connection.rollback()
        return ""


def _session(row: tuple[Any, ...]) -> Session:
    pid, user, application, state, seconds, query, tables, waits = row
    doing = redact(clean(" ".join(str(query or "").split()), _WIDTH))
    hidden = doing.startswith("<insufficient")
    return Session(pid, user or "", clean(application or "", 60), state or "", seconds or 0.0, "" if hidden else doing, tuple(sorted(tables)), waits)
