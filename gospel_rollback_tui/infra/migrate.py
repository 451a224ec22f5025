"""The real `migrate`: found, proved to be what its name says, and started with timeouts and without a password in its arguments."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.processes import MigrateOrder, MigrateProgram, Progress
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.processes.command import Command, Ended, run
from gospel_rollback_tui.infra.processes.detached import DetachedCommands
from gospel_rollback_tui.infra.processes.environment import child_environment, found_in
from gospel_rollback_tui.infra.sql.address import DatabaseAddress
from gospel_rollback_tui.infra.sql.session import MIGRATE_APPLICATION

ASK_SECONDS = 10.0
LOCK_SECONDS = 5.0
"""How long a statement waits for a lock: whoever waits longer keeps everybody else waiting behind it."""
MIGRATE_LOCK_SECONDS = 30
"""How long migrate waits for the lock that two of them exclude each other with."""
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+\S*)")
_DRIVER = "postgres"
_NAMES = frozenset({"PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"})
"""What of PostgreSQL's own variables migrate's driver reads and an operator may need; never PGPASSWORD or PGOPTIONS of somebody else's."""
_UNKNOWN_TO_DRIVER = ("", "prefer", "allow")
"""Modes of TLS that migrate's driver does not know: whether the server speaks TLS decides."""
_INSTALL = "Install golang-migrate v4 with its postgres driver (github.com/golang-migrate/migrate, build tag postgres), or go on by hand."


class MigrateCommand:
    """Implements the actions' `MigrateRunner`."""

    def __init__(self, address_of: Callable[[str], DatabaseAddress], run_folder: Path | None, environ: Mapping[str, str] = os.environ) -> None:
        """Starts nothing; `run_folder` None: an app, which only previews."""
        self._address_of = address_of
        self._run_folder = run_folder
        self._commands = DetachedCommands(run_folder) if run_folder is not None else None
        self._environ = environ

    def program(self) -> MigrateProgram:
        """Returns the migrate that PATH finds.

        Raises:
            NotSent: There is none, or what is there is something else, or it knows no PostgreSQL.
        """
        environment = child_environment()
        path = found_in(environment, "migrate")
        if not path:
            raise NotSent("migrate is not on this machine.", next_step=_INSTALL)
        said = _asked(path, "-version", environment)
        version = next((match[1] for line in said if (match := _VERSION.fullmatch(line))), "")
        if not version and said != ("dev",):
            raise NotSent(f"{path} is not golang-migrate: asked for its version it says {clean(' '.join(said) or 'nothing', 80)!r}.", next_step=_INSTALL)
        drivers = _drivers(_asked(path, "-help", environment))
        if _DRIVER not in drivers:
            raise NotSent(f"{path} knows no PostgreSQL; its drivers: {', '.join(drivers) or 'none'}.", next_step=_INSTALL)
        return MigrateProgram(path, version or "dev")

    def command(self, order: MigrateOrder, program: str = "migrate") -> tuple[str, ...]:
        """Returns the whole command, which holds no password."""
        address = self._address_of(order.service)
        url = database_url(address, encrypted=order.encrypted)
        return (program, "-source", f"file://{quote(str(order.source))}", "-database", url, "-lock-timeout", str(MIGRATE_LOCK_SECONDS), *order.verb)

    def start(self, name: str, order: MigrateOrder, files: Mapping[str, str]) -> None:
        """Writes the migrations into the run's folder and starts migrate on them, once under that name.

        Raises:
            NotSent: It cannot be started.
            Refused: It was started before, or this process may start nothing.
        """
        if self._commands is None or self._run_folder is None:
            raise Refused("Only a run's own process may migrate.")
        address = self._address_of(order.service)
        if set(address.password) & set("\r\n\0"):
            raise NotSent("The database's password holds a line break, which no password file can.", next_step="Give the role another one.")
        program = self.program()
        try:
            _write(Path(order.source), files)
        except OSError as error:
            raise NotSent(f"{order.source} cannot be written: {error.strerror}.", next_step="Make room there, then try again.") from None
        options = f"-c lock_timeout={LOCK_SECONDS * 1000:.0f} -c statement_timeout={order.statement_seconds * 1000:.0f}"
        environment = child_environment(_NAMES, PGOPTIONS=options, PGAPPNAME=MIGRATE_APPLICATION, PGCONNECT_TIMEOUT="10")
        with _PasswordFile(address.password) as password:
            if password.descriptor >= 0:
                environment["PGPASSFILE"] = f"/proc/self/fd/{password.descriptor}"
            self._commands.start(name, self.command(order, program.path), environment, Path(order.source), password.kept)

    def source(self, name: str) -> Path:
        """Returns the folder that a command's migrations are written into."""
        return (self._run_folder or Path()) / "migrations" / name

    def look(self, name: str, service: str) -> Progress | None:
        """Returns where the command is; None: it was never started in this run, or this process belongs to none."""
        return self._commands.look(name, (self._address_of(service).password,)) if self._commands is not None else None

    def interrupt(self, name: str) -> bool:
        """Asks the command to stop after the file that it is at; returns whether it was asked now."""
        return self._commands.interrupt(name) if self._commands is not None else False


def database_url(address: DatabaseAddress, *, encrypted: bool) -> str:
    """Returns the address as migrate wants it, without the password."""
    mode = address.sslmode if address.sslmode not in _UNKNOWN_TO_DRIVER else "require" if encrypted else "disable"
    query = {"sslmode": mode}
    if address.sslrootcert:
        query["sslrootcert"] = address.sslrootcert
    if address.search_path:
        query["search_path"] = address.search_path
    if address.schema:
        query |= {"x-migrations-table": f'"{address.schema}"."{address.table}"', "x-migrations-table-quoted": "true"}
    else:
        query["x-migrations-table"] = address.table
    host = f"[{address.host}]" if ":" in address.host else quote(address.host, safe="")
    return f"postgres://{quote(address.user, safe='')}@{host}:{address.port}/{quote(address.dbname, safe='')}?{urlencode(query)}"


def _asked(path: str, flag: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Returns what the program says to a question, on whichever stream."""
    ended: Ended = run(Command((path, flag), environment, ASK_SECONDS))
    lines = [*ended.text.splitlines(), *ended.complaints]
    return tuple(line.strip() for line in lines if line.strip())


def _drivers(said: Sequence[str]) -> tuple[str, ...]:
    for line in said:
        if line.startswith("Database drivers:"):
            return tuple(name.strip() for name in line.partition(":")[2].split(",") if name.strip())
    return ()


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, text in files.items():
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)


class _PasswordFile:
    """A password file that is in no folder: it lives in memory, and is gone with the last process that has it open."""

    def __init__(self, password: str) -> None:
        self.descriptor = -1
        if password:
            self.descriptor = os.memfd_create("password", os.MFD_CLOEXEC)
            os.fchmod(self.descriptor, 0o600)
            escaped = password.replace("\\", "\\\\").replace(":", "\\:")
            os.write(self.descriptor, f"*:*:*:*:{escaped}\n".encode())

    @property
    def kept(self) -> tuple[int, ...]:
        """The descriptors that the command must inherit."""
        return (self.descriptor,) if self.descriptor >= 0 else ()

    def __enter__(self) -> "_PasswordFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
