"""One request to the API server and its answer, as plain values."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from gospel_rollback_tui.infra import exchange

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
"""Server-side apply; JSON is YAML too."""


@dataclass(frozen=True, slots=True)
class Request(exchange.Request):
    """What is asked of the API server."""

    content_type: str = JSON
    handed_on: bool = False
    """Whether the server hands it on to somebody else, whose answer and whose Date come back."""


@dataclass(frozen=True, slots=True)
class Answer(exchange.Answer):
    """What came back, whatever its status."""

    STRANGER: ClassVar[tuple[str, str]] = (
        "Something answers at the API server's address that is no Kubernetes API server.",
        "Check the address and the proxy.",
    )


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
