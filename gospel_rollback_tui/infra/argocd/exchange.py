"""One request to Argo CD and its answer, as plain values."""

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from gospel_rollback_tui.infra import exchange


@dataclass(frozen=True, slots=True)
class Request(exchange.Request):
    """What is asked of the API."""

    seconds: float = 0.0
    """For the whole answer; 0: the connection's own."""


@dataclass(frozen=True, slots=True)
class Answer(exchange.Answer):
    """What came back, whatever its status; an unknown path is answered by the server's web pages."""

    STRANGER: ClassVar[tuple[str, str]] = ("Something answers at Argo CD's address that is not its API.", "Check `argocd.server` and the proxy.")


def path_of(*parts: str) -> str:
    """Returns an API path of parts, each quoted: a name can never reach another path."""
    return "/api/" + "/".join(quote(part, safe="") for part in parts)


def query_of(**values: str | int | None) -> tuple[tuple[str, str], ...]:
    """Returns query parameters without those that are empty or None."""
    return tuple((name, str(value)) for name, value in values.items() if value not in (None, ""))
