"""What ALTER changes: columns, constraints, names, schemas and types."""

from collections.abc import Iterator, Mapping

from gospel_rollback_tui.domain.migrations.creating import columns_in
from gospel_rollback_tui.domain.migrations.operations import Operation, Reading, Verb
from gospel_rollback_tui.domain.migrations.parsing import Tree
from gospel_rollback_tui.domain.migrations.statements import Statement
from gospel_rollback_tui.domain.migrations.things import INSIDE, Thing, inside, kind_of, named, parts_of, relation

_COLUMN_VERBS = {
    "AT_DropColumn": (Verb.DROP, "DROP COLUMN"),
    "AT_AlterColumnType": (Verb.RETYPE, "ALTER COLUMN TYPE"),
    "AT_SetNotNull": (Verb.REQUIRE, "SET NOT NULL"),
    "AT_DropNotNull": (Verb.ALLOW_NULL, "DROP NOT NULL"),
    "AT_DropIdentity": (Verb.IDENTITY, "DROP IDENTITY"),
    "AT_DropExpression": (Verb.IDENTITY, "DROP EXPRESSION"),
    "AT_SetExpression": (Verb.IDENTITY, "SET EXPRESSION"),
    "AT_AddIdentity": (Verb.IDENTITY, "ADD IDENTITY"),
    "AT_SetIdentity": (Verb.IDENTITY, "SET IDENTITY"),
}
"""What is done to an existing column."""
_RESTRICTIONS = {
    "AT_EnableRowSecurity": "ENABLE ROW LEVEL SECURITY",
    "AT_ForceRowSecurity": "FORCE ROW LEVEL SECURITY",
    "AT_ChangeOwner": "OWNER TO",
    "AT_EnableTrig": "ENABLE TRIGGER",
    "AT_EnableAlwaysTrig": "ENABLE ALWAYS TRIGGER",
    "AT_EnableRule": "ENABLE RULE",
}
"""What may forbid or change what statements on the table do."""


def _table(statement: Statement) -> Iterator[Operation]:
    table = relation(statement.tree.get("relation", {}), kind_of(str(statement.tree.get("objtype", "OBJECT_TABLE"))))
    for each in statement.tree.get("cmds", ()):
        yield _command(statement, table, each["AlterTableCmd"])


def _command(statement: Statement, table: Thing, command: Tree) -> Operation:
    subtype, name = str(command.get("subtype", "")), str(command.get("name", ""))
    definition = command.get("def", {})
    if subtype == "AT_AddColumn":
        column = definition["ColumnDef"]
        return Operation(Verb.CREATE, inside(table, "column", str(column.get("colname", ""))), statement, "ADD COLUMN", tree=column)
    if subtype in _COLUMN_VERBS:
        verb, how = _COLUMN_VERBS[subtype]
        cascade = command.get("behavior") == "DROP_CASCADE"
        return Operation(verb, inside(table, "column", name), statement, how, sweeping=cascade, tree=definition.get("ColumnDef", definition))
    if subtype == "AT_ColumnDefault":
        column_thing = inside(table, "column", name)
        return Operation(Verb.DEFAULT if definition else Verb.UNDEFAULT, column_thing, statement, "SET DEFAULT" if definition else "DROP DEFAULT")
    if subtype == "AT_AddConstraint":
        return _constraint(statement, table, definition["Constraint"])
    if subtype == "AT_DropConstraint":
        return Operation(Verb.DROP, inside(table, "constraint", name), statement, "DROP CONSTRAINT")
    if subtype in ("AT_DetachPartition", "AT_DropInherit"):
        part = relation(definition.get("PartitionCmd", {}).get("name", definition.get("RangeVar", {})))
        return Operation(Verb.DETACH, part, statement, "DETACH PARTITION" if subtype == "AT_DetachPartition" else "NO INHERIT", to=table.name)
    if subtype in _RESTRICTIONS:
        return Operation(Verb.RESTRICT, table, statement, _RESTRICTIONS[subtype])
    return Operation(Verb.NOTHING, table, statement)


def _constraint(statement: Statement, table: Thing, tree: Tree) -> Operation:
    word = str(tree.get("contype", "")).removeprefix("CONSTR_")
    how = {"FOREIGN": "ADD FOREIGN KEY", "PRIMARY": "ADD PRIMARY KEY"}.get(word, f"ADD {word}")
    covered = frozenset(parts_of(tree.get("keys"))) | frozenset(parts_of(tree.get("fk_attrs"))) | columns_in(tree.get("raw_expr"))
    return Operation(Verb.CREATE, inside(table, "constraint", str(tree.get("conname", ""))), statement, how, columns=covered, tree=tree)


def _rename(statement: Statement) -> Iterator[Operation]:
    tree = statement.tree
    kind = kind_of(str(tree.get("renameType", "")))
    if "relation" in tree and kind in INSIDE:
        thing = inside(relation(tree["relation"]), kind, str(tree.get("subname", "")))
    elif "relation" in tree:
        thing = relation(tree["relation"], kind)
    else:
        thing = named(tree["object"], kind) if "object" in tree else Thing(kind, "", str(tree.get("subname", "")))
    yield Operation(Verb.RENAME, thing, statement, f"RENAME {kind.upper()}", to=str(tree.get("newname", "")))


def _move(statement: Statement) -> Iterator[Operation]:
    kind = kind_of(str(statement.tree.get("objectType", "")))
    thing = relation(statement.tree["relation"], kind) if "relation" in statement.tree else named(statement.tree.get("object"), kind)
    yield Operation(Verb.MOVE, thing, statement, "SET SCHEMA", to=str(statement.tree.get("newschema", "")))


def _enum(statement: Statement) -> Iterator[Operation]:
    kind = named(statement.tree.get("typeName"), "type")
    new, old = str(statement.tree.get("newVal", "")), str(statement.tree.get("oldVal", ""))
    if old:
        yield Operation(Verb.RENAME, Thing("enum value", kind.schema, old, kind.name), statement, "RENAME VALUE", to=new)
    else:
        yield Operation(Verb.ADD_VALUE, kind, statement, "ADD VALUE", to=new)


def _domain(statement: Statement) -> Iterator[Operation]:
    tree = statement.tree
    domain = named(tree.get("typeName"), "type")
    match tree.get("subtype"):
        case "C":
            yield _constraint(statement, domain, tree["def"]["Constraint"])
        case "X":
            yield Operation(Verb.DROP, inside(domain, "constraint", str(tree.get("name", ""))), statement, "DROP CONSTRAINT")
        case "O":
            yield Operation(Verb.REQUIRE, domain, statement, "SET NOT NULL")
        case "N":
            yield Operation(Verb.ALLOW_NULL, domain, statement, "DROP NOT NULL")
        case _:
            yield Operation(Verb.NOTHING, domain, statement)


def _grant(statement: Statement) -> Iterator[Operation]:
    verb = Verb.NOTHING if statement.tree.get("is_grant") else Verb.RESTRICT
    yield Operation(verb, Thing("right", "", ""), statement, "REVOKE" if verb is Verb.RESTRICT else "GRANT")


READINGS: Mapping[str, Reading] = {
    "AlterTableStmt": _table,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _move,
    "AlterEnumStmt": _enum,
    "AlterDomainStmt": _domain,
    "GrantStmt": _grant,
}
"""By the parser's kind of statement."""
