"""One request to Argo CD and its answer, as plain values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from gospel_rollback_tui.domain.errors import NoRoute


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the API."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """A JSON value; None: none."""
    changing: bool = False
    """Whether a lost answer leaves it unknown what was done."""
    anonymous: bool = False
    """Sent without the token."""
    seconds: float = 0.0
    """For the whole answer; 0: the connection's own."""

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
            NoRoute: It is none: an unknown path of the server's web pages, or something else answers there.
        """
        value = self.json_or_none()
        if value is None:
            raise NoRoute("Something answers at Argo CD's address that is not its API.", next_step="Check `argocd.server` and the proxy.")
        return value

    def json_or_none(self) -> dict[str, Any] | None:
        """Returns the body as a JSON object, or None if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


def path_of(*parts: str) -> str:
    """Returns an API path of parts, each quoted: a name can never reach another path."""
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def query_of(**values: str | int | None) -> tuple[tuple[str, str], ...]:
    """Returns query parameters without those that are empty or None."""
    return tuple((name, str(value)) for name, value in values.items() if value not in (None, ""))
