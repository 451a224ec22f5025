"""Scenario 3 as it is wired: restored beside through the simulated account, proved, copied back, and the copy dropped, on real databases."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import COPY_BACK, DROP_STAGING, PROVE
from gospel_rollback_tui.cli.acting import actions
from gospel_rollback_tui.cli.adapters import Adapters
from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.instances import instance_from
from gospel_rollback_tui.domain.instances_points import stamp
from gospel_rollback_tui.domain.preview import CheckState, Preview
from gospel_rollback_tui.domain.runbook import ActionSpec, Step
from gospel_rollback_tui.drill.aws_side import IDENTIFIER
from gospel_rollback_tui.drill.migration_scripts import IRREVERSIBLE_MIGRATION
from gospel_rollback_tui.drill.simulated import SimulatedEstate
from gospel_rollback_tui.engine.ports import StepRequest
from tests.drill.waiting import wait_for

RESTORED = f"{IDENTIFIER}-restored"


@dataclass
class Night:
    """The estate of scenario 3, and what the program makes of its configuration."""

    estate: SimulatedEstate
    made: Adapters

    def restore(self) -> None:
        """Restores the database beside to a minute before the release, and waits for it."""
        rds = self.made.rds
        assert rds is not None
        moment = stamp(time.time() - self.estate.aws.released_before - 60)
        wanted = {"SourceDBInstanceIdentifier": IDENTIFIER, "TargetDBInstanceIdentifier": RESTORED, "RestoreTime": moment}
        rds.change("restore_db_instance_to_point_in_time", wanted)

        def settled() -> bool:
            raw = rds.instance(RESTORED)
            return raw is not None and instance_from(raw).settled

        wait_for(settled)

    def carry_out(self, spec: ActionSpec, **captured: object) -> tuple[Preview, tuple[CheckState, ...]]:
        """Carries a step out by its action; inputs are the service, and what debts have captured."""
        inputs = {"service": "billing", **{name: json.dumps(value) for name, value in captured.items()}}
        step = Step(spec.name.partition(".")[2], "Do it", "", spec.name, spec.danger, 600.0)
        request = StepRequest("0312-k7", self.made.environment, step, inputs, "ada", None)
        action = actions(self.made)[spec.name]
        preview = action.plan(request)
        assert preview.refused == ""
        assert action.facts(request, preview) == preview.fingerprint
        for call in preview.calls:
            action.send(request, call)
            assert action.happened(request, call) is True
        return preview, action.checks(request, preview, 0.0)

    def plans(self) -> list[str]:
        """Returns the rows that tell what survived."""
        assert self.estate.databases.server is not None
        query = "SELECT id, plan_code, price_cents FROM plans WHERE id IN (7, 8, 13, 41, 42) ORDER BY id"
        return self.estate.databases.server.run(query, "billing").splitlines()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    """Scenario 3."""
    estate = SimulatedEstate(tmp_path / "estate", IRREVERSIBLE_MIGRATION, speed=200.0)
    made = Adapters(load_settings(estate.start().config_file, {}).environments[0], tmp_path / "clones")
    yield Night(estate, made)
    made.close()
    estate.close()


def test_the_dropped_column_comes_back_and_everything_written_since_stays(night: Night) -> None:
    """Update of 7, delete of 13, and the inserts of 41 and 42 came after the migration."""
    night.restore()
    _, proved = night.carry_out(PROVE)
    assert all(state.passed for state in proved), proved
    assert any("plans.plan_code: 40 values (exact count), newest updated_at" in state.words for state in proved)
    preview, done = night.carry_out(COPY_BACK)
    assert all(state.passed for state in done), done
    assert night.plans() == ["7|plan-7|750", "8|plan-8|800", "41||4100", "42||4200"]
    stage = preview.calls[0]
    assert stage.debt is not None
    night.carry_out(DROP_STAGING, **{f"captured:{stage.debt.id}": stage.undo["captured"]})
    assert night.plans() == ["7|plan-7|750", "8|plan-8|800", "41||4100", "42||4200"]
