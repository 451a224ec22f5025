"""What a column is: its heading, and how its cell is read from a document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.tables.durations import age

Cell: TypeAlias = str | int
CellReader: TypeAlias = Callable[[Json, datetime], Cell]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    read: CellReader
    priority: int = 0
    """0 is always printed, more only in wide output."""
    kind: str = "string"

    def definition(self) -> Json:
        """Return its entry of `columnDefinitions`."""
        form = "name" if self.name == "Name" else ""
        return {"name": self.name, "type": self.kind, "format": form, "description": "", "priority": self.priority}


def field(path: str, missing: Cell = "<none>") -> CellReader:
    """Return a reader of a dotted path."""
    parts = path.split(".")

    def read(document: Json, _now: datetime) -> Cell:
        """Return what stands at the path, or the word for what is missing."""
        value: object = document
        for part in parts:
            value = value.get(part) if isinstance(value, dict) else None
        return value if isinstance(value, str | int) and value != "" else missing

    return read


def age_cell(document: Json, now: datetime) -> Cell:
    """Read the age of an object."""
    return age(document["metadata"].get("creationTimestamp"), now)


def template_containers(document: Json, _now: datetime) -> Cell:
    """Read the names of the containers of a pod template."""
    return ",".join(container["name"] for container in _containers(document))


def template_images(document: Json, _now: datetime) -> Cell:
    """Read the images of the containers of a pod template."""
    return ",".join(container["image"] for container in _containers(document))


def selector_cell(document: Json, _now: datetime) -> Cell:
    """Read a label selector in its text form."""
    selector = document.get("spec", {}).get("selector") or {}
    labels = selector.get("matchLabels", selector)
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()) if isinstance(value, str)) or "<none>"


def _containers(document: Json) -> list[Json]:
    spec = document["spec"]
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    containers: list[Json] = spec.get("template", {}).get("spec", {}).get("containers", [])
    return containers


NAME = Column("Name", field("metadata.name"))
AGE = Column("Age", age_cell)
TEMPLATE = (Column("Containers", template_containers, 1), Column("Images", template_images, 1))
SELECTOR = Column("Selector", selector_cell, 1)
