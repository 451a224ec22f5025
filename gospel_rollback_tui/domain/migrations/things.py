"""What a statement is about: tables, columns, indexes and their kin, by the names in PostgreSQL's parse tree."""

import re
from dataclasses import dataclass
from typing import Any

from gospel_rollback_tui.domain.migrations.parsing import Tree

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")
_KINDS = {
    "FOREIGN_TABLE": "table",
    "MATVIEW": "materialized view",
    "DOMAIN": "type",
    "PROCEDURE": "function",
    "ROUTINE": "function",
    "AGGREGATE": "function",
    "ATTRIBUTE": "column",
    "TABCONSTRAINT": "constraint",
    "DOMCONSTRAINT": "constraint",
    "STATISTIC_EXT": "statistics",
}
INSIDE = frozenset({"column", "constraint", "trigger", "policy", "rule"})
"""Kinds that live inside a table and go with it."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a database."""

    kind: str
    """PostgreSQL's word in lower case: table, column, index, constraint, view, function, type and so on; domains are types,
    procedures functions, and foreign tables tables."""
    schema: str
    """As written; empty: left to the search path."""
    name: str
    """Empty: PostgreSQL chooses it."""
    within: str = ""
    """The table that it belongs to."""

    def same(self, other: "Thing") -> bool:
        """Tells whether both are the same object, as far as it is written: what is left out is taken to fit."""
        return (
            self.kind == other.kind
            and self.name == other.name
            and (not self.schema or not other.schema or self.schema == other.schema)
            and (not self.within or not other.within or self.within == other.within)
        )

    @property
    def table(self) -> "Thing":
        """The table that it belongs to, or itself."""
        return Thing("table", self.schema, self.within) if self.within else self

    @property
    def words(self) -> str:
        """How it is called to an operator, e.g. `column public.orders.tax`."""
        parts = [part for part in (self.schema, self.within, self.name) if part]
        return f"{self.kind} {'.'.join(map(quoted, parts))}" if self.name else f"a {self.kind} of {'.'.join(map(quoted, parts))}"

    @property
    def path(self) -> str:
        """Its own name, or that of its table, as PostgreSQL reads it: with the schema as written, quoted where it must be."""
        return ".".join(quoted(part) for part in (self.schema, self.within or self.name) if part)


def quoted(name: str) -> str:
    """Returns a name as it is written in SQL: in quotes if it is not plain lower case."""
    return name if _PLAIN.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def kind_of(word: str) -> str:
    """Returns the kind behind the parser's word, e.g. `OBJECT_MATVIEW`."""
    bare = word.removeprefix("OBJECT_")
    return _KINDS.get(bare, bare.replace("_", " ").lower())


def relation(node: Tree, kind: str = "table") -> Thing:
    """Returns what a range variable names."""
    schema = "pg_temp" if node.get("relpersistence") == "t" else str(node.get("schemaname", ""))
    return Thing(kind, schema, str(node.get("relname", "")))


def inside(table: Thing, kind: str, name: str) -> Thing:
    """Returns a part of a table."""
    return Thing(kind, table.schema, name, table.name)


def parts_of(node: Any) -> tuple[str, ...]:  # noqa: ANN401  a node of the parser
    """Returns the parts of a name, whatever node carries it; parts that are no names are left out."""
    if isinstance(node, list):
        return tuple(part for each in node for part in parts_of(each))
    if not isinstance(node, dict):
        return ()
    if "sval" in node:
        return (str(node["sval"]),)
    for key in ("String", "List", "TypeName", "ObjectWithArgs", "items", "names", "objname"):
        if key in node:
            return parts_of(node[key])
    return ()


def named(node: Any, kind: str) -> Thing:  # noqa: ANN401  a node of the parser
    """Returns what a possibly qualified name stands for; things inside a table are written after it."""
    parts = parts_of(node)
    if kind in INSIDE:
        parts = ("", "", *parts)
        return Thing(kind, parts[-3], parts[-1], parts[-2])
    parts = ("", *parts) if parts else ("", "")
    return Thing(kind, parts[-2], parts[-1])
