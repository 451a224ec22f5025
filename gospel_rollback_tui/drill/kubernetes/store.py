"""The object store: one version counter, tables of documents, and a bounded history of changes."""

import bisect
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, RLock
from typing import TypeAlias

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json

HISTORY_LENGTH = 20_000

Key: TypeAlias = tuple[str, str]
"""Namespace (empty for cluster-wide objects) and name."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one object, at one version of the store."""

    version: int
    resource: ResourceType
    old: Json | None
    """The document before, `None` when it was created."""
    new: Json | None
    """The document after, `None` when it was deleted."""
    last: Json
    """The document after; of a deleted object the last one, with the version of its deletion."""


Subscriber: TypeAlias = Callable[[Change], None]


class ObjectStore:
    """Documents by resource, namespace and name; safe to use from any thread.

    Take `lock` around a read and the write that rests on it.
    """

    def __init__(self, history_length: int = HISTORY_LENGTH, first_version: int = 1) -> None:
        self.lock = RLock()
        self._arrival = Condition(self.lock)
        self._version = first_version
        self._tables: defaultdict[str, dict[Key, Json]] = defaultdict(dict)
        self._order: defaultdict[str, list[Key]] = defaultdict(list)
        self._owned: defaultdict[str, dict[tuple[str, Key], ResourceType]] = defaultdict(dict)
        self._history: deque[Change] = deque(maxlen=history_length)
        self._compacted = first_version
        self._subscribers: list[Subscriber] = []

    @property
    def version(self) -> int:
        """The version of the newest change."""
        return self._version

    @property
    def oldest_version(self) -> int:
        """The oldest version from which every later change is still known."""
        with self.lock:
            if self._history and len(self._history) == self._history.maxlen:
                return max(self._compacted, self._history[0].version - 1)
            return self._compacted

    def compact(self) -> None:
        """Forget every change so far: who asks for changes since an older version gets 410."""
        with self._arrival:
            self._history.clear()
            self._compacted = self._version
            self._arrival.notify_all()

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call the subscriber after every change, in the writer's thread, while the lock is held."""
        with self.lock:
            self._subscribers.append(subscriber)

    def get(self, resource: ResourceType, namespace: str, name: str) -> Json | None:
        """Return a document, not to be changed, or `None`."""
        with self.lock:
            return self._tables[resource.stored_as].get((namespace, name))

    def items(self, resource: ResourceType) -> list[Json]:
        """Return every document of a resource, by namespace and name."""
        with self.lock:
            table = self._tables[resource.stored_as]
            return [table[key] for key in self._order[resource.stored_as]]

    def owned_by(self, uid: str) -> list[tuple[ResourceType, Json]]:
        """Return the documents that name an owner of that uid, with their resources."""
        with self.lock:
            return [(resource, self._tables[table][key]) for (table, key), resource in self._owned.get(uid, {}).items()]

    def items_at(self, resource: ResourceType, version: int) -> list[Json] | None:
        """Return every document of a resource as of a version, `None` when its history is gone."""
        with self.lock:
            if version < self.oldest_version:
                return None
            table = dict(self._tables[resource.stored_as])
            for change in reversed(self._history):
                if change.version <= version:
                    break
                if change.resource.stored_as != resource.stored_as:
                    continue
                key = key_of(change.last)
                if change.old is None:
                    table.pop(key, None)
                else:
                    table[key] = change.old
            return [table[key] for key in sorted(table)]

    def put(self, resource: ResourceType, document: Json) -> Json:
        """Store a document at the next version; it belongs to the store from now on."""
        with self._arrival:
            self._version += 1
            document["metadata"]["resourceVersion"] = str(self._version)
            key = key_of(document)
            old = self._tables[resource.stored_as].get(key)
            self._tables[resource.stored_as][key] = document
            if old is None:
                bisect.insort(self._order[resource.stored_as], key)
            self._index(resource, old, document)
            self._record(Change(self._version, resource, old, document, document))
            return document

    def remove(self, resource: ResourceType, namespace: str, name: str) -> Json | None:
        """Delete a document and return its last state, `None` when there was none."""
        with self._arrival:
            old = self._tables[resource.stored_as].pop((namespace, name), None)
            if old is None:
                return None
            order = self._order[resource.stored_as]
            del order[bisect.bisect_left(order, (namespace, name))]
            self._index(resource, old, None)
            self._version += 1
            last = dict(old, metadata=dict(old["metadata"], resourceVersion=str(self._version)))
            self._record(Change(self._version, resource, old, None, last))
            return last

    def changes_since(self, version: int, resource: ResourceType) -> tuple[list[Change], int] | None:
        """Return the changes of a resource after a version, and the version they lead to.

        `None` when the history that far back is gone.
        """
        with self.lock:
            if version < self.oldest_version:
                return None
            newer: list[Change] = []
            for change in reversed(self._history):
                if change.version <= version:
                    break
                if change.resource.stored_as == resource.stored_as:
                    newer.append(change)
            newer.reverse()
            return newer, max(version, self._version)

    def wait(self, version: int, timeout: float) -> bool:
        """Wait until the store is past a version; tell whether it is."""
        with self._arrival:
            return self._arrival.wait_for(lambda: self._version > version or self._compacted > version, timeout)

    def _index(self, resource: ResourceType, old: Json | None, new: Json | None) -> None:
        place = (resource.stored_as, key_of(old or new or {}))
        for uid in _owners(old) - _owners(new):
            self._owned[uid].pop(place, None)
            if not self._owned[uid]:
                del self._owned[uid]
        for uid in _owners(new) - _owners(old):
            self._owned[uid][place] = resource

    def _record(self, change: Change) -> None:
        self._history.append(change)
        for subscriber in self._subscribers:
            subscriber(change)
        self._arrival.notify_all()


def _owners(document: Json | None) -> set[str]:
    references = document["metadata"].get("ownerReferences") or [] if document else []
    return {reference.get("uid", "") for reference in references}


def key_of(document: Json) -> Key:
    """Return the key under which a document is stored."""
    metadata = document["metadata"]
    return metadata.get("namespace", ""), metadata["name"]
