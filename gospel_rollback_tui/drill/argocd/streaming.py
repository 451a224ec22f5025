"""The stream of Applications: one line of JSON for each that is there and for every write from then on."""

from collections.abc import Iterator

from gospel_rollback_tui.drill.argocd.answers import lines, result_line, without_kind
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.http.messages import Streaming
from gospel_rollback_tui.drill.kubernetes.store import Change, ObjectStore

TICK_SECONDS = 0.25
"""How often a quiet stream looks whether its client has gone."""

_APPLICATIONS = by_name("applications")


def stream_applications(exchange: Exchange) -> Streaming:
    """Return the stream; for a name that there is not, not even its headers come before an event does."""
    store = exchange.parts.store
    with store.lock:
        present = [found for found in store.items(_APPLICATIONS) if _is_wanted(exchange, found)]
        version = store.version
    if exchange.query.get("resourceVersion") and not exchange.query.get("name"):
        present = []
    pieces = _pieces(exchange, store, present, version)
    first = next(pieces)
    while first is None and not exchange.parts.closing.is_set():
        first = next(pieces)
    return lines(_with_first(first, pieces))


def _with_first(first: bytes | None, pieces: Iterator[bytes | None]) -> Iterator[bytes | None]:
    yield first
    yield from pieces


def _pieces(exchange: Exchange, store: ObjectStore, present: list[Json], version: int) -> Iterator[bytes | None]:
    for application in present:
        yield _line("ADDED", application)
    while not exchange.parts.closing.is_set():
        newer = store.changes_since(version, _APPLICATIONS)
        changes, version = newer if newer is not None else ([], store.version)
        for change in changes:
            if _is_wanted(exchange, change.last):
                yield _line(_kind(change), change.last)
        if not changes:
            yield None
        store.wait(version, TICK_SECONDS)


def _is_wanted(exchange: Exchange, application: Json) -> bool:
    query = exchange.query
    named = query.get("name") in (None, "", application["metadata"]["name"])
    project = query.get("project") or query.get("projects")
    return named and project in (None, "", application["spec"]["project"]) and exchange.caller.may("get", application)


def _kind(change: Change) -> str:
    if change.new is None:
        return "DELETED"
    return "MODIFIED" if change.old is not None else "ADDED"


def _line(kind: str, application: Json) -> bytes:
    return result_line({"type": kind, "application": without_kind(application)})
