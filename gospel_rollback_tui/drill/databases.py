"""The databases of a simulated estate: a real PostgreSQL with the script's migrations and rows, where this machine has one."""

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

from gospel_rollback_tui.drill.postgres.programs import PostgresMissing
from gospel_rollback_tui.drill.postgres.server import SUPERUSER, PostgresServer, PostgresTrouble
from gospel_rollback_tui.drill.script_data import DataScene

OWNER = "gospelib_admin"
"""The role that owns every database and migrates it."""

TABLE = "CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)"
"""What golang-migrate makes where it finds nothing."""

_LOOK_SECONDS = 0.4
"""Between two looks at where the schemas stand: the services notice a migration about as late as real ones do."""


class Databases:
    """A server of the drill's own, from `start` to `close`; without PostgreSQL on this machine it is away, and says so."""

    def __init__(self, scene: DataScene | None, directory: Path, speed: float = 1.0) -> None:
        """Prepare nothing yet; addresses are written into a folder of `directory`."""
        self._scene = scene
        self._directory = directory / "databases"
        self._speed = speed
        self.password = secrets.token_urlsafe(18)
        """The owner's."""
        self._server: PostgresServer | None = None
        self._holder: subprocess.Popen[str] | None = None
        self._versions: dict[str, int] = {service: scene.head(service) for service in scene.services} if scene else {}
        self._over = Event()
        self._watch = Thread(target=self._look, name="schemas", daemon=True)

    @property
    def url_files(self) -> Mapping[str, Path]:
        """The file that holds the address of each service's database; none where there is no server."""
        return {service: self._directory / service for service in self._versions} if self._server is not None else {}

    @property
    def server(self) -> PostgresServer | None:
        """The server; None: this machine has no PostgreSQL, or the script needs none."""
        return self._server

    def version(self, service: str) -> int | None:
        """Return where a service's code finds its schema; without a server, where the script begins; None: it has no database."""
        return self._versions.get(service)

    def start(self) -> None:
        """Start the server, if the script needs one and the machine has it, and fill it.

        Raises:
            PostgresTrouble: It does not start, or refuses what the script says.
        """
        if self._scene is None:
            return
        try:
            self._server = PostgresServer()
        except PostgresMissing:
            return
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for service in self._scene.services:
            self._fill(self._server, self._scene, service)
            self._write(service, self._server.url(service, OWNER, self.password))
        if self._scene.held:
            self._hold(self._server, self._scene)
        self._watch.start()

    def serve_from(self, server: PostgresServer) -> None:
        """Let the services' addresses lead to another server, as a database's name does that was given to another instance."""
        server.role(OWNER, self.password)
        self._server = server
        for service in self._versions:
            self._write(service, server.url(service, OWNER, self.password))

    def close(self) -> None:
        """End the server and whoever is connected to it."""
        self._over.set()
        if self._watch.is_alive():
            self._watch.join()
        if self._holder is not None:
            self._holder.kill()
            self._holder.communicate()
        if self._server is not None:
            self._server.close()

    def _fill(self, server: PostgresServer, scene: DataScene, service: str) -> None:
        """Make a database as its services' releases made it: migration after migration, with the rows that came in between."""
        server.database(service, OWNER, self.password)
        server.run(f"GRANT pg_monitor TO {OWNER}")  # as RDS's own master user has it
        server.run(statements_until(scene, service, scene.head(service)), service)

    def _write(self, service: str, url: str) -> None:
        descriptor = os.open(self._directory / service, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(url + "\n")

    def _hold(self, server: PostgresServer, scene: DataScene) -> None:
        """Have somebody's transaction stay open, as a report that reads all night does."""
        environment = {"PATH": os.defpath, "PGHOST": server.host, "PGPORT": str(server.port), "PGUSER": SUPERUSER, "PGPASSWORD": server.password}
        argv = [server.programs.program("psql"), "-XqAt", "-d", scene.services[0]]
        self._holder = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**environment, "PGAPPNAME": "nightly-report"}, text=True)
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.write(f"BEGIN;\n{scene.held};\n\\echo held\nSELECT pg_sleep({scene.held_for / self._speed});\nCOMMIT;\n")
        self._holder.stdin.flush()
        while (line := self._holder.stdout.readline()) and line.strip() != "held":
            continue

    def _look(self) -> None:
        assert self._server is not None
        while not self._over.wait(_LOOK_SECONDS):
            for service in self._versions:
                try:
                    told = self._server.run(self._question(service), service)
                except PostgresTrouble:
                    continue  # a migration holds the table: the schema stands where it stood until it is through
                if told.strip().lstrip("-").isdigit():
                    self._versions[service] = int(told)

    def _question(self, service: str) -> str:
        """Return the query for a schema's version; a migration whose dropped column is back counts as if it had not been made."""
        assert self._scene is not None
        dropped = [f"({one.version}, '{one.drops}')" for one in self._scene.of(service) if one.drops]
        if not dropped:
            return "SELECT version FROM schema_migrations"
        columns = "information_schema.columns WHERE table_name || '.' || column_name = its.name"
        gone = f"(VALUES {', '.join(dropped)}) AS its (version, name) WHERE its.version = at.version AND EXISTS (SELECT FROM {columns})"
        return f"SELECT version - (SELECT count(*) FROM {gone}) FROM schema_migrations AS at"  # noqa: S608  names of the script's own


def statements_until(scene: DataScene, service: str, version: int) -> str:
    """Return what makes a service's database stand at a version: migration after migration, with the rows that came in between."""
    statements = [f"SET ROLE {OWNER}", TABLE]
    for migration in scene.of(service):
        if migration.version <= version:
            statements += [migration.up.rstrip().rstrip(";"), *scene.filled(service, migration.version)]
    statements.append("INSERT INTO schema_migrations VALUES (:head, false)")
    return f"\\set head {version}\n" + ";\n".join(statements) + ";\nANALYZE;\n"
