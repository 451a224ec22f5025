"""The witness of the real estate: the API server's audit record, in the words of the simulated one's request log."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.request_log import RequestRecord

_METHODS = {"create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE", "deletecollection": "DELETE"}
_ANSWERED = ("ResponseComplete", "Panic")
_FRACTION = re.compile(r"\.(\d{6})\d*Z$")


class AuditLog:
    """Reads what the API server has recorded; it writes a record before the request counts as answered."""

    def __init__(self, path: Path) -> None:
        """Reads from that file, which may not exist yet."""
        self._path = path
        self._begin = 0

    def begin_here(self) -> None:
        """Leaves out everything that has been recorded so far: a control plane may have played other scenes before."""
        self._begin += len(self._whole_lines())

    def records(self, user: str = "") -> tuple[RequestRecord, ...]:
        """Returns every answered request in the order of the answers, of one user if one is named.

        The record does not hold the headers, so `content_type` and `accept` are empty. A watch counts when it ends.
        """
        return tuple(record for record in self._read() if not user or record.user == user)

    def changes(self, user: str = "") -> tuple[RequestRecord, ...]:
        """Returns the requests that changed something."""
        return tuple(record for record in self.records(user) if record.changes_something)

    def _read(self) -> Iterator[RequestRecord]:
        for line in self._whole_lines().splitlines():
            event = json.loads(line)
            if event["stage"] in _ANSWERED:
                yield _record(event)

    def _whole_lines(self) -> bytes:
        """Returns what there is from the beginning on, without a last line that is in the middle of being written."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._begin)
                found = file.read()
        except FileNotFoundError:
            return b""
        return found[: found.rfind(b"\n") + 1]


def _record(event: Json) -> RequestRecord:
    """Returns a request in the words of the request log."""
    target = urlsplit(event["requestURI"])
    query = dict(parse_qsl(target.query, keep_blank_values=True))
    method = _METHODS.get(event["verb"], "GET")
    body: Any = event.get("requestObject") if method != "GET" else None
    return RequestRecord(
        time=_FRACTION.sub(r".\1Z", event["stageTimestamp"]),
        method=method,
        path=unquote(target.path),
        query=query,
        content_type="",
        accept="",
        user=event.get("user", {}).get("username", ""),
        user_agent=event.get("userAgent", ""),
        status=event.get("responseStatus", {}).get("code", 0),
        dry_run=query.get("dryRun") == "All",
        body=body,
    )
