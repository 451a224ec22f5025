"""Which losses are copied back, and why the others are left to hands."""

import re
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.repair import ColumnShape, Staging, TableShape, staging_schema
from gospel_rollback_tui.domain.repair_plan import plan_repair
from gospel_rollback_tui.domain.repair_script import apply_statements

ID = ColumnShape("id", "bigint", required=True)
TAX = ColumnShape("tax", "numeric(6,2)")
NAME = ColumnShape("name", "text")
SIDE = TableShape("public", "plans", "r", (ID, NAME, TAX), ("id",))
LIVE = TableShape("public", "plans", "r", (ID, NAME), ("id",))
DROPPED = Loss("plans", "tax", "DROP COLUMN")
DELETED = Loss("plans", "", "DELETE")
GONE = Loss("plans", "", "DROP TABLE")


@pytest.mark.parametrize(
    ("loss", "side", "live", "why"),
    [
        (Loss("plans", "tax", "type becomes int", narrows=True), SIDE, LIVE, "the values are there in a narrower type"),
        (Loss("plans", "tax", "UPDATE without WHERE"), SIDE, SIDE, "the values were overwritten, and which of them were written since nobody can tell"),
        (Loss("plans_2025", "", "DETACH PARTITION"), SIDE, LIVE, "attach it again"),
        (Loss("totals", "", "DROP MATVIEW", what="materialized view"), SIDE, LIVE, "create it again from its definition"),
        (Loss("plans_id_seq", "", "DROP SEQUENCE", what="sequence"), SIDE, LIVE, "what a sequence held is not copied back"),
        (Loss("plans", "", "INSERT … ON CONFLICT DO UPDATE"), SIDE, LIVE, "values were overwritten"),
        (DROPPED, None, LIVE, "is not on the restored instance"),
        (DROPPED, replace(SIDE, columns=(ID, NAME)), LIVE, "is not on the restored instance"),
        (DROPPED, replace(SIDE, key=()), LIVE, "it has no primary key"),
        (DROPPED, SIDE, replace(LIVE, key=()), r"its primary key is not what it was \(id bigint then, none now\)"),
        (DROPPED, SIDE, replace(LIVE, columns=(ColumnShape("id", "uuid"), NAME)), r"\(id bigint then, id uuid now\)"),
        (DROPPED, SIDE, replace(LIVE, hidden=True), "does not see all of its rows"),
        (DROPPED, replace(SIDE, readable=False), LIVE, "does not see all of its rows"),
        (DROPPED, SIDE, replace(LIVE, owned=False), "does not own it"),
        (DROPPED, SIDE, replace(LIVE, kind="v"), "it is no table"),
        (DROPPED, replace(SIDE, columns=(ID, ColumnShape("tax", "text", computed=True))), LIVE, "it is computed from other columns"),
        (DROPPED, SIDE, replace(LIVE, columns=(ID, ColumnShape("tax", "text"))), r"exists again as text and was numeric\(6,2\)"),
        (GONE, replace(SIDE, kind="p"), None, "it is partitioned"),
        (DELETED, SIDE, replace(SIDE, columns=(*SIDE.columns, ColumnShape("region", "text", required=True))), "its column region is new and must not be null"),
        (DELETED, SIDE, replace(SIDE, columns=(ID, NAME, ColumnShape("tax", "integer"))), r"its column tax was numeric\(6,2\) and is integer"),
    ],
)
def test_what_cannot_be_told_apart_is_left_to_hands(loss: Loss, side: TableShape | None, live: TableShape | None, why: str) -> None:
    """With the table, the statement, the reason and what to do; nothing of it is copied."""
    plan = plan_repair((loss,), {loss.table: (side, live)})
    assert plan.repairs == ()
    (words,) = plan.by_hand
    assert words.startswith(f"{loss.table}{'.' + loss.column if loss.column else ''} ({loss.how}): ")
    assert re.search(why, words), words


def test_losses_of_one_table_are_one_repair() -> None:
    """Two columns and the rows of it are staged together; what the migration took twice is taken back once."""
    twice = Loss("public.plans", "tax", "DROP COLUMN … CASCADE")
    names = {"plans": (SIDE, replace(LIVE, columns=(ID,))), "public.plans": (SIDE, replace(LIVE, columns=(ID,)))}
    (repair,) = plan_repair((DROPPED, twice, Loss("plans", "name", "DROP COLUMN"), DELETED), names).repairs
    assert ([column.name for column in repair.columns], repair.rows) == (["tax", "name"], True)
    assert [column.name for column in repair.staged] == ["id", "name", "tax"]
    assert repair.added == (TAX, NAME)


def test_a_table_that_is_gone_comes_back_whole_whatever_else_of_it_was_lost() -> None:
    """A column that was dropped before its table is in it again."""
    (repair,) = plan_repair((DROPPED, GONE), {"plans": (SIDE, None)}).repairs
    assert (repair.columns, repair.rows) == ((), True)


def test_what_is_computed_is_not_written() -> None:
    """PostgreSQL refuses a value for it, on whichever side it is computed."""
    total = ColumnShape("total", "numeric", computed=True)
    (repair,) = plan_repair((DELETED,), {"plans": (replace(SIDE, columns=(ID, NAME, total)), replace(SIDE, columns=(ID, NAME, total)))}).repairs
    assert [column.name for column in repair.staged] == ["id", "name"]


def test_a_staging_schema_is_named_by_what_is_copied() -> None:
    """The same whatever becomes of the live table; another one for another run, service, instance or copy; and it fits."""
    before, after = (plan_repair((DROPPED,), {"plans": (SIDE, live)}) for live in (LIVE, SIDE))
    name = staging_schema("20261122-0312-k7", "auth", "restored", before)
    assert name == staging_schema("20261122-0312-k7", "auth", "restored", after)
    assert before.digest != after.digest
    others = [("other", "auth", "restored"), ("20261122-0312-k7", "gateway", "restored"), ("20261122-0312-k7", "auth", "another")]
    assert all(staging_schema(*other, before) != name for other in others)
    assert len(staging_schema("x" * 200, "auth", "restored", before)) <= 63


def test_locks_are_taken_in_one_order_and_as_weak_as_they_may_be() -> None:
    """Only a table that gets a column keeps readers out."""
    other = replace(SIDE, name="accounts")
    plan = plan_repair((DROPPED, Loss("accounts", "", "DELETE")), {"plans": (SIDE, LIVE), "accounts": (other, other)})
    statements = apply_statements(Staging("rollback_x", "x", plan), [(1, None), (None, 1)], 60.0)
    assert [statement for statement in statements if statement.startswith("LOCK")] == [
        'LOCK TABLE "public"."accounts" IN SHARE ROW EXCLUSIVE MODE',
        'LOCK TABLE "public"."plans" IN ACCESS EXCLUSIVE MODE',
    ]
    assert (statements[0], statements[-1]) == ("BEGIN", "COMMIT")
