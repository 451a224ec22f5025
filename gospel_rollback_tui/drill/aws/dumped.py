"""Real databases behind simulated instances: a snapshot is a dump, and a restore is a new server that is filled from one."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from gospel_rollback_tui.drill.aws.backing import Place
from gospel_rollback_tui.drill.databases import OWNER, Databases, statements_until
from gospel_rollback_tui.drill.postgres.server import PostgresServer, PostgresTrouble
from gospel_rollback_tui.drill.script import BAD_TAG
from gospel_rollback_tui.drill.script_data import DataScene

_DUMP = ("--no-privileges", "--format=plain")
_FIRST_ADDRESS = 2
"""Last number of the first restored instance's address; 127.0.0.1 is the live one's."""
_SCRATCH = "before_the_release"


class DumpedDatabases:
    """Keeps dumps of every database of the drill, and a server for each instance that was restored from one."""

    def __init__(self, databases: Databases, scene: DataScene, identifier: str, now: Callable[[], float] = time.time) -> None:
        """Stands behind the server that the drill's databases have now, under the live instance's name; `now` is wall time."""
        self._databases, self._scene, self._identifier, self._now = databases, scene, identifier, now
        self._servers: dict[str, PostgresServer] = {}
        self._snapshots: dict[str, Mapping[str, str]] = {}
        self._moments: list[tuple[float, Mapping[str, str]]] = []
        """(wall time, dumps): what a restore to a point in time can bring back."""
        self._begun = 0.0

    def serve(self, resource_id: str) -> Place | None:
        """Takes the drill's own server for that instance's; None: this machine has no PostgreSQL."""
        server = self._databases.server
        if server is None:
            return None
        self._servers[resource_id] = server
        return Place(server.host, server.port)

    def keep_history(self, released: float, *snapshots: str) -> None:
        """Keeps what the databases held before the bad release migrated them at that wall time, also under those snapshots' names, and what they hold now."""
        server = self._databases.server
        if server is None:
            return
        dumps = {}
        for service in self._scene.services:
            earlier = [migration.version for migration in self._scene.of(service) if migration.since != BAD_TAG]
            server.database(_SCRATCH, OWNER, self._databases.password)
            server.run(statements_until(self._scene, service, max(earlier, default=0)), _SCRATCH)
            dumps[service] = server.program("pg_dump", [*_DUMP, _SCRATCH])
            server.drop(_SCRATCH)
        self._moments += [(0.0, dumps), (released, self._dumps(server))]
        self._snapshots.update(dict.fromkeys(snapshots, dumps))
        self._begun = self._now()

    def on_snapshot(self, resource_id: str, snapshot: str) -> None:
        """Dumps every database of the instance as it is now."""
        if resource_id in self._servers:
            dumps = self._dumps(self._servers[resource_id])
            self._snapshots[snapshot] = dumps
            self._moments.append((self._now(), dumps))

    def _dumps(self, server: PostgresServer) -> Mapping[str, str]:
        return {service: server.program("pg_dump", [*_DUMP, service]) for service in self._scene.services}

    def on_restore(self, source_id: str, resource_id: str, *, snapshot: str, at: float) -> Place | None:
        """Starts a server and fills it from the snapshot, or from the newest dump of that moment or before it."""
        if snapshot:
            dumps = self._snapshots.get(snapshot)
        elif at >= self._begun and source_id in self._servers:
            dumps = self._dumps(self._servers[source_id])
        else:
            dumps = next((held for kept, held in sorted(self._moments, key=lambda one: one[0], reverse=True) if kept <= at), None)
        if dumps is None:
            return None
        server = self._another(self._servers.get(source_id))
        self._servers[resource_id] = server
        for service, dump in dumps.items():
            server.database(service, OWNER, self._databases.password)
            server.run(dump, service)
        return Place(server.host, server.port)

    def _another(self, source: PostgresServer | None) -> PostgresServer:
        """Starts a server at the source's port, as restored instances listen, on a loopback address of its own; where there is one only, at another port."""
        if source is not None:
            host = f"127.0.0.{_FIRST_ADDRESS + len(self._servers)}"
            with suppress(PostgresTrouble):
                server = PostgresServer(source.programs, {"listen_addresses": host, "port": str(source.port)})
                server.host, server.port = host, source.port
                return server
        return PostgresServer(source.programs if source is not None else None)

    def on_rename(self, resource_id: str, name: str) -> None:
        """Leads the services to the instance that has the live name now."""
        server = self._servers.get(resource_id)
        if server is not None and name == self._identifier:
            self._databases.serve_from(server)

    def on_delete(self, resource_id: str) -> None:
        """Ends the instance's server."""
        server = self._servers.pop(resource_id, None)
        if server is not None and server is not self._databases.server:
            server.close()

    def close(self) -> None:
        """Ends every server; those of the drill's own databases too, whoever serves them now."""
        for server in self._servers.values():
            server.close()
