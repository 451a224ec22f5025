"""What a dirty version means, judged by what the catalogue shows."""

import pytest

from gospel_rollback_tui.domain.dirty_schema import gone_words, judge_dirty, removed_by_all
from gospel_rollback_tui.domain.migrations.classification import classify
from gospel_rollback_tui.domain.migrations.files import Migration, read_folder

FOLDER = read_folder(
    {
        "5_plans.up.sql": "CREATE TABLE plans (id int);",
        "5_plans.down.sql": "DROP TABLE plans;",
        "6_tax.up.sql": "ALTER TABLE plans ADD COLUMN tax int;",
        "6_tax.down.sql": "ALTER TABLE plans DROP COLUMN tax;",
        "7_two.up.sql": "ALTER TABLE plans ADD COLUMN a int; ALTER TABLE plans ADD COLUMN b int;",
        "7_two.down.sql": "ALTER TABLE plans DROP COLUMN a; ALTER TABLE plans DROP COLUMN b;",
        "8_index.up.sql": "CREATE INDEX i ON plans (a);",
        "8_index.down.sql": "DROP INDEX i;",
        "9_apart.up.sql": "ALTER TABLE plans ADD COLUMN c int;",
        "9_apart.down.sql": "COMMIT; ALTER TABLE plans DROP COLUMN c;",
    }
)


def columns(*names: str) -> frozenset[tuple[str, str, str, str]]:
    """Returns a catalogue whose table `plans` has those columns; without any, the table is not there."""
    return frozenset((schema, "plans", name, "integer") for name in names for schema in ("public", ""))


@pytest.mark.parametrize(
    ("dirty", "there", "version", "words"),
    [
        (
            6,
            ("id", "tax", "a", "b"),
            7,
            "7_two.down.sql has not taken effect: plans.a, plans.b is still there. The schema is still at 7; only the mark says 6.",
        ),
        (6, ("id", "tax", "b"), None, "7_two.down.sql has taken effect in part: plans.a is gone, plans.b is still there."),
        (6, ("id", "tax"), 6, "What 6_tax.up.sql adds is there (plans.tax), and nothing above it: the schema is at 6."),
        (6, ("id",), 5, "6_tax.up.sql has not taken effect: plans.tax is not there. The schema is at 5; only the mark says 6."),
        (5, (), None, "5_plans.up.sql has not taken effect: table plans is not there. The schema is at no version; only the mark says 5."),
        (7, ("id", "tax", "a"), None, "7_two.up.sql has taken effect in part: plans.a is there, plans.b is not."),
        (7, ("id", "tax", "a", "b"), None, "What 7_two.up.sql adds is there. Whether version 8 is still there as well, nothing in the catalogue tells"),
        (8, ("id", "tax", "a", "b"), None, "Nothing in the catalogue tells whether version 8 took effect"),
        (8, ("id", "tax", "a", "b", "c"), None, "9_apart.down.sql has not taken effect: plans.c is still there."),
        (4, ("id",), 5, "5_plans.down.sql has not taken effect: table plans is still there."),
        (3, (), None, "No migration of this release is version 3, so nobody can tell which file failed."),
    ],
)
def test_the_catalogue_tells_which_file_failed_and_what_of_it_took_effect(dirty: int, there: tuple[str, ...], version: int | None, words: str) -> None:
    """A version is named only where tables and columns prove it."""
    judged = judge_dirty(FOLDER, dirty, columns(*there))
    assert judged.words.startswith(words)
    assert judged.version == version


def test_what_a_transaction_did_not_cover_is_never_proved_by_a_column() -> None:
    """Something else of the file may have stayed."""
    assert "It holds statements that no transaction covers" in judge_dirty(FOLDER, 8, columns("id", "tax", "a", "b", "c")).words


def test_a_table_of_the_same_name_in_another_schema_proves_nothing() -> None:
    """A copy of lost rows, or an archive, has the column still; an unqualified name does not lead there."""
    twin = frozenset({("archive", "plans", "a", "integer"), ("archive", "plans", "b", "integer")})
    assert judge_dirty(FOLDER, 6, columns("id", "tax") | twin).version == 6
    qualified = read_folder({"1_a.up.sql": "ALTER TABLE archive.plans ADD COLUMN a int;", "1_a.down.sql": "ALTER TABLE archive.plans DROP COLUMN a;"})
    assert judge_dirty(qualified, 1, twin).version == 1


def test_where_a_file_sets_the_search_path_the_catalogue_tells_nothing() -> None:
    """A name without a schema may then have meant any table."""
    folder = read_folder({"1_a.up.sql": "SET search_path = app; ALTER TABLE plans ADD COLUMN a int;", "1_a.down.sql": "ALTER TABLE plans DROP COLUMN a;"})
    assert judge_dirty(folder, 1, columns("a")).version is None


def test_objects_in_words() -> None:
    """Columns with their table, tables by themselves."""
    assert gone_words((("plans", "tax"), ("public.old", ""))) == "plans.tax, table public.old"


RENAMED = read_folder(
    {
        "5_plans.up.sql": "CREATE TABLE plans (id int, a int);",
        "5_plans.down.sql": "DROP TABLE plans;",
        "6_b.up.sql": "ALTER TABLE plans RENAME COLUMN a TO b;",
        "6_b.down.sql": "ALTER TABLE plans RENAME COLUMN b TO a; ALTER TABLE plans ADD CONSTRAINT one UNIQUE (a);",
        "7_back.up.sql": "ALTER TABLE plans RENAME COLUMN b TO a;",
        "7_back.down.sql": "ALTER TABLE plans RENAME COLUMN a TO b;",
    }
)


@pytest.mark.parametrize(
    ("there", "version", "begins"),
    [
        (("id", "b"), 6, "6_b.down.sql has not taken effect: plans.b is still there."),
        (("id", "a"), 5, "What 5_plans.up.sql adds is there (table plans), and nothing above it"),
    ],
)
def test_a_column_that_the_down_gives_another_name_tells_as_well(there: tuple[str, ...], version: int | None, begins: str) -> None:
    """Under its new name it is still the schema of after; under its old one the down took effect."""
    told = judge_dirty(RENAMED, 5, columns(*there))
    assert told.version == version
    assert told.words.startswith(begins)


def test_of_names_that_go_to_and_fro_none_is_said_to_be_gone() -> None:
    """Two downs together leave a name where each by itself took it away."""
    six, seven = (classify(each) for each in RENAMED.between(5, 7))
    assert (removed_by_all((six,)), removed_by_all((seven,))) == ((("plans", "b"),), (("plans", "a"),))
    assert removed_by_all((seven, six)) == ()


def test_a_table_that_the_down_gives_another_name_tells_too() -> None:
    """Its columns do not: they are known by its name."""
    down = "ALTER TABLE offers RENAME TO plans; ALTER TABLE plans RENAME COLUMN b TO a;"
    assert removed_by_all((classify(Migration(6, "offers", "ALTER TABLE plans RENAME TO offers;", down)),)) == (("offers", ""),)
