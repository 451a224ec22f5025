"""A text of SQL as statements, those inside PL/pgSQL bodies that it runs included."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.migrations.parsing import ParserRefuses, Tree, parse_sql


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
    """The parser's name of it, e.g. `DropStmt`."""
    tree: Tree
    """Its fields as the parser names them."""
    text: str
    """As written, without comments before it."""
    line: int
    """1-based line of its first word in the file."""


def statements(sql: str) -> tuple[Statement, ...]:
    """Returns the statements of a text in their order; raises SqlUnreadable."""
    try:
        trees = parse_sql(sql)
    except ParserRefuses as refusal:
        raise SqlUnreadable(sql.count("\n", 0, max(refusal.position - 1, 0)) + 1, refusal.words) from None
    return tuple(Statement(next(iter(each["stmt"])), next(iter(each["stmt"].values())), "", 1) for each in trees)
