"""What a mapping in a file may say: tables of keys, and the reader that holds a file against them.

A table is the one place where a key is declared: with its kind, and with the words that explain it.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import yaml

from gospel_rollback_tui.domain.document import Problem, kind_of, line_of
from gospel_rollback_tui.domain.text import clean

_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smh])")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_ROUGH_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hr|hrs|hours?)", re.IGNORECASE)


MANY = 40
"""Known words beyond which a list of them helps nobody."""


class Kind(Enum):
    """What may stand behind a key; the value says how a complaint names it."""

    TEXT = "a text"
    FLAG = "true or false"
    COUNT = "a whole number"
    NUMBER = "a number"
    DURATION = "a duration such as 45s, 15m or 2h"
    URL = "a URL with http:// or https://"
    PATTERN = "a regular expression"
    CHOICE = "one of a few words"
    TEXTS = "a list of texts"
    PAIRS = "a mapping of names to texts"
    DURATIONS = "a mapping of names to durations"
    FLAGS = "a mapping of names to true or false"
    SECTION = "a mapping"
    SECTIONS = "a list of mappings"
    TABLE = "a mapping of names to mappings"
    MIXED = "a list of names and mappings"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a mapping."""

    name: str
    kind: Kind
    words: str
    """What it means, for whoever writes the file."""
    required: bool = False
    keys: tuple["Key", ...] = ()
    """What its mapping, or each of its mappings, may say."""
    choices: tuple[str, ...] = ()
    check: Callable[[str], str] | None = None
    """Returns what is wrong with a text, or an empty text."""
    whole: str = ""
    """The word that may stand in the place of a list, e.g. `all`; empty: none may."""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping as it was read; a value that was wrong is absent, as if it had not been written."""

    line: int
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each key that was written, wrong ones included."""

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  a record's values are of many types
        """Returns the value of a key, or the default."""
        return self.values.get(name, default)

    def line_of(self, name: str) -> int:
        """Returns the line of a key, or of the mapping if the key is not there."""
        return self.lines.get(name, self.line)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a list that may also hold mappings, or one entry of a list of texts."""

    line: int
    name: str


def seconds_of(text: str) -> float:
    """Returns the seconds of a duration such as `45s`, `15m` or `2h`; raises ValueError saying what to write."""
    match = _DURATION.fullmatch(text)
    if match:
        return float(match[1]) * _SECONDS[match[2]]
    rough = _ROUGH_DURATION.fullmatch(text)
    if rough:
        unit = rough[2].lower()
        better = f"{float(rough[1]) / 1000:g}s" if unit == "ms" else f"{rough[1]}{unit[0]}"
        raise ValueError(f"write {better}")
    if re.fullmatch(r"\d+(\.\d+)?", text):
        raise ValueError(f"has no unit: write {text}s, {text}m or {text}h")
    raise ValueError("write a number and s, m or h, such as 45s, 15m or 2h")


def nearest(word: str, known: Sequence[str]) -> str:
    """Returns `; write …` with the known word nearest to a mistyped one, or `; known: …` if none is near."""
    near = [other for other in known if len(word) > 1 and other.startswith(word)] or difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"; write {near[0]!r}"
    return f"; known: {', '.join(known)}" if 0 < len(known) <= MANY else ""


class Reader:
    """Reads one file against tables of keys and keeps every complaint, so that one pass tells them all."""

    def __init__(self, file: str) -> None:
        """Starts without complaints."""
        self.file = file
        self.problems: list[Problem] = []

    def fault(self, line: int, text: str) -> None:
        """Keeps a complaint, made harmless: it repeats what stands in the file."""
        self.problems.append(Problem(self.file, line, clean(text, 400)))

    def section(self, node: yaml.Node, keys: Sequence[Key], path: str = "") -> Record:
        """Returns the mapping at a node, held against its table; `path` is how complaints name it."""
        record = Record(line_of(node), {}, {})
        if not isinstance(node, yaml.MappingNode):
            self.fault(line_of(node), f"{path or 'the file'} is {kind_of(node)}; it must be a mapping of keys to values")
            return record
        table = {key.name: key for key in keys}
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for name, line, value in self._entries(node, path):
            lines[name] = line
            key = table.get(name)
            where = f"{path}.{name}" if path else name
            if key is None:
                self.fault(line, f"{where}: unknown key{nearest(name, tuple(table))}")
                continue
            read = self._value(value, key, where)
            if read is not None:
                values[name] = read
        for key in keys:
            if key.required and key.name not in lines:
                self.fault(record.line, f"{path or 'the file'} lacks {key.name!r}: {key.words}")
        return Record(record.line, values, lines)

    def _entries(self, node: yaml.MappingNode, path: str) -> Iterator[tuple[str, int, yaml.Node]]:
        """Yields each key once, with its line and value; a second one of the same name is a complaint."""
        seen: dict[str, int] = {}
        for key_node, value in node.value:
            line = line_of(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self.fault(line, f"{path or 'the file'}: a key must be a plain word, and this is {kind_of(key_node)}")
                continue
            name = str(key_node.value)
            if name in seen:
                where = f"{path}.{name}" if path else name
                self.fault(line, f"{where}: written twice, first in line {seen[name]}; keep one")
                continue
            seen[name] = line
            yield name, line, value

    def _value(self, node: yaml.Node, key: Key, where: str) -> Any:  # noqa: ANN401  one value of the key's kind
        """Returns the value at a node as the key's kind wants it, or None after a complaint."""
        match key.kind:
            case Kind.SECTION:
                return self.section(node, key.keys, where)
            case Kind.TABLE:
                return self._table(node, key, where)
            case Kind.SECTIONS | Kind.MIXED | Kind.TEXTS:
                return self._list(node, key, where)
            case Kind.PAIRS | Kind.DURATIONS | Kind.FLAGS:
                return self._pairs(node, key, where)
            case _:
                return self._scalar(node, key, where)

    def _table(self, node: yaml.Node, key: Key, where: str) -> tuple[tuple[str, Record], ...] | None:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, key, where)
            return None
        return tuple((name, self.section(value, key.keys, f"{where}.{name}")) for name, _, value in self._entries(node, where))

    def _list(self, node: yaml.Node, key: Key, where: str) -> tuple[Any, ...] | None:
        if key.whole and isinstance(node, yaml.ScalarNode) and node.value == key.whole:
            return (Mention(line_of(node), key.whole),)
        if not isinstance(node, yaml.SequenceNode):
            self._wrong(node, key, where)
            return None
        entries: list[Any] = []
        for index, entry in enumerate(node.value):
            place = f"{where}[{index}]"
            if key.kind is Kind.SECTIONS or (key.kind is Kind.MIXED and isinstance(entry, yaml.MappingNode)):
                entries.append(self.section(entry, key.keys, place))
                continue
            text = self._scalar(entry, Key(key.name, Kind.TEXT, key.words, choices=key.choices, check=key.check), place)
            if text is not None:
                entries.append(Mention(line_of(entry), text))
        return tuple(entries)

    def _pairs(self, node: yaml.Node, key: Key, where: str) -> tuple[tuple[str, Any], ...] | None:
        if not isinstance(node, yaml.MappingNode):
            self._wrong(node, key, where)
            return None
        kind = {Kind.DURATIONS: Kind.DURATION, Kind.FLAGS: Kind.FLAG}.get(key.kind, Kind.TEXT)
        pairs: list[tuple[str, Any]] = []
        for name, line, value in self._entries(node, where):
            if key.choices and name not in key.choices:
                self.fault(line, f"{where}.{name}: unknown name{nearest(name, key.choices)}")
                continue
            read = self._scalar(value, Key(name, kind, key.words), f"{where}.{name}")
            if read is not None:
                pairs.append((name, read))
        return tuple(pairs)

    def _scalar(self, node: yaml.Node, key: Key, where: str) -> Any:  # noqa: ANN401  text, truth or number
        if not isinstance(node, yaml.ScalarNode):
            self._wrong(node, key, where)
            return None
        text = str(node.value)
        tag = str(node.tag).rpartition(":")[2]
        if key.kind in (Kind.FLAG, Kind.COUNT, Kind.NUMBER):
            return self._plain(node, key, where)
        if key.kind is Kind.DURATION:
            try:
                return seconds_of(text)
            except ValueError as error:
                self.fault(line_of(node), f"{where}: {text!r} is no duration; {error}")
                return None
        if tag != "str":
            hint = f"; write it in quotes: {text!r}" if text and tag != "null" else f"; write {key.kind.value}"
            self.fault(line_of(node), f"{where} is {kind_of(node)} and must be {key.kind.value}{hint}")
            return None
        complaint = _complaint(text, key)
        if complaint:
            self.fault(line_of(node), f"{where}: {complaint}")
            return None
        return text

    def _plain(self, node: yaml.ScalarNode, key: Key, where: str) -> bool | int | float | None:
        text = str(node.value)
        if key.kind is Kind.FLAG and text in ("true", "false"):
            return text == "true"
        if key.kind is Kind.COUNT and re.fullmatch(r"\d{1,9}", text):
            return int(text)
        if key.kind is Kind.NUMBER and re.fullmatch(r"\d{1,9}(\.\d+)?", text):
            return float(text)
        self._wrong(node, key, where)
        return None

    def _wrong(self, node: yaml.Node, key: Key, where: str) -> None:
        self.fault(line_of(node), f"{where} is {kind_of(node)} and must be {key.kind.value}{f', or the word {key.whole}' if key.whole else ''}")


def _complaint(text: str, key: Key) -> str:
    """Returns what is wrong with a text of the key's kind, or an empty text."""
    if not text.strip():
        return "is empty; write it, or leave the key out"
    if key.choices and text not in key.choices:
        return f"{text!r} is not known{nearest(text, key.choices)}"
    if key.kind is Kind.URL and (complaint := _url_complaint(text)):
        return complaint
    if key.kind is Kind.PATTERN:
        try:
            re.compile(text)
        except re.error as error:
            return f"{text!r} is no regular expression: {error}"
    return key.check(text) if key.check else ""


def _url_complaint(text: str) -> str:
    try:
        parts = urlsplit(text)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        return f"{text!r} is no URL: {error}"
    if parts.scheme not in ("http", "https"):
        return f"{text!r} is no web address; write one that begins with https:// or http://"
    if not host or any(sign.isspace() or not sign.isprintable() for sign in text):
        return f"{text!r} names no host; write a whole address such as https://api.example.com/health"
    if parts.username or parts.password:
        return "holds a user or a password; leave them out: secrets are never written here"
    return ""
