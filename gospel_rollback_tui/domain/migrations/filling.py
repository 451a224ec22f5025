"""Columns that old code leaves empty and that must not be: NOT NULL, and no value of their own."""

from collections.abc import Iterator

from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.parsing import Tree
from gospel_rollback_tui.domain.migrations.script import Script
from gospel_rollback_tui.domain.migrations.things import parts_of

_REQUIRING = frozenset({"CONSTR_NOTNULL", "CONSTR_PRIMARY"})
_FILLING = frozenset({"CONSTR_IDENTITY", "CONSTR_GENERATED"})
_SERIAL = frozenset({"smallserial", "serial", "bigserial", "serial2", "serial4", "serial8"})


def added_columns(up: Script) -> tuple[Operation, ...]:
    """Returns the columns that a file adds to tables which it did not make."""
    steps = [step for step in up.steps if step.operation.verb is Verb.CREATE and step.operation.thing.kind == "column"]
    return tuple(step.operation for step in steps if not step.fresh)


def unfilled(up: Script) -> Iterator[tuple[Operation, str, bool]]:
    """Yields what makes an insert of old code fail, with the words, and whether that is certain."""
    for column in added_columns(up):
        required = next((each for each in up.operations if each.verb is Verb.REQUIRE and each.thing.same(column.thing)), None)
        if (required or _has(column.tree, _REQUIRING)) and not _has_value(column, up):
            yield required or column, f"old code does not fill {column.thing.words}, which must not be NULL and has no default", True
    for step in up.steps:
        if step.operation.verb is Verb.REQUIRE and not step.fresh:
            thing = step.operation.thing
            given = any(each.verb is Verb.DEFAULT and each.thing.same(thing) for each in up.operations)
            yield step.operation, f"old code that leaves {thing.words} empty{' or writes NULL' if given else ''} fails", not given


def _has(definition: Tree, kinds: frozenset[str]) -> bool:
    return any(each["Constraint"].get("contype") in kinds for each in definition.get("constraints", ()))


def _has_value(column: Operation, up: Script) -> bool:
    """Tells whether PostgreSQL fills an added column by itself once the file has run."""
    value = _has(column.tree, _FILLING) or bool(frozenset(parts_of(column.tree.get("typeName", {}).get("names"))) & _SERIAL)
    for each in column.tree.get("constraints", ()):
        constraint = each["Constraint"]
        if constraint.get("contype") == "CONSTR_DEFAULT":
            value = not constraint.get("raw_expr", {}).get("A_Const", {}).get("isnull")
    for operation in up.operations:
        if operation.verb in (Verb.DEFAULT, Verb.UNDEFAULT) and operation.thing.same(column.thing):
            value = operation.verb is Verb.DEFAULT
    return value
