"""One file read from top to bottom: what it does, and which of it touches only what the file itself has made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.reading import operations
from gospel_rollback_tui.domain.migrations.statements import SqlUnreadable, Statement, statements
from gospel_rollback_tui.domain.migrations.things import Thing


@dataclass(frozen=True, slots=True)
class Step:
    """One operation in its file."""

    operation: Operation
    fresh: bool
    """Its thing was made above in the same file: nothing older is touched."""


@dataclass(frozen=True, slots=True)
class Script:
    """One file of a migration."""

    file: str
    missing: bool = False
    """There is no such file."""
    statements: tuple[Statement, ...] = ()
    steps: tuple[Step, ...] = ()
    unreadable: tuple[int, str] | None = None
    """The line and the parser's words, if PostgreSQL does not read it."""

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What it does, in its order."""
        return tuple(each.operation for each in self.steps)


def read_script(file: str, sql: str | None) -> Script:
    """Returns a file as steps; a missing or an unreadable file has none."""
    if sql is None:
        return Script(file, missing=True)
    try:
        found = statements(sql)
    except SqlUnreadable as error:
        return Script(file, unreadable=(error.line, error.words))
    made: list[Thing] = []
    steps: list[Step] = []
    for statement in found:
        done = tuple(operations(statement))
        steps += [Step(each, _is_fresh(each, made)) for each in done]
        for each in done:
            _follow(each, made)
    return Script(file, statements=found, steps=tuple(steps))


def among(thing: Thing, things: Sequence[Thing]) -> bool:
    """Tells whether a thing is one of several."""
    return any(thing.same(each) for each in things)


def _is_fresh(operation: Operation, made: Sequence[Thing]) -> bool:
    thing = operation.thing
    tables = [replace(each, kind="table") for each in made if not each.within]
    if among(thing, made) or (thing.within and among(thing.table, tables)):
        return True
    columns = [Thing("column", thing.schema, name, thing.name) for name in operation.columns]
    return operation.verb is Verb.UPDATE and bool(columns) and all(among(each, made) for each in columns)


def _follow(operation: Operation, made: list[Thing]) -> None:
    """Keeps the list of what the file has made: names change, and what is dropped is gone."""
    thing = operation.thing
    if operation.verb is Verb.CREATE and thing.name and not operation.tree.get("if_not_exists"):
        made.append(thing)
    elif operation.verb is Verb.DROP:
        made[:] = [each for each in made if not thing.same(each)]
    elif operation.verb is Verb.RENAME:
        made[:] = [_renamed(each, operation) for each in made]


def _renamed(thing: Thing, operation: Operation) -> Thing:
    if operation.thing.same(thing):
        return replace(thing, name=operation.to)
    return replace(thing, within=operation.to) if thing.within and operation.thing.same(thing.table) else thing
