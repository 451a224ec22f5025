"""Which data a file takes away: rows, columns, and values that a narrower type cannot hold."""

from collections.abc import Iterator, Sequence

from gospel_rollback_tui.domain.migrations.column_types import ColumnType, column_type, holds
from gospel_rollback_tui.domain.migrations.findings import Loss
from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.script import Script
from gospel_rollback_tui.domain.migrations.things import Thing, parts_of

_HOLDERS = frozenset({"table", "materialized view", "sequence", "schema", "database", "type", "extension", "owned"})
"""Kinds that hold data, or whose fall takes data along."""
_CATALOGUE = frozenset({"constraint"})
"""Kinds whose CASCADE takes no data: of a constraint, only foreign keys that point at it."""


def losses(script: Script, opposite: Script) -> Iterator[tuple[Operation, Loss]]:
    """Yields each loss with what causes it; the opposite file tells the type that a column had before.

    What the file itself has made is not lost with it.
    """
    earlier = tuple(types_in(opposite))
    for step in script.steps:
        operation = step.operation
        if step.fresh or operation.thing.schema == "pg_temp":
            continue
        found = _of_type(operation, earlier) if operation.verb is Verb.RETYPE else _of_operation(operation)
        if found:
            yield operation, found


def _of_operation(operation: Operation) -> Loss | None:
    thing = operation.thing
    if operation.verb is Verb.DROP and thing.kind == "column":
        return Loss(thing.path, thing.name, operation.how, what="table")
    if operation.verb is Verb.DROP and (thing.kind in _HOLDERS or (operation.sweeping and thing.kind not in _CATALOGUE)):
        return Loss(thing.path, "", operation.how, what=thing.kind)
    if operation.verb is Verb.DETACH or operation.verb is Verb.DELETE:
        return Loss(thing.path, "", operation.how)
    if operation.verb is Verb.UPDATE and operation.sweeping:
        columns = sorted(operation.columns)
        return Loss(thing.path, columns[0] if len(columns) == 1 else "", operation.how)
    return None


def _of_type(operation: Operation, earlier: Sequence[tuple[Thing, ColumnType]]) -> Loss | None:
    """Returns the loss of a change of type; a conversion that PostgreSQL would make itself loses nothing if the new type is wider."""
    after = column_type(operation.tree)
    before = next((kind for thing, kind in earlier if thing.same(operation.thing)), None)
    if after is None:
        return None
    if not _computes(operation) and (holds(after, before) if before else after == ColumnType("text")):
        return None
    how = f"type becomes {after.words}{' by a computed value' if _computes(operation) else ''}"
    return Loss(operation.thing.path, operation.thing.name, how, narrows=True)


def _computes(operation: Operation) -> bool:
    """Tells whether USING is there and is more than the column itself, cast or not."""
    value = operation.tree.get("raw_default") or {}
    while "TypeCast" in value:
        value = value["TypeCast"].get("arg") or {}
    return bool(value) and parts_of(value.get("ColumnRef", {}).get("fields"))[-1:] != (operation.thing.name,)


def types_in(script: Script) -> Iterator[tuple[Thing, ColumnType]]:
    """Yields the types that a file gives to columns by changing or adding them."""
    for operation in script.operations:
        if operation.verb is Verb.RETYPE or (operation.verb is Verb.CREATE and operation.thing.kind == "column"):
            kind = column_type(operation.tree)
            if kind:
                yield operation.thing, kind
