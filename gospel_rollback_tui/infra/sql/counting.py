"""How many rows a change takes: counted while time allows, estimated from PostgreSQL's own statistics beyond."""

import time
from collections.abc import Sequence
from typing import Any, cast

from psycopg import errors, sql

from gospel_rollback_tui.domain.databases import Count, Method
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.infra.sql.session import Connection

_COUNTED = ("table", "materialized view")
"""Kinds of things that have rows."""
_LOOKUP = """
SELECT n.nspname, c.relname, c.reltuples::float8, row_security_active(c.oid), has_table_privilege(c.oid, 'SELECT')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)
"""
_FILLED = "SELECT 1 - null_frac FROM pg_stats WHERE schemaname = %s AND tablename = %s AND attname = %s"


def counted(connection: Connection, losses: Sequence[Loss], deadline: float) -> tuple[Count, ...]:
    """Returns how much each loss takes; `deadline` is in seconds, for all together."""
    until = time.monotonic() + deadline
    return tuple(_count(connection, loss, until, deadline) for loss in losses)


def _count(connection: Connection, loss: Loss, until: float, deadline: float) -> Count:
    if loss.what not in _COUNTED:
        return Count(loss.table, loss.column, None, Method.UNKNOWN, f"nobody can count what a {loss.what} holds")
    found = _found(connection, loss.table)
    if found is None:
        return Count(loss.table, loss.column, None, Method.UNKNOWN, "it is not there")
    schema, name, _, hidden, readable = found
    if not readable:
        return _guess(connection, loss, "this role may not read it")
    if hidden:
        return _guess(connection, loss, "row security hides rows from this role")
    left = until - time.monotonic()
    late = f"not counted within {deadline:g} s"
    if left <= 0:
        return _guess(connection, loss, late)
    what = sql.Identifier(loss.column) if loss.column else sql.SQL("*")
    statement = sql.SQL("SELECT count({}) FROM {}").format(what, sql.Identifier(schema, name))
    try:
        connection.execute(b"SELECT set_config('statement_timeout', %s, true)", (str(max(1, int(left * 1000))),))
        row = connection.execute(statement).fetchone()
        connection.rollback()  # the timeout was for this statement alone
    except (errors.QueryCanceled, errors.LockNotAvailable) as error:
        connection.rollback()
        return _guess(connection, loss, late if isinstance(error, errors.QueryCanceled) else "somebody holds a lock on it")
    except (errors.UndefinedColumn, errors.InsufficientPrivilege) as error:
        connection.rollback()
        gone = isinstance(error, errors.UndefinedColumn)
        return Count(loss.table, loss.column, None, Method.UNKNOWN, "it is not there") if gone else _guess(connection, loss, "this role may not read it")
    assert row is not None, "an aggregate has one row"
    return Count(loss.table, loss.column, int(cast("int", row[0])), Method.EXACT)


def _found(connection: Connection, table: str) -> tuple[Any, ...] | None:
    try:
        return connection.execute(_LOOKUP.encode(), (table,)).fetchone()
    except errors.Error:
        connection.rollback()  # a name that is none, such as one of four parts
        return None


def estimated(connection: Connection, table: str) -> Count:
    """Returns the rows that a table had when PostgreSQL last looked."""
    return _guess(connection, Loss(table, "", ""), "")


def _guess(connection: Connection, loss: Loss, why: str) -> Count:
    found = _found(connection, loss.table)
    if found is None:
        return Count(loss.table, loss.column, None, Method.UNKNOWN, "it is not there")
    schema, name, rows, _, _ = found
    if rows < 0:
        return Count(loss.table, loss.column, None, Method.UNKNOWN, f"{why}, and never analysed" if why else "never analysed")
    if loss.column:
        filled = connection.execute(_FILLED.encode(), (schema, name, loss.column)).fetchone()
        if filled is None:
            return Count(loss.table, loss.column, None, Method.UNKNOWN, f"{why}, and no statistics of it" if why else "no statistics of it")
        rows *= float(cast("float", filled[0]))
    return Count(loss.table, loss.column, round(rows), Method.ESTIMATE, why)
