"""A run that copies lost data back, killed at every boundary: staged once, written once, and nothing claimed that was not seen."""

import pytest

from gospel_rollback_tui.actions.catalogue import COPY_BACK, DROP_STAGING
from gospel_rollback_tui.actions.repair_drop import DropStaging
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Reply
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Step
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.actions.repair_sides import DROP_TAX, PLANS, SINCE, STEP, Make, Sides, make

__all__ = ["make"]  # the fixture of both sides

DROP = Step("drop-staging", "Drop the copy", "", DROP_STAGING.name, Danger.DESTRUCTIVE, 600.0)
REPAIRED = ["1|free|0.00", "2|basic|1.50", "3|family renamed|2.25", "5|new-one|", "6|new-two|"]


class RepairBench(ActionBench):
    """An engine whose operator types the database's name."""

    def confirm(self, step: str, rounds: int = 3, /, **other: object) -> Reply:
        """Confirms what is armed as the prompt demands it."""
        preview = self.step(step).preview
        assert preview is not None
        return super().confirm(step, rounds, typed=preview.target, **other)


def bench_of(sides: Sides, *steps: Step) -> ActionBench:
    """Returns an open run of those steps."""
    made = RepairBench(
        lambda: {COPY_BACK.name: sides.action(), DROP_STAGING.name: DropStaging(sides.estate())},
        sides.environment,
        steps or (STEP,),
        lambda: list(sides.asked),
    )
    made.begin()
    return made


@pytest.mark.parametrize("at", boundaries(2, debts=(1,)), ids=str)
def test_killed_at_any_boundary_it_is_staged_once_and_written_once(make: Make, at: Boundary) -> None:
    """The record in the staging schema tells the new runner exactly what was committed."""
    sides = make(PLANS, DROP_TAX, SINCE)
    bench = bench_of(sides)
    bench.dies_and_comes_back(at, "stage", "transaction")
    assert sides.live.run("SELECT id, name, tax FROM plans ORDER BY id").splitlines() == REPAIRED
    assert len(sides.schemas()) == 1
    assert [debt.title for debt in bench.run.open_debts] == [f"{sides.schemas()[0]} to drop"]


@pytest.mark.parametrize("at", boundaries(1), ids=str)
def test_killed_while_the_copy_is_dropped_it_is_dropped_once_and_nothing_is_owed(make: Make, at: Boundary) -> None:
    """The schema's absence tells; the live table stays as it was repaired."""
    sides = make(PLANS, DROP_TAX, SINCE)
    bench = bench_of(sides, STEP, DROP)
    bench.dies_and_comes_back(at, "transaction")
    assert sides.schemas() == []
    assert bench.run.open_debts == ()
    assert sides.live.run("SELECT id, name, tax FROM plans ORDER BY id").splitlines() == REPAIRED


def test_undone_it_is_as_before_and_nothing_is_owed(make: Make) -> None:
    """One transaction takes out what came back, and the copy with it."""
    sides = make(PLANS, DROP_TAX, SINCE)
    bench = bench_of(sides)
    bench.carry_out()
    bench.parts.arming.arm_undo(STEP.id)
    bench.confirm(STEP.id)
    bench.rest()
    assert bench.status is StepStatus.UNDONE
    assert sides.live.run("SELECT * FROM plans ORDER BY id").splitlines() == ["1|free", "2|basic", "3|family renamed", "5|new-one", "6|new-two"]
    assert (sides.schemas(), bench.run.open_debts) == ([], ())


def test_numbers_that_move_between_the_calls_make_it_a_new_preview(make: Make) -> None:
    """Somebody deletes a row while the copy is under way: nothing is written, and the step is armed again with what is true now."""
    sides = make(PLANS, DROP_TAX, SINCE)
    bench = bench_of(sides)
    bench.arm(STEP.id)
    sides.live.run("DELETE FROM plans WHERE name = 'basic'")
    bench.confirm(STEP.id)
    bench.settle(5)
    assert sides.asked == ["stage"]
    assert bench.step(STEP.id).status is StepStatus.ARMED, bench.told()
    bench.carry_out()
    assert bench.status is StepStatus.VERIFIED, bench.told()
    assert sides.asked == ["stage", "transaction"]
