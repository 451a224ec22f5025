"""PostgreSQL's own parser behind two typed functions; the binding is loaded when the first text is read."""

from collections.abc import Mapping
from typing import Any

Tree = Mapping[str, Any]
"""A node of the parser: one name, or several fields, and whatever hangs below."""


class ParserRefuses(Exception):
    """The parser does not read the text."""

    def __init__(self, words: str, position: int = 0) -> None:
        """Keeps the parser's words and the 1-based character where it stopped; 0: it does not tell."""
        super().__init__(words)
        self.words = words
        self.position = position


def parse_sql(text: str) -> list[Tree]:
    """Returns the statements of a text as the parser answers: `stmt`, `stmt_location` and `stmt_len`, both in bytes of UTF-8.

    Raises ParserRefuses for everything that PostgreSQL would not read.
    """
    return _parse(text, procedural=False)


def parse_body(text: str) -> list[Tree]:
    """Returns the PL/pgSQL of a DO statement or a CREATE FUNCTION statement; raises ParserRefuses."""
    return _parse(text, procedural=True)


def _parse(text: str, *, procedural: bool) -> list[Tree]:
    import pgparse  # a shared library: loaded by whoever reads SQL, and by nothing else

    if "\0" in text:  # the parser is C and would stop here without a word
        raise ParserRefuses("a zero byte", text.index("\0") + 1)
    try:
        trees: list[Tree] = pgparse.parse_pgsql(text) if procedural else pgparse.parse(text)
    except pgparse.PGQueryError as error:
        raise ParserRefuses(str(error.message), int(error.position)) from None
    except UnicodeEncodeError as error:
        raise ParserRefuses("a character that UTF-8 cannot hold", error.start + 1) from None
    except RecursionError:
        raise ParserRefuses("it is nested too deeply") from None
    return trees
