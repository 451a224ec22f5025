"""A run whose step changes the database's instances, killed at every boundary: no instance is renamed, made or deleted twice."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Reply, Verb
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.aws.estate import IDENTIFIER
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.actions.rds_account import RESTORE_STEP, RESTORED, SETTLE_STEP, SNAPSHOT_STEP, SWAP_STEP, Database, a_database
from tests.drill.aws.accounts import SNAPSHOT
from tests.engine.worlds import SYMPTOM


class RdsBench(ActionBench):
    """An engine whose last step changes a simulated account; time is the account's own."""

    def __init__(self, database: Database, *actions: str, **inputs: str) -> None:
        """Makes the engine and opens the run; steps before the last are carried out."""
        self.database = database
        steps = [Step(f"step-{number}", "Change it", "", action, Danger.REVERSIBLE, 7200.0) for number, action in enumerate(actions)]
        environment = replace(database.environment, symptoms=(SYMPTOM,))
        super().__init__(database.actions, environment, steps, self._reached, inputs=inputs, clock=database.clock)
        self.begin()

    def _reached(self) -> list[str]:
        """Returns the changes that were asked for, without the time in names."""
        return [one.partition(" ")[0] + (" away" if "-old-" in one else " in place" if one.endswith(f"→ {IDENTIFIER}") else "") for one in self._changed()]

    def _changed(self) -> list[str]:
        return self.database.account.changed()

    def confirm(self, step: str, rounds: int = 3, /, **other: object) -> Reply:
        """Types what the danger asks for."""
        preview = self.step(step).preview
        assert preview is not None
        typed = preview.target if preview.danger is Danger.DESTRUCTIVE else ""
        return super().confirm(step, rounds, typed=typed, reason="a drill", **other)


@pytest.fixture
def database() -> Iterator[Database]:
    """The production instance."""
    with a_database() as served:
        yield served


AWAY, IN_PLACE = "ModifyDBInstance away", "ModifyDBInstance in place"


@pytest.mark.parametrize("at", boundaries(2, debts=(1, 2)), ids=str)
def test_a_swap_killed_at_any_boundary_renames_each_instance_once(database: Database, at: Boundary) -> None:
    """The new runner looks by resource id; what was not sent takes a new confirmation, and nothing is sent twice."""
    database.restored()
    old, new = database.instance().resource_id, database.instance(RESTORED).resource_id
    bench = RdsBench(database, SWAP_STEP)
    bench.dies_and_comes_back(at, AWAY, IN_PLACE)
    database.pass_time(60.0)
    assert database.instance().resource_id == new
    kept = database.rds.by_resource(old)
    assert kept is not None
    assert str(kept["DBInstanceIdentifier"]).startswith(f"{IDENTIFIER}-old-")
    assert len(database.account.changes.backend.databases) == 2
    assert [one.code for one in database.account.requests if one.changing] == ["", ""]
    assert {debt.id.partition(":")[0] for debt in bench.run.open_debts} == {"rds-old", "terraform"}


@pytest.mark.parametrize("at", [one for one in boundaries(1, debts=(1,)) if one.kind in (Kind.INTENT, Kind.RESULT, Kind.DEBT_OPENED)], ids=str)
@pytest.mark.parametrize("action", [SNAPSHOT_STEP, RESTORE_STEP])
def test_a_snapshot_and_a_restore_are_begun_once(database: Database, action: str, at: Boundary) -> None:
    """Each under a name of its own, by which it is found again."""
    inputs = {"restore_point": f"snapshot:{SNAPSHOT}"} if action == RESTORE_STEP else {}
    asked = "RestoreDBInstanceFromDBSnapshot" if action == RESTORE_STEP else "CreateDBSnapshot"
    bench = RdsBench(database, action, **inputs)
    bench.dies_and_comes_back(at, asked)
    made = len(database.account.changes.backend.databases), len(database.account.changes.backend.database_snapshots)
    assert made == ((2, 1) if action == RESTORE_STEP else (1, 2))


@pytest.mark.parametrize("at", [one for one in boundaries(1) if one.kind in (Kind.INTENT, Kind.RESULT)], ids=str)
def test_settling_is_sent_once(database: Database, at: Boundary) -> None:
    """A modification that is under way counts as made."""
    database.restored().monitoring_interval = 0
    bench = RdsBench(database, SETTLE_STEP)
    bench.dies_and_comes_back(at, "ModifyDBInstance")
    assert database.instance(RESTORED).raw["MonitoringInterval"] == 60


def test_the_whole_way_leaves_the_old_instance_and_terraform_as_debts(database: Database) -> None:
    """Snapshot, restore, settle, swap: the debt of the instance beside is paid by the swap, which is what it was for."""
    old = database.instance().resource_id
    bench = RdsBench(database, SNAPSHOT_STEP, RESTORE_STEP, SETTLE_STEP, SWAP_STEP)
    assert {debt.id.partition(":")[0] for debt in bench.run.open_debts} == {"rds-snapshot", "rds-restored"}
    bench.carry_out()
    assert bench.status is StepStatus.VERIFIED, bench.told()
    assert {debt.id.partition(":")[0] for debt in bench.run.open_debts} == {"rds-snapshot", "rds-old", "terraform"}
    assert database.instance().resource_id != old


def test_credentials_that_expire_at_the_second_rename_wait_for_a_login(database: Database) -> None:
    """Nothing counts as failed: after the login the step holds the one rename that is missing."""
    database.restored()
    new = database.instance(RESTORED).resource_id
    bench = RdsBench(database, SWAP_STEP)

    bench.arm(bench.tested)

    def expire_behind_the_first(event: Event) -> None:
        if event.kind is Kind.RESULT and len(database.account.changed()) == 1:
            database.account.troubles.expired = True

    bench.journal.on_append = expire_behind_the_first
    reply = bench.confirm(bench.tested)
    assert reply.taken, reply.text
    assert bench.records(Kind.WAITING)[0].data["reason"] == "credentials"
    assert bench.asked() == [AWAY]
    bench.settle(10)
    assert bench.run.waiting == "credentials", "the cluster knows us, which says nothing about AWS"
    database.account.troubles.expired = False
    assert bench.decide(Verb.CREDENTIALS).taken
    bench.settle(3)
    bench.carry_out()
    assert bench.status is StepStatus.VERIFIED, bench.told()
    assert database.instance().resource_id == new
    assert bench.asked() == [AWAY, IN_PLACE]


def test_a_refused_rename_puts_the_step_down_with_nothing_changed(database: Database) -> None:
    """It says what RDS said, and the swap can be tried again."""
    database.restored()
    bench = RdsBench(database, SWAP_STEP)
    bench.arm(bench.tested)
    database.account.troubles.rename_refused = "the instance cannot be renamed now"
    bench.confirm(bench.tested)
    bench.rest()
    assert "cannot be renamed now" in bench.step(bench.tested).reason or bench.status is StepStatus.ARMED
    database.account.troubles.rename_refused = ""
    bench.carry_out()
    assert bench.status is StepStatus.VERIFIED, bench.told()
