"""What the services' databases say on both instances of a swap: the rows that differ, each number with its method, and who is connected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gospel_rollback_tui.actions.rds_ports import Connected
from gospel_rollback_tui.actions.repair_ports import Repairs
from gospel_rollback_tui.domain.databases import Count
from gospel_rollback_tui.domain.errors import CredentialsExpired, RollbackError
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.instances import DbInstance
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.repair import Beside
from gospel_rollback_tui.engine.ports import StepRequest

COUNT_SECONDS = 3.0
"""How long one database's tables are counted exactly for a prompt; estimates stand for the rest."""
MOST_LINES = 8
"""Tables that are told one by one."""


@dataclass(frozen=True, slots=True)
class DatabaseSides:
    """Implements `Sides` by queries, as the services' own role."""

    repairs: Repairs

    def lost(self, request: StepRequest, live: DbInstance, restored: DbInstance) -> tuple[str, ...]:
        """Returns the tables whose rows differ, then what cannot be told."""
        told: list[str] = []
        unknown: list[str] = []
        for service in _with_databases(request):
            try:
                told += _lines(service.database, self._counts(service, live), self._counts(service, restored))
            except CredentialsExpired:
                raise
            except RollbackError as error:
                unknown.append(f"{service.database}: how many rows is unknown: {error.text}")
        return (*told, *unknown)

    def _counts(self, service: Service, one: DbInstance) -> Mapping[str, Count]:
        beside = _beside(one)
        tables = [count.table for count in self.repairs.tables(service.name, beside)]
        counted = self.repairs.count(service.name, beside, [Loss(table, "", "") for table in tables], COUNT_SECONDS)
        return {count.table: count for count in counted}

    def connected(self, request: StepRequest, one: DbInstance) -> Connected:
        """Returns who is connected to an instance's databases."""
        who: list[str] = []
        read, unread = [], []
        for service in _with_databases(request):
            try:
                who += [f"{service.database}: {session.words}" for session in self.repairs.sessions(service.name, _beside(one))]
                read.append(service.database)
            except CredentialsExpired:
                raise
            except RollbackError:
                unread.append(service.database)
        return Connected(tuple(who), tuple(read), tuple(unread))


def _lines(database: str, here: Mapping[str, Count], there: Mapping[str, Count]) -> Iterator[str]:
    """Yields the tables that differ; a number that nobody knows differs."""
    names = [*there, *(name for name in here if name not in there)]
    differ = [name for name in names if name not in here or name not in there or here[name].rows is None or here[name].rows != there[name].rows]
    for name in differ[:MOST_LINES]:
        now, then = (side[name].words if name in side else "not there" for side in (here, there))
        yield f"{database} {name}: {now} now, {then} restored"
    if len(differ) > MOST_LINES:
        yield f"{database}: {len(differ) - MOST_LINES} tables more differ"
    yield f"{database}: as many rows on both in {len(names) - len(differ)} of {len(names)} tables; how many rows were changed since is unknown"


def _with_databases(request: StepRequest) -> tuple[Service, ...]:
    return tuple({service.database: service for service in request.environment.services if service.database}.values())


def _beside(one: DbInstance) -> Beside:
    return Beside(one.identifier, one.address, one.port)
