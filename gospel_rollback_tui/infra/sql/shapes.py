"""Reads what a table is made of: columns, key, constraints, indexes and triggers, with every name as SQL takes it."""

import json
from collections.abc import Sequence
from typing import Any, cast

from psycopg import errors

from gospel_rollback_tui.domain.repair import ColumnShape, Part, TableShape
from gospel_rollback_tui.infra.sql.session import Connection

_NAME = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%s)
"""
_SHAPE = """
SELECT json_build_object(
  'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
  'hidden', row_security_active(c.oid), 'owned', pg_has_role(c.relowner, 'USAGE'), 'readable', has_table_privilege(c.oid, 'SELECT'),
  'columns', (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                CASE WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END, a.attgenerated <> '',
                CASE WHEN a.attcollation <> t.typcollation THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) ELSE '' END,
                coalesce(pg_get_serial_sequence(%(name)s, a.attname), '')) ORDER BY a.attnum), '[]')
              FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
              LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
              LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  'key', (SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
          FROM pg_constraint p, unnest(p.conkey) WITH ORDINALITY AS k (number, place), pg_attribute a
          WHERE p.conrelid = c.oid AND p.contype = 'p' AND a.attrelid = c.oid AND a.attnum = k.number),
  'parts', (SELECT coalesce(json_agg(json_build_array(part.columns, part.definition) ORDER BY part.definition), '[]') FROM (
              SELECT array(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(p.conkey)) AS columns,
                     quote_ident(p.conname) || ' ' || pg_get_constraintdef(p.oid) AS definition
                FROM pg_constraint p WHERE p.conrelid = c.oid
              UNION ALL
              SELECT array(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY(i.indkey::int2[])), pg_get_indexdef(i.indexrelid)
                FROM pg_index i WHERE i.indrelid = c.oid AND NOT EXISTS (SELECT FROM pg_constraint p WHERE p.conindid = i.indexrelid)) part),
  'triggers', (SELECT coalesce(json_agg(g.tgname ORDER BY g.tgname), '[]') FROM pg_trigger g
               WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A') AND g.tgtype & 20 <> 0))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass(%(name)s)
"""
_ALL_QUALIFIED = b"SET search_path = ''"
"""So that each type and each definition is told with its schema."""


def full_name(connection: Connection, table: str) -> str:
    """Returns a table's name with its schema, ready for SQL; empty: there is none of that name."""
    try:
        row = connection.execute(_NAME.encode(), (table,)).fetchone()
    except errors.Error:
        connection.rollback()  # a name that is none, such as one of four parts
        return ""
    return str(row[0]) if row is not None else ""


def shapes(connection: Connection, names: Sequence[str]) -> tuple[TableShape | None, ...]:
    """Returns each table of those full names; None: it is not there, or its name is empty."""
    connection.execute(_ALL_QUALIFIED)
    return tuple(_shape(connection, name) if name else None for name in names)


def _shape(connection: Connection, name: str) -> TableShape | None:
    row = connection.execute(_SHAPE.encode(), {"name": name}).fetchone()
    if row is None:
        return None
    told = cast("dict[str, Any]", row[0] if isinstance(row[0], dict) else json.loads(str(row[0])))
    return TableShape(
        told["schema"],
        told["name"],
        told["kind"],
        tuple(ColumnShape(*column) for column in told["columns"]),
        tuple(told["key"]),
        tuple(Part(tuple(columns), definition) for columns, definition in told["parts"]),
        tuple(told["triggers"]),
        told["hidden"],
        told["owned"],
        told["readable"],
    )
