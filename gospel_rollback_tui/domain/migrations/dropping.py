"""What DROP takes away."""

from collections.abc import Iterator, Mapping

from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import Thing, kind_of, named


def _drop(statement: Statement) -> Iterator[Operation]:
    kind = kind_of(str(statement.tree.get("removeType", "")))
    cascade = statement.tree.get("behavior") == "DROP_CASCADE"
    for each in statement.tree.get("objects", ()):
        yield Operation(Verb.DROP, named(each, kind), statement, f"DROP {kind.upper()}{' … CASCADE' if cascade else ''}", sweeping=cascade)


def _drop_database(statement: Statement) -> Iterator[Operation]:
    yield Operation(Verb.DROP, Thing("database", "", str(statement.tree.get("dbname", ""))), statement, "DROP DATABASE")


def _drop_roles(statement: Statement) -> Iterator[Operation]:
    owned = statement.kind == "DropOwnedStmt"
    for each in statement.tree.get("roles", ()):
        role = Thing("owned" if owned else "role", "", str(each.get("RoleSpec", {}).get("rolename", "")))
        yield Operation(Verb.DROP, role, statement, "DROP OWNED" if owned else "DROP ROLE")


READINGS: Mapping[str, Reading] = {
    "DropStmt": _drop,
    "DropdbStmt": _drop_database,
    "DropOwnedStmt": _drop_roles,
    "DropRoleStmt": _drop_roles,
}
"""By the parser's kind of statement."""
