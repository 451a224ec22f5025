"""The bodies of DO blocks and functions: the SQL that they run, and what they do besides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gospel_rollback_tui.domain.migrations.parsing import ParserRefuses, Tree, parse_body, parse_sql

_ERROR = 21
"""PostgreSQL's level of RAISE EXCEPTION; everything below is a message."""
_STATEMENT, _EXPRESSION = 0, 2
"""How PL/pgSQL reads an embedded text; above 2 are assignments."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """One thing that a body does."""

    kind: str
    """`sql` (a text of SQL), `tree` (a parsed statement), `TransactionStmt`, `Raise`, `Dynamic` or `Opaque`."""
    text: str
    line: int
    """Lines below the first line of the statement that holds the body; -1: nobody knows."""
    tree: Tree = field(default_factory=dict)


def embedded(kind: str, tree: Tree, text: str) -> Iterator[Embedded]:
    """Yields what the body of a DO or CREATE FUNCTION statement does, in its order; `text` is the statement as written."""
    options = tree.get("args" if kind == "DoStmt" else "options", ())
    language = _option(options, "language") or ("plpgsql" if kind == "DoStmt" else "sql")
    body = _option(options, "as")
    start = text.find(body) if body else -1
    above = text.count("\n", 0, start) if start >= 0 else -1
    if "sql_body" in tree:
        yield from (Embedded("tree", text, -1, each) for each in _atomic(tree["sql_body"]))
    elif language.lower() == "sql":
        yield Embedded("sql", body, above)
    elif language.lower() == "plpgsql":
        yield from _procedural(text, above)
    else:
        yield Embedded("Opaque", text, 0, {"words": f"a body in {language}"})


def _option(options: object, name: str) -> str:
    """Returns a text among a statement's options; of several parts, the first."""
    for option in options if isinstance(options, list | tuple) else ():
        element = option["DefElem"]
        if element.get("defname") == name:
            value = element.get("arg", {})
            value = value["List"]["items"][0] if "List" in value else value
            return str(value.get("String", {}).get("sval", ""))
    return ""


def _atomic(node: Any) -> Iterator[Tree]:  # noqa: ANN401  a node of the parser
    """Yields the statements of a body in standard SQL, which the parser reads along with the function."""
    if isinstance(node, list):
        for each in node:
            yield from _atomic(each)
    elif isinstance(node, dict) and "List" in node:
        yield from _atomic(node["List"]["items"])
    elif isinstance(node, dict):
        yield node


def _procedural(text: str, above: int) -> Iterator[Embedded]:
    try:
        trees = parse_body(text)
    except ParserRefuses as refusal:
        yield Embedded("Opaque", text, 0, {"words": refusal.words})
        return
    for each in trees:
        yield from _walk(each, 1, above, handler=False)


def _walk(node: Any, line: int, above: int, *, handler: bool) -> Iterator[Embedded]:  # noqa: ANN401  a node of the parser
    """Yields what happens below a node; `line` is the last line told, and `handler` that an error has already happened."""
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, line, above, handler=handler)
    if not isinstance(node, dict):
        return
    line = node.get("lineno", line)
    for key, value in sorted(node.items(), key=lambda item: item[0] != "query"):  # a loop asks before it runs its body
        told = value.get("lineno", line) if isinstance(value, dict) else line
        place = above + told - 1 if above >= 0 else -1
        if key == "PLpgSQL_expr":
            yield from _expression(value, place)
        elif key == "PLpgSQL_stmt_raise" and value.get("elog_level", _ERROR) >= _ERROR and not handler:
            yield Embedded("Raise", f"RAISE EXCEPTION {value.get('message', '')!r}", place)
        elif key in ("PLpgSQL_stmt_commit", "PLpgSQL_stmt_rollback"):
            word = key.rpartition("_")[2].upper()
            yield Embedded("tree", word, place, {"TransactionStmt": {"kind": f"TRANS_STMT_{word}"}})
        elif key in ("PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors") and isinstance(value.get("query"), Mapping):
            yield from _dynamic(value["query"], place)
            yield from _walk({name: part for name, part in value.items() if name != "query"}, told, above, handler=handler)
        elif key == "dynquery":
            yield from _dynamic(value, place)
        else:
            yield from _walk(value, told, above, handler=handler or key == "PLpgSQL_exception_block")


def _expression(expression: Mapping[str, Any], place: int) -> Iterator[Embedded]:
    """Yields an embedded text: SQL as it is, an expression as the query that would compute it."""
    query, mode = str(expression.get("query", "")), expression.get("parseMode", _STATEMENT)
    if mode == _STATEMENT:
        yield Embedded("sql", query, place)
        return
    if mode > _EXPRESSION:
        query = query.partition("=")[2]
    try:
        trees = parse_sql(f"SELECT {query}")
    except ParserRefuses:  # a slice or a type's own syntax on the left: it computes, and runs no statement
        return
    for each in trees:
        yield Embedded("tree", query, place, {"Computes": each})


def _dynamic(query: Mapping[str, Any], place: int) -> Iterator[Embedded]:
    """Yields SQL that is run from a text: read if the text is a constant, and unknown if it is made while it runs."""
    text = str(query.get("PLpgSQL_expr", {}).get("query", ""))
    try:
        target = parse_sql(f"SELECT {text}")[0]["stmt"]["SelectStmt"]["targetList"][0]["ResTarget"]["val"]
        yield Embedded("sql", target["A_Const"]["sval"]["sval"], place)
    except (ParserRefuses, KeyError, IndexError):
        yield Embedded("Dynamic", f"EXECUTE {text}", place)
