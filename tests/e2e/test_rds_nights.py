"""Nights whose database is restored and swapped, by keys alone against a real PostgreSQL: what the screen says, and what is then true."""

import os
import re
import signal
from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.aws_side import IDENTIFIER
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.delivering import go_on
from tests.e2e.drilling import runner_pid
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.e2e.restoring import Restoring, a_night

COLUMNS = ["id", "plan_code", "price_cents", "updated_at"]
"""Of the plans before the release."""
BEFORE, LATER = [(40, 40)], [(41, 42)]
"""Number and highest id of the plans before the release, and since."""
PLANS = "SELECT count(*), max(id) FROM plans"
SWAP = f"the name {IDENTIFIER}"
BOTH = ["away", "in place"]


def swapped(night: Restoring) -> None:
    """Fails unless the name has moved by one rename each, and leads to the data of before the release."""
    assert night.renames() == BOTH
    assert night.columns() == COLUMNS
    assert night.rows(PLANS) == BEFORE
    assert {debt.partition(":")[0] for debt in night.debts()} == {"auto-sync", "rds-snapshot", "rds-old", "terraform"}


def test_the_whole_database_is_restored_and_swapped_in(tmp_path: Path) -> None:
    """The data is what it was before the migration; what was written later is gone, as the prompt said in numbers; the run closes with debts signed for."""
    with a_night(tmp_path, "irreversible-migration") as night:
        assert night.rows(PLANS) == LATER
        night.begin()
        said = night.protect_and_restore()
        assert "60 s before the" in said
        assert "loses everything written since" in said
        night.prove_and_stop()
        said = night.carry_out("pg-swap", SWAP, IDENTIFIER)
        assert "public.plans: 41 rows (exact count) now, 40 rows (exact count) restored" in re.sub(r"\s*\n[^▌]*▌\s*", " ", said)
        swapped(night)
        night.scale(2)
        night.by_hand("start-services", "every service runs again")
        night.carry_out("old-code", f"Roll billing back to {GOOD_TAG}", "yes")
        go_on(night.terminal, night.drill, "verify")
        make_git_equal(night.terminal, night.drill)
        resume_auto_sync(night.terminal, night.drill)
        assert night.finish("the old one is kept a week") == "debts"
        assert {debt.partition(":")[0] for debt in night.debts()} == {"rds-snapshot", "rds-old", "terraform"}
        assert night.rows(PLANS) == BEFORE


def test_only_an_old_snapshot_is_left(tmp_path: Path) -> None:
    """The prompt says what nobody would get back, and a restore takes the snapshot: no point in time is even tried."""
    with a_night(tmp_path, "snapshot-too-old") as night:
        night.begin()
        said = night.protect_and_restore()
        assert f"{IDENTIFIER}-by-hand" in said
        assert "2d13h old" in said
        assert [one["change"].partition(" ")[0] for one in night.asked("RestoreDBInstance")] == ["RestoreDBInstanceFromDBSnapshot"]


def test_a_restore_that_runs_out_of_storage_is_taken_back_and_made_again(tmp_path: Path) -> None:
    """It says so in RDS's own words; the instance that came of it is deleted by `u`, and the second one is good."""
    with a_night(tmp_path, "restore-storage") as night:
        night.begin()
        night.carry_out("pg-protect", "take the snapshot")
        night.confirm("pg-restore-point", "restore beside")
        assert "storage-full" in night.failed("pg-restore-point")
        night.terminal.wait_for("ran out of storage")
        assert night.drill.of_step(Kind.VERIFIED, "pg-restore-point") == []
        made = night.asked("RestoreDBInstance")[0]["change"].rpartition(" ")[2]
        night.undo("pg-restore-point", made)
        night.carry_out("pg-restore-point", "restore beside")
        assert [one["change"] for one in night.asked("DeleteDBInstance")] == [f"DeleteDBInstance {made}"]
        assert len(night.asked("RestoreDBInstance")) == 2
        assert [debt for debt in night.debts() if made in debt] == []


def test_a_refused_second_rename_is_sent_again_alone(tmp_path: Path) -> None:
    """The step says what was done and what RDS refused, and claims no more; prepared again, it holds the one rename that is missing."""
    with a_night(tmp_path, "rename-refused") as night:
        night.begin()
        night.protect_and_restore()
        night.prove_and_stop()
        night.confirm("pg-swap", SWAP, IDENTIFIER)
        assert "automated backup is in progress" in night.failed("pg-swap")
        assert night.renames() == ["away"]
        assert night.drill.of_step(Kind.VERIFIED, "pg-swap") == []
        said = night.carry_out("pg-swap", SWAP, IDENTIFIER)
        assert "ModifyDBInstance" in said
        swapped(night)


def test_a_login_that_expires_between_the_renames_is_renewed_by_a_key(tmp_path: Path) -> None:
    """The run waits, whatever else still answers; after `L` the second rename is confirmed anew, and the first is not sent again."""
    with a_night(tmp_path, "credentials-expire") as night:
        night.begin()
        night.protect_and_restore()
        night.prove_and_stop()
        night.confirm("pg-swap", SWAP, IDENTIFIER)
        night.drill.wait_for(Kind.WAITING)
        night.terminal.wait_for("AWS does not know who asks")
        assert night.renames() == ["away"]
        night.terminal.press_until("L", lambda: night.drill.has(Kind.GOING_ON), "the login")
        assert night.drill.of_step(Kind.FAILED, "pg-swap") == []
        night.carry_out("pg-swap", SWAP, IDENTIFIER)
        swapped(night)


def test_a_runner_killed_between_the_renames_is_taken_up_and_renames_nothing_twice(tmp_path: Path) -> None:
    """The next `gospel-rollback` attaches, says what is done, and holds the one rename that is missing."""
    with a_night(tmp_path, "irreversible-migration", speed=4.0) as night:
        night.begin()
        night.protect_and_restore()
        night.prove_and_stop()
        night.confirm("pg-swap", SWAP, IDENTIFIER)
        night.terminal.wait_until(lambda _: night.renames() == ["away"], "the first rename")
        os.kill(runner_pid(night.drill), signal.SIGKILL)
        assert night.renames() == ["away"]
        with night.attached_again() as again:
            again.terminal.wait_until(lambda _: night.drill.resumed(), "the run taken up again")
            again.carry_out("pg-swap", SWAP, IDENTIFIER)
            swapped(again)
