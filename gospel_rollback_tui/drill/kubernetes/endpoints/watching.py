"""Watches: the events of a resource since a version, as lines of JSON."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, compact
from gospel_rollback_tui.drill.kubernetes.endpoints.field_labels import check_field_labels
from gospel_rollback_tui.drill.kubernetes.endpoints.negotiation import Shape
from gospel_rollback_tui.drill.kubernetes.endpoints.representation import shown
from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.kubernetes.selectors import selection
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, FieldError, Subject, expired, invalid
from gospel_rollback_tui.drill.kubernetes.store import Change, ObjectStore

_TICK_SECONDS = 0.5
_BOOKMARK_SECONDS = 60.0
_LAST_SECONDS = 2.0
_SHORTEST_DEFAULT_SECONDS = 1800
_INITIAL_EVENTS_END = {"k8s.io/initial-events-end": "true"}


@dataclass(frozen=True, slots=True)
class Watch:
    """What one watch asks for."""

    resource: ResourceType
    shape: Shape
    selected: Callable[[Json], bool]
    version: int | None
    """Only later changes; `None` sends what is there first."""
    seconds: float
    bookmarks: bool


def read_watch(resource: ResourceType, namespace: str, name: str, query: dict[str, str], shape: Shape) -> Watch:
    """Read the query of a watch.

    Raises:
        ApiError: 400, 422 or, for a version that is no number, 500.
    """
    fields = ",".join(part for part in (query.get("fieldSelector", ""), f"metadata.name={name}" if name else "") if part)
    initial = query.get("sendInitialEvents", "").lower() in ("true", "1")
    if initial and query.get("resourceVersionMatch") != "NotOlderThan":
        text = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
        raise invalid(Subject("ListOptions", "ListOptions", "meta.k8s.io", ""), [FieldError("resourceVersionMatch", "Forbidden", text)])
    text = query.get("resourceVersion", "")
    if text and not text.isdecimal():
        raise ApiError(500, "", f'resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
    version = int(text) if text not in ("", "0") and not initial else None
    bookmarks = query.get("allowWatchBookmarks", "").lower() in ("true", "1")
    wanted_seconds = query.get("timeoutSeconds", "0")
    seconds = float(wanted_seconds) if wanted_seconds.isdecimal() and int(wanted_seconds) else _SHORTEST_DEFAULT_SECONDS * (1 + random.random())  # noqa: S311
    check_field_labels(resource, fields)
    selected = selection(query.get("labelSelector", ""), fields, namespace)
    return Watch(resource, shape, selected, version, seconds, bookmarks)


def watch_events(store: ObjectStore, watch: Watch, clock: Clock, faults: Faults) -> Iterator[bytes | None]:
    """Return the lines of a watch until its time is over; `None` at least twice a second.

    What is there now, and what comes after it, is settled by this call, before the first line
    is asked for.
    """
    ticket = faults.open_watch()
    with store.lock:
        present, version = (store.items(watch.resource), store.version) if watch.version is None else ([], watch.version)
    made = _Lines(watch, clock)
    lines = _living_lines(store, watch, made, present, version)
    return _until_dead(iter((made.too_old(version, store.version),)) if faults.watches_expire else lines, faults, ticket)


def _until_dead(lines: Iterator[bytes | None], faults: Faults, ticket: int) -> Iterator[bytes | None]:
    for line in lines:
        while faults.is_dead(ticket):
            time.sleep(_TICK_SECONDS)
            yield None
        yield line


def _living_lines(store: ObjectStore, watch: Watch, lines: "_Lines", present: list[Json], cursor: int) -> Iterator[bytes | None]:
    deadline = time.monotonic() + watch.seconds
    if watch.version is None:
        for document in present:
            if watch.selected(document):
                yield lines.event("ADDED", document)
        if watch.bookmarks:
            yield lines.bookmark(cursor, _INITIAL_EVENTS_END)
    marked = cursor
    next_bookmark = min(time.monotonic() + _BOOKMARK_SECONDS, deadline - _LAST_SECONDS)
    while (left := deadline - time.monotonic()) > 0:
        newer = store.changes_since(cursor, watch.resource)
        if newer is None:
            yield lines.too_old(cursor, store.oldest_version)
            return
        changes, cursor = newer
        for change in changes:
            event = _event_of(change, watch.selected)
            if event is not None:
                yield lines.event(event, change.last)
        if watch.bookmarks and time.monotonic() >= next_bookmark:
            next_bookmark = min(time.monotonic() + _BOOKMARK_SECONDS, deadline - _LAST_SECONDS)
            if cursor > marked:
                marked = cursor
                yield lines.bookmark(cursor)
        yield None
        store.wait(cursor, min(_TICK_SECONDS, left))


def _event_of(change: Change, selected: Callable[[Json], bool]) -> str | None:
    """Return what a change is to someone who sees only what is selected."""
    before = change.old is not None and selected(change.old)
    after = change.new is not None and selected(change.new)
    if after:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else None


class _Lines:
    """Prints the lines of one watch; a table's columns are sent once."""

    def __init__(self, watch: Watch, clock: Clock) -> None:
        self._watch = watch
        self._clock = clock
        self._columns_sent = False

    def event(self, kind: str, document: Json) -> bytes:
        """Return the line of an event about an object."""
        seen = shown(self._watch.resource, document, self._watch.shape, self._clock.now())
        if self._watch.shape is Shape.TABLE:
            if self._columns_sent:
                seen["columnDefinitions"] = None
            self._columns_sent = True
        return compact({"type": kind, "object": seen}) + b"\n"

    def bookmark(self, version: int, annotations: dict[str, str] | None = None) -> bytes:
        """Return the line that says up to which version everything was sent."""
        metadata: Json = {"resourceVersion": str(version)}
        if annotations:
            metadata["annotations"] = annotations
        resource = self._watch.resource
        marker: Json = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        if resource.kind == "Pod":
            marker |= {"spec": {"containers": None}, "status": {}}
        if self._watch.shape is Shape.TABLE:
            marker = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "columnDefinitions": None, "rows": []}
        return compact({"type": "BOOKMARK", "object": marker}) + b"\n"

    def too_old(self, version: int, oldest: int) -> bytes:
        """Return the line that ends a watch whose history is gone."""
        return compact({"type": "ERROR", "object": expired(f"too old resource version: {version} ({oldest})").status()}) + b"\n"
