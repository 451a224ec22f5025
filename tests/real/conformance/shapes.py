"""The shape of a request: what is left of it without names and values, so that two requests of one kind are equal."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.drill.kubernetes.documents import Json

SHAPES_VARIABLE = "GOSPEL_ROLLBACK_SHAPES"
"""Names the file of the shapes that the cases send; the end-to-end tests send no other."""

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


def shapes_of(records: Iterable[Json]) -> set[Shape]:
    """Returns the shapes of an estate's request log."""
    return {shape_of(one["method"], one["path"], one["query"], one["content_type"]) for one in records}


def write_shapes(file: Path, shapes: Iterable[Shape]) -> None:
    """Writes shapes to a file, one a line, for `read_shapes`."""
    lines = [json.dumps([one.method, one.path, one.query, one.content_type]) + "\n" for one in sorted(shapes)]
    file.write_text("".join(lines), encoding="utf-8")


def read_shapes(file: Path) -> set[Shape]:
    """Returns the shapes that were written to a file; raises OSError where there is none."""
    found = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {Shape(method, path, tuple(query), content_type) for method, path, query, content_type in found}


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
    if "proxy" in rest[2:]:
        rest = [*rest[: rest.index("proxy", 2) + 1], "{path}"]  # what is behind is the service's own
    return "/" + "/".join(head + rest)


def _key(name: str, value: str) -> str:
    if name not in _WITHOUT_VALUES:
        return name
    fields = sorted(part.partition("=")[0].rstrip("!") for part in value.split(",")) if name == "fieldSelector" else []
    return f"{name}({','.join(fields)})" if fields else name
