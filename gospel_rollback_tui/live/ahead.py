"""Reads one item ahead: what comes next is on its way while the present one is worked on."""

from collections.abc import Iterator
from itertools import islice
from threading import Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class _Next(Generic[T]):
    """The next item of an iterator, fetched in a thread of its own."""

    def __init__(self, items: Iterator[T]) -> None:
        self._items = items
        self._found: list[T] = []
        self._failure: Exception | None = None
        self._thread = Thread(target=self._fetch, name="ahead", daemon=True)
        self._thread.start()

    def take(self) -> list[T]:
        """Waits, and returns the item in a list; an empty one: there is none. Raises what the iterator raised."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._found

    def _fetch(self) -> None:
        try:
            self._found = list(islice(self._items, 1))
        except Exception as error:  # noqa: BLE001  the boundary of this thread: who takes the item raises it
            self._failure = error


def read_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yields what `items` yields and raises what it raises; the next one is asked for before the present one is handed out.

    Who stops in the middle leaves one item that nobody takes. At no moment do two threads ask `items`.
    """
    found = list(islice(items, 1))  # nothing else is to be done meanwhile
    while found:
        coming = _Next(items)
        yield found[0]
        found = coming.take()
