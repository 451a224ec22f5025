"""One request to an HTTP API and its answer, as plain values: what Kubernetes and Argo CD have in common."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlencode

from gospel_rollback_tui.domain.errors import NoRoute


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    """A JSON value; None: none."""
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

    STRANGER: ClassVar[tuple[str, str]]
    """What is said where something else answers, and what to do then."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)

    def json(self) -> dict[str, Any]:
        """Returns the body as a JSON object.

        Raises:
            NoRoute: It is none: something else than the API answers there.
        """
        value = self.json_or_none()
        if value is None:
            text, next_step = self.STRANGER
            raise NoRoute(text, next_step=next_step)
        return value

    def json_or_none(self) -> dict[str, Any] | None:
        """Returns the body as a JSON object, or None if it is none."""
        try:
            value = json.loads(self.body)
        except ValueError:
            return None
        return value if isinstance(value, dict) else None
