"""The one transaction that copies lost data back, and the one that takes it out again, with the copy: whole texts, which run as they are shown."""

# ruff: noqa: S608  every name is quoted by `identifier`, every text by `literal`, and no value of a row is in a statement

from collections.abc import Iterator, Sequence

from gospel_rollback_tui.domain.preview import digest_of
from gospel_rollback_tui.domain.repair import Staging, TableRepair
from gospel_rollback_tui.domain.repair_plan import serials_of
from gospel_rollback_tui.domain.repair_sql import (
    APPLIED,
    absent,
    begin,
    columns_of,
    definition,
    filled,
    identifier,
    key_of,
    lacking,
    literal,
    lost,
    record,
    same_key,
    table_of,
)

MOVED = "RB001"
"""SQLSTATE of a guard that finds other numbers than those that were shown."""
BUSY = "RB002"
"""SQLSTATE of a guard that finds another session of the same repair."""
Numbers = tuple[int | None, int | None]
"""Rows that are filled, and rows that are put back, as they were shown; None: nobody has counted them."""


def lock_number(schema: str) -> int:
    """Returns the advisory lock that a session at work on that staging schema holds."""
    return int(digest_of(schema), 16)


def claim(schema: str) -> str:
    """Returns the statement that takes the lock until the transaction ends, or ends the transaction where another session has it."""
    words = literal("another session is at work on this repair")
    return _do(f"IF NOT pg_try_advisory_xact_lock({lock_number(schema)}) THEN RAISE EXCEPTION USING ERRCODE = '{BUSY}', MESSAGE = {words}; END IF;")


def drop(schema: str) -> str:
    """Returns the statement that drops a staging schema."""
    return f"DROP SCHEMA {identifier(schema)} CASCADE"


def apply_statements(staging: Staging, numbers: Sequence[Numbers], seconds: float) -> tuple[str, ...]:
    """Returns the transaction that copies back.

    Args:
        staging: What is staged.
        numbers: For each repair what was shown; anything else ends the transaction.
        seconds: After which a single statement is given up.
    """
    repairs = staging.plan.repairs
    return (
        *begin(seconds),
        claim(staging.schema),
        record(staging, APPLIED),
        *(statement for repair in repairs for statement in _makes(repair)),
        *_locks(repairs),
        *(statement for repair in repairs for statement in _adds(repair)),
        *(statement for repair, shown in zip(repairs, numbers, strict=True) for statement in _writes(staging, repair, shown)),
        "COMMIT",
    )


def _makes(repair: TableRepair) -> Iterator[str]:
    if repair.live is None:
        yield repair.structure


def _locks(repairs: Sequence[TableRepair]) -> Iterator[str]:
    """Yields the locks in one order, so that two who take them do not wait for each other."""
    for repair in sorted(repairs, key=lambda one: (one.side.schema, one.side.name)):
        if repair.live is not None:
            yield f"LOCK TABLE {table_of(repair.live)} IN {'ACCESS EXCLUSIVE' if repair.added else 'SHARE ROW EXCLUSIVE'} MODE"


def _adds(repair: TableRepair) -> Iterator[str]:
    for column in repair.added:
        yield f"ALTER TABLE {table_of(repair.side)} ADD COLUMN {definition(column)}"


def _writes(staging: Staging, repair: TableRepair, shown: Numbers) -> Iterator[str]:
    live, kept = table_of(repair.side), lost(staging, repair)
    if repair.columns:
        yield from _fills(staging, repair, shown[0])
    if repair.rows:
        missing = absent(staging, repair)
        yield (
            f"INSERT INTO {missing} SELECT {key_of(repair, 'kept.')} FROM {kept} AS kept "
            f"WHERE NOT EXISTS (SELECT FROM {live} AS live WHERE {same_key(repair, 'live', 'kept')})"
        )
        yield from _guard(missing, shown[1], f"rows of {repair.side.words} are missing")
        yield (
            f"INSERT INTO {live} ({columns_of(repair.staged)}) OVERRIDING SYSTEM VALUE SELECT {columns_of(repair.staged, 'kept.')} "
            f"FROM {kept} AS kept JOIN {missing} AS missing ON {same_key(repair, 'missing', 'kept')} ON CONFLICT DO NOTHING"
        )
        for column in serials_of(repair):
            highest = f"(SELECT max({identifier(column.name)}) FROM {live})"
            yield f"SELECT setval({literal(column.sequence)}, {highest}) WHERE {highest} > (SELECT last_value FROM {column.sequence})"


def _fills(staging: Staging, repair: TableRepair, shown: int | None) -> Iterator[str]:
    live, kept, gets = table_of(repair.side), lost(staging, repair), filled(staging, repair)
    flags = ", ".join(f"live.{identifier(column.name)} IS NULL AND kept.{identifier(column.name)} IS NOT NULL" for column in repair.columns)
    both = f"FROM {kept} AS kept JOIN {live} AS live ON {same_key(repair, 'live', 'kept')}"
    yield f"INSERT INTO {gets} SELECT {key_of(repair, 'kept.')}, {flags} {both} WHERE {lacking(repair)}"
    yield from _guard(gets, shown, f"rows of {repair.side.words} have lost a value")
    values = ", ".join(f"{identifier(column.name)} = coalesce(live.{identifier(column.name)}, kept.{identifier(column.name)})" for column in repair.columns)
    yield (
        f"UPDATE {live} AS live SET {values} FROM {kept} AS kept JOIN {gets} AS gets ON {same_key(repair, 'gets', 'kept')} "
        f"WHERE {same_key(repair, 'live', 'kept')}"
    )


def _guard(table: str, shown: int | None, words: str) -> Iterator[str]:
    """Yields what ends the transaction where another number of rows is found than was shown."""
    if shown is not None:
        count = f"(SELECT count(*) FROM {table})"
        said = f"{count}::text || {literal(f' {words}, and {shown} were shown')}"
        yield _do(f"IF {count} <> {shown} THEN RAISE EXCEPTION USING ERRCODE = '{MOVED}', MESSAGE = {said}; END IF;")


def _do(body: str) -> str:
    """Returns a block whose own quotes no name inside can end."""
    mark = "$guard$"
    while mark in body:
        mark = f"{mark[:-1]}_$"
    return f"DO {mark} BEGIN {body} END {mark}"


def undo_statements(staging: Staging, seconds: float) -> tuple[str, ...]:
    """Returns the transaction that takes out what was copied back: what was written to it since is left, but for columns and tables that go whole."""
    repairs = staging.plan.repairs
    return (
        *begin(seconds),
        claim(staging.schema),
        *_locks(repairs),
        *(statement for repair in reversed(repairs) for statement in _takes_out(staging, repair)),
        drop(staging.schema),
        "COMMIT",
    )


def _takes_out(staging: Staging, repair: TableRepair) -> Iterator[str]:
    live, kept = table_of(repair.side), lost(staging, repair)
    if repair.live is None:
        yield f"DROP TABLE {live}"
        return
    if repair.rows:
        same = " AND ".join(f"live.{identifier(column.name)}::text IS NOT DISTINCT FROM kept.{identifier(column.name)}::text" for column in repair.staged)
        yield (
            f"DELETE FROM {live} AS live USING {kept} AS kept JOIN {absent(staging, repair)} AS missing ON {same_key(repair, 'missing', 'kept')} WHERE {same}"
        )
    for column in repair.columns:
        name = identifier(column.name)
        if column in repair.added:
            yield f"ALTER TABLE {live} DROP COLUMN {name}"
        else:
            yield (
                f"UPDATE {live} AS live SET {name} = NULL FROM {kept} AS kept JOIN {filled(staging, repair)} AS gets ON {same_key(repair, 'gets', 'kept')} "
                f"WHERE {same_key(repair, 'live', 'kept')} AND gets.{name} AND live.{name}::text IS NOT DISTINCT FROM kept.{name}::text"
            )
