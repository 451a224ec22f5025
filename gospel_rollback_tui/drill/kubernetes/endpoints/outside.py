"""Paths that name no resource: health, version, discovery, OpenAPI."""

from gospel_rollback_tui.drill.kubernetes.endpoints.discovery import (
    VERSION,
    discovery_answer,
    group_document,
    root,
    version_document,
)
from gospel_rollback_tui.drill.kubernetes.endpoints.openapi import openapi_document
from gospel_rollback_tui.drill.kubernetes.http.messages import Reply, Request, json_answer, text_answer
from gospel_rollback_tui.drill.kubernetes.statuses import PlainError

_HEALTH = ("healthz", "livez", "readyz")


def answer_outside(request: Request) -> Reply:
    """Answer a request on a path that names no resource.

    Raises:
        PlainError: 404, there is nothing.
    """
    parts = [part for part in request.path.split("/") if part]
    accept = request.header("Accept")
    match parts:
        case [health] if health in _HEALTH:
            return text_answer(_health_text(health, verbose="verbose" in request.query))
        case [health, _] if health in _HEALTH:
            return text_answer("ok")
        case ["version"]:
            return json_answer(VERSION, pretty=True)
        case ["api"] | ["apis"]:
            return discovery_answer(root(request.path.rstrip("/"), accept, request.header("Host")), accept)
        case ["api", version]:
            document = version_document("", version)
        case ["apis", group]:
            document = group_document(group)
        case ["apis", group, version]:
            document = version_document(group, version)
        case ["openapi", *_]:
            document = openapi_document(request.path.rstrip("/"))
            if document is not None:
                return json_answer(document)
        case []:
            return json_answer({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version"]})
        case _:
            document = None
    if document is None:
        raise PlainError(404, "404 page not found\n", {"X-Content-Type-Options": "nosniff"})
    return discovery_answer(document, accept)


def _health_text(check: str, *, verbose: bool) -> str:
    return f"[+]ping ok\n{check} check passed\n" if verbose else "ok"
