"""A text of SQL as statements, with those that it runs through PL/pgSQL bodies, common table expressions and its own functions."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from gospel_rollback_tui.domain.migrations.bodies import Embedded, embedded
from gospel_rollback_tui.domain.migrations.parsing import ParserRefuses, Tree, parse_sql

_BEFORE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
"""White space and comments before a statement; they take no part in judging it."""
_CARRIERS = frozenset(
    {"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "CopyStmt", "CreateTableAsStmt", "ExplainStmt", "DeclareCursorStmt"}
)
"""Statements that may carry writes in a common table expression or a query."""
_WRITES = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})


class SqlUnreadable(Exception):
    """A text is not SQL that PostgreSQL reads."""

    def __init__(self, line: int, words: str) -> None:
        """Keeps the 1-based line and the parser's words."""
        super().__init__(f"line {line}: {words}")
        self.line = line
        self.words = words


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement."""

    kind: str
    """The parser's name of it, e.g. `DropStmt`; or what a body does that is no SQL: `Raise` (it ends with an error), `Dynamic`
    (SQL that is made while it runs), `Opaque` (a body that cannot be read)."""
    tree: Tree
    """Its fields as the parser names them."""
    text: str
    """As written, without comments before it."""
    line: int
    """1-based line of its first word in the file."""
    known: frozenset[str] = frozenset()
    """Functions that the same text creates, so that what they do is read with it."""


def statements(sql: str) -> tuple[Statement, ...]:
    """Returns the statements of a text in their order, each before what it runs; raises SqlUnreadable.

    Read too: the bodies of DO blocks, writes inside WITH, the parts of CREATE SCHEMA, and the body of a function that the
    text both creates and calls. A function that is only created does nothing yet.
    """
    written = _written(sql)
    functions = {_last(each.tree.get("funcname")): each for each in written if each.kind == "CreateFunctionStmt"}
    found: list[Statement] = []
    for each in written:
        found.append(each)
        found += _run_by(each, functions, frozenset())
    known = frozenset(functions)
    return tuple(replace(each, known=known) for each in found) if known else tuple(found)


def called(tree: object) -> Iterator[tuple[str, ...]]:
    """Yields the names of the functions that a tree calls, each as its parts."""
    for key, value in _nodes(tree):
        if key in ("FuncCall", "funccall"):
            yield tuple(str(part["String"]["sval"]) for part in value.get("funcname", ()))


def _written(sql: str) -> list[Statement]:
    try:
        trees = parse_sql(sql)
    except ParserRefuses as refusal:
        raise SqlUnreadable(sql.count("\n", 0, max(refusal.position - 1, 0)) + 1, refusal.words) from None
    raw = sql.encode()
    found = []
    line, counted = 1, 0
    for each in trees:
        start = int(each.get("stmt_location", 0))
        length = int(each.get("stmt_len", 0)) or len(raw) - start
        text = raw[start : start + length].decode()
        skipped = _skipped(text)
        first = start + len(text[:skipped].encode())
        line += raw.count(b"\n", counted, first)
        counted = first
        kind, tree = next(iter(each["stmt"].items()))
        found.append(Statement(kind, tree, text[skipped:].rstrip(), line))
    return found


def _skipped(text: str) -> int:
    match = _BEFORE.match(text)
    return match.end() if match else 0


def _run_by(statement: Statement, functions: dict[str, Statement], inside: frozenset[str]) -> Iterator[Statement]:
    """Yields what a statement runs: its own parts, then its body, then the functions of the same file that it calls."""
    yield from _parts(statement)
    if statement.kind == "DoStmt":
        yield from _of_body(statement, functions, inside)
    if statement.kind in ("CreateFunctionStmt", "RuleStmt", "ViewStmt", "CreateTrigStmt", "Raise", "Dynamic", "Opaque"):
        return
    for name in dict.fromkeys(parts[-1] for parts in called(statement.tree) if parts):
        if name in functions and name not in inside:
            yield from _of_body(functions[name], functions, inside | {name})


def _parts(statement: Statement) -> Iterator[Statement]:
    """Yields the writes inside a query, and the statements inside CREATE SCHEMA."""
    if statement.kind == "CreateSchemaStmt":
        for element in statement.tree.get("schemaElts", ()):
            kind, tree = next(iter(element.items()))
            yield Statement(kind, tree, statement.text, statement.line)
    if statement.kind not in _CARRIERS or (statement.kind == "ExplainStmt" and not _analyzes(statement.tree)):
        return
    for key, value in _nodes(statement.tree):
        if key in _WRITES:
            yield Statement(key, value, statement.text, statement.line)


def _analyzes(tree: Tree) -> bool:
    return any(option["DefElem"].get("defname") == "analyze" for option in tree.get("options", ()))


def _of_body(statement: Statement, functions: dict[str, Statement], inside: frozenset[str]) -> Iterator[Statement]:
    for piece in embedded(statement.kind, statement.tree, statement.text):
        line = statement.line + piece.line if piece.line >= 0 else statement.line
        for each in _of_piece(piece, line):
            yield each
            yield from _run_by(each, functions, inside)


def _of_piece(piece: Embedded, line: int) -> Iterator[Statement]:
    if piece.kind == "tree":
        kind, tree = next(iter(piece.tree.items()))
        yield Statement(kind, tree, piece.text, line)
    elif piece.kind != "sql":
        yield Statement(piece.kind, piece.tree, piece.text, line)
    else:
        try:
            inner = _written(piece.text)
        except SqlUnreadable as error:
            yield Statement("Opaque", {"words": error.words}, piece.text, line)
        else:
            for each in inner:
                yield Statement(each.kind, each.tree, each.text, line + each.line - 1)


def _nodes(tree: object) -> Iterator[tuple[str, Any]]:
    """Yields every named node below a tree, outer ones first; without recursion, as trees may be deep."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            for key, value in node.items():
                if isinstance(value, dict):
                    yield key, value
            waiting.extend(reversed(list(node.values())))


def _last(names: object) -> str:
    return str(names[-1]["String"]["sval"]) if isinstance(names, list) and names else ""
