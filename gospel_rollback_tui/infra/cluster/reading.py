"""Reads, tried again while that can help and the question's deadline allows."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import stamina

from gospel_rollback_tui.domain.errors import CredentialsExpired, NoRoute, ServerDown, Throttled, VersionGone
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Answer, Request
from gospel_rollback_tui.infra.cluster.refusals import Untrusted

READ_SECONDS = 15.0
"""How long one question may take, all attempts together."""
PAGE = 500
"""Objects asked for at once, as kubectl does."""
_ATTEMPTS = 4
_LONGEST_WAIT = 5.0

T = TypeVar("T")

# Without a handler the library's notes on each retry would be printed over the screen.
logging.getLogger("stamina").addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Page:
    """A list, or one page of it."""

    items: tuple[dict[str, Any], ...]
    resource_version: str
    """Where a watch continues from; opaque."""


def _again(error: Exception) -> bool | float:
    """Says whether to try again, and after how long where the server says so."""
    if isinstance(error, Throttled):
        return min(error.retry_after, _LONGEST_WAIT)
    return isinstance(error, ServerDown | NoRoute) and not isinstance(error, Untrusted)


class ClusterReader:
    """Asks questions that change nothing."""

    def __init__(self, connection: ClusterConnection, *, deadline: float = READ_SECONDS) -> None:
        """`deadline`: seconds for one question, all attempts together."""
        self._connection = connection
        self._deadline = deadline

    def ask(self, request: Request) -> Answer:
        """Returns the successful answer to a request that changes nothing.

        A refused credential is got anew once, where a plugin or a file may give another.

        Raises:
            RollbackError: What the last attempt met.
        """
        try:
            return self._persist(request)
        except CredentialsExpired:
            if not self._connection.reject_credentials():
                raise
        return self._persist(request)

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Returns one object as it is; raises NotFound and every other RollbackError."""
        return self.ask(Request("GET", path, tuple((query or {}).items()))).json()

    def list_pages(self, path: str, query: Mapping[str, str] | None = None) -> Page:
        """Returns a whole list; one that expires between two pages is begun again once."""
        try:
            return self._all(path, query or {})
        except VersionGone:
            return self._all(path, query or {})

    def list_kept(self, path: str, keep: Callable[[JsonObject], T]) -> tuple[T, ...]:
        """Returns what `keep` makes of each object of a list that may be long: no more than a page of it is held as it came.

        One that expires between two pages is begun again once.
        """
        try:
            return tuple(keep(item) for page in self._pages(path, {}) for item in page.items)
        except VersionGone:
            return tuple(keep(item) for page in self._pages(path, {}) for item in page.items)

    def _all(self, path: str, query: Mapping[str, str]) -> Page:
        pages = tuple(self._pages(path, query))
        return Page(tuple(item for page in pages for item in page.items), pages[-1].resource_version)

    def _pages(self, path: str, query: Mapping[str, str]) -> Iterator[Page]:
        more: dict[str, str] = {}
        while True:
            answer = self.get(path, {**query, "limit": str(PAGE), **more})
            found = answer.get("items")
            items = tuple(item for item in found if isinstance(item, dict)) if isinstance(found, list) else ()
            metadata = answer.get("metadata")
            listed = metadata if isinstance(metadata, dict) else {}
            yield Page(items, str(listed.get("resourceVersion") or ""))
            token = listed.get("continue")
            if not token:
                return
            more = {"continue": str(token)}

    def _persist(self, request: Request) -> Answer:
        end = time.monotonic() + self._deadline
        for attempt in stamina.retry_context(on=_again, attempts=_ATTEMPTS, timeout=self._deadline, wait_initial=0.2, wait_max=2.0, wait_jitter=0.2):
            with attempt:
                left = max(end - time.monotonic(), 0.5)
                return self._connection.ask(request, read=min(left, self._connection.timeouts.read))
        raise AssertionError("an attempt either answers or raises")
