"""What holds others up, and what takes effect outside a transaction."""

from collections.abc import Iterator

from gospel_rollback_tui.domain.migrations.script import Script
from gospel_rollback_tui.domain.migrations.statements import Statement

_ALTERING = frozenset({"AlterTableStmt", "AlterObjectSchemaStmt", "RenameStmt"})
_TABLES = frozenset({"OBJECT_TABLE", "OBJECT_COLUMN", "OBJECT_TABCONSTRAINT"})
_ALONE = frozenset({"VacuumStmt", "DropdbStmt", "CreatedbStmt", "AlterSystemStmt"})
"""Statements that PostgreSQL refuses to run inside a transaction."""
_ENDINGS = frozenset({"TRANS_STMT_COMMIT", "TRANS_STMT_ROLLBACK"})


def blocking(script: Script) -> Iterator[tuple[Statement, str]]:
    """Yields the statements that wait for every other user of a table and make all later ones wait, with the words why."""
    fresh = {id(step.operation.statement): step.fresh for step in script.steps}
    for statement in script.statements:
        why = _blocks(statement)
        if why and not fresh.get(id(statement), False):
            yield statement, why


def _blocks(statement: Statement) -> str:
    tree = statement.tree
    match statement.kind:
        case kind if kind in _ALTERING:
            about = str(tree.get("objtype") or tree.get("objectType") or tree.get("renameType", ""))
            return "ALTER TABLE locks the table, and every query after it waits" if about in _TABLES else ""
        case "IndexStmt":
            return "" if tree.get("concurrent") else "building an index without CONCURRENTLY stops writes to the table"
        case "ReindexStmt":
            return "" if _option(statement, "concurrently") else "REINDEX without CONCURRENTLY stops writes to the table"
        case "VacuumStmt":
            return "VACUUM FULL rewrites the table under the strongest lock" if _option(statement, "full") else ""
        case "ClusterStmt":
            return "CLUSTER rewrites the table under the strongest lock"
        case "LockStmt":
            return "LOCK TABLE makes others wait"
    return ""


def outside(script: Script) -> Iterator[tuple[Statement, str]]:
    """Yields the statements that take effect even if the file fails later, with the words why."""
    for statement in script.statements:
        if why := _outside(statement):
            yield statement, why


def _outside(statement: Statement) -> str:
    tree = statement.tree
    if statement.kind in ("IndexStmt", "DropStmt") and tree.get("concurrent"):
        return "CONCURRENTLY runs outside a transaction"
    if statement.kind == "ReindexStmt" and _option(statement, "concurrently"):
        return "CONCURRENTLY runs outside a transaction"
    if statement.kind == "AlterTableStmt" and any(_detaches_alone(each["AlterTableCmd"]) for each in tree.get("cmds", ())):
        return "CONCURRENTLY runs outside a transaction"
    if statement.kind == "AlterEnumStmt" and "oldVal" not in tree:
        return "a new enum value takes effect by itself"
    if statement.kind == "TransactionStmt" and tree.get("kind") in _ENDINGS:
        return "the file ends its transaction by itself"
    return f"{statement.text.split(maxsplit=1)[0].upper()} runs outside a transaction" if statement.kind in _ALONE else ""


def _detaches_alone(command: dict[str, object]) -> bool:
    part = command.get("def")
    inner = part.get("PartitionCmd") if isinstance(part, dict) else None
    return isinstance(inner, dict) and bool(inner.get("concurrent"))


def _option(statement: Statement, name: str) -> bool:
    listed = statement.tree.get("options", statement.tree.get("params", ()))
    return any(each["DefElem"].get("defname") == name for each in listed)
