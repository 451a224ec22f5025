"""Which type holds every value of which."""

import pytest

from gospel_rollback_tui.domain.migrations.classification import classify
from gospel_rollback_tui.domain.migrations.column_types import ColumnType, holds
from gospel_rollback_tui.domain.migrations.files import Migration

HOLDS = [
    ("bigint", "integer"),
    ("integer", "smallint"),
    ("numeric", "bigint"),
    ("double precision", "real"),
    ("text", "varchar(20)"),
    ("text", "uuid"),
    ("varchar", "text"),
    ("varchar(40)", "varchar(20)"),
    ("varchar(40)", "char(40)"),
    ("numeric", "numeric(10,2)"),
    ("numeric(12,4)", "numeric(10,2)"),
    ("timestamp", "timestamp(3)"),
    ("timestamp(6)", "timestamp"),
    ("timestamptz", "date"),
    ("text[]", "varchar[]"),
    ("int4", "integer"),
]
"""A type, and one that fits into it."""


def lost(before: str, after: str) -> bool:
    """Tells whether a change of type is a loss."""
    return bool(classify(Migration(1, "x", f"ALTER TABLE t ALTER c TYPE {after};", f"ALTER TABLE t ALTER c TYPE {before};")).up_losses)


@pytest.mark.parametrize(("wide", "narrow"), HOLDS)
def test_a_wider_type_loses_nothing(wide: str, narrow: str) -> None:
    """Neither as PostgreSQL converts it, nor by a cast that is written."""
    assert not lost(narrow, wide)
    assert not lost(narrow, f"{wide} USING c::{wide}")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("bigint", "integer"),
        ("numeric", "integer"),
        ("numeric(10,2)", "numeric(10,4)"),
        ("numeric", "numeric(10,2)"),
        ("varchar(40)", "varchar(20)"),
        ("text", "varchar(20)"),
        ("text", "char(20)"),
        ("text", "integer"),
        ("timestamptz", "date"),
        ("timestamp", "timestamp(0)"),
        ("double precision", "real"),
        ("bigint", "double precision"),
        ("integer", "real"),
        ("integer[]", "integer"),
        ("json", "jsonb"),
        ("mood", "other.feeling"),
    ],
)
def test_a_type_that_may_hold_less_is_a_loss(before: str, after: str) -> None:
    """What is not known to fit does not."""
    assert lost(before, after)


@pytest.mark.parametrize("using", ["upper(c)", "d", "CASE WHEN c THEN 1 END", "left(c, 3)::text"])
def test_a_computed_value_may_lose_whatever_the_types(using: str) -> None:
    """USING says how; only the column itself, cast or not, is a plain conversion."""
    assert lost("text", f"text USING {using}")


def test_without_the_type_before_only_text_is_safe() -> None:
    """The down does not always say what a column was."""
    assert not classify(Migration(1, "x", "ALTER TABLE t ALTER c TYPE text;", "SELECT 1;")).up_losses
    assert classify(Migration(1, "x", "ALTER TABLE t ALTER c TYPE bigint;", "SELECT 1;")).up_losses


def test_a_type_is_told_as_it_is_written() -> None:
    """With its limits, and its brackets."""
    assert ColumnType("numeric", (10, 2), array=True).words == "numeric(10,2)[]"
    assert not holds(ColumnType("varchar", (10,)), ColumnType("varchar"))
