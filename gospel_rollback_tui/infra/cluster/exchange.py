"""One request and its answer, as plain values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from gospel_rollback_tui.domain.errors import NoRoute

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML too."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the API server."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """A JSON value; None: none."""
    content_type: str = JSON
    changing: bool = False
    """Whether a lost answer leaves it unknown what was done. False for reads, reviews and dry runs."""
    anonymous: bool = False
    """Sent without any credentials."""

    @property
    def target(self) -> str:
        """Path and query as sent."""
        return self.path + ("?" + urlencode(self.query) if self.query else "")

    @property
    def words(self) -> str:
        """Verb and path, for sentences."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Returns the body as a JSON object.

        Raises:
            NoRoute: It is none: something else than a Kubernetes API server answers there.
        """
        value = self.json_or_none()
        if value is None:
            raise NoRoute("Something answers at the API server's address that is no Kubernetes API server.", next_step="Check the address and the proxy.")
        return value

    def json_or_none(self) -> dict[str, Any] | None:
        """Returns the body as a JSON object, or None if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


class WatchedBody:
    """A request's body that remembers whether any of it was handed to the connection.

    It is read only after the headers were written: until then the server cannot have acted on the request.
    """

    def __init__(self, content: bytes) -> None:
        """Keeps the whole body."""
        self._rest = content
        self.size = len(content)
        self.begun = False

    def read(self, size: int = -1) -> bytes:
        """Returns the next part, which is about to be sent."""
        self.begun = True
        cut = len(self._rest) if size < 0 else size
        part, self._rest = self._rest[:cut], self._rest[cut:]
        return part


def path_of(*parts: str) -> str:
    """Returns an API path of parts, each quoted: a name can never reach another path."""
    return "/" + "/".join(quote(part, safe="") for part in parts)


def query_of(**values: str | int | bool | None) -> tuple[tuple[str, str], ...]:
    """Returns query parameters without those that are None; booleans as the API writes them."""
    return tuple((name, str(value).lower() if isinstance(value, bool) else str(value)) for name, value in values.items() if value is not None)
