"""A service whose release brought migrations: its database, its repository, its Deployment, and the actions that take them back."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from gospel_rollback_tui.actions.catalogue import FORCE, MIGRATE
from gospel_rollback_tui.actions.migrate_down import MigrateDown
from gospel_rollback_tui.actions.migrate_force import ForceVersion
from gospel_rollback_tui.actions.migration_calls import Migrating
from gospel_rollback_tui.actions.migration_estate import MigrationEstate
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.preview import CheckState, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.ports import StepRequest
from gospel_rollback_tui.infra.migrate import MigrateCommand
from gospel_rollback_tui.infra.repository.repository import GitRepository
from gospel_rollback_tui.infra.sql.address import database_address
from gospel_rollback_tui.infra.sql.schema import PostgresSchema
from tests.actions.cluster import MemoryCluster
from tests.diagnosis import scenes
from tests.drill.waiting import wait_for
from tests.infra.repository.remotes import Remote, run
from tests.postgres_server import Database

SERVICE = "gateway"
FOLDER = "services/gateway/migrations"
STEP = "migrate"
RUN = "0312-k7"

PLANS = {
    "000006_plans.up.sql": "CREATE TABLE plans (id bigint PRIMARY KEY, title text NOT NULL);\n",
    "000006_plans.down.sql": "DROP TABLE plans;\n",
}
"""What the good release ships: version 6."""
INDEX = {
    "000007_title_index.up.sql": "CREATE INDEX plans_title ON plans (title);\n",
    "000007_title_index.down.sql": "DROP INDEX plans_title;\n",
}
"""A migration that is taken back without any loss."""
TAX = {
    "000007_tax.up.sql": "ALTER TABLE plans ADD COLUMN tax integer;\n",
    "000007_tax.down.sql": "ALTER TABLE plans DROP COLUMN tax;\n",
}
"""One whose down loses what was written to its column."""
Files = Mapping[str, str]


@dataclass
class Night:
    """Everything that one migration back meets; `run_folder` is the run's own."""

    database: Database
    remote: Remote
    cluster: MemoryCluster
    folder: Path
    url: str
    environment: Environment
    good: str
    bad: str
    patience: float = 60.0
    _repository: GitRepository | None = field(default=None)

    @property
    def run_folder(self) -> Path:
        """The run's folder."""
        return self.folder / "run"

    @property
    def repository(self) -> GitRepository:
        """Our view of the remote."""
        if self._repository is None:
            self._repository = self.remote.repository(self.folder / "state")
        return self._repository

    @property
    def schema(self) -> PostgresSchema:
        """The reads of the database."""
        return PostgresSchema(lambda service: database_address(self.environment, service, {"PG_URL_GATEWAY": self.url}))

    @property
    def migrating(self) -> Migrating:
        """What a runner of this run sends with: a new one each time, as after a restart."""
        return Migrating(self.schema, self.repository, MigrateCommand(self.schema.address_of, self.run_folder), self.patience)

    @property
    def estate(self) -> MigrationEstate:
        """What is read."""
        return MigrationEstate(self.schema, self.repository, self.cluster)

    def down(self, migrating: Migrating | None = None) -> MigrateDown:
        """The step that migrates back."""
        return MigrateDown(MIGRATE, self.estate, migrating or self.migrating)

    def force(self) -> ForceVersion:
        """The step that settles a dirty schema."""
        return ForceVersion(FORCE, self.estate, self.migrating)

    def request(self, attempt: int = 1, **inputs: str) -> StepRequest:
        """Returns the step with those inputs."""
        step = Step(STEP, "Migrate down", "", MIGRATE.name, Danger.DISRUPTIVE, 120.0)
        return StepRequest(RUN, self.environment, step, inputs, "ann", None, attempt)

    def head(self) -> str:
        """Returns version and flag as the database has them."""
        return self.database.run("SELECT version, dirty FROM schema_migrations")

    def has(self, table: str, column: str = "") -> bool:
        """Returns whether the table, or its column, is there."""
        return any(name == table and (not column or column == one) for _, name, one, _ in self.schema.columns(SERVICE))


def night(folder: Path, database: Database, bad: Files, good: Files | None = None, *, applied: bool = True) -> Night:
    """Returns the night after a release: v3.1.0 runs and ships `bad` over `good`, which v3.0.0 ships.

    Args:
        folder: For repository, clone and run.
        database: An empty one; the migrations are applied to it.
        bad: What the bad release adds.
        good: What the good release ships; `PLANS` if not given.
        applied: Whether the bad release's migrations were applied.
    """
    shipped = PLANS if good is None else good
    remote = Remote(folder / "gospelib.git", folder / "somebody")
    run("git", "init", "-q", "--bare", "-b", "main", str(remote.bare))
    run("git", "init", "-q", "-b", "main", str(remote.work))
    remote.git("remote", "add", "origin", str(remote.bare))
    before = remote.commit("Release v3.0.0", {"README.md": "GospeLib\n", **{f"{FOLDER}/{name}": text for name, text in shipped.items()}}, tag="release/v3.0.0")
    after = remote.commit("Release v3.1.0", {"README.md": "GospeLib 3.1\n", **{f"{FOLDER}/{name}": text for name, text in bad.items()}}, tag="release/v3.1.0")
    (folder / "run").mkdir(mode=0o700)
    services = tuple(
        replace(service, migrations=FOLDER, database=database.name) if service.name == SERVICE else service for service in scenes.ENVIRONMENT.services
    )
    found = Night(database, remote, released(), folder, database.url, replace(scenes.ENVIRONMENT, services=services), before, after)
    apply(database, {**shipped, **(bad if applied else {})})
    return found


def released() -> MemoryCluster:
    """Returns the cluster that runs v3.1.0, with v3.0.0 before it in its history."""
    deployment = scenes.deployment(SERVICE, "v3.1.0", 2)
    before = scenes.replica_set(SERVICE, "v3.0.0", 1, scenes.NOW - 3 * scenes.DAY)
    sets = [before, scenes.replica_set(SERVICE, "v3.1.0", 2, scenes.ROLLOUT, wanted=2)]
    return MemoryCluster(deployments={f"gospelib-{SERVICE}": deployment}, sets=sets, all_pods=[scenes.pod(SERVICE, number, 2) for number in (1, 2)])


def apply(database: Database, files: Files) -> None:
    """Applies every up as the service would have, and writes the version down."""
    ups = sorted(name for name in files if name.endswith(".up.sql"))
    database.run("CREATE TABLE IF NOT EXISTS schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)")
    database.run("".join(files[name] for name in ups))
    database.run(f"TRUNCATE schema_migrations; INSERT INTO schema_migrations VALUES ({max(int(name.partition('_')[0]) for name in ups)}, false)")


def carried_out(found: Night, request: StepRequest, planned: Preview | None = None) -> tuple[Preview, tuple[CallRun, ...], tuple[CheckState, ...]]:
    """Plans, sends, and looks until all is well or one condition is final."""
    action = found.down()
    preview = planned or action.plan(request)
    assert preview.refused == ""
    assert action.facts(request, preview).moved(preview.fingerprint) == ()
    for call in preview.calls:
        action.send(request, call)
    seen: list[tuple[CheckState, ...]] = []

    def over() -> bool:
        seen.append(action.checks(request, preview, 0.0))
        return all(state.passed for state in seen[-1]) or any(state.final for state in seen[-1])

    wait_for(over)
    return preview, tuple(CallRun(call.id, call.where, call.body, call.undo, scenes.NOW) for call in preview.calls), seen[-1]
