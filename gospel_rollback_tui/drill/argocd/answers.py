"""Answers of the simulated Argo CD as its gateway prints them."""

from collections.abc import Iterator
from http import HTTPStatus

from gospel_rollback_tui.drill.argocd.refusals import PlainRefusal, Refusal
from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, compact
from gospel_rollback_tui.drill.kubernetes.http.messages import TEXT_TYPE, Answer, Streaming

_GATEWAY = {"Grpc-Metadata-Content-Type": "application/grpc", "Vary": "Accept-Encoding"}


def good(value: JsonValue, headers: dict[str, str] | None = None) -> Answer:
    """Return a good answer: one line of JSON without a newline."""
    return Answer(200, compact(value), headers={**_GATEWAY, **(headers or {})})


def lines(pieces: Iterator[bytes | None]) -> Streaming:
    """Return an answer that is a stream of JSON lines."""
    return Streaming(pieces, headers=dict(_GATEWAY))


def result_line(value: JsonValue) -> bytes:
    """Return one line of a stream."""
    return compact({"result": value}) + b"\n"


def refused(refusal: Refusal) -> Answer:
    """Return the answer to a call that is refused."""
    return Answer(refusal.status, compact({"error": refusal.message, "code": int(refusal.code), "message": refusal.message}))


def refused_stream(refusal: Refusal) -> Answer:
    """Return the answer to a stream that is refused, which has a shape of its own."""
    error = {
        "grpc_code": int(refusal.code),
        "http_code": refusal.status,
        "message": refusal.message,
        "http_status": HTTPStatus(refusal.status).phrase,
    }
    return Answer(refusal.status, compact({"error": error}))


def refused_plainly(refusal: PlainRefusal) -> Answer:
    """Return the answer to a request that is no call."""
    return Answer(refusal.status, refusal.text.encode(), TEXT_TYPE, refusal.headers)


def without_kind(document: Json) -> Json:
    """Return an object as Argo CD's API shows it: without `apiVersion` and `kind`."""
    return {key: value for key, value in document.items() if key not in ("apiVersion", "kind")}


def only_fields(document: JsonValue, fields: str) -> JsonValue:
    """Return of an answer only the members that `fields` names, such as `items.metadata.name,items.operation`."""
    paths = [path.split(".") for path in fields.split(",") if path]
    return _trimmed(document, paths) if paths else document


def _trimmed(value: JsonValue, paths: list[list[str]]) -> JsonValue:
    if not all(paths):
        return value
    if isinstance(value, list):
        return [_trimmed(item, paths) for item in value]
    if not isinstance(value, dict):
        return value
    names = dict.fromkeys(path[0] for path in paths)
    return {name: _trimmed(value[name], [path[1:] for path in paths if path[0] == name]) for name in names if name in value}
