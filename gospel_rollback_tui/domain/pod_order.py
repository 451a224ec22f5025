"""Thousands of pods as a list one can find something in: filtered, ordered, grouped, failing ones first unless asked otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from gospel_rollback_tui.domain.health import Verdict

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import PodRow


class Order(Enum):
    """What decides which pod stands above another; the value is the word shown."""

    FAILING = "failing first"
    RESTARTS = "most restarts first"
    NEWEST = "newest first"
    NAME = "by name"
    NODE = "by node"


class Grouping(Enum):
    """What pods are kept together by; the value is the word shown."""

    NOTHING = ""
    SERVICE = "by service"
    REPLICA_SET = "by ReplicaSet"
    NODE = "by node"
    NAMESPACE = "by namespace"
    """Only where pods of more than one are listed."""


@dataclass(frozen=True, slots=True)
class PodView:
    """Which pods are listed, and how."""

    order: Order = Order.FAILING
    grouping: Grouping = Grouping.NOTHING
    failing_only: bool = False
    """Leaves out what is ready."""
    needle: str = ""
    """Keeps only pods that hold this text in name, state, image, node, service, or namespace where there are several; case does not count."""
    several: bool = False
    """Whether pods of more than one namespace are listed."""


@dataclass(frozen=True, slots=True)
class PodGroup:
    """The heading of pods that are kept together."""

    name: str
    pods: int
    ready: int
    failing: int
    namespaces: tuple[str, ...] = ()
    """Those that its pods live in, where there are several."""


Entry: TypeAlias = "PodGroup | PodRow"


def arranged(rows: Iterable[PodRow], view: PodView) -> tuple[Entry, ...]:
    """Returns the pods that the view lists, in its order, each group behind its heading.

    A group's counts are those of every pod that it has, listed or not. Groups with failing pods come first.
    """
    every = list(rows)
    whole = not view.failing_only and not view.needle
    listed = sorted(every if whole else (row for row in every if _listed(row, view)), key=_KEYS[view.order])
    if view.grouping is Grouping.NOTHING:
        return tuple(listed)
    groups: dict[str, list[PodRow]] = {}
    for row in listed:
        groups.setdefault(_group_of(row, view.grouping), []).append(row)
    totals: dict[str, list[PodRow]] = {}
    for row in every:
        totals.setdefault(_group_of(row, view.grouping), []).append(row)
    headings = [_heading(name, totals[name], several=view.several) for name in groups]
    headings.sort(key=lambda heading: (not heading.failing, heading.name))
    made: list[Entry] = []
    for heading in headings:
        made += [heading, *groups[heading.name]]
    return tuple(made)


def _listed(row: PodRow, view: PodView) -> bool:
    if view.failing_only and _well(row):
        return False
    needle = view.needle.lower()
    if not needle:
        return True
    place = f"{row.namespace} " if view.several else ""
    return needle in f"{place}{row.service} {row.name} {row.state} {row.image} {row.node}".lower()


def _well(row: PodRow) -> bool:
    """Whether a pod is ready, or has done what it was there for."""
    return (row.ready or row.verdict is Verdict.GOOD) and not row.leaving


def _group_of(row: PodRow, grouping: Grouping) -> str:
    if grouping is Grouping.NAMESPACE:
        return row.namespace
    if grouping is Grouping.NODE:
        return row.node or "no node yet"
    if not row.service:
        owner = row.pod.owner_name if row.pod is not None and grouping is Grouping.REPLICA_SET else ""
        return f"{row.namespace} · {owner or 'none of the services'}"
    if grouping is Grouping.SERVICE:
        return row.service
    revision = "revision unknown" if row.revision is None else f"revision {row.revision}{', current' if row.newest else ''}"
    return f"{row.service} {row.template_hash} · {revision}" if row.template_hash else f"{row.service} · {revision}"


def _heading(name: str, rows: Sequence[PodRow], *, several: bool) -> PodGroup:
    ready = sum(map(_well, rows))
    namespaces = tuple(sorted({row.namespace for row in rows})) if several else ()
    return PodGroup(name, len(rows), ready, sum(row.verdict is Verdict.BAD for row in rows), namespaces)


def urgency(row: PodRow) -> tuple[int, int, float]:
    """Returns the rank of a pod among others: failing first, then starting, then leaving, then ready.

    Of each the services' own stand before those of further namespaces, and the newest first.
    """
    order = 0 if row.verdict is Verdict.BAD else 4 if row.leaving else 6 if row.ready or row.verdict is Verdict.GOOD else 2
    return order if row.service else order + 1, 0 if row.newest is not False else 1, -row.created


_KEYS: dict[Order, Callable[[PodRow], tuple[object, ...]]] = {
    Order.FAILING: lambda row: (*urgency(row), row.name),
    Order.RESTARTS: lambda row: (-row.restarts, *urgency(row), row.name),
    Order.NEWEST: lambda row: (-row.created, row.name),
    Order.NAME: lambda row: (not row.service, row.service or row.namespace, row.name),
    Order.NODE: lambda row: (row.node, *urgency(row), row.name),
}
