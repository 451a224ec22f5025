"""Which files are migrations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.migrations.files import Migration, read_folder


def test_a_folder_is_read_by_version_and_the_files_may_be_padded_or_not() -> None:
    """Versions are numbers: 000002 comes before 10, and both directions meet in one migration."""
    folder = read_folder({"10_ten.up.sql": "U10", "000002_two.down.sql": "D2", "000002_two.up.sql": "U2"})
    assert folder.migrations == (
        Migration(2, "two", "U2", "D2", "000002_two.up.sql", "000002_two.down.sql"),
        Migration(10, "ten", "U10", None, "10_ten.up.sql"),
    )
    assert folder.highest == 10
    assert folder.versions == {2, 10}
    assert not folder.ignored


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "1-x.up.sql",
        "x_1.up.sql",
        "1_x.sql",
        "1_x.up",
        "1_x.UP.sql",
        "sub/1_x.up.sql",
        "1_a/2_b.up.sql",
        "18446744073709551616_x.up.sql",
        "9" * 5000 + "_x.up.sql",
        "1_x.up.sql\n",
    ],
)
def test_names_that_golang_migrate_does_not_read_are_told(name: str) -> None:
    """Whatever is no migration is ignored and named, so that nobody takes it for one."""
    folder = read_folder({name: "SELECT 1"})
    assert folder.ignored == (name,)
    assert folder.highest is None


@pytest.mark.parametrize("name", ["1_.up.sql", "1_a.up.down.sql", "18446744073709551615_x.down.json", "0001_ä b.up.sql.bak"])
def test_names_that_golang_migrate_reads_are_read(name: str) -> None:
    """Its rule is generous: the words may be anything, and so may the ending."""
    assert len(read_folder({name: ""}).migrations) == 1


def test_a_version_twice_in_one_direction_is_a_duplicate() -> None:
    """golang-migrate refuses such a folder; up and down under different words are one migration."""
    folder = read_folder({"1_b.up.sql": "second", "1_a.up.sql": "first", "1_c.down.sql": "down", "2_x.up.sql": ""})
    assert folder.duplicates == (1,)
    assert folder.migration(1) == Migration(1, "a", "first", "down", "1_a.up.sql", "1_c.down.sql")


def test_between_leaves_the_lower_end_out() -> None:
    """From version 1 to 3 lead 2 and 3."""
    folder = read_folder({f"{version}_x.up.sql": "" for version in (1, 2, 3, 4)})
    assert [each.version for each in folder.between(1, 3)] == [2, 3]
    assert folder.migration(9) is None


def test_a_missing_file_has_the_name_that_it_would_have() -> None:
    """So that a sentence can name it."""
    assert Migration(42, "add_tax", "…").file("down") == "000042_add_tax.down.sql"
    assert read_folder({"7_x.up.sql": ""}).migrations[0].file("up") == "7_x.up.sql"


@given(st.dictionaries(st.text(max_size=12) | st.from_regex(r"[0-9]{1,3}_[a-c]?\.(up|down)\.sql", fullmatch=True), st.text(max_size=5), max_size=12))
def test_every_file_is_read_once_or_ignored_or_a_duplicate(files: dict[str, str]) -> None:
    """Nothing is lost and nothing is invented, whatever lies in the folder."""
    folder = read_folder(files)
    read = {name for each in folder.migrations for name in (each.up_file, each.down_file) if name}
    assert read | set(folder.ignored) <= set(files)
    assert not read & set(folder.ignored)
    assert len(read) + len(folder.ignored) == len(files) or folder.duplicates
    assert [each.version for each in folder.migrations] == sorted(folder.versions)
