"""Which kind of statement is read how; a kind that is not here cannot be judged, and that is said."""

from collections.abc import Iterator, Mapping

from gospel_rollback_tui.domain.migrations import altering, creating, dropping, running, writing
from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import Thing

_NOTHING = frozenset({
    "AlterDefaultPrivilegesStmt", "AlterExtensionStmt", "AlterFunctionStmt", "AlterObjectDependsStmt", "AlterOperatorStmt", "AlterOwnerStmt",
    "AlterRoleSetStmt", "AlterRoleStmt", "AlterSeqStmt", "AlterStatsStmt", "CheckPointStmt", "ClosePortalStmt", "ClusterStmt", "CommentStmt",
    "Computes", "ConstraintsSetStmt", "DeallocateStmt", "DeclareCursorStmt", "DiscardStmt", "DoStmt", "ExplainStmt",
    "FetchStmt", "GrantRoleStmt", "ListenStmt", "LockStmt", "NotifyStmt", "PrepareStmt", "ReassignOwnedStmt", "RefreshMatViewStmt", "ReindexStmt",
    "SecLabelStmt", "TransactionStmt", "UnlistenStmt", "VacuumStmt", "VariableSetStmt", "VariableShowStmt",
})  # fmt: skip
"""Statements that neither make nor take away an object or a row, or whose parts are read as statements of their own."""
_READINGS: Mapping[str, Reading] = {**creating.READINGS, **dropping.READINGS, **altering.READINGS, **writing.READINGS, **running.READINGS}


def operations(statement: Statement) -> Iterator[Operation]:
    """Yields what a statement does, in its order."""
    reading = _READINGS.get(statement.kind)
    if reading is not None:
        yield from reading(statement)
    elif statement.kind not in _NOTHING:
        yield Operation(Verb.UNKNOWN, Thing("statement", "", statement.kind), statement, "a kind of statement that is not judged here")
