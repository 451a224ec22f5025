"""What CREATE makes."""

from collections.abc import Iterator, Mapping
from typing import Any

from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import Thing, inside, kind_of, named, parts_of, relation


def columns_in(node: Any) -> frozenset[str]:  # noqa: ANN401  a node of the parser
    """Returns the columns that an expression mentions."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting.extend(each)
        elif isinstance(each, dict):
            if "ColumnRef" in each:
                found.update(parts_of(each["ColumnRef"].get("fields"))[-1:])
            waiting.extend(each.values())
    return frozenset(found)


def _table(statement: Statement) -> Iterator[Operation]:
    tree = statement.tree.get("base", statement.tree) if statement.kind == "CreateForeignTableStmt" else statement.tree
    names = frozenset(str(each["ColumnDef"].get("colname", "")) for each in tree.get("tableElts", ()) if "ColumnDef" in each)
    yield Operation(Verb.CREATE, relation(tree.get("relation", {})), statement, "CREATE TABLE", columns=names, tree=tree)


def _table_as(statement: Statement) -> Iterator[Operation]:
    kind = kind_of(str(statement.tree.get("objtype", "")))
    yield Operation(Verb.CREATE, relation(statement.tree.get("into", {}).get("rel", {}), kind), statement, f"CREATE {kind.upper()} AS")


def _view(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, relation(statement.tree.get("view", {}), "view"))


def _index(statement: Statement) -> Iterator[Operation]:
    table = relation(statement.tree.get("relation", {}))
    elements = [each["IndexElem"] for key in ("indexParams", "indexIncludingParams") for each in statement.tree.get(key, ())]
    covered = frozenset(str(each["name"]) for each in elements if "name" in each) | columns_in(elements) | columns_in(statement.tree.get("whereClause"))
    how = "CREATE UNIQUE INDEX" if statement.tree.get("unique") else "CREATE INDEX"
    yield Operation(Verb.CREATE, inside(table, "index", str(statement.tree.get("idxname", ""))), statement, how, columns=covered, tree=statement.tree)


def _sequence(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, relation(statement.tree.get("sequence", {}), "sequence"))


def _composite(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, relation(statement.tree.get("typevar", {}), "type"))


def _type(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, named(statement.tree.get("typeName", statement.tree.get("domainname")), "type"))


def _define(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, named(statement.tree.get("defnames"), kind_of(str(statement.tree.get("kind", "statistics")))))


def _function(statement: Statement) -> Iterator[Operation]:
    yield _made(statement, named(statement.tree.get("funcname"), "function"))


def _on_table(statement: Statement) -> Iterator[Operation]:
    """Reads a trigger, a policy or a rule: each may change what statements on its table do."""
    kind, name = {"CreateTrigStmt": ("trigger", "trigname"), "CreatePolicyStmt": ("policy", "policy_name"), "RuleStmt": ("rule", "rulename")}[statement.kind]
    table = relation(statement.tree.get("table", statement.tree.get("relation", {})))
    yield _made(statement, inside(table, kind, str(statement.tree.get(name, ""))))


def _plain(statement: Statement) -> Iterator[Operation]:
    """Reads what has a name of its own and nothing else that counts."""
    kind, name = {
        "CreateSchemaStmt": ("schema", "schemaname"),
        "CreateExtensionStmt": ("extension", "extname"),
        "CreateRoleStmt": ("role", "role"),
        "CreatedbStmt": ("database", "dbname"),
        "CreatePublicationStmt": ("publication", "pubname"),
    }[statement.kind]
    yield _made(statement, Thing(kind, "", str(statement.tree.get(name, ""))))


def _made(statement: Statement, thing: Thing) -> Operation:
    replaces = bool(statement.tree.get("replace"))
    how = f"CREATE {'OR REPLACE ' if replaces else ''}{thing.kind.upper()}"
    return Operation(Verb.REPLACE if replaces else Verb.CREATE, thing, statement, how, tree=statement.tree)


READINGS: Mapping[str, Reading] = {
    "CreateStmt": _table,
    "CreateForeignTableStmt": _table,
    "CreateTableAsStmt": _table_as,
    "ViewStmt": _view,
    "IndexStmt": _index,
    "CreateSeqStmt": _sequence,
    "CompositeTypeStmt": _composite,
    "CreateEnumStmt": _type,
    "CreateRangeStmt": _type,
    "CreateDomainStmt": _type,
    "DefineStmt": _define,
    "CreateStatsStmt": _define,
    "CreateFunctionStmt": _function,
    "CreateTrigStmt": _on_table,
    "CreatePolicyStmt": _on_table,
    "RuleStmt": _on_table,
    "CreateSchemaStmt": _plain,
    "CreateExtensionStmt": _plain,
    "CreateRoleStmt": _plain,
    "CreatedbStmt": _plain,
    "CreatePublicationStmt": _plain,
}
"""By the parser's kind of statement."""
