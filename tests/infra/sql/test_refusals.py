"""What goes wrong on the way to a database, as the operator reads it: what happened, what to try, and no password anywhere."""

import os
import signal
import traceback
from collections.abc import Callable
from urllib.parse import quote

import psycopg
import pytest

from gospel_rollback_tui.domain.errors import Forbidden, NoRoute, NotFound, NotSent, Refused, RollbackError, ServerDown
from gospel_rollback_tui.drill.real.ports import ClaimedPorts
from gospel_rollback_tui.infra.sql.refusals import translated
from gospel_rollback_tui.infra.sql.session import reading
from tests.infra.sql.conftest import schema_at
from tests.postgres_server import Database


def told(ask: Callable[[], object], kind: type[RollbackError], database: Database) -> RollbackError:
    """Returns the error that a question ends with, of exactly that kind and without the password in anything that could be printed."""
    with pytest.raises(RollbackError) as raised:
        ask()
    assert type(raised.value) is kind
    printed = "".join(traceback.format_exception(raised.value)) + raised.value.sentences()
    assert database.password not in printed
    assert quote(database.password, safe="") not in printed
    assert raised.value.next_step
    return raised.value


def test_a_wrong_password(database: Database) -> None:
    """Said with where the right one belongs."""
    url = database.url.replace("planted-", "planted-wrong-")
    error = told(lambda: schema_at(url).head("auth"), Forbidden, database)
    assert error.text == f"127.0.0.1:{database.server.port} refuses the password of {database.user}."
    assert error.next_step == "Put the right one into PG_URL_AUTH, then try again."


def test_no_password(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither in the address nor in the operator's file."""
    monkeypatch.setenv("PGPASSFILE", "/nonexistent")
    url = f"postgres://{database.user}@127.0.0.1:{database.server.port}/{database.name}"
    assert "refuses the password" in told(lambda: schema_at(url).head("auth"), Forbidden, database).text


def test_an_unknown_database(database: Database) -> None:
    """Named, with where its name is written."""
    url = database.url.replace(f"/{database.name}?", "/nothing_here?")
    error = told(lambda: schema_at(url).head("auth"), NotFound, database)
    assert error.text == f"There is no database 'nothing_here' at 127.0.0.1:{database.server.port}."


def test_nobody_listens(database: Database) -> None:
    """A port without a server."""
    free = ClaimedPorts()
    url = database.url.replace(f":{database.server.port}/", f":{free.claim(1)[0]}/")
    assert "Nothing serves" in told(lambda: schema_at(url).head("auth"), ServerDown, database).text
    free.release()


def test_a_name_that_leads_nowhere(database: Database) -> None:
    """No such host."""
    url = database.url.replace("@127.0.0.1:", "@no-such-host.invalid:")
    assert told(lambda: schema_at(url).head("auth"), NoRoute, database).text == "The name no-such-host.invalid leads nowhere."


def test_a_server_that_must_prove_itself_and_does_not(database: Database) -> None:
    """TLS is asked for and not spoken."""
    error = told(lambda: schema_at(database.url.replace("sslmode=disable", "sslmode=verify-full")).head("auth"), NoRoute, database)
    assert "is not proved to be the server" in error.text


def test_missing_rights(database: Database) -> None:
    """The table is there and may not be read: the grant that is missing is named."""
    database.server.run(
        "CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO schema_migrations VALUES (1, false)",
        database.name,
    )
    error = told(lambda: schema_at(database.url).head("auth"), Forbidden, database)
    assert error.text == f"{database.user} may not read public.schema_migrations."
    assert error.next_step.startswith("Grant SELECT on it")


def test_a_statement_that_takes_too_long(database: Database) -> None:
    """The server ends it; nobody waits."""

    def ask() -> None:
        with reading(schema_at(database.url).address_of("auth"), 0.05) as connection:
            connection.execute("SELECT pg_sleep(60)")

    assert f"{database.name} did not answer in time" in told(ask, NotSent, database).text


def test_a_server_that_takes_a_question_and_stands_still(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its storage hangs: it answers no more, and looks at no timeout of its own; nobody waits for it without end."""
    monkeypatch.setattr("gospel_rollback_tui.infra.sql.session.SILENT_SECONDS", 0.5)

    def ask() -> None:
        with reading(schema_at(database.url).address_of("auth"), 0.5) as connection:
            os.kill(connection.info.backend_pid, signal.SIGSTOP)
            stopped.append(connection.info.backend_pid)
            connection.execute("SELECT 1")

    stopped: list[int] = []
    try:
        assert "has not answered within 1 s" in told(ask, NoRoute, database).text
    finally:
        os.kill(stopped[0], signal.SIGCONT)


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        ("FATAL:  unsupported startup parameter in options: statement_timeout", Refused, "is a pooler"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "u", database "d", no encryption', Forbidden, "does not let"),
        ("FATAL:  the database system is starting up", ServerDown, "Nothing serves"),
        ("FATAL:  sorry, too many clients already", ServerDown, "Nothing serves"),
        ("connection timeout expired", NoRoute, "was not reached"),
    ],
)
def test_what_no_test_server_says(database: Database, words: str, kind: type[RollbackError], said: str) -> None:
    """The words of a pooler, of a server that starts or is full, and of a network that swallows packets."""
    error = translated(psycopg.OperationalError(words), schema_at(database.url).address_of("auth"))
    assert type(error) is kind
    assert said in error.text
