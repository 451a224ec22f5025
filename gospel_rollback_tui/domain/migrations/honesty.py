"""Whether a down takes back what its up did: what was made must go, what went must return, names and types must turn back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.script import Script
from gospel_rollback_tui.domain.migrations.things import Thing, parts_of

_MAY_STAY = frozenset({"schema", "extension", "role", "right", "statement"})
"""Kinds that may be there for others as well: made only if they were not there, they may stay."""
_ROWS = frozenset({Verb.INSERT, Verb.UPDATE, Verb.DELETE})


def left_over(up: Script, down: Script) -> Iterator[tuple[Operation, str]]:
    """Yields what the down does not take back, each with the words for it.

    Rows that the up added may stay behind if the down takes back something else; a down that does nothing about anything
    is told by them.
    """
    names = _new_names(up.operations)
    back = _once(down.operations)
    backward = [replace(each, thing=_called(each.thing, names)) for each in back]
    needs = [each for each in _once(step.operation for step in up.steps if not step.fresh) if _lasts(each, up)]
    strict = [each for each in needs if each.verb is not Verb.INSERT]
    for need in strict or needs:
        wanted = replace(need, thing=_called(need.thing, names))
        turned = any(_turns_back(each, need) for each in back)
        if not turned and not any(_takes_back(each, wanted) for each in backward):
            yield need, _words(need)


def _once(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Returns the operations; of those that write the same columns of the same table, which may be thousands, the first."""
    kept = {(each.verb, each.thing, each.columns) if each.verb in _ROWS else number: each for number, each in reversed(list(enumerate(operations)))}
    return tuple(reversed(kept.values()))


def _lasts(operation: Operation, up: Script) -> bool:
    """Tells whether an operation leaves something behind that has to be taken back."""
    thing = operation.thing
    if thing.schema == "pg_temp" or (thing.kind in _MAY_STAY and operation.tree.get("if_not_exists")):
        return False
    match operation.verb:
        case Verb.CREATE if thing.kind == "sequence":
            return not _is_owned(thing, up)
        case Verb.CREATE | Verb.REPLACE:
            return not any(each.verb is Verb.DROP and each.thing.same(thing) for each in _after(operation, up))
        case Verb.DROP:
            made_here = any(each.verb is Verb.CREATE and each.thing.same(thing) for each in up.operations if each is not operation)
            return not made_here and thing.kind not in ("role", "owned", "database")
        case Verb.RENAME | Verb.MOVE | Verb.RETYPE | Verb.REQUIRE | Verb.ALLOW_NULL | Verb.INSERT | Verb.UPDATE:
            return True
    return False


def _after(operation: Operation, up: Script) -> Iterator[Operation]:
    """Yields what the file does after an operation of its own."""
    later = iter(up.operations)
    for each in later:
        if each is operation:
            break
    yield from later


def _is_owned(sequence: Thing, up: Script) -> bool:
    """Tells whether a sequence belongs to a column, and goes with it."""
    about = [each.tree for each in up.statements if each.kind in ("CreateSeqStmt", "AlterSeqStmt")]
    options = [option for tree in about if tree.get("sequence", {}).get("relname") == sequence.name for option in tree.get("options", ())]
    return any(option["DefElem"].get("defname") == "owned_by" for option in options)


def _takes_back(back: Operation, need: Operation) -> bool:
    """Tells whether one operation of the down undoes one of the up."""
    if _goes_with(back, need):
        return True
    same = back.thing.same(need.thing)
    match need.verb:
        case Verb.CREATE | Verb.REPLACE:
            return (same and back.verb in (Verb.DROP, Verb.REPLACE)) or _unnamed(back, need)
        case Verb.DROP:
            return back.verb in (Verb.CREATE, Verb.REPLACE) and (same or (back.thing.kind == need.thing.kind and not back.thing.name))
        case Verb.REQUIRE:
            return same and back.verb is Verb.ALLOW_NULL
        case Verb.ALLOW_NULL:
            return same and back.verb is Verb.REQUIRE
        case Verb.RETYPE:
            return same and back.verb is Verb.RETYPE
        case Verb.INSERT | Verb.UPDATE:
            return same and back.verb in _ROWS
    return False


def _turns_back(back: Operation, need: Operation) -> bool:
    """Tells whether one operation gives back the name or the schema that another took."""
    if back.verb is not need.verb or back.thing.kind != need.thing.kind:
        return False
    if need.verb is Verb.RENAME:
        return (back.thing.name, back.to) == (need.to, need.thing.name)
    return need.verb is Verb.MOVE and back.thing.name == need.thing.name


def _goes_with(back: Operation, need: Operation) -> bool:
    """Tells whether what the up touched falls with something that the down drops: its table, a column under it, its schema."""
    if back.verb is not Verb.DROP or need.verb in (Verb.DROP, Verb.RENAME, Verb.MOVE):
        return False
    gone, thing = back.thing, need.thing
    if gone.kind == "schema":
        return back.sweeping and gone.name == thing.schema
    if gone.kind == "column":
        under = need.columns <= {gone.name} if need.verb is Verb.UPDATE else gone.name in (*need.columns, thing.name)
        return gone.within == (thing.within or thing.name) and under
    if gone.kind == "function" and back.sweeping and thing.kind == "trigger":
        return gone.name in parts_of(need.tree.get("funcname"))
    return gone.kind in ("table", "type", "view", "materialized view") and gone.same(replace(thing.table, kind=gone.kind))


def _unnamed(back: Operation, need: Operation) -> bool:
    """Tells whether the down drops something that may be what the up made without naming it."""
    if need.thing.name or back.verb is not Verb.DROP or back.thing.kind != need.thing.kind:
        return False
    return back.thing.within in ("", need.thing.within)


def _new_names(operations: Sequence[Operation]) -> dict[str, str]:
    """Returns the new names of tables by their old ones."""
    return {each.thing.name: each.to for each in operations if each.verb is Verb.RENAME and each.thing.kind == "table"}


def _called(thing: Thing, names: Mapping[str, str]) -> Thing:
    """Returns the thing under the name that its table has after the up."""
    if thing.within:
        return replace(thing, within=names.get(thing.within, thing.within))
    return replace(thing, name=names.get(thing.name, thing.name)) if thing.kind == "table" else thing


def _words(need: Operation) -> str:
    what = need.thing.words
    match need.verb:
        case Verb.CREATE | Verb.REPLACE:
            return f"it does not take back {what}"
        case Verb.DROP:
            return f"it does not bring back {what}"
        case Verb.RENAME:
            return f"it does not give {what} its name back"
        case Verb.MOVE:
            return f"it does not move {what} back"
        case Verb.RETYPE:
            return f"it does not give {what} its type back"
        case Verb.REQUIRE | Verb.ALLOW_NULL:
            return f"it does not turn back {need.how} of {what}"
    return f"it does not take back the rows that {need.how} wrote to {what}"
