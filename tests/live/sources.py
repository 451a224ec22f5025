"""Sources that play a script: each list and each watch takes the next entry, and the last one waits to be stopped."""

import json
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from threading import Event as Stop
from typing import Any

Play = Callable[[], None]
"""An entry may also be something done in the middle of a list or of a stream, e.g. moving the clock."""


def event(kind: str, document: dict[str, Any]) -> str:
    """Returns a line of a watch."""
    return json.dumps({"type": kind, "object": document})


def bookmark(version: int) -> str:
    """Returns a bookmark as the API server writes it: nearly empty."""
    return event("BOOKMARK", {"kind": "Pod", "metadata": {"resourceVersion": str(version)}, "spec": {"containers": None}})


GONE = event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (89262)"})


class ScriptedObjects:
    """An ObjectSource. Lists yield pages, call, or raise; watches yield lines, call, or raise; without more, a watch stays silent until stopped."""

    def __init__(self, lists: Sequence[Sequence[dict[str, Any] | Exception | Play]], watches: Sequence[Sequence[str | Exception | Play]]) -> None:
        self._lists = deque(lists)
        self._watches = deque(watches)
        self._stopped = Stop()
        self.watched_from: list[str] = []
        self.listed = 0
        self.idle = Stop()
        """Set once the script is over and the last watch is silent."""

    def list_pages(self, limit: int) -> Iterator[dict[str, Any]]:
        """Plays the next list."""
        assert limit == 500
        self.listed += 1
        for page in self._lists.popleft():
            if isinstance(page, Exception):
                raise page
            if isinstance(page, dict):
                yield page
            else:
                page()

    def watch_lines(self, resource_version: str, seconds: int) -> Iterator[str]:
        """Plays the next watch."""
        assert seconds == 20
        self.watched_from.append(resource_version)
        return self._lines(self._watches.popleft() if self._watches else None)

    def _lines(self, script: Sequence[str | Exception | Play] | None) -> Iterator[str]:
        for entry in script or ():
            if isinstance(entry, Exception):
                raise entry
            if isinstance(entry, str):
                yield entry
            else:
                entry()
        if script is None:
            self.idle.set()
            self._stopped.wait()

    def stop(self) -> None:
        """Ends the silence."""
        self._stopped.set()
