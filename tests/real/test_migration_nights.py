"""The scripts of scenario 2 by keys alone, against a real PostgreSQL and the real migrate: what the screen says, and what is then true."""

import re
from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG
from tests.e2e.databases import columns, rows
from tests.e2e.delivering import policy
from tests.real.migrating import DOWN, abort, begin, carry_out, confirm, failed, finish, head, intents, night, password_of, prompt, undo
from tests.real.test_migration_secrets import watched, wrapper

ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|.)")
"""What a terminal draws with."""
OLD = ["id", "user_id", "created_at"]
"""The columns that the old code knows."""


def test_an_honest_down(tmp_path: Path, peers: Peers) -> None:
    """Stopped, migrated down, the old code started on the schema that it knows, git made equal: closed clean with nothing owed.

    The password of the database stands in no argument of any process, on no screen, and in no file but the one that holds the address.
    """
    noted = wrapper(tmp_path, peers).parent
    with watched() as watch, night(tmp_path, peers, "reversible-migration", before=noted) as (drill, terminal):
        before = policy(drill)
        assert "migration 42 of auth, reversible without loss" in terminal.wait_for("Row 2 is clear")
        begin(terminal, drill)
        assert drill.image("auth").endswith(BAD_TAG)
        said = carry_out(terminal, drill, "migrate", DOWN, "yes")
        assert "migrate goto 41 on auth" in said
        assert "DROP INDEX sessions_account_id; ALTER TABLE sessions RENAME COLUMN" in said
        finish(terminal, drill)
        assert head(drill, "auth") == (41, False)
        assert columns(drill, "auth", "sessions") == OLD
        assert drill.image("auth").endswith(GOOD_TAG)
        assert policy(drill) == before
        looked = [event.data["preview"] for event in drill.events() if event.kind is Kind.PREVIEWED and event.data["preview"]["step"] == "schema-after"]
        notices = {label: words for label, words, *_ in looked[-1]["notices"]}
        assert notices == {"Stands at": "41 (public.schema_migrations)", "Between": "no migration that was applied: there is nothing to take back"}
        password = password_of(drill, "auth").encode()
        kept = [place for place in drill.endpoints.directory.rglob("*") if place.is_file() and password in place.read_bytes()]
        assert kept == [Path(dict(drill.endpoints.database_urls)["auth"])]
        arguments = (tmp_path / "arguments").read_text()
        assert "gospelib_admin@127.0.0.1" in arguments
        assert "\ngoto\n" in arguments
        assert password.decode() not in arguments
        assert not any(password in argv for argv in watch.seen)
        assert password not in ESCAPES.sub(b"", bytes(terminal.raw))


def test_a_down_that_loses_says_how_much_and_takes_the_databases_name(tmp_path: Path, peers: Peers) -> None:
    """What was written since the release is counted, and only the name that is typed lets it go; the rows themselves stay."""
    with night(tmp_path, peers, "lossy-down") as (drill, terminal):
        begin(terminal, drill)
        said = prompt(terminal, DOWN, "auth")
        assert "DESTRUCTIVE" in said
        assert "Loses     sessions.device_id: 4,120 values (exact count)" in said
        terminal.enter("yes")
        terminal.press_until("enter", lambda: "It takes 'auth', typed in full." in terminal.text(), "that a word is not enough")
        assert head(drill, "auth") == (42, False)
        terminal.press("ctrl+u")
        carry_out(terminal, drill, "migrate", DOWN, "auth")
        finish(terminal, drill)
        assert head(drill, "auth") == (41, False)
        assert columns(drill, "auth", "sessions") == OLD
        assert rows(drill, "auth", "SELECT count(*) FROM sessions") == [(4120,)]


def test_a_down_that_fails_is_told_and_only_its_mark_is_settled(tmp_path: Path, peers: Peers) -> None:
    """The constraint does not hold any more: nothing took effect, the mark says 41 and the schema is at 42, and `u` makes it say so."""
    with night(tmp_path, peers, "failed-down") as (drill, terminal):
        begin(terminal, drill)
        confirm(terminal, drill, "migrate", DOWN, "yes")
        why = failed(drill)
        assert "version 41 (dirty)" in why
        assert "could not create unique index" in why
        assert "000042_many_sessions.down.sql has not taken effect: sessions.account_id is still there. The schema is still at 42" in why
        assert head(drill, "auth") == (41, True)
        said = undo(terminal, drill, "migrate", "schema as version 42", "auth")
        assert "the mark changes: no SQL of any migration runs" in said
        assert head(drill, "auth") == (42, False)
        assert "account_id" in columns(drill, "auth", "sessions")
        assert not drill.of_step(Kind.VERIFIED, "migrate")
        assert intents(drill) == 1
        abort(terminal, drill, "fix forward")
        assert drill.wait_for(Kind.ABORTED).data["reason"] == "fix forward"
