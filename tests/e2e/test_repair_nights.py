"""A night whose lost data is copied back, by keys alone on a real PostgreSQL: what users have written since the drop is all there at the end."""

from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.delivering import go_on, verified
from tests.e2e.repairing import a_repair
from tests.e2e.restoring import LONG

WRITTEN = (
    "INSERT INTO plans (id, price_cents) VALUES (43, 4300)",
    "UPDATE plans SET price_cents = 555 WHERE id = 5",
    "DELETE FROM plans WHERE id = 20",
)
"""By users, after the restored side was proved and before the copy back is prepared."""
WRITTEN_WHILE_ASKED = ("INSERT INTO plans (id, price_cents) VALUES (44, 4400)", "UPDATE plans SET price_cents = 666 WHERE id = 6")
"""By users, while the prompt is open."""
AFTERWARDS = {
    **{number: (100 * number, f"plan-{number}") for number in range(1, 41) if number not in (13, 20)},
    5: (555, "plan-5"),
    6: (666, "plan-6"),
    7: (750, "plan-7"),
    **{number: (100 * number, None) for number in range(41, 45)},
}
"""Price and code of each plan: 13 was deleted and 7 changed in the night, before anybody looked."""


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 36)])
def test_lost_values_come_back_and_everything_written_since_stays(tmp_path: Path, columns: int, rows: int) -> None:
    """The prompt says in numbers what it writes and what it leaves; old code runs again, the copy is dropped, and what is still owed is named."""
    with a_repair(tmp_path, columns, rows) as night:
        night.begin()
        night.protect_restore_and_prove()
        night.users_write(WRITTEN)
        said = night.ask_to_copy_back()
        assert "public.plans.plan_code: 38 rows get their value" in said
        assert "3 rows came since and stay without" in said
        assert "2 rows deleted since stay deleted" in said
        assert "plan_code NOT NULL" in said
        night.users_write(WRITTEN_WHILE_ASKED)
        night.copy_back()
        assert night.plans() == AFTERWARDS
        assert len(night.staged()) == 1
        assert {debt.partition(":")[0] for debt in night.debts()} == {"rds-snapshot", "rds-restored", "repair-staging"}
        night.old_code_back(GOOD_TAG)
        go_on(night.terminal, night.drill, "verify")
        night.git_says_so()
        night.auto_sync_on()
        night.carry_out("drop-staging", "DROP SCHEMA rollback_", "billing")
        assert night.staged() == []
        side = night.side()
        night.confirm("delete-side-instance", side, side)
        verified(night.drill, "delete-side-instance", LONG)
        assert [one["change"] for one in night.asked("DeleteDBInstance")] == [f"DeleteDBInstance {side}"]
        assert night.finish("the snapshot is kept a month") == "debts"
        assert {debt.partition(":")[0] for debt in night.debts()} == {"rds-snapshot"}
        assert night.plans() == AFTERWARDS
        assert night.renames() == []


def test_a_row_deleted_while_the_prompt_is_open_ends_the_transaction(tmp_path: Path) -> None:
    """The guard finds other numbers than were shown: nothing is written, and prepared again it shows the new ones and copies nothing twice."""
    with a_repair(tmp_path, 120, 36) as night:
        night.begin()
        night.protect_restore_and_prove()
        assert "39 rows get their value" in night.ask_to_copy_back()
        night.users_write(["DELETE FROM plans WHERE id = 21"])
        night.give_the_name()
        assert "nothing was written" in night.failed("copy-back")
        assert "plan_code" not in night.columns()
        assert "38 rows get their value" in night.ask_to_copy_back()
        night.copy_back()
        assert night.plans()[40] == (4000, "plan-40")
        assert 21 not in night.plans()
        assert len(night.staged()) == 1
        assert night.drill.count(Kind.DEBT_OPENED) == 3
