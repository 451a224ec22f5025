"""What an up means for code: what the code before it stumbles over, and what the code after it needs."""

from collections.abc import Collection, Iterable, Iterator

from gospel_rollback_tui.domain.migrations.column_types import column_type, holds
from gospel_rollback_tui.domain.migrations.filling import added_columns, unfilled
from gospel_rollback_tui.domain.migrations.findings import Finding, Trait, finding
from gospel_rollback_tui.domain.migrations.losses import types_in
from gospel_rollback_tui.domain.migrations.operations import Operation, Verb
from gospel_rollback_tui.domain.migrations.script import Script

_USED = frozenset({"table", "view", "materialized view", "column", "function", "type", "schema", "sequence", "extension", "enum value", "database"})
"""Kinds that code names, so that it fails without them; an index or a constraint it does not."""
_IN_THE_WAY = frozenset({"constraint", "trigger", "policy", "rule"})
"""Kinds that may make a statement fail, or do something else."""
_TEXTS = frozenset({"text", "varchar", "char"})


def breaks_old_code(up: Script, down: Script, back: Collection[tuple[str, str]] = ()) -> Finding | None:
    """Returns what of an up makes the code before it fail, the certain before the possible, or None.

    Old code neither knows nor touches what the up itself has made. The down tells which type a column had. `back` names what
    the up dropped and is there again, as (table, column), of a table with an empty column: a repair has brought it back.
    """
    if up.unreadable or up.missing:
        return _unreadable(up)
    return _worst([*_unfilled(up), *_each(up, down, back)])


def breaks_new_code(up: Script) -> Finding | None:
    """Returns what of an up the code after it would miss without it, the certain before the possible, or None."""
    if up.unreadable or up.missing:
        return _unreadable(up)
    found = []
    for step in up.steps:
        if not step.fresh and step.operation.thing.schema != "pg_temp":
            words, certain = _missed(step.operation)
            if words:
                found.append(_finding(up, step.operation, words, certain=certain))
    return _worst(found)


def _unreadable(up: Script) -> Finding:
    line, words = up.unreadable or (0, "it is missing")
    return finding(Trait.UNKNOWN, up.file, line, "", f"nobody can tell what the file did: {words}", certain=False)


def _worst(found: list[Finding]) -> Finding | None:
    return next((each for each in found if each.certain), found[0] if found else None)


def _finding(up: Script, operation: Operation, words: str, *, certain: bool) -> Finding:
    trait = Trait.UNKNOWN if operation.verb is Verb.UNKNOWN else Trait.ADDITIVE if operation.verb is Verb.CREATE else Trait.REVERSIBLE
    return finding(trait, up.file, operation.statement.line, operation.statement.text, words, certain=certain)


def _unfilled(up: Script) -> Iterator[Finding]:
    for operation, words, certain in unfilled(up):
        yield _finding(up, operation, words, certain=certain)


def _each(up: Script, down: Script, back: Collection[tuple[str, str]]) -> Iterator[Finding]:
    added = frozenset(each.thing.name for each in added_columns(up))
    for step in up.steps:
        operation = step.operation
        if step.fresh or operation.thing.schema == "pg_temp" or _is_back(operation, up, back):
            continue
        if operation.verb is Verb.RETYPE:
            words, certain = _retyped(operation, down)
        else:
            words, certain = _certain(operation), True
        if not words:
            words, certain = _possible(operation, added), False
        if words:
            yield _finding(up, operation, words, certain=certain)


def _is_back(operation: Operation, up: Script, back: Collection[tuple[str, str]]) -> bool:
    """Returns whether what was dropped is there again; what the up itself has put in its place is another thing."""
    thing = operation.thing
    name = (thing.path, thing.name if thing.kind == "column" else "")
    if operation.verb is not Verb.DROP or thing.kind not in ("table", "column") or name not in back:
        return False
    return not any(each.verb is Verb.CREATE and each.thing.same(thing) for each in up.operations)


def _certain(operation: Operation) -> str:
    """Returns the words for what old code surely misses, or an empty text."""
    what = operation.thing.words
    if operation.thing.kind not in _USED:
        return ""
    match operation.verb:
        case Verb.DROP:
            return f"old code uses {what}, which is gone"
        case Verb.RENAME:
            return f"old code uses {what}, which is now called {operation.to}"
        case Verb.MOVE:
            return f"old code uses {what}, which is now in schema {operation.to}"
    return ""


def _possible(operation: Operation, added: Iterable[str]) -> str:
    """Returns the words for what old code may stumble over, or an empty text; NULL in a column that it does not know passes."""
    what = operation.thing.words
    known = not operation.columns or not operation.columns <= frozenset(added)
    unique = operation.thing.kind == "index" and bool(operation.tree.get("unique"))
    match operation.verb:
        case Verb.CREATE if (operation.thing.kind in _IN_THE_WAY or unique) and (known or "NullTest" in str(operation.tree.get("raw_expr"))):
            return f"old code may write what {operation.how} on {operation.thing.path} refuses"
        case Verb.REPLACE | Verb.IDENTITY:
            return f"old code may rely on {what} as it was"
        case Verb.DROP if operation.thing.kind in _IN_THE_WAY - {"constraint"}:
            return f"old code may rely on {what}"
        case Verb.UNDEFAULT:
            return f"old code may leave {what} to its default, which is gone"
        case Verb.ALLOW_NULL:
            return f"old code may meet NULL in {what}"
        case Verb.ADD_VALUE:
            return f"old code may meet the value {operation.to} of {what}, which it does not know"
        case Verb.RESTRICT:
            return f"{operation.how} may forbid old code what it does"
        case Verb.DETACH:
            return f"old code may look for rows of {what}"
        case Verb.UNKNOWN:
            return f"nobody can tell: {operation.how}"
    return ""


def _retyped(operation: Operation, down: Script) -> tuple[str, bool]:
    """Returns the words for a change of type and whether it surely breaks; a text that may be longer breaks nothing."""
    after = column_type(operation.tree)
    before = next((kind for thing, kind in types_in(down) if thing.same(operation.thing)), None)
    new = after.words if after else "another type"
    if before and after and holds(after, before) and "raw_default" not in operation.tree:
        related = before.name == after.name or {before.name, after.name} <= _TEXTS
        return ("" if related else f"old code may not expect {new} in {operation.thing.words}, which was {before.words}"), False
    return f"old code expects {before.words if before else 'another type'} in {operation.thing.words}, which is now {new}", True


def _missed(operation: Operation) -> tuple[str, bool]:
    """Returns the words for what new code misses on the old schema, and whether it surely fails."""
    thing, what = operation.thing, operation.thing.words
    unique = bool(operation.tree.get("unique")) or operation.how in ("ADD UNIQUE", "ADD PRIMARY KEY")
    match operation.verb:
        case Verb.CREATE if thing.kind in _USED:
            return f"new code uses {what}, which is not there", True
        case Verb.CREATE if unique:
            return f"new code may rely on {operation.how} on {thing.path}", False
        case Verb.RENAME | Verb.MOVE if thing.kind in _USED:
            return f"new code looks for {what} under {operation.to}", True
        case Verb.ADD_VALUE:
            return f"new code uses the value {operation.to} of {what}, which is not there", True
        case Verb.REPLACE | Verb.RETYPE | Verb.DEFAULT | Verb.IDENTITY:
            return f"new code may rely on {what} as it is now", False
        case Verb.ALLOW_NULL:
            return f"new code may write NULL to {what}", False
        case Verb.DROP if thing.kind == "column":
            return f"new code does not fill {what}", False
        case Verb.UNKNOWN:
            return f"nobody can tell: {operation.how}", False
    return "", False
