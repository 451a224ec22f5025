"""What happens to rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.parsing import Tree
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import relation

_MERGE = {"CMD_INSERT": Verb.INSERT, "CMD_UPDATE": Verb.UPDATE, "CMD_DELETE": Verb.DELETE}


def _everywhere(condition: Any) -> bool:  # noqa: ANN401  a node of the parser, or None
    """Tells whether a WHERE is missing, or holds for every row because it is a constant."""
    if not condition:
        return True
    if "A_Const" in condition:
        return bool(condition["A_Const"].get("boolval", {}).get("boolval"))
    sides = condition.get("A_Expr", {})
    return _is_equal(sides) and _constant(sides.get("lexpr")) is not None and _constant(sides.get("lexpr")) == _constant(sides.get("rexpr"))


def _is_equal(expression: Any) -> bool:  # noqa: ANN401  a node of the parser
    return bool(expression.get("name") == [{"String": {"sval": "="}}])


def _constant(node: Any) -> object:  # noqa: ANN401  a node of the parser
    value = (node or {}).get("A_Const")
    return {key: part for key, part in value.items() if key != "location"} if isinstance(value, dict) else None


def _targets(tree: Tree) -> frozenset[str]:
    """Returns the columns that an assignment list writes."""
    return frozenset(str(each["ResTarget"].get("name", "")) for each in tree.get("targetList", ()))


def _insert(statement: Statement) -> Iterator[Operation]:
    table = relation(statement.tree.get("relation", {}))
    yield Operation(Verb.INSERT, table, statement, "INSERT")
    conflict = statement.tree.get("onConflictClause", {})
    if conflict.get("action") == "ONCONFLICT_UPDATE":
        yield Operation(Verb.UPDATE, table, statement, "INSERT … ON CONFLICT DO UPDATE", columns=_targets(conflict))


def _update(statement: Statement) -> Iterator[Operation]:
    whole = _everywhere(statement.tree.get("whereClause"))
    how = "UPDATE without WHERE" if whole else "UPDATE"
    yield Operation(Verb.UPDATE, relation(statement.tree.get("relation", {})), statement, how, columns=_targets(statement.tree), sweeping=whole)


def _delete(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.DELETE, relation(statement.tree.get("relation", {})), statement, "DELETE", sweeping=_everywhere(statement.tree.get("whereClause")))


def _truncate(statement: Statement) -> Iterator[Operation]:
    how = "TRUNCATE … CASCADE" if statement.tree.get("behavior") == "DROP_CASCADE" else "TRUNCATE"
    for each in statement.tree.get("relations", ()):
        yield Operation(Verb.DELETE, relation(each["RangeVar"]), statement, how, sweeping=True)


def _merge(statement: Statement) -> Iterator[Operation]:
    table = relation(statement.tree.get("relation", {}))
    clauses = [each["MergeWhenClause"] for each in statement.tree.get("mergeWhenClauses", ())]
    for clause in clauses:
        if verb := _MERGE.get(str(clause.get("commandType", ""))):
            yield Operation(verb, table, statement, f"MERGE … {verb.name}", columns=_targets(clause))


def _copy(statement: Statement) -> Iterator[Operation]:
    if statement.tree.get("is_from"):
        yield Operation(Verb.INSERT, relation(statement.tree.get("relation", {})), statement, "COPY")


READINGS: Mapping[str, Reading] = {
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "TruncateStmt": _truncate,
    "MergeStmt": _merge,
    "CopyStmt": _copy,
}
"""By the parser's kind of statement."""
