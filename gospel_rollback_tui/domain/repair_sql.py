"""The SQL that copies into the staging schema and that counts; every name is quoted, no value of a row is ever in a text."""

# ruff: noqa: S608  every name is quoted by `identifier`, every text by `literal`, and no value of a row is in a statement

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.repair import ColumnShape, Staging, TableRepair, TableShape

RECORD = "record"
"""Table of the staging schema that says what has been done, written by the very transaction that does it."""
STAGED, APPLIED = "staged", "applied"
"""What stands in it."""


def identifier(name: str) -> str:
    """Returns a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Returns a text for SQL, as PostgreSQL reads it by default: a backslash is only a backslash."""
    return "'" + text.replace("'", "''") + "'"


def table_of(shape: TableShape) -> str:
    """Returns a table for SQL."""
    return f"{identifier(shape.schema)}.{identifier(shape.name)}"


def lost(staging: Staging, repair: TableRepair) -> str:
    """Returns the table that holds the copy."""
    return f"{identifier(staging.schema)}.lost_{repair.number}"


def filled(staging: Staging, repair: TableRepair) -> str:
    """Returns the table that holds which rows got which values back."""
    return f"{identifier(staging.schema)}.filled_{repair.number}"


def absent(staging: Staging, repair: TableRepair) -> str:
    """Returns the table that holds which rows were put back."""
    return f"{identifier(staging.schema)}.absent_{repair.number}"


def columns_of(columns: Sequence[ColumnShape], prefix: str = "") -> str:
    """Returns names for SQL, e.g. `"id", "tax"`."""
    return ", ".join(f"{prefix}{identifier(column.name)}" for column in columns)


def same_key(repair: TableRepair, one: str, other: str) -> str:
    """Returns that both name the same row."""
    return " AND ".join(f"{one}.{identifier(name)} = {other}.{identifier(name)}" for name in repair.side.key)


def key_of(repair: TableRepair, prefix: str = "") -> str:
    """Returns the key's columns."""
    return columns_of(repair.side.key_columns, prefix)


def record(staging: Staging, what: str) -> str:
    """Returns the statement that says that something is done; a second one of the same is refused by the record's own key."""
    return f"INSERT INTO {identifier(staging.schema)}.{RECORD} (what, run) VALUES ({literal(what)}, {literal(staging.run)})"


def begin(seconds: float) -> tuple[str, ...]:
    """Returns how each transaction begins."""
    return (
        "BEGIN",
        "SET LOCAL lock_timeout = '5s'",
        f"SET LOCAL statement_timeout = '{seconds:.0f}s'",
        "SET LOCAL row_security = off",
    )


def definition(column: ColumnShape) -> str:
    """Returns a column without what forbids or fills values."""
    return f"{identifier(column.name)} {column.type}{f' COLLATE {column.collation}' if column.collation else ''}"


def stage_statements(staging: Staging) -> tuple[str, ...]:
    """Returns what makes the staging schema, whose tables nobody else may read."""
    schema = identifier(staging.schema)
    about = f"Copy of lost data, made by gospel-rollback in run {staging.run}. Nothing reads it; drop it when the repair has proved itself."
    return (
        f"CREATE SCHEMA {schema}",
        f"COMMENT ON SCHEMA {schema} IS {literal(about)}",
        f"CREATE TABLE {schema}.{RECORD} (what text PRIMARY KEY, run text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
        *(statement for repair in staging.plan.repairs for statement in _tables(staging, repair)),
    )


def _tables(staging: Staging, repair: TableRepair) -> Iterator[str]:
    key, keys = f"PRIMARY KEY ({key_of(repair)})", ", ".join(map(definition, repair.side.key_columns))
    yield f"CREATE TABLE {lost(staging, repair)} ({', '.join(map(definition, repair.staged))}, {key})"
    if repair.columns:
        flags = ", ".join(f"{identifier(column.name)} boolean NOT NULL" for column in repair.columns)
        yield f"CREATE TABLE {filled(staging, repair)} ({keys}, {flags}, {key})"
    if repair.rows:
        yield f"CREATE TABLE {absent(staging, repair)} ({keys}, {key})"


@dataclass(frozen=True, slots=True)
class CopyText:
    """One table's copy, by COPY on both sides."""

    read: str
    """On the restored side."""
    write: str
    """On the live side."""
    read_count: str
    """Rows and a checksum of what is read."""
    write_count: str
    """The same of what was written."""


def copies(staging: Staging) -> tuple[CopyText, ...]:
    """Returns the copies of a staging."""
    return tuple(_copy(staging, repair) for repair in staging.plan.repairs)


def _copy(staging: Staging, repair: TableRepair) -> CopyText:
    columns, side, kept = columns_of(repair.staged), table_of(repair.side), lost(staging, repair)
    count = "SELECT count(*), coalesce(sum(hashtextextended(ROW({})::text, 0)::numeric), 0)::text FROM {}"
    return CopyText(
        f"COPY (SELECT {columns} FROM {side}) TO STDOUT",
        f"COPY {kept} ({columns}) FROM STDIN",
        count.format(columns, side),
        count.format(columns, kept),
    )


@dataclass(frozen=True, slots=True)
class TallyText:
    """How one table's rows are counted."""

    both: str
    """One query on the live side once the copy is staged: side, fills, newer, gone, since."""
    side: str
    """Before: a COPY whose lines are flags of the lost columns that hold a value, a tab, and the key."""
    live: str
    """A COPY of the same form whose flags say which of them hold none; empty: the table is gone."""


def tallies(staging: Staging) -> tuple[TallyText, ...]:
    """Returns the counts of a staging."""
    return tuple(_tally(staging, repair) for repair in staging.plan.repairs)


def _tally(staging: Staging, repair: TableRepair) -> TallyText:
    held = _flags(f"{identifier(column.name)} IS NOT NULL" for column in repair.columns)
    side = f"COPY (SELECT {held}, {key_of(repair)} FROM {table_of(repair.side)}) TO STDOUT"
    kept = lost(staging, repair)
    if repair.live is None:
        return TallyText(f"SELECT count(*), 0, 0, count(*), 0 FROM {kept}", side, "")
    free = _flags(_lacks(repair, column, "") for column in repair.columns)
    live = f"COPY (SELECT {free}, {key_of(repair)} FROM {table_of(repair.live)}) TO STDOUT"
    first = identifier(repair.side.key[0])
    there, here = f"kept.{first} IS NOT NULL", f"live.{first} IS NOT NULL"
    newer = " OR ".join(f"(NOT {_lacks(repair, column, 'live.')} AND kept.{identifier(column.name)} IS NOT NULL)" for column in repair.columns) or "false"
    both = (
        f"SELECT count(*) FILTER (WHERE {there}), count(*) FILTER (WHERE {there} AND {here} AND ({lacking(repair)})), "
        f"count(*) FILTER (WHERE {there} AND {here} AND ({newer})), count(*) FILTER (WHERE {there} AND NOT {here}), "
        f"count(*) FILTER (WHERE {here} AND NOT {there}) FROM {kept} AS kept FULL JOIN {table_of(repair.live)} AS live ON {same_key(repair, 'live', 'kept')}"
    )
    return TallyText(both, side, live)


def _flags(conditions: Iterator[str]) -> str:
    return " || ".join(f"CASE WHEN {condition} THEN '1' ELSE '0' END" for condition in conditions) or "''"


def _lacks(repair: TableRepair, column: ColumnShape, prefix: str) -> str:
    """Returns that a live row has no value of the column; always, while the table has not got the column."""
    return "true" if column in repair.added else f"({prefix}{identifier(column.name)} IS NULL)"


def lacking(repair: TableRepair) -> str:
    """Returns that a row lacks a value which the copy has."""
    each = (f"({_lacks(repair, column, 'live.')} AND kept.{identifier(column.name)} IS NOT NULL)" for column in repair.columns)
    return " OR ".join(each) or "false"


def counted_back(staging: Staging, repair: TableRepair) -> Iterator[tuple[str, str]]:
    """Yields (what, query) of what the transaction has put back."""
    if repair.columns:
        yield f"rows of {repair.side.words} got their value back", f"SELECT count(*) FROM {filled(staging, repair)}"
    if repair.rows:
        there = f"EXISTS (SELECT FROM {table_of(repair.side)} AS live WHERE {same_key(repair, 'live', 'missing')})"
        yield f"missing rows of {repair.side.words} are there again", f"SELECT count(*) FROM {absent(staging, repair)} AS missing WHERE {there}"
        yield f"rows of {repair.side.words} could not be put back", f"SELECT count(*) FROM {absent(staging, repair)} AS missing WHERE NOT {there}"


def written_since(staging: Staging, repair: TableRepair) -> Iterator[tuple[str, str]]:
    """Yields (what, query) of what an undo would take away although it was written after the repair."""
    live, kept = table_of(repair.side), lost(staging, repair)
    compared = repair.staged if repair.live is None else repair.added
    if compared:
        other = " OR ".join(f"live.{identifier(c.name)}::text IS DISTINCT FROM kept.{identifier(c.name)}::text" for c in compared)
        joined = f"{live} AS live LEFT JOIN {kept} AS kept ON {same_key(repair, 'live', 'kept')}"
        what = "rows" if repair.live is None else "values of " + ", ".join(column.name for column in compared)
        yield f"{what} in {repair.side.words}", f"SELECT count(*) FROM {joined} WHERE {other}"
