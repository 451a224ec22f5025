"""The shape of a request: what is left of it without names and values, so that two requests of one kind are equal."""

from collections.abc import Mapping
from dataclasses import dataclass

_WITHOUT_VALUES = ("fieldSelector", "labelSelector")
"""Parameters whose values have a shape of their own: the fields that are selected by."""


@dataclass(frozen=True, slots=True, order=True)
class Shape:
    """Verb, path without names, query keys in order, and the content type of a body."""

    method: str
    path: str
    query: tuple[str, ...] = ()
    content_type: str = ""

    def __str__(self) -> str:
        """Returns the shape as one line."""
        query = f"?{'&'.join(self.query)}" if self.query else ""
        return f"{self.method} {self.path}{query} {self.content_type}".rstrip()


def shape_of(method: str, path: str, query: Mapping[str, str], content_type: str) -> Shape:
    """Returns the shape of a request; the content type of one without a body counts for nothing."""
    has_body = method in {"POST", "PUT", "PATCH"}
    return Shape(
        method, path_shape(path), tuple(sorted(_key(name, value) for name, value in query.items())), content_type.partition(";")[0] if has_body else ""
    )


def path_shape(path: str) -> str:
    """Returns a path of the API with `{namespace}` and `{name}` in place of the names."""
    parts = path.strip("/").split("/")
    start = {"api": 2, "apis": 3}.get(parts[0], len(parts))
    head, rest = parts[:start], parts[start:]
    if len(rest) > 2 and rest[0] == "namespaces":
        head += ["namespaces", "{namespace}"]
        rest = rest[2:]
    if len(rest) > 1:
        rest[1] = "{name}"
    return "/" + "/".join(head + rest)


def _key(name: str, value: str) -> str:
    if name not in _WITHOUT_VALUES:
        return name
    fields = sorted(part.partition("=")[0].rstrip("!") for part in value.split(",")) if name == "fieldSelector" else []
    return f"{name}({','.join(fields)})" if fields else name
