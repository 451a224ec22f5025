"""Where the operator stands in a list of pods that changes under the cursor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from gospel_rollback_tui.domain.pod_order import Entry, Grouping, Order, PodGroup, PodView, arranged

if TYPE_CHECKING:  # the first paint waits for none of them
    from enum import Enum

    from gospel_rollback_tui.domain.snapshots import PodRow

    E = TypeVar("E", bound=Enum)


class PodList:
    """A view of the pods with a cursor on one of them.

    The cursor stays on its pod wherever the pod moves; when the pod is gone, on the line where it stood. The window
    moves only as far as the cursor needs it.
    """

    def __init__(self) -> None:
        """Begins above the first line, with failing pods first."""
        self.view = PodView()
        self.first = 0
        """The first entry that is seen."""
        self._cursor = 0
        self._uid = ""
        """The pod under the cursor; empty: the cursor follows its line, so that what starts to fail comes under it."""
        self._rows: tuple[PodRow, ...] = ()
        self._further: tuple[PodRow, ...] = ()
        self._entries: tuple[Entry, ...] = ()
        self._made_with: PodView | None = None

    @property
    def cursor(self) -> int:
        """The entry under the cursor."""
        return self._cursor

    @property
    def total(self) -> int:
        """How many pods there are, listed or not."""
        return len(self._rows) + len(self._further)

    @property
    def listed(self) -> int:
        """How many pods are listed."""
        return sum(not isinstance(entry, PodGroup) for entry in self._entries)

    @property
    def chosen(self) -> PodRow | None:
        """The pod under the cursor; None: a heading, or nothing is listed."""
        entry = self._entries[self._cursor] if self._cursor < len(self._entries) else None
        return None if entry is None or isinstance(entry, PodGroup) else entry

    def take(self, rows: tuple[PodRow, ...], further: tuple[PodRow, ...] = (), *, several: bool = False) -> None:
        """Takes the present pods of the services and of further namespaces; the same tuples again cost nothing.

        `several` says whether further namespaces are watched, whatever they hold.
        """
        if several != self.view.several:
            self.view = replace(self.view, several=several)
        if rows is self._rows and further is self._further and self._made_with == self.view:
            return
        self._rows, self._further, self._made_with = rows, further, self.view
        self._entries = arranged((*rows, *further) if further else rows, self.view)
        if self._uid:
            found = next((index for index, entry in enumerate(self._entries) if not isinstance(entry, PodGroup) and entry.uid == self._uid), None)
            self._cursor = self._cursor if found is None else found
        self._hold()

    def seen(self, height: int) -> tuple[tuple[int, Entry], ...]:
        """Returns the entries in a window of that height, each with its number, the cursor among them."""
        if self._cursor < self.first:
            self.first = self._cursor
        elif self._cursor >= self.first + height:
            self.first = self._cursor - height + 1
        self.first = max(0, min(self.first, len(self._entries) - height))
        return tuple(enumerate(self._entries[self.first : self.first + height], self.first))

    def move(self, lines: int) -> None:
        """Moves the cursor; on the first line it follows the line again instead of a pod."""
        self._cursor += lines
        self._hold()
        row = self.chosen
        self._uid = row.uid if row is not None and self._cursor > 0 else ""

    def next_order(self) -> None:
        """Orders by the next thing there is."""
        self._show(replace(self.view, order=_next(self.view.order)))

    def next_grouping(self) -> None:
        """Groups by the next thing there is."""
        grouping = _next(self.view.grouping)
        if grouping is Grouping.NAMESPACE and not self.view.several:
            grouping = _next(grouping)
        self._show(replace(self.view, grouping=grouping))

    def toggle_failing(self) -> None:
        """Lists only what is not ready, or everything again."""
        self._show(replace(self.view, failing_only=not self.view.failing_only))

    def find(self, needle: str) -> None:
        """Lists only pods that hold the text; empty: all."""
        self._show(replace(self.view, needle=needle))

    def _show(self, view: PodView) -> None:
        self.view = view
        self.take(self._rows, self._further, several=view.several)

    def _hold(self) -> None:
        self._cursor = max(0, min(self._cursor, len(self._entries) - 1))


def words(view: PodView) -> str:
    """Returns how the list is made, e.g. `failing first, by ReplicaSet, only what is not ready`."""
    order = "" if view.order is Order.FAILING else view.order.value
    grouping = "" if view.grouping is Grouping.NOTHING else f"grouped {view.grouping.value}"
    return ", ".join(part for part in (order, grouping, "only what is not ready" if view.failing_only else "") if part)


def _next(value: E) -> E:
    every = list(type(value))
    return every[(every.index(value) + 1) % len(every)]
