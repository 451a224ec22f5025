"""A real PostgreSQL for tests: one server a test process, one database a test, each with a role and a password of its own."""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from gospel_rollback_tui.drill.postgres.programs import PostgresMissing
from gospel_rollback_tui.drill.postgres.server import PostgresServer
from gospel_rollback_tui.drill.real.peers import REQUIRE_VARIABLE


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one test."""

    server: PostgresServer
    name: str
    user: str
    """Its owner."""
    password: str
    """Holds every sign that addresses and password files must escape, and the word `planted`."""

    @property
    def url(self) -> str:
        """Its address with the password, as a service gets it."""
        return self.server.url(self.name, self.user, self.password)

    def run(self, sql: str) -> str:
        """Runs statements in it as its owner would have, with a superuser's rights, and returns the rows as text."""
        return self.server.run(f'SET ROLE "{self.user}";\n{sql}', self.name)

    def connect(self, *, autocommit: bool = False) -> "psycopg.Connection[tuple[object, ...]]":
        """Returns a connection as its owner; close it."""
        return psycopg.connect(self.url, autocommit=autocommit)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server for all tests of this process; without the programs the test is skipped, or fails where they are required."""
    try:
        server = PostgresServer()
    except PostgresMissing as error:
        if os.environ.get(REQUIRE_VARIABLE) == "1":
            pytest.fail(f"{error.sentences()} {REQUIRE_VARIABLE}=1 forbids to go on without.", pytrace=False)
        pytest.skip(error.sentences())
    with server:
        yield server


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Database]:
    """An empty database."""
    name = f"auth_{secrets.token_hex(4)}"
    made = Database(postgres, name, f"{name}_owner", f"planted-{secrets.token_hex(8)}:@/\\?#%&' é")
    postgres.database(made.name, made.user, made.password)
    yield made
    postgres.drop(made.name)
