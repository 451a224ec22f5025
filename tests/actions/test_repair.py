"""The repair of lost data between two real databases: everything written since the migration survives, and nothing is written twice."""

from collections.abc import Iterator

import pytest

from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, Refused
from gospel_rollback_tui.drill.postgres.server import PostgresServer
from tests.actions.repair_sides import Make, Sides, bodies, make_sides, words_of
from tests.postgres_server import Database

PLANS = """
CREATE TABLE plans (id bigserial PRIMARY KEY, name text NOT NULL, tax numeric(6,2) NOT NULL DEFAULT 0 CHECK (tax >= 0));
CREATE INDEX plans_by_tax ON plans (tax);
INSERT INTO plans (name, tax) VALUES ('free', 0), ('basic', 1.50), ('family', 2.25), ('school', 3.75);
"""
DROP_TAX = "ALTER TABLE plans DROP COLUMN tax"
SINCE = """
INSERT INTO plans (name) VALUES ('new-one'), ('new-two');
UPDATE plans SET name = 'family renamed' WHERE name = 'family';
DELETE FROM plans WHERE name = 'school';
"""


@pytest.fixture
def make(postgres: PostgresServer, database: Database) -> Iterator[Make]:
    """Makes both sides of the test's database."""
    made: list[Sides] = []

    def _make(before: str, migration: str, since: str = "") -> Sides:
        made.append(make_sides(postgres, database, before, migration, since))
        return made[-1]

    yield _make
    for sides in made:
        postgres.drop(sides.side.name)


def test_inserts_updates_and_deletes_made_after_the_drop_all_survive(make: Make) -> None:
    """The column is back with its values, and nothing that was written since is touched."""
    sides = make(PLANS, DROP_TAX, SINCE)
    preview = sides.plan()
    assert words_of(preview, "Comes back") == ["public.plans.tax: 3 rows get their value"]
    assert words_of(preview, "Stays") == [
        "public.plans: 2 rows came since and stay without, 0 keep a newer value",
        "public.plans: 2 rows written since; 1 row deleted since stay deleted",
    ]
    assert [call.id for call in preview.calls] == ["stage", "apply"]
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
    assert words_of(sides.plan(), "Still lacks") == [
        "public.plans: CREATE INDEX plans_by_tax ON public.plans USING btree (tax); plans_tax_check CHECK ((tax >= (0)::numeric)); tax NOT NULL; tax DEFAULT 0"
    ]


def test_a_value_written_since_is_kept(make: Make) -> None:
    """The fixed release has brought the column back and writes to it: its values are newer."""
    again = "ALTER TABLE plans ADD COLUMN tax numeric(6,2); UPDATE plans SET tax = 9 WHERE name = 'basic';"
    sides = make(PLANS, DROP_TAX, again)
    preview = sides.carry_out()
    assert words_of(preview, "Comes back") == ["public.plans.tax: 3 rows get their value"]
    assert words_of(preview, "Stays")[0] == "public.plans: 0 rows came since and stay without, 1 keep a newer value"
    assert sides.live.run("SELECT name, tax FROM plans ORDER BY id").splitlines() == ["free|0.00", "basic|9.00", "family|2.25", "school|3.75"]
    assert "ADD COLUMN" not in bodies(preview.calls)


def test_a_dropped_table_comes_back_whole(make: Make) -> None:
    """Structure, owner, rights, sequence and rows; and the next row does not collide."""
    sides = make(f"{PLANS} GRANT SELECT ON plans TO pg_monitor;", "DROP TABLE plans")
    preview = sides.carry_out()
    assert words_of(preview, "Comes back") == ["public.plans with 4 rows"]
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
