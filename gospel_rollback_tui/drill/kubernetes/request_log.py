"""The witness: every request that reached the API server, one JSON object a line.

A line is on disk before the answer leaves, so a client that has its answer can rely on it.
"""

import json
from collections import deque
from dataclasses import dataclass, fields
from pathlib import Path
from threading import Lock

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue

QUESTIONS = ("/apis/authentication.k8s.io/", "/apis/authorization.k8s.io/")
"""Paths below which a POST only asks something."""
KEPT_RECORDS = 50_000
MUTATING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request and how it was answered."""

    time: str
    """RFC 3339 with microseconds: when the answer was decided."""
    method: str
    path: str
    """Decoded, without the query."""
    query: dict[str, str]
    """Last value of each parameter."""
    content_type: str
    accept: str
    user: str
    """Name of the caller, empty when the token was refused."""
    user_agent: str
    status: int
    dry_run: bool
    body: JsonValue
    """Decoded body of a mutating request (text when it is no JSON), else `None`."""

    def to_json(self) -> dict[str, JsonValue]:
        """Returns its fields by name; the values are its own, for bodies are large and every request is written."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def changes_something(self) -> bool:
        """Whether this request changed, or may have changed, the cluster's objects."""
        return self.method in MUTATING_METHODS and not self.dry_run and 200 <= self.status < 300 and not self.path.startswith(QUESTIONS)


def logged_body(body: bytes) -> JsonValue:
    """Return a body as it is logged: decoded JSON, else text, `None` when it is empty."""
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


class RequestLog:
    """Appends records to a file of JSON lines and keeps them in memory; safe from any thread."""

    def __init__(self, path: Path) -> None:
        """Start, or go on with, the log at that path."""
        self.path = path
        self._file = path.open("a", encoding="utf-8")
        self._records: deque[RequestRecord] = deque(maxlen=KEPT_RECORDS)
        self._lock = Lock()

    def write(self, record: RequestRecord) -> None:
        """Append one record; it has left this process when the call returns."""
        line = json.dumps(record.to_json(), ensure_ascii=False)
        with self._lock:
            self._records.append(record)
            if not self._file.closed:
                self._file.write(line + "\n")
                self._file.flush()

    def records(self) -> tuple[RequestRecord, ...]:
        """Return what this object wrote so far; of a very long log the newest part."""
        with self._lock:
            return tuple(self._records)

    def changes(self) -> tuple[RequestRecord, ...]:
        """Return the records of requests that changed something."""
        return tuple(record for record in self.records() if record.changes_something)

    def close(self) -> None:
        """Close the file; later records stay in memory only."""
        with self._lock:
            self._file.close()
