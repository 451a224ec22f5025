"""The scripts of scenario 2 by keys alone, against a real PostgreSQL and the real migrate: what the screen says, and what is then true."""

from pathlib import Path

from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.delivering import closed_without_debt, go_on, policy
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.real.migrating import carry_out, columns, head, look, night, pay_by_hand, stop_code, take, ways_of_row


def test_an_honest_down(tmp_path: Path, peers: Peers) -> None:
    """Stopped, migrated down, the old code started on the schema that it knows, git made equal: closed clean with nothing owed."""
    with night(tmp_path, peers, "reversible-migration") as (drill, terminal):
        before = policy(drill)
        assert "migration 42 of auth, reversible without loss" in terminal.wait_for("Row 2 is clear")
        ways_of_row(terminal, "Row 2")
        take(terminal, drill, 1)
        stop_code(terminal, drill)
        said = carry_out(terminal, drill, "migrate", "schema down from 42 to 41", "yes")
        assert "migrate goto 41" in said
        carry_out(terminal, drill, "old-code", f"Roll auth back to {GOOD_TAG}", "yes")
        look(terminal, drill, "schema-after")
        go_on(terminal, drill, "verify")
        make_git_equal(terminal, drill)
        resume_auto_sync(terminal, drill)
        pay_by_hand(terminal, drill, "snapshot before-rollback", "OPS-7 deletes it in thirty days")
        closed_without_debt(terminal, drill)
        assert head(drill, "auth") == (41, False)
        assert columns(drill, "auth", "sessions") == ["id", "user_id", "created_at"]
        assert drill.image("auth").endswith(GOOD_TAG)
        assert policy(drill) == before
