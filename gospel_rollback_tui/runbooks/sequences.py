"""Writes out the names in a path's steps: shared steps, and groups of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.domain.schema import Mention, Reader, Record, nearest


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared steps and groups that a file's paths may name."""

    steps: Mapping[str, Step | None] = field(default_factory=dict)
    """By id; None: it exists but is broken, and its complaint was made."""
    groups: Mapping[str, tuple[Mention, ...]] = field(default_factory=dict)

    def over(self, base: "Shared") -> "Shared":
        """Returns these and those of `base`, these first."""
        return Shared({**base.steps, **self.steps}, {**base.groups, **self.groups})

    def expand(self, name: str) -> list[Step]:
        """Returns the steps that a name stands for, in order; what is unknown or circular stands for none."""
        return self._expand(name, ())

    def _expand(self, name: str, above: tuple[str, ...]) -> list[Step]:
        if name in self.steps:
            step = self.steps[name]
            return [step] if step else []
        if name in above:
            return []
        return [step for inner in self.groups.get(name, ()) for step in self._expand(inner.name, (*above, name))]

    def knows(self, name: str) -> bool:
        """Returns whether a name stands for a step or a group."""
        return name in self.steps or name in self.groups

    def unknown(self, mention: Mention, place: str, reader: Reader) -> None:
        """Makes the complaint about a name that stands for nothing."""
        known = sorted((*self.steps, *self.groups))
        hint = nearest(mention.name, known) if known else "; there are none"
        reader.fault(mention.line, f"{place}: no shared step or group is called {mention.name!r}{hint}")


def groups_of(records: Iterable[tuple[str, Record]]) -> dict[str, tuple[Mention, ...]]:
    """Returns the groups of a file by name."""
    return {name: record.get("steps", ()) for name, record in records}


def check_groups(own: Mapping[str, tuple[Mention, ...]], shared: Shared, reader: Reader) -> None:
    """Complains about unknown names in a file's own groups, and about groups that hold themselves."""
    circular: set[str] = set()
    for group, mentions in own.items():
        for mention in mentions:
            if not shared.knows(mention.name):
                shared.unknown(mention, f"groups.{group}", reader)
            circle = _circle(mention.name, shared, (group,))
            if circle and not circular & set(circle):
                circular.update(circle)
                reader.fault(mention.line, f"groups.{group}: a cycle: {' → '.join(circle)}")


def _circle(name: str, shared: Shared, above: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the cycle that a name closes with the groups above it, or nothing."""
    if name in above:
        return (*above[above.index(name) :], name)
    if name in shared.steps:
        return ()
    for inner in shared.groups.get(name, ()):
        circle = _circle(inner.name, shared, (*above, name))
        if circle:
            return circle
    return ()
