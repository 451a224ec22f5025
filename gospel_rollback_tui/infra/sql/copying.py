"""Writes to the live database: the copy into the staging schema, and whole transactions that were shown; each is done once or not at all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import psycopg

from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.domain.repair_script import BUSY, MOVED
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.comparing import ONE_FORM
from gospel_rollback_tui.infra.sql.refusals import translated
from gospel_rollback_tui.infra.sql.session import Connection, writing

COMMIT = "COMMIT"
_SNAPSHOT = b"SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ"


def staged(side: Connection, source: DatabaseAddress, address: DatabaseAddress, body: Mapping[str, object]) -> str:
    """Makes the staging schema and streams each copy into it, all of it in one transaction and of one moment of the restored side.

    Args:
        side: A session that reads the restored side.
        source: Where that is.
        address: The live side.
        body: `begin`, `statements`, `copies` and `end`, as the action planned them.

    Raises:
        Refused: What arrived is not what was read.
        OutcomeUnknown: The answer to the last word was lost.
    """
    side.execute(_SNAPSHOT)
    side.commit()
    side.execute(ONE_FORM)
    told: list[str] = []
    with writing(address) as live:
        live.execute(ONE_FORM)
        for statement in (*cast("Sequence[str]", body["begin"]), *cast("Sequence[str]", body["statements"])):
            _guarded(live, statement)
        told += [_copied(side, source, live, copy) for copy in cast("Sequence[Mapping[str, str]]", body["copies"])]
        for statement in cast("Sequence[str]", body["end"]):
            _last(live, statement, address) if statement == COMMIT else live.execute(statement.encode())
    return ", ".join(told)


def _copied(side: Connection, source: DatabaseAddress, live: Connection, copy: Mapping[str, str]) -> str:
    with side.cursor().copy(copy["read"].encode()) as read, live.cursor().copy(copy["write"].encode()) as target:
        for block in _blocks(read, source):
            target.write(block)
    live.execute(f"ANALYZE {copy['into']}".encode())
    there, here = (connection.execute(query.encode()).fetchone() for connection, query in ((side, copy["read_count"]), (live, copy["write_count"])))
    if there != here:
        raise Refused(f"What arrived of {copy['table']} is not what was read: {here} and {there} (rows, checksum).", next_step="Try again.")
    return f"{cast('tuple[Any, ...]', here)[0]:,} rows of {copy['table']}"


def _blocks(read: Iterable[bytes | bytearray | memoryview], source: DatabaseAddress) -> Iterator[bytes | bytearray | memoryview]:
    """Yields what is read; where that fails, it is told of the side that it failed on."""
    trouble: RollbackError | None = None
    try:
        yield from read
    except psycopg.Error as error:
        trouble = translated(error, source)
    if trouble is not None:
        raise trouble


def carried_out(address: DatabaseAddress, statements: Sequence[str]) -> str:
    """Carries a transaction out exactly as it is written; whatever fails before its last word, the server takes back.

    Raises:
        FactsMoved: A guard found other numbers than those that were shown.
        NotSent: Another session of the same repair is at work, a lock was not to be had, or the connection ended too early.
        OutcomeUnknown: The answer to the last word was lost.
    """
    rows = 0
    with writing(address) as live:
        for statement in statements:
            if statement == COMMIT:
                _last(live, statement, address)
            else:
                found = _guarded(live, statement)
                rows += found.rowcount if statement.startswith(("UPDATE", "DELETE")) else 0
    return f"committed, {rows:,} rows updated"


def _guarded(live: Connection, statement: str) -> "psycopg.Cursor[tuple[object, ...]]":
    """Executes, and tells what a guard of ours ends the transaction for; other errors are the session's to translate."""
    moved: FactsMoved | NotSent
    try:
        return live.execute(statement.encode())
    except psycopg.Error as error:
        said = clean(error.diag.message_primary or "")
        if error.sqlstate == MOVED:
            moved = FactsMoved(f"{said[:1].upper()}{said[1:]}: nothing was written.", moved=(("rows", "as shown", said),))
        elif error.sqlstate == BUSY:
            moved = NotSent("Another session is at work on this repair.", next_step="Wait for it to end.")
        else:
            raise
    raise moved


def _last(live: Connection, statement: str, address: DatabaseAddress) -> None:
    """Says the last word; where its answer is lost, nobody can tell what became of it but the record that it wrote."""
    try:
        live.execute(statement.encode())
    except psycopg.OperationalError:
        lost = True
    else:
        lost = False
    if lost:
        raise OutcomeUnknown(f"The connection to {address.dbname} ended while it was to commit.", next_step="What became of it is looked up in its record.")
