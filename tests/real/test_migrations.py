"""Migrations back by the real golang-migrate on a real PostgreSQL: what is shown, what is refused, and what is believed."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.databases import migrate_lock_ids
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.drill.real.peers import Peers
from tests.actions.release_estate import carried_calls
from tests.drill.waiting import wait_for
from tests.postgres_server import Database
from tests.real.migration_nights import FOLDER, INDEX, PLANS, SERVICE, TAX, Files, Night, carried_out, night

Nights = Callable[..., Night]


@pytest.fixture
def nights(tmp_path: Path, database: Database, peers: Peers, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Makes nights on the test's database, with the built migrate first on PATH."""
    monkeypatch.setenv("PATH", f"{peers.folder}:/usr/bin:/bin")
    return lambda bad, good=None, **more: night(tmp_path, database, bad, good, **more)


def said(preview: Preview, label: str) -> list[str]:
    """Returns the prompt's lines of that label."""
    return [notice.text for notice in preview.notices if notice.label == label]


def test_an_honest_down(nights: Nights) -> None:
    """The SQL is shown, nothing is lost, and afterwards the catalogue and the version say so; then up again."""
    found = nights(INDEX)
    preview, done, states = carried_out(found, found.request())
    assert preview.title == "Migrate gateway's schema down from 7 to 6"
    assert preview.danger is Danger.DISRUPTIVE
    assert [line.text for line in preview.calls[0].diff] == ["-- 000007_title_index.down.sql", "DROP INDEX plans_title;"]
    assert said(preview, "SQL") == ["DROP INDEX plans_title;"]
    assert said(preview, "Loses") == []
    assert said(preview, "Runs") == ["migrate 4.18.1, in a session of its own: it goes on where this screen or the link ends"]
    assert [(state.passed, state.words) for state in states] == [(True, "version 6, not dirty")]
    assert found.head() == "6|f"
    assert found.down().happened(found.request(), preview.calls[0]) is True
    undo = found.down().undo_plan(found.request(2), done)
    assert undo.title == "Migrate gateway's schema up again from 6 to 7"
    carried_out(found, found.request(2), undo)
    assert found.head() == "7|f"


def test_a_down_that_loses_is_destructive_and_says_how_much(nights: Nights, database: Database) -> None:
    """Values are counted, the name is typed, and what comes back by the undo is the structure alone."""
    found = nights(TAX)
    database.run("INSERT INTO plans SELECT n, 'p', nullif(n % 3, 0) FROM generate_series(1, 30) n")
    preview, done, states = carried_out(found, found.request())
    assert (preview.danger, preview.target) == (Danger.DESTRUCTIVE, database.name)
    assert said(preview, "Loses") == ["plans.tax: 20 values (exact count)"]
    assert preview.checks == ("gateway: the schema is at version 6 and not dirty", "gateway: gone: plans.tax")
    assert [state.passed for state in states] == [True, True]
    assert (found.head(), found.has("plans", "tax"), found.has("plans")) == ("6|f", False, True)
    undo = found.down().undo_plan(found.request(2), done)
    assert said(undo, "Lost")[0].startswith("what was in it stays lost, only the structure comes back; a restore to ")
    _, _, back = carried_out(found, found.request(2), undo)
    assert [state.name for state in back] == ["gateway: the schema is at version 7 and not dirty", "gateway: back: plans.tax"]
    assert found.has("plans", "tax")
    assert database.run("SELECT count(tax) FROM plans") == "0"


def test_the_target_is_computed_and_several_files_go_back_in_order(nights: Nights) -> None:
    """`goto`, not `down N`: how many files the release had is nobody's business to count."""
    eight = {"000008_cents.up.sql": "ALTER TABLE plans ADD COLUMN cents int;", "000008_cents.down.sql": "ALTER TABLE plans DROP COLUMN cents;"}
    found = nights({**TAX, **eight})
    preview, _, _ = carried_out(found, found.request())
    assert preview.calls[0].summary == "version 8 → 6"
    assert [line.text for line in preview.calls[0].diff if line.text.startswith("--")] == ["-- 000008_cents.down.sql", "-- 000007_tax.down.sql"]
    assert found.head() == "6|f"


def test_what_is_printed_to_do_it_by_hand_does_it(nights: Nights, tmp_path: Path, peers: Peers) -> None:
    """In a shell that has never seen the repository; the password is the operator's own business."""
    found = nights(TAX)
    names = (("git.repository", str(found.remote.bare)), ("git.branch", "main"))
    found.environment = replace(found.environment, names=names)
    preview = found.down().plan(found.request())
    home = tmp_path / "home"
    home.mkdir()
    environment = {"HOME": str(home), "PATH": f"{peers.folder}:/usr/bin:/bin", "PGPASSWORD": found.database.password}
    done = subprocess.run(["/bin/bash", "-e", "-o", "pipefail"], input="\n".join(preview.by_hand), env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (found.head(), found.has("plans", "tax")) == ("6|f", False)


REFUSED: dict[str, tuple[Files, str]] = {
    "missing down": ({"000007_tax.up.sql": TAX["000007_tax.up.sql"]}, "Version 7 cannot be taken back: there is no down"),
    "empty down": ({**TAX, "000007_tax.down.sql": "-- nothing\n"}, "Version 7 cannot be taken back: the down holds no statement"),
    "destroying up": (
        {"000007_x.up.sql": "ALTER TABLE plans DROP COLUMN title;", "000007_x.down.sql": "ALTER TABLE plans ADD COLUMN title text;"},
        "Version 7 cannot be taken back: the up destroyed data of plans.title",
    ),
    "duplicate": ({**TAX, "000007_again.up.sql": "SELECT 1;"}, "Two files of"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_honest_way_back_is_refused(nights: Nights, case: str) -> None:
    """With the statement that decides, and nothing is sent."""
    bad, words = REFUSED[case]
    found = nights(bad, applied=False)
    found.database.run("UPDATE schema_migrations SET version = 7")
    preview = found.down().plan(found.request())
    assert words in preview.refused
    assert preview.calls == ()


def test_what_nobody_can_read_takes_a_written_reason(nights: Nights) -> None:
    """It is neither refused for good nor sent unasked."""
    found = nights({**INDEX, "000007_title_index.down.sql": "DROP INDEXX plans_title;"})
    preview = found.down().plan(found.request())
    assert preview.refused == ""
    assert preview.needs_reason.startswith("Nobody can tell what 000007_title_index.down.sql:1 does")


def test_a_failed_down_leaves_a_mark_that_is_explained_and_then_settled(nights: Nights, database: Database) -> None:
    """The version says 6, the schema is 7: what took effect is told, no migration runs before, and only the mark is set."""
    found = nights({**TAX, "000007_tax.down.sql": "ALTER TABLE plans DROP COLUMN tax;\nSELECT 1 / 0;\n"})
    preview, done, states = carried_out(found, found.request())
    assert (states[0].passed, states[0].final) == (False, True)
    assert "migrate has ended at version 6 (dirty): error: migration failed: division by zero" in states[0].words
    assert "000007_tax.down.sql has not taken effect: plans.tax is still there. The schema is still at 7; only the mark says 6." in states[0].words
    assert found.down().happened(found.request(), preview.calls[0]) is False
    again = found.down().plan(found.request(2))
    assert again.refused.startswith("Version 6 is dirty: a migration failed. 000007_tax.down.sql has not taken effect")
    undo = found.down().undo_plan(found.request(2), done)
    assert (undo.title, undo.danger, undo.target) == ("Mark gateway's schema as version 7", Danger.DESTRUCTIVE, database.name)
    assert undo.calls[0].where.startswith("migrate force 7 on ")
    assert undo.needs_reason == ""
    own = found.force().plan(found.request(2))
    assert (own.calls[0].body, own.title) == (undo.calls[0].body, undo.title)
    carried_out(found, found.request(2), undo)
    assert (found.head(), found.has("plans", "tax")) == ("7|f", True)
    assert found.force().plan(found.request(3)).refused.startswith("The schema is not dirty")


def test_what_had_gone_back_before_a_down_failed_comes_up_again(nights: Nights) -> None:
    """Of two files one went back; a mark alone would leave it so, and the step would count as put back."""
    eight = {"000008_cents.up.sql": "ALTER TABLE plans ADD COLUMN cents int;", "000008_cents.down.sql": "ALTER TABLE plans DROP COLUMN cents;"}
    found = nights({**TAX, "000007_tax.down.sql": "ALTER TABLE plans DROP COLUMN tax;\nSELECT 1 / 0;\n", **eight})
    _, done, states = carried_out(found, found.request())
    assert "The schema is still at 7; only the mark says 6." in states[0].words
    assert (found.head(), found.has("plans", "cents")) == ("6|t", False)
    undo = found.down().undo_plan(found.request(2), done)
    assert undo.title == "Mark gateway's schema as version 7, then migrate it up again to 8"
    assert [call.summary for call in undo.calls] == ["version 6 (dirty) → 7", "version 7 → 8"]
    carried_out(found, found.request(2), undo)
    assert (found.head(), found.has("plans", "cents")) == ("8|f", True)


def test_a_down_that_failed_halfway_outside_a_transaction_is_not_guessed(nights: Nights) -> None:
    """What is gone and what is there is told; which version that is, only the operator can say, in writing."""
    bad = {
        "000007_two.up.sql": "ALTER TABLE plans ADD COLUMN a int; ALTER TABLE plans ADD COLUMN b int;",
        "000007_two.down.sql": "ALTER TABLE plans DROP COLUMN a; COMMIT; ALTER TABLE plans DROP COLUMN b; SELECT 1 / 0;",
    }
    found = nights(bad)
    preview, done, states = carried_out(found, found.request())
    assert said(preview, "In part") == ["000007_two.down.sql is no single transaction: if it fails, a part of it stays"]
    assert "has taken effect in part: plans.a is gone, plans.b is still there." in states[0].words
    undo = found.down().undo_plan(found.request(2), done)
    assert "has taken effect in part" in undo.refused
    (_, _, versions) = found.force().choices(found.request(2))
    assert [(option.value, option.suggested) for option in versions.options] == [("7", False), ("6", False)]
    chosen = found.force().plan(found.request(2, schema_version="6"))
    assert chosen.needs_reason.startswith("The catalogue does not show version 6")
    assert "cannot have left version 5" in found.force().plan(found.request(2, schema_version="5")).refused


def test_a_migration_that_is_under_way_is_waited_for(nights: Nights, database: Database) -> None:
    """Either lock: the command's, and the one that a starting pod takes."""
    found = nights(INDEX)
    for lock in migrate_lock_ids(database.name, "public", "schema_migrations"):
        with database.connect() as holder:
            holder.execute("SELECT pg_advisory_lock(%s)", (lock,))
            refused = found.down().plan(found.request()).refused
            assert refused.startswith(f"A migration is under way: pid {holder.info.backend_pid} ({database.user}, idle in transaction) holds the lock")
    preview = found.down().plan(found.request())
    with database.connect() as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", (lock,))
        moved = preview.fingerprint.moved(found.down().facts(found.request(), preview))
        assert [(name, old) for name, old, _ in moved] == [("lock of golang-migrate", "free")]


def test_a_long_transaction_ends_the_attempt_in_seconds_and_not_the_service(nights: Nights, database: Database) -> None:
    """It is told before; migrate gives up at its lock timeout instead of making everybody wait behind it; then it goes."""
    found = nights(TAX)
    found.patience = 0.0
    with database.connect() as holder:
        holder.execute("SELECT count(*) FROM plans")
        action, asked = found.down(), found.request()
        preview = action.plan(asked)
        action.send(asked, preview.calls[0])
        behind = f"; it waits behind pid {holder.info.backend_pid} ({database.user}, idle in transaction)"
        wait_for(lambda: action.checks(asked, preview, 0.0)[0].words.endswith(behind))
        wait_for(lambda: action.checks(asked, preview, 0.0)[0].final)
        states, done = action.checks(asked, preview, 0.0), carried_calls(preview)
        assert "canceling statement due to lock timeout" in states[0].words
        assert "000007_tax.down.sql has not taken effect" in states[0].words
    assert found.head() == "6|t"
    carried_out(found, found.request(2), found.down().undo_plan(found.request(2), done))
    _, _, states = carried_out(found, found.request(3))
    assert [state.passed for state in states] == [True, True]


def test_what_would_lead_up_is_refused(nights: Nights, database: Database) -> None:
    """`goto` goes up as well; and where nothing has to go back that is said."""
    found = nights(TAX)
    database.run("UPDATE schema_migrations SET version = 6")
    assert "The schema is at 6 already" in found.down().plan(found.request()).refused
    refused = found.down().plan(found.request(bad_commit=found.bad, good_commit=found.bad)).refused
    assert refused == f"The schema is at 6, and {found.bad[:7]} ships migrations up to 7: that way leads up. Choose another commit."


def test_a_version_that_the_commit_does_not_know_is_refused(nights: Nights, database: Database) -> None:
    """The checkout is the wrong one: migrate would say so only after it had begun."""
    found = nights(TAX)
    database.run("UPDATE schema_migrations SET version = 9")
    refused = found.down().plan(found.request()).refused
    assert refused.startswith(f"Version 9, where the schema is, is not among the migrations of {found.bad[:7]} (up to 7).")
    early = found.remote.git("rev-list", "--max-parents=0", "HEAD").strip()
    assert "is not in the repository" in found.down().plan(found.request(bad_commit="0" * 40)).refused
    assert found.down().plan(found.request(bad_commit=early)).refused != ""


def test_a_folder_that_is_not_there_is_refused(nights: Nights) -> None:
    """A wrong path in the configuration."""
    found = nights(TAX)
    found.remote.git("rm", "-rq", FOLDER)
    gone = found.remote.commit("Moved", {"elsewhere/x.sql": ""})
    assert found.down().plan(found.request(bad_commit=gone)).refused.startswith(f"{FOLDER} is not in {gone[:7]}.")


def test_two_tables_of_versions_must_be_told_apart(nights: Nights, database: Database) -> None:
    """Nothing is guessed: the configuration says which."""
    found = nights(TAX)
    database.run("CREATE SCHEMA app; CREATE TABLE app.schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)")
    refused = found.down().plan(found.request()).refused
    assert refused == (
        "There are two tables of versions: public.schema_migrations (7) and golang-migrate (app.schema_migrations). "
        "Say which with services.gateway.migrations_table."
    )
    configured(found, migrations_table="public.schema_migrations")
    carried_out(found, found.request())
    assert found.head() == "6|f"


def configured(found: Night, migrations_table: str) -> None:
    """Says which table is the service's."""
    environment = found.environment
    found.environment = replace(
        environment, services=tuple(replace(one, migrations_table=migrations_table) if one.name == SERVICE else one for one in environment.services)
    )


def test_other_tools_are_named_and_not_run(nights: Nights, database: Database) -> None:
    """Their own command is the way back."""
    found = nights(TAX)
    database.run("DROP TABLE schema_migrations; CREATE TABLE alembic_version (version_num varchar(32))")
    refused = found.down().plan(found.request()).refused
    assert refused == "This schema is migrated by Alembic (public.alembic_version), which is not run from here. Go back with that tool, by hand."


def test_a_replica_takes_no_changes(nights: Nights, database: Database) -> None:
    """Its address is not the primary's."""
    found = nights(TAX)
    database.server.run(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    assert "takes no changes: it is a replica, or set to read-only" in found.down().plan(found.request()).refused


def test_a_wrong_password_and_a_server_that_is_not_there_are_said(nights: Nights) -> None:
    """With where the right one belongs, and without it."""
    found = nights(TAX)
    right = found.url
    found.url = right.replace("planted-", "planted-wrong-")
    assert found.down().plan(found.request()).refused.endswith("Put the right one into PG_URL_GATEWAY, then try again.")
    found.url = right.replace("@127.0.0.1:", "@no-such-host.invalid:")
    assert found.down().plan(found.request()).refused.startswith("The name no-such-host.invalid leads nowhere.")


def test_missing_rights_end_it_with_the_servers_words(nights: Nights, database: Database) -> None:
    """A role that may read everything and own nothing: the schema stays as it was, and that is told."""
    found = nights(TAX)
    reader = f"{database.name}_reader"
    database.server.role(reader, "planted-reader")
    database.server.run(f'GRANT SELECT, INSERT, TRUNCATE ON ALL TABLES IN SCHEMA public TO "{reader}"', database.name)
    found.url = database.server.url(database.name, reader, "planted-reader")
    _, _, states = carried_out(found, found.request())
    assert "must be owner of table plans" in states[0].words
    assert "000007_tax.down.sql has not taken effect" in states[0].words
    assert found.has("plans", "tax")


def test_without_migrate_it_is_done_by_hand(nights: Nights, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None at all, an installer's placeholder, and one that knows no PostgreSQL."""
    found = nights(TAX)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert found.down().plan(found.request()).refused.startswith("migrate is not on this machine. Install golang-migrate")
    program = tmp_path / "migrate"
    program.write_text('#!/bin/sh\necho "If you\'re seeing this something went wrong with the install"\n')
    program.chmod(0o755)
    assert "is not golang-migrate: asked for its version it says \"If you're seeing this" in found.down().plan(found.request()).refused
    program.write_text('#!/bin/sh\n[ "$1" = -version ] && echo 4.18.1 >&2 || echo "Database drivers: stub, mysql" >&2\n')
    assert "knows no PostgreSQL; its drivers: stub, mysql" in found.down().plan(found.request()).refused


def test_releases_are_chosen_from_tags_and_suggested_by_the_images(nights: Nights) -> None:
    """What runs, and what ran before it."""
    found = nights(TAX)
    services, bad, good = found.down().choices(found.request())
    assert [(option.value, option.suggested) for option in services.options] == [(SERVICE, True)]
    assert [(option.label, option.detail, option.suggested) for option in bad.options] == [
        (f"release/v3.1.0  {found.bad[:7]}", "migrations up to 7", True),
        (f"release/v3.0.0  {found.good[:7]}", "migrations up to 6", False),
    ]
    assert [option.suggested for option in good.options] == [False, True]


def test_pods_that_still_run_are_told(nights: Nights) -> None:
    """They fail the moment the column is gone, and those that migrate when they start put it back."""
    found = nights(TAX)
    assert said(found.down().plan(found.request()), "Code") == ["gateway still runs 2 replicas, which fail once this is gone"]
    found.cluster.deployments["gospelib-gateway"]["spec"]["replicas"] = 0
    assert said(found.down().plan(found.request()), "Code") == []


def test_what_moved_meanwhile_stops_it(nights: Nights, database: Database) -> None:
    """At the gate, and once more before the command is started."""
    found = nights(TAX)
    preview = found.down().plan(found.request())
    database.run("UPDATE schema_migrations SET dirty = true")
    moved = preview.fingerprint.moved(found.down().facts(found.request(), preview))
    assert moved == (("schema", "7 in public.schema_migrations", "7 dirty in public.schema_migrations"),)
    with pytest.raises(Exception, match="meanwhile"):
        found.down().send(found.request(), preview.calls[0])
    assert not (found.run_folder / "commands").exists()


def test_a_table_in_another_schema_is_migrates_own_too(nights: Nights, database: Database) -> None:
    """Configured with its schema, it is given to migrate quoted."""
    found = nights(TAX)
    database.run("CREATE SCHEMA app; ALTER TABLE schema_migrations SET SCHEMA app")
    configured(found, migrations_table="app.schema_migrations")
    carried_out(found, found.request())
    assert database.run("SELECT version FROM app.schema_migrations") == "6"


def test_an_empty_schema_has_nothing_to_go_back_from(nights: Nights, database: Database) -> None:
    """And nothing is created by looking."""
    found = nights(TAX)
    database.run("TRUNCATE schema_migrations")
    assert "holds no version" in found.down().plan(found.request()).refused
    database.run("DROP TABLE schema_migrations")
    assert "has no table of versions" in found.down().plan(found.request()).refused
    with psycopg.connect(database.url) as connection:
        assert connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,)


def test_plans_are_what_the_good_release_ships(nights: Nights) -> None:
    """A release that ships none tells nothing about the schema it knows."""
    found = nights(TAX)
    found.remote.git("rm", "-rq", FOLDER)
    without = found.remote.commit("None", {"x": ""})
    assert "ships no migration in" in found.down().plan(found.request(bad_commit=found.bad, good_commit=without)).refused
    assert PLANS
