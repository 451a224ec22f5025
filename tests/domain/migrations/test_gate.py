"""The gate before a code rollback."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gospel_rollback_tui.domain.databases import Column
from gospel_rollback_tui.domain.migrations.files import MigrationFolder, read_folder
from gospel_rollback_tui.domain.migrations.gate import Gate, Order, SchemaFacts, combine, judge
from gospel_rollback_tui.domain.migrations.heads import SchemaHead

CODE, BACK, FORWARD = "bad-code", "bad-code-reversible-migration", "bad-code-irreversible-migration"
TABLE = "public.schema_migrations"


def folder(highest: int, *changes: tuple[str, str | None]) -> MigrationFolder:
    """Returns versions up to `highest` that add a table each, and above them the given ups and downs."""
    files = {}
    for version in range(1, highest + 1):
        files[f"{version:06}_t{version}.up.sql"] = f"CREATE TABLE t{version} (id int);"
        files[f"{version:06}_t{version}.down.sql"] = f"DROP TABLE t{version};"
    for version, (up, down) in enumerate(changes, highest + 1):
        files[f"{version:06}_change.up.sql"] = up
        if down is not None:
            files[f"{version:06}_change.down.sql"] = down
    return read_folder(files)


ADDED = ("ALTER TABLE orders ADD COLUMN tax int;", "ALTER TABLE orders DROP COLUMN tax;")
RENAMED = ("ALTER TABLE orders RENAME total TO gross;", "ALTER TABLE orders RENAME gross TO total;")
CHECKED = ("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);", "ALTER TABLE orders DROP CONSTRAINT c;")
DROPPED = ("ALTER TABLE orders DROP COLUMN total;", "ALTER TABLE orders ADD COLUMN total int;")
DELETED = ("DELETE FROM sessions;", "SELECT 1;")
NO_DOWN = ("ALTER TABLE orders ADD COLUMN tax int;", None)
SEEDED = ("INSERT INTO roles VALUES (1);", "DELETE FROM roles;")
UNREAD = ("DROP TABEL x;", "SELECT 1;")


def facts(*changes: tuple[str, str | None], starts: bool | None = False, head: SchemaHead | None = None) -> SchemaFacts:
    """Returns facts with version 41 in the target and the changes above it in the running release, all of them applied."""
    standing = head or SchemaHead(41 + len(changes), table=TABLE)
    return SchemaFacts("auth", "gospelib", standing, folder(41, *changes), folder(41), starts)


TABLE_OF_ORDERS = [
    pytest.param((), False, CODE, Order.CODE_ONLY, None, id="nothing between"),
    pytest.param((), None, CODE, Order.CODE_ONLY, None, id="nothing between, start unknown"),
    pytest.param((ADDED,), False, CODE, Order.CODE_ONLY, None, id="additive"),
    pytest.param((NO_DOWN,), False, CODE, Order.CODE_ONLY, None, id="additive without a down"),
    pytest.param((ADDED,), True, BACK, Order.SCHEMA_FIRST, "finds no file for version 42", id="additive, migrates at start"),
    pytest.param((ADDED,), None, BACK, Order.UNKNOWN, "nobody knows whether old code migrates", id="additive, start unknown"),
    pytest.param((NO_DOWN,), True, FORWARD, Order.FORWARD, "finds no file for version 42", id="additive without a down, migrates at start"),
    pytest.param((RENAMED,), False, BACK, Order.SCHEMA_FIRST, "which is now called gross", id="breaking"),
    pytest.param((RENAMED,), True, BACK, Order.SCHEMA_FIRST, "which is now called gross", id="breaking, migrates at start"),
    pytest.param((RENAMED,), None, BACK, Order.SCHEMA_FIRST, "which is now called gross", id="breaking, start unknown"),
    pytest.param((CHECKED,), False, BACK, Order.SCHEMA_FIRST, "may fail", id="may break"),
    pytest.param((SEEDED,), False, BACK, Order.SCHEMA_FIRST, None, id="rows added"),
    pytest.param((DROPPED,), False, FORWARD, Order.FORWARD, "uses column orders.total, which is gone", id="dropped column"),
    pytest.param((DELETED,), False, FORWARD, Order.FORWARD, None, id="rows deleted: old code runs, and the data is gone"),
    pytest.param((ADDED, RENAMED), False, BACK, Order.SCHEMA_FIRST, "gross", id="two, the worse one decides"),
    pytest.param((NO_DOWN, RENAMED), False, FORWARD, Order.FORWARD, "gross", id="the way down leads through a missing down"),
    pytest.param((UNREAD,), False, FORWARD, Order.FORWARD, "nobody can tell what the file did", id="unreadable"),
]


@pytest.mark.parametrize(("changes", "starts", "scenario", "order", "refuses"), TABLE_OF_ORDERS)
def test_scenario_and_order_follow_from_what_lies_between(
    changes: tuple[tuple[str, str | None], ...], starts: bool | None, scenario: str, order: Order, refuses: str | None
) -> None:
    """Each row of the table of orders; a plain code rollback is refused only where it would crash, or may."""
    gate = judge(facts(*changes, starts=starts))
    assert (gate.scenario, gate.order) == (scenario, order)
    assert bool(gate.refuses) == (refuses is not None)
    assert (refuses or "") in gate.refuses
    assert gate.target == 41
    assert gate.words.startswith("auth: ")
    assert bool(gate.unknown) == (starts is None and bool(changes))
    assert [each.migration.version for each in gate.crossing] == list(range(41 + len(changes), 41, -1))


def test_the_four_combinations_are_told_in_their_order() -> None:
    """Old on old, old on new, new on old, new on new; both of the middle ones fail after a rename."""
    cells = judge(facts(RENAMED)).cells
    assert [(each.code, each.schema, each.crashes) for each in cells] == [
        ("old", "old", False),
        ("old", "new", True),
        ("new", "old", True),
        ("new", "new", False),
    ]
    assert "000042_change.up.sql:1" in cells[1].why
    assert [each.crashes for each in judge(facts()).cells] == [False] * 4


def test_what_is_not_applied_does_not_lie_between() -> None:
    """The running release ships 43, the database never saw it."""
    gate = judge(facts(ADDED, DROPPED, head=SchemaHead(42, table=TABLE)))
    assert [each.migration.version for each in gate.crossing] == [42]
    assert (gate.scenario, gate.order) == (CODE, Order.CODE_ONLY)


@pytest.mark.parametrize(
    ("changes", "version", "crossing", "scenario"),
    [
        ((RENAMED,), 42, [42], BACK),
        ((RENAMED,), 41, [42], BACK),
        ((DROPPED,), 41, [42], FORWARD),
        ((RENAMED, ADDED), 42, [43, 42], BACK),
        ((), 41, [], CODE),
    ],
)
def test_a_dirty_version_leaves_the_scenario_and_refuses(changes: tuple[tuple[str, str | None], ...], version: int, crossing: list[int], scenario: str) -> None:
    """A failed down writes the version it was to reach, so the one above may still be in effect."""
    gate = judge(facts(*changes, head=SchemaHead(version, dirty=True, table=TABLE)))
    assert (gate.scenario, gate.order) == (scenario, Order.UNKNOWN)
    assert [each.migration.version for each in gate.crossing] == crossing
    assert f"version {version} is dirty" in gate.words
    assert gate.refuses
    assert f"version {version} is dirty" in gate.unknown


def test_before_the_first_migration_a_failed_down_is_dirty_too() -> None:
    """golang-migrate writes -1 for it."""
    gate = judge(SchemaFacts("auth", "d", SchemaHead(-1, dirty=True, table=TABLE), folder(1), MigrationFolder(), migrates_at_start=False))
    assert [each.migration.version for each in gate.crossing] == [1]
    assert gate.order is Order.UNKNOWN


Change = Callable[[SchemaFacts], SchemaFacts]
EDITED = read_folder({"000041_t41.up.sql": "CREATE TABLE other (id int);"})


def _head(version: int | None = 42, table: str = TABLE, others: tuple[str, ...] = (), *, read_only: bool = False) -> Change:
    return lambda given: replace(given, head=SchemaHead(version, table=table, others=others, read_only=read_only))


DOUBTS: list[tuple[Change, str]] = [
    (_head(version=43), "version 43 is in neither release"),
    (_head(version=None, table=""), "no table of golang-migrate"),
    (_head(version=None, table="", others=("Alembic (public.alembic_version)",)), "Alembic (public.alembic_version), whose migrations are not read"),
    (_head(others=("golang-migrate (audit.schema_migrations)",)), "two tables of migrations, public.schema_migrations and golang-migrate (audit"),
    (lambda given: replace(given, good=EDITED), "version 41 is not the same file in both releases"),
    (lambda given: replace(given, bad=replace(folder(41, ADDED), duplicates=(7,))), "running release has version 7 twice"),
    (lambda given: replace(given, good=replace(folder(41), duplicates=(7,))), "target release has version 7 twice"),
    (lambda given: replace(given, problem="git did not answer"), "git did not answer"),
    (
        lambda given: replace(given, good=read_folder({f"{each.version}_x.up.sql": each.up or "" for each in folder(41).migrations if each.version != 40})),
        "came in below",
    ),
    (
        lambda given: replace(given, bad=read_folder({f"{v}_x.up.sql": "" for v in (1, 42)}), good=read_folder({"1_x.up.sql": "", "41_x.up.sql": ""})),
        "in the target and not",
    ),
]


@pytest.mark.parametrize(("change", "why"), DOUBTS, ids=[why for _, why in DOUBTS])
def test_what_nobody_can_know_refuses_with_its_reason(change: Change, why: str) -> None:
    """No scenario is claimed, no order is given, and the reason stands in every place that is read."""
    gate = judge(change(facts(ADDED)))
    assert (gate.scenario, gate.order) == ("", Order.UNKNOWN)
    assert why in gate.refuses
    assert why in gate.unknown
    assert why in gate.words
    assert all(each.crashes is not False for each in gate.cells[1:])


def test_a_doubt_does_not_hide_what_is_irreversible_already() -> None:
    """Whatever 43 was, 42 dropped a column."""
    assert judge(_head(version=43)(facts(DROPPED))).scenario == FORWARD


KNOWN = facts(ADDED)


@pytest.mark.parametrize("unread", [replace(KNOWN, head=None), replace(KNOWN, bad=None), replace(KNOWN, good=None)], ids=["head", "running", "target"])
def test_what_was_not_read_is_unknown_and_refuses(unread: SchemaFacts) -> None:
    """With the reason that the reader gave."""
    gate = judge(replace(unread, problem="the password is wrong"))
    assert (gate.scenario, gate.order) == ("", Order.UNKNOWN)
    assert "could not be read: the password is wrong" in gate.refuses
    assert gate.unknown == gate.refuses
    assert [each.crashes for each in gate.cells] == [None] * 4


@pytest.mark.parametrize(
    ("change", "words"),
    [(_head(read_only=True), "read-only replica"), (_head(others=("Django (public.django_migrations)",)), "Django (public.django_migrations) is there too")],
)
def test_what_stands_beside_is_told_and_refuses_nothing(change: Change, words: str) -> None:
    """It is not known, and it does not make old code crash."""
    gate = judge(change(facts(ADDED)))
    assert words in gate.unknown
    assert not gate.refuses
    assert gate.order is Order.CODE_ONLY


def test_a_database_behind_the_target_refuses_what_the_target_needs() -> None:
    """Unless the target brings it along at its start, or does not need it."""
    behind = facts(head=SchemaHead(40, table=TABLE))
    assert "the target needs version 41, and the database has not got it" in judge(behind).refuses
    assert not judge(replace(behind, migrates_at_start=True)).refuses
    index = folder(40, ("CREATE INDEX i ON t (a);", "DROP INDEX i;"))
    assert not judge(replace(behind, bad=index, good=index)).refuses


def test_an_empty_table_of_migrations_means_that_nothing_ran() -> None:
    """The table is there, and there is no row in it."""
    gate = judge(SchemaFacts("auth", "d", SchemaHead(None, table=TABLE), folder(2), MigrationFolder(), migrates_at_start=False))
    assert (gate.scenario, gate.order, gate.crossing) == (CODE, Order.CODE_ONLY, ())


def test_a_service_without_migrations_needs_no_table() -> None:
    """There is nothing that could lie between."""
    gate = judge(SchemaFacts("web", "d", SchemaHead(), MigrationFolder(), MigrationFolder(), migrates_at_start=None))
    assert (gate.scenario, gate.order, gate.refuses, gate.unknown) == (CODE, Order.CODE_ONLY, "", "")


def _named(gate: Gate, service: str) -> Gate:
    return replace(gate, service=service, words=gate.words.replace("auth", service))


def test_several_services_are_as_bad_as_the_worst_and_all_of_them_are_told() -> None:
    """What refuses one refuses all; what is unknown of one is unknown of all."""
    gates = [_named(judge(facts(each)), name) for name, each in (("a", ADDED), ("b", DROPPED), ("c", RENAMED))]
    gates.append(_named(judge(facts(ADDED, head=SchemaHead(43, table=TABLE))), "d"))
    worst = combine(gates)
    assert worst is not None
    assert (worst.service, worst.scenario, worst.order) == ("b", FORWARD, Order.FORWARD)
    assert [part.split(":")[0] for part in worst.refuses.split("; ")] == ["b", "c", "d"]
    assert worst.unknown == "d: version 43 is in neither release"
    assert worst.words.startswith("b: ")
    assert "d: version 43" in worst.words


def test_what_is_unknown_is_worse_than_what_is_reversible() -> None:
    """And two that are fine are fine."""
    fine, back, unknown = judge(facts(ADDED)), judge(facts(RENAMED)), judge(_head(version=99)(facts(ADDED)))
    worst = combine([fine, back, unknown])
    assert worst is not None
    assert worst.order is Order.UNKNOWN
    assert combine([fine, fine]) == fine
    assert combine([back]) == back
    assert combine([]) is None


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([ADDED, RENAMED, DROPPED, NO_DOWN, UNREAD, SEEDED, CHECKED]),
    st.none() | st.integers(-1, 45),
    st.booleans(),
    st.none() | st.booleans(),
    st.sampled_from(["", TABLE]),
)
def test_code_alone_goes_back_only_where_all_is_known_to_fit(
    change: tuple[str, str | None], version: int | None, dirty: bool, starts: bool | None, table: str
) -> None:
    """Whatever is read: without a refusal the old code does not crash on the schema as it is."""
    gate = judge(facts(change, starts=starts, head=SchemaHead(version, dirty=dirty, table=table)))
    assert gate.order is not Order.CODE_ONLY or not gate.refuses
    assert gate.refuses or gate.cells[1].crashes is False
    assert gate.words


REMADE = ("ALTER TABLE orders DROP COLUMN total; ALTER TABLE orders ADD COLUMN total numeric;", "SELECT 1;")


@pytest.mark.parametrize(
    ("change", "columns", "crashes"),
    [
        (DROPPED, (), True),
        (DROPPED, (("", "orders", "gross", "int"),), True),
        (DROPPED, (("", "orders", "total", "int"),), False),
        (REMADE, (("", "orders", "total", "numeric"),), True),
    ],
)
def test_a_column_that_is_there_again_is_not_gone(change: tuple[str, str], columns: tuple[Column, ...], crashes: bool) -> None:
    """What a repair has brought back old code meets; what the migration itself has put in its place is another column. The row stays."""
    gate = judge(replace(facts(change), columns=columns))
    assert (bool(gate.refuses), gate.scenario) == (crashes, FORWARD)
