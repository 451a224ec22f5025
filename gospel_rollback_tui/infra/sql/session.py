"""Sessions: those that only read, and that one kind which may write; nothing is waited for without end."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.refusals import translated

Connection = psycopg.Connection[tuple[object, ...]]
T = TypeVar("T")
C = TypeVar("C", bound=psycopg.Connection[tuple[object, ...]])

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 5.0
LOCK_SECONDS = 1.0
SILENT_SECONDS = 8.0
"""How long a server that has vanished behind an open connection is waited for; one that stands still, beyond the time of its statement."""
_LOOK_SECONDS = 0.1
APPLICATION = "gospel-rollback"
"""What sessions of ours call themselves."""
MIGRATE_APPLICATION = "gospel-rollback migrate"
"""What those of a migrate that we started are told to call themselves."""


class _Patient(psycopg.Connection[tuple[object, ...]]):
    """A connection that gives a server up which takes a question and never answers: its own timeouts are then never looked at."""

    seconds = STATEMENT_SECONDS
    """What the server itself gives a statement."""

    def wait(self, gen: PQGen[T], interval: float = _LOOK_SECONDS, timeout: float | None = None) -> T:
        """Waits for an answer; raises OperationalError once it is overdue, and the connection is then closed."""
        until = self.seconds + SILENT_SECONDS
        try:
            return super().wait(gen, interval, until if timeout is None else min(timeout, until))
        except psycopg.OperationalError as error:
            if error.sqlstate is not None or self.pgconn.status != psycopg.pq.ConnStatus.OK:
                raise
            self.pgconn.finish()
            trouble = psycopg.OperationalError(f"the server took the question and has not answered within {until:g} s")
        raise trouble


@contextmanager
def reading(address: DatabaseAddress, statement_seconds: float = STATEMENT_SECONDS) -> Iterator[Connection]:
    """Gives a session whose every transaction is read-only.

    Raises:
        RollbackError: It cannot be had, or a statement in the block is refused; in words of the error tree.
    """
    trouble: RollbackError | None = None
    try:
        with _connected(_Patient, address, statement_seconds) as connection:
            connection.seconds = statement_seconds
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        trouble = translated(error, address)
    if trouble is not None:
        raise trouble


@contextmanager
def writing(address: DatabaseAddress) -> Iterator[Connection]:
    """Gives a session that may write and begins no transaction by itself: what is carried out says so itself, timeouts included.

    Raises:
        RollbackError: It cannot be had, or a statement in the block is refused; in words of the error tree.
    """
    trouble: RollbackError | None = None
    try:
        with _connected(Connection, address, STATEMENT_SECONDS) as connection:
            connection.autocommit = True
            yield connection
    except psycopg.Error as error:
        trouble = translated(error, address)
    if trouble is not None:
        raise trouble


def _connected(kind: type[C], address: DatabaseAddress, statement_seconds: float) -> C:
    given = {"sslmode": address.sslmode, "sslrootcert": address.sslrootcert, "password": address.password}
    return kind.connect(
        host=address.host,
        port=address.port,
        dbname=address.dbname,
        user=address.user,
        connect_timeout=CONNECT_SECONDS,
        application_name=APPLICATION,
        client_encoding="UTF8",
        options=_options(address, statement_seconds),
        tcp_user_timeout=int(SILENT_SECONDS * 1000),
        keepalives_idle=3,
        keepalives_interval=1,
        keepalives_count=3,
        prepare_threshold=None,
        **{name: value for name, value in given.items() if value},  # type: ignore[arg-type]  # libpq's own names; psycopg's signature lists none
    )


def _options(address: DatabaseAddress, statement_seconds: float) -> str:
    """Returns a session's timeouts, and where names lead in it; a space in a value takes a backslash."""
    path = re.sub(r"([\s\\])", r"\\\1", address.search_path)
    timeouts = f"-c statement_timeout={statement_seconds * 1000:.0f} -c lock_timeout={LOCK_SECONDS * 1000:.0f}"
    return f"{timeouts} -c search_path={path}" if path else timeouts
