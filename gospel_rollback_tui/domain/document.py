"""A YAML text as nodes that know their line, so that every complaint can say file, line and key."""

from dataclasses import dataclass

import yaml

from gospel_rollback_tui.domain.text import clean

LARGEST = 1_000_000
"""Bytes of the largest file that is read: a hand-written one stays far below."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's parser where PyYAML was built with it: ten times as fast."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something wrong in a file."""

    file: str
    line: int
    """1 for the first; 0: the file as a whole."""
    text: str

    def __str__(self) -> str:
        """Returns `file:line: text`, the form editors jump to."""
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


def compose(content: bytes, file: str) -> yaml.Node | Problem:
    """Returns the root node of a YAML text, or what keeps it from being one; nothing in it is executed or constructed."""
    if len(content) > LARGEST:
        return Problem(file, 0, f"is {len(content)} bytes long; at most {LARGEST} are read")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(file, line, "is not UTF-8 text here; save the file as UTF-8")
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        begins_with_tab = text.splitlines()[line : line + 1] and text.splitlines()[line].lstrip(" ").startswith("\t")
        hint = "; indent with blanks, not tabs" if begins_with_tab else ""
        return Problem(file, line + 1, clean(f"is not YAML: {error.problem or error.context}{hint}", 400))
    except yaml.YAMLError as error:
        return Problem(file, 0, clean(f"is not YAML: {str(error).splitlines()[0]}", 400))
    if node is None:
        return Problem(file, 0, "is empty")
    return node


def line_of(node: yaml.Node) -> int:
    """Returns the line on which a node begins, 1 for the first."""
    return int(node.start_mark.line) + 1


def kind_of(node: yaml.Node) -> str:
    """Returns what a node is, in words for a complaint: `a list`, `a mapping`, `nothing`, `the number 5`."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    kind = str(node.tag).rpartition(":")[2]
    if kind == "null":
        return "nothing"
    words = {"int": "the number", "float": "the number", "bool": "the truth value", "timestamp": "the date", "str": "the text"}
    return f"{words.get(kind, kind)} {node.value!r}" if kind == "str" else f"{words.get(kind, kind)} {node.value}"
