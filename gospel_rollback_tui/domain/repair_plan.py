"""Judges which losses can be copied back without guessing, table by table; the others are told with what to do by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.repair import ColumnShape, RepairPlan, TableRepair, TableShape

Sides = tuple[TableShape | None, TableShape | None]
"""A table on the restored side and on the live one; None: it is not there."""
_WRITTEN = "Take what you need from the restored instance yourself."


def plan_repair(losses: Sequence[Loss], tables: Mapping[str, Sides]) -> RepairPlan:
    """Returns what is copied back.

    Args:
        losses: What the applied migrations destroyed, oldest first.
        tables: Each lost table, as the losses write it, on both sides.
    """
    found: dict[str, TableRepair] = {}
    by_hand: list[str] = []
    for loss in dict.fromkeys(losses):
        side, live = tables.get(loss.table, (None, None))
        why = _other_kind(loss) or (_unfit(loss, side, live) if side is not None else f"{loss.table} is not on the restored instance. {_LATER}")
        if why or side is None:
            by_hand.append(f"{loss.table}{'.' + loss.column if loss.column else ''} ({loss.how}): {why}")
            continue
        known = found.get(side.words) or TableRepair(len(found) + 1, side, live)
        found[side.words] = _with(known, loss, side)
    return RepairPlan(tuple(found.values()), tuple(by_hand))


_LATER = "If a migration made or renamed it on the way, take it by hand; otherwise restore to an earlier moment."


def _with(repair: TableRepair, loss: Loss, side: TableShape) -> TableRepair:
    if repair.live is None or not _is_column(loss):
        return replace(repair, rows=True)
    column = side.column(loss.column)
    assert column is not None, "a column that is not there is left to hands"
    return repair if column in repair.columns else replace(repair, columns=(*repair.columns, column))


def _is_column(loss: Loss) -> bool:
    return bool(loss.column) and loss.how.startswith("DROP")


def _other_kind(loss: Loss) -> str:
    """Returns why a loss is of a kind that no copy mends; empty: it is not."""
    if loss.narrows:
        return (
            "the values are there in a narrower type, and which of them were written since nobody can tell. "
            "Widen the type again, then compare with the restored instance, value by value."
        )
    if loss.what == "materialized view":
        return "it is computed: create it again from its definition."
    if loss.what != "table":
        return f"what a {loss.what} held is not copied back. {_WRITTEN}"
    if "UPDATE" in loss.how:
        return f"the values were overwritten, and which of them were written since nobody can tell. {_WRITTEN}"
    if "DETACH" in loss.how:
        return "its rows are still there, in a table of their own: attach it again."
    if not loss.how.startswith(("DROP", "DELETE", "TRUNCATE")):
        return f"no copy is known that mends it. {_WRITTEN}"
    return ""


def _unfit(loss: Loss, side: TableShape, live: TableShape | None) -> str:
    """Returns why this table cannot be copied into; empty: it can."""
    if side.kind not in ("r", "p") or (live is not None and live.kind not in ("r", "p")):
        return f"it is no table. {_WRITTEN}"
    if not side.key:
        return f"it has no primary key, so that nobody can tell which row is which. {_WRITTEN}"
    if side.hidden or not side.readable or (live is not None and (live.hidden or not live.readable)):
        return "this role does not see all of its rows: go on with a role that does."
    if live is None:
        return "it is partitioned: make it and its partitions again by hand." if side.kind == "p" else ""
    if not live.owned:
        return "this role does not own it, and cannot alter it: go on with the role that owns it."
    before = [(column.name, column.type) for column in side.key_columns]
    now = [(column.name, column.type) for column in live.key_columns]
    if before != now:
        return f"its primary key is not what it was ({_listed(before)} then, {_listed(now)} now), so that nobody can tell which row is which. {_WRITTEN}"
    return _unfit_column(loss, side, live) if _is_column(loss) else _unfit_rows(side, live)


def _unfit_column(loss: Loss, side: TableShape, live: TableShape) -> str:
    column, now = side.column(loss.column), live.column(loss.column)
    if column is None:
        return f"it is not on the restored instance. {_LATER}"
    if column.computed:
        return "it is computed from other columns: add it again with its expression."
    if now is not None and (now.type, now.computed) != (column.type, False):
        return f"it exists again as {'a computed ' if now.computed else ''}{now.type} and was {column.type}: whether its values fit is yours to judge."
    return ""


def _unfit_rows(side: TableShape, live: TableShape) -> str:
    for column in live.columns:
        before = side.column(column.name)
        if before is None and column.required and not column.default and not column.computed and not column.sequence:
            return f"its column {column.name} is new and must not be null: what old rows hold there is yours to decide."
        if before is not None and before.type != column.type:
            return f"its column {column.name} was {before.type} and is {column.type}: whether old values fit is yours to judge."
    return ""


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns) or "none"


def types_of(plan: RepairPlan) -> tuple[str, ...]:
    """Returns the types that the staging schema's tables are made of."""
    return tuple(dict.fromkeys(column.type for one in plan.repairs for column in one.staged))


def serials_of(repair: TableRepair) -> tuple[ColumnShape, ...]:
    """Returns the columns whose sequence must be beyond what is put back."""
    shape = repair.live or repair.side
    return tuple(column for column in shape.columns if column.sequence) if repair.rows else ()
