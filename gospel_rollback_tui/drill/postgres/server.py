"""One PostgreSQL server as its owner sees it: start it, fill it, stop it."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import quote

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.drill.postgres import keeper
from gospel_rollback_tui.drill.postgres.programs import PostgresPrograms, find_programs, other_user
from gospel_rollback_tui.drill.real.ports import LOOPBACK, ClaimedPorts

SUPERUSER = "postgres"
_STOP_SECONDS = 20.0
_SQL_SECONDS = 120.0
_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class PostgresTrouble(RollbackError):
    """A server of our own does not start, or refuses what it is filled with."""

    changed = "Nothing outside the drill was touched."


class PostgresServer:
    """A server that ends with this object, or with the process that holds it.

    Every method may be called from any thread. Its roles ask for a password (SCRAM), so that a wrong one is refused.
    """

    host = LOOPBACK

    def __init__(self, programs: PostgresPrograms | None = None, settings: Mapping[str, str] = _NO_SETTINGS) -> None:
        """Starts a server on a free port, with those settings over the usual ones.

        Raises:
            PostgresMissing: This machine has none.
            PostgresTrouble: It does not start.
        """
        self.programs = programs or find_programs()
        self.password = secrets.token_urlsafe(18)
        """The superuser's."""
        self._ports = ClaimedPorts()
        self.port = self._ports.claim(1)[0]
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", keeper.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a Ctrl-C on the terminal is the owner's to act on
        )
        wanted = {"bin": str(self.programs.folder), "port": self.port, "user": other_user(), "password": self.password, "settings": dict(settings)}
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._keeper.stdin.flush()
        answer = json.loads(self._keeper.stdout.readline() or b'{"error": "its keeper has ended"}')
        if "error" in answer:
            self.close()
            raise PostgresTrouble(f"PostgreSQL does not start: {answer['error']}")
        self.folder = Path(answer["folder"])
        """Its own; the data is in `data`."""

    def database(self, name: str, owner: str = "", password: str = "") -> None:
        """Makes a database, with a role of that password as its owner where one is named; the role may be there already."""
        if owner:
            self.role(owner, password)
        self.run(f"CREATE DATABASE {_name(name)}" + (f" OWNER {_name(owner)}" if owner else ""))

    def role(self, name: str, password: str) -> None:
        """Makes a role that may log in with that password, or gives it that password."""
        known = self.run("SELECT rolname FROM pg_roles").splitlines()
        self.run(f"{'ALTER' if name in known else 'CREATE'} ROLE {_name(name)} LOGIN PASSWORD {_text(password)}")

    def drop(self, name: str) -> None:
        """Removes a database, whoever is connected to it."""
        self.run(f"DROP DATABASE IF EXISTS {_name(name)} WITH (FORCE)")

    def run(self, sql: str, database: str = SUPERUSER) -> str:
        """Runs statements as the superuser, each a transaction of its own, and returns the rows: a line each, fields behind `|`.

        Raises:
            PostgresTrouble: The server refuses one; what came before it stays.
        """
        return self.program("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", database, "-f", "-"], sql).strip("\n")

    def program(self, name: str, arguments: Sequence[str], read: str = "") -> str:
        """Runs one of PostgreSQL's own programs against this server as the superuser and returns what it wrote; raises PostgresTrouble."""
        environment = {"PATH": os.defpath, "PGHOST": self.host, "PGPORT": str(self.port), "PGUSER": SUPERUSER, "PGPASSWORD": self.password}
        argv = [self.programs.program(name), *arguments]
        ended = subprocess.run(argv, check=False, input=read, capture_output=True, text=True, env=environment, timeout=_SQL_SECONDS)
        if ended.returncode != 0:
            raise PostgresTrouble(f"{name}: {ended.stderr.strip()}")
        return ended.stdout

    def url(self, database: str, user: str = SUPERUSER, password: str = "") -> str:
        """Returns the address of a database, as services get it; the superuser's own password where none is given."""
        secret = password or (self.password if user == SUPERUSER else "")
        who = ":".join(quote(part, safe="") for part in (user, secret) if part)
        return f"postgres://{who}@{self.host}:{self.port}/{quote(database, safe='')}?sslmode=disable"

    def close(self) -> None:
        """Stops the server and removes its folder; a second call does nothing."""
        for pipe in (self._keeper.stdin, self._keeper.stdout):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        try:
            self._keeper.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._keeper.kill()  # the kernel ends the server with it
            self._keeper.wait()
        self._ports.release()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes."""
        self.close()


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
