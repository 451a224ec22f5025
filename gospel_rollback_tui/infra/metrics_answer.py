"""What an answer of Prometheus' query API says: samples, a problem of the query, or an error of the server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, ServerDown, Throttled
from gospel_rollback_tui.domain.metrics import MetricAnswer, MetricSample
from gospel_rollback_tui.domain.text import clean, redact

BODY_LIMIT = 2 * 1024 * 1024
"""Bytes of an answer that are read: six hours of one series a minute are twenty kilobytes."""
SAID_WIDTH = 240
"""Characters of a server's message that are kept."""
WARNINGS = 3
"""Warnings of one answer that are kept."""
_OF_THE_QUERY = frozenset({"bad_data", "execution", "timeout", "canceled"})
"""Prometheus' error types that speak of the query, not of the server."""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole HTTP answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case."""
    body: bytes = field(repr=False)
    """At most a little more than BODY_LIMIT."""
    at: float = 0.0
    """Wall time by the server's clock; 0: it did not tell."""


def answer_of(received: Received, host: str) -> MetricAnswer:
    """Returns the samples of an answer, or what is wrong with the query.

    Raises:
        CredentialsExpired: 401.
        Forbidden: 403.
        Throttled: 429.
        ServerDown: The server answers, and does not serve.
        NoRoute: What answers is no Prometheus.
    """
    if len(received.body) > BODY_LIMIT:
        return MetricAnswer(problem=f"answers more than {BODY_LIMIT // 1024 // 1024} MB: too many series; aggregate them, as with sum()", at=received.at)
    document = _document(received.body)
    said = _text(document.get("error")) if document else clean(redact(received.body[:SAID_WIDTH].decode("utf-8", "replace")), SAID_WIDTH).strip()
    if document and document.get("status") == "error" and document.get("errorType") in _OF_THE_QUERY and received.status != 401:
        words = "takes too long for the server" if document["errorType"] in ("timeout", "canceled") else "is refused"
        return MetricAnswer(problem=f"the query {words}: {said}", at=received.at)
    if received.status != 200:
        _refuse(received, host, said)
    if not document or document.get("status") != "success":
        raise NoRoute(f"What answers at {host} is no Prometheus.", next_step="Check the address `prometheus`.")
    return _samples(document, received.at)


def _document(body: bytes) -> dict[str, Any]:
    """Returns the body as a JSON object, an empty one if it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return clean(redact(str(value)), SAID_WIDTH) if value else "without a reason"


def _refuse(received: Received, host: str, said: str) -> NoReturn:
    status = received.status
    if status == 401:
        raise CredentialsExpired(f"Prometheus at {host} does not know who asks (401): check `metrics.token_file` or PROMETHEUS_TOKEN.")
    if status == 403:
        raise Forbidden(f"Prometheus at {host} does not allow it (403): {said}")
    if status == 429:
        raise Throttled(f"Prometheus at {host} serves others first (429).", retry_after=5.0)
    if status >= 500:
        raise ServerDown(f"Prometheus at {host} does not serve ({status}): {said}")
    if 300 <= status < 400:
        target = clean(redact(received.headers.get("location", "elsewhere")), 80)
        raise NoRoute(f"{host} answers {status} and points to {target}: a login page, or another address.")
    raise NoRoute(f"Something answers {status} at {host} that is no Prometheus: {said}", next_step="Check the address `prometheus`.")


def _samples(document: Mapping[str, Any], at: float) -> MetricAnswer:
    """Returns the samples of a good answer; one whose shape is none of the four is a problem of the query."""
    found = document.get("data")
    kind, result = (found.get("resultType"), found.get("result")) if isinstance(found, dict) else (None, None)
    notes = document.get("warnings")
    warnings = tuple(_text(note) for note in notes[:WARNINGS]) if isinstance(notes, list) else ()
    try:
        series = _series(kind, result)
    except (KeyError, TypeError, ValueError, IndexError):
        return MetricAnswer(problem=f"answers {_text(kind)}, which is no series of numbers", warnings=warnings, at=at)
    return MetricAnswer(series, warnings=warnings, at=at)


def _series(kind: object, result: Any) -> tuple[tuple[MetricSample, ...], ...]:  # noqa: ANN401  a JSON value
    if kind == "scalar":
        return ((_sample(result),),)
    if kind == "vector":
        return tuple((_sample(entry["value"]),) for entry in result)
    if kind == "matrix":
        return tuple(tuple(_sample(pair) for pair in entry["values"]) for entry in result)
    raise ValueError(kind)


def _sample(pair: Any) -> MetricSample:  # noqa: ANN401  a JSON value
    at, value = pair
    return MetricSample(float(at), float(value))
