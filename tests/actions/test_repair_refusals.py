"""What a repair does not do: it refuses with guidance, or ends with nothing written, and says which."""

import pytest

from gospel_rollback_tui.domain.errors import OutcomeUnknown, Refused
from gospel_rollback_tui.domain.preview import Json, Preview
from tests.actions.repair_sides import DROP_TAX, PLANS, Make, Sides, make, words_of
from tests.drill.waiting import wait_for

__all__ = ["make"]  # the fixture of both sides


@pytest.mark.parametrize(
    ("before", "migration", "since", "why"),
    [
        ("CREATE TABLE plans (id int, tax int); INSERT INTO plans VALUES (1, 2)", DROP_TAX, "", "it has no primary key"),
        (PLANS, "ALTER TABLE plans ALTER COLUMN tax TYPE integer", "", "the values are there in a narrower type"),
        (PLANS, "UPDATE plans SET tax = 0", "", "the values were overwritten"),
        (PLANS, DROP_TAX, "ALTER TABLE plans DROP COLUMN id; ALTER TABLE plans ADD COLUMN id uuid", "its primary key is not what it was"),
        (PLANS, DROP_TAX, "ALTER TABLE plans ENABLE ROW LEVEL SECURITY; ALTER TABLE plans FORCE ROW LEVEL SECURITY", "does not see all of its rows"),
        (PLANS, "CREATE INDEX never ON plans (name)", "", "No migration that auth's target lacks destroyed data"),
        ("CREATE TYPE kind AS ENUM ('a'); CREATE TABLE plans (id int PRIMARY KEY, tax kind)", DROP_TAX, "DROP TYPE kind", "lacks the type public.kind"),
    ],
)
def test_what_cannot_be_told_apart_is_refused_with_guidance(make: Make, before: str, migration: str, since: str, why: str) -> None:
    """Nothing is staged, nothing is written, and the reason says what to do."""
    sides = make(before, migration, since)
    preview = sides.action().plan(sides.request())
    assert why in preview.refused
    assert (preview.calls, sides.schemas()) == ((), [])


def test_what_is_left_to_hands_is_said_beside_what_is_copied(make: Make) -> None:
    """One loss that no copy mends does not keep the other from being mended."""
    sides = make(f"{PLANS} CREATE TABLE loose (id int, note text)", f"{DROP_TAX}; ALTER TABLE loose DROP COLUMN note")
    (words,) = words_of(sides.plan(), "By hand")
    assert words.startswith("loose.note (DROP COLUMN): it has no primary key")


def test_an_instance_of_too_late_a_moment_is_refused(make: Make) -> None:
    """The migration had run there already: what it destroyed is not there."""
    sides = make(PLANS, DROP_TAX)
    sides.side.run("UPDATE schema_migrations SET version = 42")
    assert sides.action().plan(sides.request()).refused == (
        "gospelib-production-restored is at version 42: migration 42 had run there already. Restore to an earlier moment."
    )


def test_the_live_database_is_never_taken_for_the_restored_one(make: Make) -> None:
    """As after a swap of names."""
    sides = make(PLANS, DROP_TAX)
    same = Sides(sides.live, sides.live, DROP_TAX)
    assert "is the live database itself" in same.action().plan(same.request()).refused


def test_a_role_that_may_not_is_told_so_before_anything_is_sent(make: Make) -> None:
    """Making a schema takes a right on the database."""
    sides = make(PLANS, DROP_TAX)
    sides.live.server.run(f'ALTER DATABASE "{sides.live.name}" OWNER TO postgres')
    assert "grant CREATE on the database" in sides.action().plan(sides.request()).refused


def test_a_wrong_password_on_the_restored_side_says_why_that_may_be(make: Make) -> None:
    """It has the passwords of its restore point."""
    sides = make(PLANS, DROP_TAX)
    sides.password = "planted-before"
    refused = sides.action().plan(sides.request()).refused
    assert "has the roles and passwords of its restore point" in refused
    assert "planted" not in refused


def test_a_connection_lost_in_the_commit_is_not_known_until_the_record_is_read(make: Make) -> None:
    """Nothing is sent again unasked: the record tells that it was not committed."""
    ends = "CREATE FUNCTION ends() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';"
    late = "CREATE CONSTRAINT TRIGGER late AFTER UPDATE ON plans DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ends();"
    sides = make(PLANS, DROP_TAX, ends + late)
    preview = sides.plan()
    assert words_of(preview, "Triggers") == ["late of public.plans run on each row that is written"]
    action, request = sides.action(), sides.request()
    action.send(request, preview.calls[0])
    with pytest.raises(OutcomeUnknown):
        action.send(request, preview.calls[1])
    wait_for(lambda: action.happened(request, preview.calls[1]) is False)
    assert sides.live.run("SELECT count(*) FROM pg_attribute WHERE attrelid = 'plans'::regclass AND attname = 'tax'") == "0"


def test_a_copy_that_fails_on_its_way_leaves_nothing(make: Make) -> None:
    """The restored side ends in the middle of the stream: no schema, and the step may be tried again."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    body = {
        **preview.calls[0].body,
        "copies": [{**preview.calls[0].body["copies"][0], "read": "COPY (SELECT id, 1 / (id - 3) FROM plans ORDER BY id) TO STDOUT"}],
    }
    with pytest.raises(Refused, match="division by zero"):
        sides.repairs().stage("auth", sides.beside(sides.request()), body)
    assert sides.schemas() == []


def test_what_arrived_is_compared_with_what_was_read(make: Make) -> None:
    """Rows and a checksum of all values on both sides, or nothing is kept."""
    sides = make(PLANS, DROP_TAX)
    preview = sides.plan()
    body = _reading(preview, "COPY (SELECT id, tax + 1 FROM plans) TO STDOUT")
    with pytest.raises(Refused, match=r"What arrived of public\.plans is not what was read"):
        sides.repairs().stage("auth", sides.beside(sides.request()), body)
    assert sides.schemas() == []


def _reading(preview: Preview, read: str) -> Json:
    """Returns the body of the copy, whose one table is read by that statement."""
    body = preview.calls[0].body
    return {**body, "copies": [{**body["copies"][0], "read": read}]}
