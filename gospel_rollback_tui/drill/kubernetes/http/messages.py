"""One request and its answer, between a connection and what answers it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue, compact

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"
LOG_TYPE = "text/plain"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    """Decoded, without the query."""
    query: dict[str, str]
    """Last value of each parameter."""
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes = b""
    target: str = ""
    """Path and query as they came over the wire."""

    def header(self, name: str) -> str:
        """Return a header's value, empty when it is absent."""
        return self.headers.get(name.lower(), "")

    @property
    def content_type(self) -> str:
        """Media type of the body without parameters, in lower case."""
        return self.header("Content-Type").partition(";")[0].strip().lower()

    @property
    def bearer_token(self) -> str | None:
        """Token of the Authorization header; `None` without one."""
        scheme, _, token = self.header("Authorization").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token.strip() else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Streaming:
    """An answer that is sent piece by piece, chunked, until `pieces` ends.

    A piece `None` sends nothing: it is a moment to notice that the client has gone.
    """

    pieces: Iterator[bytes | None]
    content_type: str = JSON_TYPE
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


Reply: TypeAlias = Answer | Streaming


def json_answer(value: JsonValue, status: int = 200, headers: dict[str, str] | None = None, *, pretty: bool = False) -> Answer:
    """Return an answer with a JSON body, on one line or, as for people with `curl`, indented."""
    body = json.dumps(value, indent=2, ensure_ascii=False).encode() if pretty else compact(value) + b"\n"
    return Answer(status, body, JSON_TYPE, headers or {})


def text_answer(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """Return an answer with a plain text."""
    return Answer(status, text.encode(), TEXT_TYPE, headers or {})
