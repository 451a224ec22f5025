"""A live database and one restored beside it, on a real PostgreSQL: a migration destroyed something, and people went on writing."""

import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from gospel_rollback_tui.actions.catalogue import COPY_BACK
from gospel_rollback_tui.actions.repair_copy_back import CopyBack
from gospel_rollback_tui.actions.repair_losses import Lost, lost_by
from gospel_rollback_tui.actions.repair_standing import RepairEstate
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.databases import DEFAULT_TABLE
from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.migrations.files import read_folder
from gospel_rollback_tui.domain.migrations.gate import SchemaFacts, judge
from gospel_rollback_tui.domain.preview import Json, PlannedCall, Preview
from gospel_rollback_tui.domain.repair import Beside
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.postgres.server import PostgresServer
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest
from gospel_rollback_tui.infra.sql.address import DatabaseAddress, database_address
from gospel_rollback_tui.infra.sql.repair import PostgresRepair
from tests.engine.worlds import ENVIRONMENT
from tests.postgres_server import Database

SERVICE = Service("auth", "gospelib-auth", "auth", "app=gospelib-auth", migrations="services/auth/migrations", database="auth")
RUN = "0312-k7"
STEP = Step("copy-back", "Copy the lost data back", "", COPY_BACK.name, Danger.DESTRUCTIVE, 600.0)
FIRST = "CREATE TABLE never_read (id int)"
"""What both releases ship as version 41: its text is no matter."""
VERSIONS = f"CREATE TABLE {DEFAULT_TABLE} (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL); INSERT INTO {DEFAULT_TABLE} VALUES (41, false);"


@dataclass(frozen=True)
class AskedRepair(PostgresRepair):
    """The real adapter, which notes what it has carried out."""

    asked: list[str] = field(default_factory=list)

    def stage(self, service: str, beside: Beside, body: Json) -> str:
        """Stages, and notes it."""
        said = PostgresRepair.stage(self, service, beside, body)
        self.asked.append("stage")
        return said

    def carry_out(self, service: str, statements: Sequence[str]) -> str:
        """Carries out, and notes it."""
        said = PostgresRepair.carry_out(self, service, statements)
        self.asked.append("transaction")
        return said


@dataclass
class Sides:
    """Both databases, and the action on them."""

    live: Database
    side: Database
    migration: str
    """What version 42 did to the live one."""
    asked: list[str] = field(default_factory=list)
    """What the live database has carried out, oldest first."""
    password: str = ""
    """What is tried on the restored side; empty: the live side's."""

    @property
    def environment(self) -> Environment:
        """An environment with that service."""
        return replace(ENVIRONMENT, services=(SERVICE,))

    def repairs(self) -> AskedRepair:
        """Returns the real adapter; the restored side is the other database of the same server."""
        environ = {"PG_URL_AUTH": self.live.url}
        return AskedRepair(lambda name: database_address(self.environment, name, environ), self._beside, self.asked)

    def _beside(self, address: DatabaseAddress, host: str, port: int) -> DatabaseAddress:
        return replace(address, host=host, port=port, dbname=self.side.name, password=self.password or address.password)

    def estate(self) -> RepairEstate:
        """Returns what reads both."""
        return RepairEstate(self, self, self.repairs())

    def action(self) -> CopyBack:
        """Returns the action, as a new process has it."""
        return CopyBack(self.estate())

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing to choose from."""
        return ()

    def fetch(self) -> None:
        """Has everything at hand."""

    def service(self, request: StepRequest) -> Service:
        """Returns the service."""
        return SERVICE

    def lost(self, request: StepRequest) -> Lost:
        """Returns what the real gate says that version 42 destroyed."""
        head = self.repairs().head("auth", None)
        good = {"000041_first.up.sql": FIRST, "000041_first.down.sql": ""}
        bad = {**good, "000042_second.up.sql": self.migration, "000042_second.down.sql": "SELECT 1"}
        return lost_by(SERVICE, judge(SchemaFacts("auth", "auth", head, read_folder(bad), read_folder(good), migrates_at_start=False)))

    def beside(self, request: StepRequest) -> Beside:
        """Returns the restored instance."""
        return Beside("gospelib-production-restored", self.live.server.host, self.live.server.port)

    def request(self, attempt: int = 1, inputs: Mapping[str, str] | None = None) -> StepRequest:
        """Returns the step in its run."""
        return StepRequest(RUN, self.environment, STEP, dict(inputs or {}), "ada", None, attempt)

    def plan(self) -> Preview:
        """Returns the preview, which must not be refused."""
        preview = self.action().plan(self.request())
        assert preview.refused == ""
        return preview

    def carry_out(self, preview: Preview | None = None) -> Preview:
        """Sends every call of the preview, sees each, and sees the whole verified."""
        action, request = self.action(), self.request()
        planned = preview or self.plan()
        assert action.facts(request, planned) == planned.fingerprint
        for call in planned.calls:
            assert action.happened(request, call) is False or call.body["kind"] == "apply"
            action.send(request, call)
            assert action.happened(request, call) is True
        states = action.checks(request, planned, 0.0)
        assert all(state.passed for state in states), states
        return planned

    def done(self, preview: Preview) -> list[CallRun]:
        """Returns the preview's calls as a run has them once they are done."""
        return [CallRun(call.id, call.where, call.body, call.undo, 0.0) for call in preview.calls]

    def schemas(self) -> list[str]:
        """Returns the staging schemas of the live database."""
        return self.live.run("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rollback%'").splitlines()


def make_sides(postgres: PostgresServer, live: Database, before: str, migration: str, since: str = "") -> Sides:
    """Fills the live database, copies it as it is, migrates it, and writes what came since."""
    live.run(VERSIONS + before)
    side = Database(postgres, f"side_{secrets.token_hex(4)}", live.user, live.password)
    postgres.run(f'CREATE DATABASE "{side.name}" TEMPLATE "{live.name}" OWNER "{live.user}"')
    live.run(f"{migration};\nUPDATE {DEFAULT_TABLE} SET version = 42;\n{since}")
    return Sides(live, side, migration)


def words_of(preview: Preview, label: str) -> list[str]:
    """Returns what the prompt says under a label."""
    return [notice.text for notice in preview.notices if notice.label == label]


Make = Callable[..., Sides]


@pytest.fixture
def make(postgres: PostgresServer, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Makes both sides of the test's database; PostgreSQL's own programs are on PATH."""
    monkeypatch.setenv("PATH", f"{postgres.programs.folder}{os.pathsep}{os.environ['PATH']}")
    made: list[Sides] = []

    def _make(before: str, migration: str, since: str = "") -> Sides:
        made.append(make_sides(postgres, database, before, migration, since))
        return made[-1]

    yield _make
    for sides in made:
        postgres.drop(sides.side.name)


PLANS = """
CREATE TABLE plans (id bigserial PRIMARY KEY, name text NOT NULL, tax numeric(6,2) NOT NULL DEFAULT 0 CHECK (tax >= 0));
CREATE INDEX plans_by_tax ON plans (tax);
INSERT INTO plans (name, tax) VALUES ('free', 0), ('basic', 1.50), ('family', 2.25), ('school', 3.75);
"""
DROP_TAX = "ALTER TABLE plans DROP COLUMN tax"
SINCE = """
INSERT INTO plans (name) VALUES ('new-one'), ('new-two');
UPDATE plans SET name = 'family renamed' WHERE name = 'family';
DELETE FROM plans WHERE name = 'school';
"""


def bodies(calls: Sequence[PlannedCall]) -> str:
    """Returns everything that goes into a journal of those calls, as a text."""
    return str([(call.title, call.where, call.summary, call.body, call.undo, call.by_hand, call.diff) for call in calls])
