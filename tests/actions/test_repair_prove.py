"""A restored database is proved by queries; each number says how it was found, and what nobody knows is no number."""

import pytest

from gospel_rollback_tui.actions.repair_losses import Lost
from gospel_rollback_tui.actions.repair_prove import BEFORE, LOST, TABLES, ProveRestored
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.preview import CheckState
from gospel_rollback_tui.engine.ports import StepRequest
from tests.actions.repair_sides import DROP_TAX, PLANS, SINCE, Make, Sides, make, words_of

__all__ = ["make"]  # the fixture of both sides


def looked(sides: Sides) -> dict[str, CheckState]:
    """Returns what the step sees."""
    action, request = ProveRestored(sides.estate()), sides.request()
    preview = action.plan(request)
    assert (preview.refused, preview.calls) == ("", ())
    return {state.name: state for state in action.checks(request, preview, 0.0)}


def test_what_was_lost_is_counted_with_its_method(make: Make) -> None:
    """The version is from before the migration, the lost values are there, and the newest row is told where a column tells it."""
    table = "CREATE TABLE visits (id int PRIMARY KEY, created_at timestamptz);"
    filled = "INSERT INTO visits SELECT n, now() - interval '3 hours' FROM generate_series(1, 5) n;"
    sides = make(PLANS + table + filled, f"{DROP_TAX}; DELETE FROM visits", SINCE)
    found = looked(sides)
    assert all(state.passed for state in found.values())
    assert found[BEFORE].words == "version 41"
    rows = "visits: 5 rows (exact count), newest created_at 3h ago"
    assert found[LOST].words == f"plans.tax: 4 values (exact count), newest row unknown (no column of a time); {rows}"


def test_tables_nobody_has_analysed_are_unknown_and_not_empty(make: Make) -> None:
    """A restored instance has the statistics of its original, or none."""
    sides = make(PLANS, DROP_TAX)
    assert looked(sides)[TABLES].words == "2 tables, an unknown number of rows (never analysed)"
    sides.side.run("ANALYZE plans")
    assert looked(sides)[TABLES].words == "2 tables, about 4 rows (estimate); unknown of 1 of them"
    rows = words_of(ProveRestored(sides.estate()).plan(sides.request()), "Rows")
    assert rows[0] == "public.plans: about 4 rows (estimate) restored, an unknown number of rows (never analysed) live"


@pytest.mark.parametrize(
    ("wrong", "name", "words"),
    [
        ("UPDATE schema_migrations SET version = 42", BEFORE, "version 42; migration 42 had run there already"),
        ("UPDATE schema_migrations SET dirty = true", BEFORE, "version 41 (dirty)"),
        ("DROP TABLE schema_migrations", BEFORE, "version unknown"),
        ("ALTER TABLE plans DROP COLUMN tax", LOST, "plans.tax: an unknown number of values (it is not there), newest row unknown (no column of a time)"),
    ],
)
def test_what_is_wrong_with_it_is_final(make: Make, wrong: str, name: str, words: str) -> None:
    """A restored database does not mend itself: another moment has to be restored."""
    sides = make(PLANS, DROP_TAX)
    sides.side.run(wrong)
    assert looked(sides)[name] == CheckState(name, passed=False, words=words, final=True)


class NothingTold(Sides):
    """No image names a release, as after a total failure."""

    def lost(self, request: StepRequest) -> Lost:
        """Refuses."""
        raise Refused("Which commit's release is out is not told by any image's tag.")


def test_without_any_release_version_and_tables_are_still_proved(make: Make) -> None:
    """Which migration destroyed something is then not known, and said so."""
    sides = make(PLANS, DROP_TAX)
    found = looked(NothingTold(sides.live, sides.side, DROP_TAX))
    assert (found[BEFORE].passed, found[LOST].words, found[TABLES].passed) == (True, "nobody knows what was lost", True)
