"""Migrations that somebody or something stands in the way of, by keys alone: a held table, a dropped link, a schema that is too low already."""

from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.real.peers import Peers
from tests.e2e.databases import rows
from tests.e2e.delivering import verified
from tests.real.migrating import (
    DOWN,
    at_the_keys,
    begin,
    boxed,
    carry_out,
    commands,
    confirm,
    failed,
    head,
    held,
    intents,
    night,
    prompt,
    refused,
    stop_code,
    take_against_the_evidence,
    undo,
    waits_for_a_lock,
)

SLOWLY = 0.3
"""As fast as this: somebody's transaction, which ends after 30 s of a drill, is there when the migration is prepared."""
OPEN = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'nightly-report' AND xact_start IS NOT NULL"
"""Whether the report's transaction is still open; its session stays."""


def test_a_held_table_is_named_and_waited_for(tmp_path: Path, peers: Peers) -> None:
    """Whose transaction it is stands in the prompt; going on all the same ends by the lock's timeout and is judged by the catalogue; later it goes through."""
    with night(tmp_path, peers, "lock-held", speed=SLOWLY) as (drill, terminal):
        begin(terminal, drill)
        said = prompt(terminal, DOWN, "yes")
        assert "nightly-report" in said
        assert "old on public.sessions: SELECT pg_sleep" in boxed(said)
        confirm(terminal, drill, "migrate", DOWN, "yes")
        why = failed(drill)
        assert "canceling statement due to lock timeout" in why
        assert "sessions.account_id is still there. The schema is still at 42" in why
        undo(terminal, drill, "migrate", "schema as version 42", "auth")
        assert head(drill, "auth") == (42, False)
        terminal.wait_until(lambda _: rows(drill, "auth", OPEN) == [(0,)], "the end of the report", deadline=120.0)
        assert "nightly-report" not in carry_out(terminal, drill, "migrate", DOWN, "yes")
        assert head(drill, "auth") == (41, False)
        assert intents(drill) == 2


def test_a_link_that_drops_during_a_down_leaves_one_migration_and_its_proof(tmp_path: Path, peers: Peers) -> None:
    """Migrate waits for a lock as the terminal closes; it goes on, the runner sees its end, and the next screen finds the step done."""
    with night(tmp_path, peers, "reversible-migration") as (drill, terminal):
        begin(terminal, drill)
        with held(drill, "auth", "SELECT count(*) FROM sessions") as somebody:
            confirm(terminal, drill, "migrate", DOWN, "yes")
            terminal.wait_until(lambda _: waits_for_a_lock(drill, "auth"), "a migration that waits")
            terminal.hang_up()
            terminal.wait_for_exit()
            assert head(drill, "auth") == (41, True)
            somebody.close()
        verified(drill, "migrate")
        assert head(drill, "auth") == (41, False)
        with at_the_keys(drill, peers) as again:
            again.wait_for("✓ 4 Migrate down to", "attached. Last", "verified.")
            again.wait_for("✗ auth /ready", "none seen")
            assert intents(drill) == 1
            assert len(drill.of_step(Kind.VERIFIED, "migrate")) == 1
            assert {name.split(".")[0] for name in commands(drill)} == {"migrate-1-migrate"}


def test_a_goto_that_would_lead_up_is_refused(tmp_path: Path, peers: Peers) -> None:
    """Somebody has gone too far down already: the sentence says where the schema is and where that way leads, and nothing runs."""
    with night(tmp_path, peers, "goes-up") as (drill, terminal):
        terminal.wait_for("The six rows", "the target needs version 41, and the database has not got it")
        take_against_the_evidence(terminal, drill, 2, "Stop the new code, migrate down", "the schema is what is wrong")
        stop_code(terminal, drill)
        why = refused(terminal, drill, "migrate")
        assert why.startswith("The schema is at 40, and ")
        assert "ships migrations up to 41: that way leads up" in why
        assert head(drill, "auth") == (40, False)
        assert intents(drill) == 0
        assert commands(drill) == []
