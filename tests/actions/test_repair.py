"""The repair of lost data between two real databases: everything written since the migration survives, and nothing is written twice."""

import pytest

from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, Refused
from tests.actions.repair_sides import DROP_TAX, PLANS, SINCE, Make, bodies, make, words_of

__all__ = ["make"]  # the fixture of both sides


def test_inserts_updates_and_deletes_made_after_the_drop_all_survive(make: Make) -> None:
    """The column is back with its values, and nothing that was written since is touched."""
    sides = make(PLANS, DROP_TAX, SINCE)
    preview = sides.plan()
    assert words_of(preview, "Returns") == ["public.plans.tax: 3 rows get their value"]
    assert words_of(preview, "Stays") == ["public.plans: 2 rows came since and stay without, 0 keep a newer value; 1 row deleted since stays deleted"]
    assert [(call.id, call.summary) for call in preview.calls][1:] == [("apply", "public.plans: tax of 3 rows")]
    assert "SET LOCAL statement_timeout = '300s'" in preview.calls[1].body["statements"]
    assert words_of(preview, "Locks") == [
        "nobody reads or writes public.plans while it runs; it waits 5 s for that, and gives up after 5 min: then nothing is written"
    ]
    sides.carry_out(preview)
    assert sides.live.run("SELECT id, name, tax FROM plans ORDER BY id").splitlines() == [
        "1|free|0.00",
        "2|basic|1.50",
        "3|family renamed|2.25",
        "5|new-one|",
        "6|new-two|",
    ]


def test_what_the_table_still_lacks_is_said(make: Make) -> None:
    """The column comes back so that anything can be written: what forbade or filled values is named."""
    sides = make(PLANS, DROP_TAX)
    assert words_of(sides.plan(), "Lacks") == [
        "public.plans: CREATE INDEX plans_by_tax ON public.plans USING btree (tax); plans_tax_check CHECK ((tax >= (0)::numeric)); tax NOT NULL; tax DEFAULT 0"
    ]


def test_a_value_written_since_is_kept(make: Make) -> None:
    """The fixed release has brought the column back and writes to it: its values are newer."""
    again = "ALTER TABLE plans ADD COLUMN tax numeric(6,2); UPDATE plans SET tax = 9 WHERE name = 'basic';"
    sides = make(PLANS, DROP_TAX, again)
    preview = sides.carry_out()
    assert words_of(preview, "Returns") == ["public.plans.tax: 3 rows get their value"]
    assert words_of(preview, "Stays") == ["public.plans: 0 rows came since and stay without, 1 keep a newer value; 0 rows deleted since stay deleted"]
    assert sides.live.run("SELECT name, tax FROM plans ORDER BY id").splitlines() == ["free|0.00", "basic|9.00", "family|2.25", "school|3.75"]
    assert "ADD COLUMN" not in bodies(preview.calls)


def test_a_row_that_has_one_of_two_values_again_gets_the_other_alone(make: Make) -> None:
    """Each value is judged by itself."""
    again = "ALTER TABLE plans ADD COLUMN tax numeric(6,2), ADD COLUMN name text; UPDATE plans SET name = 'named since' WHERE id = 2"
    sides = make(PLANS, "ALTER TABLE plans DROP COLUMN tax, DROP COLUMN name", again)
    sides.carry_out()
    assert sides.live.run("SELECT id, name, tax FROM plans ORDER BY id").splitlines() == ["1|free|0.00", "2|named since|1.50", "3|family|2.25", "4|school|3.75"]


def test_a_dropped_table_comes_back_whole(make: Make) -> None:
    """Structure, owner, rights, sequence and rows; and the next row does not collide."""
    sides = make(f"{PLANS} GRANT SELECT ON plans TO pg_monitor;", "DROP TABLE plans")
    preview = sides.carry_out()
    assert words_of(preview, "Returns") == ["public.plans with 4 rows"]
    assert preview.needs_reason == ""
    assert sides.live.run("INSERT INTO plans (name) VALUES ('next') RETURNING id, tax") == "5|0.00"
    assert sides.live.run("SELECT indexdef FROM pg_indexes WHERE indexname = 'plans_by_tax'") != ""
    assert (
        sides.live.run("SELECT has_table_privilege('pg_monitor', 'plans', 'SELECT'), tableowner = current_user FROM pg_tables WHERE tablename = 'plans'")
        == "t|t"
    )


def test_deleted_rows_come_back_with_a_written_reason(make: Make) -> None:
    """Which of them users deleted themselves nobody can tell: that takes a reason, with the number."""
    since = "INSERT INTO plans (id, name) VALUES (2, 'reused'); INSERT INTO plans (name) VALUES ('new')"
    sides = make(PLANS, "DELETE FROM plans", since)
    preview = sides.plan()
    assert preview.needs_reason == "public.plans: the 3 rows that come back may be some that users deleted since, which nobody can tell apart."
    assert words_of(preview, "Stays") == ["public.plans: 1 row written since; 1 row with a key that is there now are left as they are"]
    sides.carry_out(preview)
    assert sides.live.run("SELECT id, name FROM plans ORDER BY id").splitlines() == ["1|free", "2|reused", "3|family", "4|school", "5|new"]


def test_numbers_that_moved_write_nothing(make: Make) -> None:
    """Between the prompt and the transaction somebody deletes a row: it ends, and a new preview has the new numbers."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    sides.live.run("DELETE FROM plans WHERE name = 'basic'")
    action, request = sides.action(), sides.request()
    action.send(request, preview.calls[0])
    with pytest.raises(FactsMoved, match=r"3 rows of public\.plans have lost a value, and 4 were shown"):
        action.send(request, preview.calls[1])
    assert sides.live.run("SELECT count(*) FROM pg_attribute WHERE attrelid = 'plans'::regclass AND attname = 'tax'") == "0"
    assert action.happened(request, preview.calls[1]) is False
    again = sides.plan()
    assert [call.id for call in again.calls] == ["apply"]
    sides.carry_out(again)
    assert sides.live.run("SELECT name, tax FROM plans ORDER BY id").splitlines() == ["free|0.00", "family|2.25", "school|3.75"]


def test_a_lock_that_somebody_holds_is_not_waited_for_without_end(make: Make) -> None:
    """Whoever waits for it would hold everybody else up behind it."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    action, request = sides.action(), sides.request()
    action.send(request, preview.calls[0])
    with sides.live.connect() as holder:
        holder.execute("SELECT * FROM plans")
        with pytest.raises(NotSent, match="Somebody holds a lock"):
            action.send(request, preview.calls[1])
    assert action.happened(request, preview.calls[1]) is False
    sides.carry_out(sides.plan())


def test_the_transaction_is_never_carried_out_twice(make: Make) -> None:
    """Its own record refuses it, whoever sends it again."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.carry_out()
    sides.live.run("UPDATE plans SET tax = NULL WHERE name = 'basic'")
    with pytest.raises(Refused, match="duplicate key"):
        sides.action().send(sides.request(), preview.calls[1])
    assert sides.live.run("SELECT tax FROM plans WHERE name = 'basic'") == ""
    assert sides.action().plan(sides.request()).refused.startswith("It is copied back already")


def test_a_session_at_work_is_neither_joined_nor_judged(make: Make) -> None:
    """What it will come to nobody can tell yet."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    action, request = sides.action(), sides.request()
    with sides.live.connect() as other:
        for statement in preview.calls[0].body["begin"][1:]:
            other.execute(statement)
        assert action.happened(request, preview.calls[0]) is None
        with pytest.raises(NotSent, match="Another session is at work"):
            action.send(request, preview.calls[0])
    assert action.happened(request, preview.calls[0]) is False


def test_the_undo_takes_out_exactly_what_was_copied_back(make: Make) -> None:
    """A column of ours goes whole, with what that loses in numbers; and the copy goes with it."""
    sides = make(PLANS, DROP_TAX, SINCE)
    preview = sides.carry_out()
    sides.live.run("UPDATE plans SET tax = 7 WHERE name = 'new-one'")
    undo = sides.action().undo_plan(sides.request(), sides.done(preview))
    assert words_of(undo, "Loses") == ["exactly 1 values of tax in public.plans that were written after the repair"]
    assert undo.calls[0].body["pays"] == [preview.calls[0].debt.id if preview.calls[0].debt else ""]
    sides.carry_out(undo)
    assert sides.live.run("SELECT * FROM plans ORDER BY id").splitlines() == ["1|free", "2|basic", "3|family renamed", "5|new-one", "6|new-two"]
    assert sides.schemas() == []
    again = sides.action().undo_plan(sides.request(), sides.done(preview))
    assert again.refused.endswith("is gone, and with it what tells which rows to take out.")


def test_the_undo_leaves_what_was_written_since(make: Make) -> None:
    """Of a column that was there before the repair only the values that are still the copied ones go; of rows, those that nobody changed."""
    sides = make(PLANS, f"{DROP_TAX}; DELETE FROM plans", "ALTER TABLE plans ADD COLUMN tax numeric(6,2); INSERT INTO plans (id, name) VALUES (1, 'free')")
    preview = sides.carry_out()
    assert sides.live.run("SELECT id, tax FROM plans ORDER BY id").splitlines() == ["1|0.00", "2|1.50", "3|2.25", "4|3.75"]
    sides.live.run("UPDATE plans SET name = 'changed' WHERE id = 3")
    sides.carry_out(sides.action().undo_plan(sides.request(), sides.done(preview)))
    assert sides.live.run("SELECT id, name, tax FROM plans ORDER BY id").splitlines() == ["1|free|", "3|changed|2.25"]


def test_a_copy_that_was_never_applied_is_dropped_by_the_undo(make: Make) -> None:
    """The transaction failed: the undo has nothing to take out."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    sides.action().send(sides.request(), preview.calls[0])
    undo = sides.action().undo_plan(sides.request(), sides.done(preview)[:1])
    sides.carry_out(undo)
    assert sides.schemas() == []


def test_names_and_values_of_every_sign(make: Make) -> None:
    """Reserved words, quotes, dollars, percents, backslashes, spaces, capitals; several columns of key; NULL, empty and odd values."""
    table = """ "Odd.Schema"."or""der's $guard$ %s" """.strip()
    column = r""" "Ta""x %(x)s\\" """.strip()
    kind = '"Odd.Schema"."a Kind"'
    before = rf"""
CREATE SCHEMA "Odd.Schema";
CREATE TYPE {kind} AS ENUM ('one', 'it''s "two" \\ %s');
CREATE TABLE {table} ("us'er" text COLLATE "C", "select" int, {column} {kind}[], notes text, PRIMARY KEY ("select", "us'er"));
INSERT INTO {table} VALUES (E'tab\there\nline\\', 1, NULL, ''), ('NULL', 2, ARRAY['it''s "two" \\ %s', NULL]::{kind}[], E'\\N'), ('', 3, '{{one}}', NULL);
"""
    sides = make(before, f"ALTER TABLE {table} DROP COLUMN {column}, DROP COLUMN notes")
    sides.carry_out()
    query = f"""SELECT "us'er", "select", {column}, notes FROM {table} ORDER BY 2"""
    assert sides.live.run(query) == sides.side.run(query)


def test_a_dropped_table_of_an_odd_name_comes_back(make: Make) -> None:
    """pg_dump is asked for that very table, not for a pattern."""
    table = '"Or*der s"'
    sides = make(f"""CREATE TABLE {table} (id int PRIMARY KEY, "a--b" text DEFAULT 'x'); INSERT INTO {table} VALUES (1, '--y')""", f"DROP TABLE {table}")
    sides.carry_out()
    assert sides.live.run(f"SELECT * FROM {table}") == "1|--y"


def test_a_hundred_thousand_rows_go_by_copy(make: Make) -> None:
    """Not one statement a row: the server saw one COPY."""
    many = "CREATE TABLE events (id bigint PRIMARY KEY, body text); INSERT INTO events SELECT n, 'body ' || n FROM generate_series(1, 100000) n;"
    sides = make(many, "ALTER TABLE events DROP COLUMN body", "DELETE FROM events WHERE id % 1000 = 0; INSERT INTO events VALUES (100001)")
    preview = sides.plan()
    assert words_of(preview, "Returns") == ["public.events.body: 99,900 rows get their value"]
    said = sides.action().send(sides.request(), preview.calls[0])
    assert said == "100,000 rows of public.events"
    assert [copy["write"].split(" ")[0] for copy in preview.calls[0].body["copies"]] == ["COPY"]
    sides.action().send(sides.request(), preview.calls[1])
    wrong = "SELECT count(*) FROM events WHERE body IS DISTINCT FROM 'body ' || id"
    assert sides.live.run(wrong) == "1"


def test_rows_that_nobody_counted_take_a_written_reason(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their number is unknown, never 0; once the copy is staged they are counted where it is."""
    monkeypatch.setattr("gospel_rollback_tui.infra.sql.comparing.MOST_ROWS", 2)
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    assert words_of(preview, "Returns") == ["public.plans.tax: an unknown number of rows (not counted in time)"]
    assert preview.needs_reason == "public.plans: nobody counted what is written, so that no guard compares it."
    sides.action().send(sides.request(), preview.calls[0])
    assert words_of(sides.plan(), "Returns") == ["public.plans.tax: 4 rows get their value"]
    sides.carry_out(sides.plan())


def test_the_password_is_in_nothing_that_is_kept_or_shown(make: Make) -> None:
    """Neither in the journal's bodies, nor in commands to type, nor in what the server's sessions show."""
    sides = make(PLANS, "DROP TABLE plans")
    preview = sides.carry_out()
    undo = sides.action().undo_plan(sides.request(), sides.done(preview))
    told = bodies(preview.calls) + bodies(undo.calls) + str(preview) + str(undo)
    assert "planted" not in told
    assert sides.live.password not in told
