"""The objects of one kind as last heard, parsed, and the count of those that make no sense."""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Generic, TypeVar

from gospel_rollback_tui.domain.raw import JsonObject, child, text

T = TypeVar("T")


class Mirror(Generic[T]):
    """Objects by uid, written by one thread and read by any as a whole tuple.

    `parse` keeps of each object only what is needed; where it raises, the object is counted and left out: what it
    was before is no longer true either.
    """

    def __init__(self, parse: Callable[[JsonObject], T]) -> None:
        self._parse = parse
        self._lock = Lock()
        self._objects: dict[str, T] = {}
        self._malformed: set[str] = set()
        self._changes = 0
        self._read: tuple[int, tuple[T, ...]] = (0, ())

    def replace(self, found: Iterable[object]) -> None:
        """Makes the mirror equal to a list, by the difference: a list that changes nothing counts as no change."""
        objects: dict[str, T] = {}
        malformed: set[str] = set()
        for raw in found:
            self._put(raw, objects, malformed)
        with self._lock:
            if objects != self._objects:
                self._changes += 1
            self._objects, self._malformed = objects, malformed

    def put(self, raw: object) -> None:
        """Takes an added or modified object."""
        taken: dict[str, T] = {}
        malformed: set[str] = set()
        uid = self._put(raw, taken, malformed)
        with self._lock:
            before = self._objects.get(uid)
            self._malformed.discard(uid)
            self._malformed |= malformed
            if uid in taken:
                self._objects[uid] = taken[uid]
                self._changes += before != taken[uid]
            else:
                self._changes += self._objects.pop(uid, None) is not None

    def remove(self, raw: object) -> None:
        """Takes a deleted object out."""
        uid = _uid_of(raw)
        with self._lock:
            self._malformed.discard(uid)
            self._changes += self._objects.pop(uid, None) is not None

    @property
    def malformed(self) -> int:
        """How many objects make no sense."""
        return len(self._malformed)

    def read(self) -> tuple[tuple[T, ...], int]:
        """Returns the objects and a number that grows with every change of them."""
        with self._lock:
            if self._read[0] != self._changes:
                self._read = (self._changes, tuple(self._objects.values()))
            return self._read[1], self._changes

    def _put(self, raw: object, objects: dict[str, T], malformed: set[str]) -> str:
        uid = _uid_of(raw)
        try:
            if not isinstance(raw, Mapping) or not text(child(raw, "metadata").get("uid")):
                raise ValueError("an object without a uid")
            objects[uid] = self._parse(raw)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, RecursionError):
            malformed.add(uid)
        return uid


def _uid_of(raw: object) -> str:
    """Returns the object's uid, or its name where it has none, so that one odd object counts once."""
    metadata = child(raw, "metadata")
    return text(metadata.get("uid")) or f"name:{text(metadata.get('namespace'))}/{text(metadata.get('name'))}"
