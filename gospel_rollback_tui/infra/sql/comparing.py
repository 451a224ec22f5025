"""Compares the keys of one table on two servers: row by row, in memory, as long as both fit in."""

import time
from collections.abc import Iterable, Iterator

from psycopg import errors

from gospel_rollback_tui.domain.repair import Tally
from gospel_rollback_tui.domain.repair_sql import TallyText
from gospel_rollback_tui.infra.sql.session import Connection

MOST_ROWS = 1_000_000
"""Rows of a table whose keys are compared here; a larger one is counted where it is staged."""
ONE_FORM = b"SET datestyle = 'ISO'; SET intervalstyle = 'postgres'; SET extra_float_digits = 3; SET timezone = 'UTC'; SET bytea_output = 'hex'"
"""Settings under which both sides write a value alike."""


class _TooMuch(Exception):
    """More rows, or more time, than a preview takes."""


def compared(side: Connection, live: Connection, text: TallyText, seconds: float) -> Tally | None:
    """Returns how the rows of both sides stand to each other; None: not within the seconds, or too many."""
    until = time.monotonic() + seconds
    try:
        before = dict(_lines(side, text.side, until))
        return _tally(before, _lines(live, text.live, until) if text.live else iter(()))
    except (_TooMuch, errors.QueryCanceled, errors.LockNotAvailable):
        return None


def _lines(connection: Connection, query: str, until: float) -> Iterator[tuple[bytes, bytes]]:
    """Yields (key, flags) of each row, the key as COPY writes it."""
    connection.execute(ONE_FORM)
    rows = 0
    with connection.cursor().copy(query.encode()) as copy:
        for line in _whole(copy):
            rows += 1
            if rows > MOST_ROWS or (not rows % 10_000 and time.monotonic() > until):
                raise _TooMuch
            flags, _, key = line.partition(b"\t")
            yield key, flags


def _whole(blocks: Iterable[bytes | bytearray | memoryview]) -> Iterator[bytes]:
    """Yields lines, however they are cut into blocks."""
    rest = b""
    for block in blocks:
        lines = (rest + bytes(block)).split(b"\n")
        rest = lines.pop()
        yield from lines
    if rest:
        yield rest


def _tally(before: dict[bytes, bytes], now: Iterator[tuple[bytes, bytes]]) -> Tally:
    fills = newer = both = since = 0
    for key, free in now:
        held = before.get(key)
        if held is None:
            since += 1
            continue
        both += 1
        pairs = [is_free for was_held, is_free in zip(held, free, strict=True) if was_held == ord("1")]
        fills += any(is_free == ord("1") for is_free in pairs)
        newer += any(is_free == ord("0") for is_free in pairs)
    return Tally(len(before), fills, newer, len(before) - both, since)
