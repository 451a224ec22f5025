"""Runs whose step migrates a real schema: killed at every record, and with the command under way; no migration runs twice, and nothing is claimed unseen."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import MIGRATE
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.errors import FactsMoved, OutcomeUnknown
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.infra.processes.detached import FOLDER
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.drill.waiting import wait_for
from tests.postgres_server import Database
from tests.real.migration_nights import SERVICE, STEP, Night, night

DOWN = "INSERT INTO log VALUES ('down 7');{} DROP INDEX plans_title;\n"
LOGGED = {"000007_title.up.sql": "CREATE INDEX plans_title ON plans (title);\n", "000007_title.down.sql": DOWN.format("")}
"""A migration whose way down leaves a line each time it runs."""
SLOW = {
    "000007_tax.up.sql": "ALTER TABLE plans ADD COLUMN tax int;\n",
    "000007_tax.down.sql": "SELECT pg_sleep(3600); ALTER TABLE plans DROP COLUMN tax;\n",
}
"""One that waits in its way."""
GATED = {**LOGGED, "000007_title.down.sql": DOWN.format(" SELECT wait_for_us();")}
"""One that waits until the test lets it go."""


@pytest.fixture
def found(tmp_path: Path, database: Database, peers: Peers, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Night:
    """The night, with a log that no migration touches but by running."""
    monkeypatch.setenv("PATH", f"{peers.folder}:/usr/bin:/bin")
    database.run("CREATE TABLE log (what text)")
    return night(tmp_path, database, getattr(request, "param", LOGGED))


class MigrationBench(ActionBench):
    """An engine whose one step migrates down."""

    def __init__(self, place: Night) -> None:
        """Makes the engine and opens the run."""
        self.place = place
        step = Step(STEP, "Migrate down", "", MIGRATE.name, Danger.DISRUPTIVE, 600.0)
        super().__init__(lambda: {MIGRATE.name: self.place.down()}, place.environment, (step,), self._ran)
        self.begin()

    def confirmation(self, step: str, **other: object) -> dict[str, object]:
        """Returns what a prompt sends: the word where users notice, the name where data goes."""
        preview = self.step(step).preview
        typed = preview.target if preview is not None and preview.danger is Danger.DESTRUCTIVE else "yes"
        return super().confirmation(step, typed=typed, **other)

    def _ran(self) -> list[str]:
        """Returns what has run in the database, once nothing runs any more."""
        wait_for(lambda: not running(self.place))
        return self.place.database.run("SELECT what FROM log").split("\n") if self.place.database.run("SELECT count(*) FROM log") != "0" else []


def running(place: Night) -> bool:
    """Returns whether a migrate of this run is under way."""
    runner = place.migrating.runner
    names = [file.stem for file in (place.run_folder / FOLDER).glob("*.json")]
    return any(progress is not None and progress.running for progress in (runner.look(name, SERVICE) for name in names))


@pytest.mark.parametrize("at", boundaries(1), ids=str)
def test_killed_at_any_boundary_the_migration_runs_exactly_once(found: Night, at: Boundary) -> None:
    """The new runner looks for the command, then at the schema; where nothing was started, a new confirmation starts it, and only then."""
    bench = MigrationBench(found)
    bench.dies_and_comes_back(at, "down 7")
    assert found.head() == "6|f"
    assert found.database.run("SELECT to_regclass('plans_title')") == ""


@pytest.mark.parametrize("found", [SLOW], indirect=True)
def test_a_run_that_is_cancelled_asks_migrate_once_and_tells_where_it_ended(found: Night) -> None:
    """The abort reaches the command while it runs; what it had begun it ends, and that is seen."""
    found.patience = 0.0
    bench = MigrationBench(found)
    bench.arm(STEP)
    assert bench.confirm(STEP).taken
    bench.settle(1)
    assert bench.status.value == StepStatus.VERIFYING.value
    wait_for(lambda: in_down(found))
    reply = bench.decide(Verb.ABORT, reason="the wrong night")
    assert "migrate was asked to stop after the file it is at" in reply.text
    assert "nothing of it runs" in found.down().cancel(found.request(), bench.step(STEP).preview.calls[0])  # type: ignore[union-attr]  # it was planned
    let_go(found)
    bench.rest()
    assert bench.step(STEP).status is StepStatus.FAILED
    assert "it was asked to stop at version 6 (dirty)" in bench.records(Kind.FAILED)[-1].data["reason"]
    assert "has not taken effect" in bench.records(Kind.FAILED)[-1].data["reason"]


def in_down(place: Night) -> bool:
    """Returns whether the way down has come to where it waits."""
    return place.database.server.run(f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{place.database.name}' AND wait_event = 'PgSleep'") == "1"


def let_go(place: Night) -> None:
    """Ends the statement that waits, as an error."""
    place.database.server.run(f"SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = '{place.database.name}' AND wait_event = 'PgSleep'")


RUNNER = """
import sys, time
from pathlib import Path
from gospel_rollback_tui.domain.processes import MigrateOrder
from gospel_rollback_tui.infra.migrate import MigrateCommand
from gospel_rollback_tui.infra.sql.address import DatabaseAddress

port, name, user, folder, source = sys.argv[1:]
password = sys.stdin.readline().rstrip("\\n")
address = DatabaseAddress("gateway", "127.0.0.1", int(port), name, user, "disable", "", password, "PG_URL_GATEWAY")
command = MigrateCommand(lambda service: address, Path(folder))
files = {file.name: file.read_text() for file in Path(source).iterdir()}
command.start("migrate-1-migrate", MigrateOrder("gateway", command.source("migrate-1-migrate"), ("goto", "6"), 600.0, False), files)
print("started", flush=True)
time.sleep(3600)
"""
WAITS = """
CREATE TABLE gate (open boolean);
CREATE FUNCTION wait_for_us() RETURNS void LANGUAGE plpgsql AS $$
BEGIN WHILE NOT EXISTS (SELECT FROM gate) LOOP PERFORM pg_sleep(0.05); END LOOP; END $$
"""


@pytest.mark.parametrize("found", [GATED], indirect=True)
def test_a_runner_that_is_killed_while_migrate_runs_is_followed_by_one_that_finds_it(found: Night, tmp_path: Path) -> None:
    """The command goes on without it; the next runner sees it run, then what it did, and starts nothing."""
    database, asked = found.database, found.request()
    database.run(WAITS)
    preview = found.down().plan(asked)
    assert preview.refused == ""
    (call,) = preview.calls
    shutil.copytree(found.remote.work / "services/gateway/migrations", tmp_path / "source")
    argv = [sys.executable, "-c", RUNNER, str(database.server.port), database.name, database.user, str(found.run_folder), str(tmp_path / "source")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        runner.stdin.write(database.password + "\n")
        runner.stdin.flush()
        assert runner.stdout.readline() == "started\n"
        runner.send_signal(signal.SIGKILL)
    looked = found.migrating.runner.look("migrate-1-migrate", SERVICE)
    assert looked is not None
    assert (looked.running, looked.ours) == (True, False)
    action = found.down()
    assert action.happened(asked, call) is None
    (state,) = action.checks(asked, preview, 0.0)
    assert (state.passed, state.final) == (None, False)
    with pytest.raises(OutcomeUnknown if found.head() == "7|f" else FactsMoved, match=r"started before|meanwhile"):
        action.send(asked, call)
    database.run("INSERT INTO gate VALUES (true)")
    wait_for(lambda: action.happened(asked, call) is not None)
    assert action.happened(asked, call) is True
    assert (database.run("SELECT what FROM log"), found.head()) == ("down 7", "6|f")
