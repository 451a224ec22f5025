"""Label and field selectors: their text, and whether an object matches."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import bad_request

_SET_TERM = re.compile(r"^\s*([^\s,!=()]+)\s+(in|notin)\s*\(([^()]*)\)\s*$")
_EQUALITY_TERM = re.compile(r"^\s*([^\s,!=()]+)\s*(==|=|!=)\s*([^\s,!=()]*)\s*$")
_EXISTENCE_TERM = re.compile(r"^\s*(!?)\s*([^\s,!=()]+)\s*$")
_TERM_BREAK = re.compile(r",(?![^(]*\))")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One term: a key, an operator of `In NotIn Exists DoesNotExist`, and values."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether labels satisfy the term."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


def parse_labels(text: str) -> tuple[Requirement, ...]:
    """Read a label selector.

    Raises:
        ApiError: 400, the text is none.
    """
    return tuple(_requirement(term, text) for term in _TERM_BREAK.split(text) if term.strip())


def _requirement(term: str, whole: str) -> Requirement:
    if found := _SET_TERM.match(term):
        values = frozenset(value.strip() for value in found[3].split(","))
        return Requirement(found[1], "In" if found[2] == "in" else "NotIn", values)
    if found := _EQUALITY_TERM.match(term):
        return Requirement(found[1], "NotIn" if found[2] == "!=" else "In", frozenset((found[3],)))
    if found := _EXISTENCE_TERM.match(term):
        return Requirement(found[2], "DoesNotExist" if found[1] else "Exists")
    raise bad_request(f"unable to parse requirement: found '{term.strip()}' in \"{whole}\"")


def label_requirements(selector: Json) -> tuple[Requirement, ...]:
    """Read a `metav1.LabelSelector` object."""
    equal = tuple(Requirement(key, "In", frozenset((value,))) for key, value in selector.get("matchLabels", {}).items())
    sets = tuple(Requirement(term["key"], term["operator"], frozenset(term.get("values", ()))) for term in selector.get("matchExpressions", ()))
    return equal + sets


def labels_match(requirements: tuple[Requirement, ...], document: Json) -> bool:
    """Whether an object's labels satisfy every term."""
    labels = document["metadata"].get("labels") or {}
    return all(requirement.holds(labels) for requirement in requirements)


@dataclass(frozen=True, slots=True)
class FieldTerm:
    """One term of a field selector."""

    path: str
    value: str
    equal: bool

    def holds(self, document: Json) -> bool:
        """Whether the object's field has, or has not, the value."""
        return (_field(document, self.path) == self.value) is self.equal


def parse_fields(text: str) -> tuple[FieldTerm, ...]:
    """Read a field selector.

    Raises:
        ApiError: 400, the text is none.
    """
    terms = []
    for term in text.split(","):
        if not term.strip():
            continue
        path, separator, value = term.partition("!=")
        if not separator:
            path, separator, value = term.replace("==", "=", 1).partition("=")
        if not separator:
            raise bad_request(f"invalid selector: '{text}'; can't understand '{term}'")
        terms.append(FieldTerm(path.strip(), value.strip(), "!=" not in term))
    return tuple(terms)


def _field(document: Json, path: str) -> str:
    value: object = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)


def selection(label_selector: str = "", field_selector: str = "", namespace: str = "") -> Callable[[Json], bool]:
    """Return the test for objects of a namespace (all when empty) that both selectors match.

    Raises:
        ApiError: 400, one of the texts is no selector.
    """
    labels = parse_labels(label_selector)
    fields = parse_fields(field_selector)

    def selected(document: Json) -> bool:
        """Return whether the object is in the namespace and both selectors match it."""
        if namespace and document["metadata"].get("namespace") != namespace:
            return False
        return labels_match(labels, document) and all(term.holds(document) for term in fields)

    return selected
