"""The kinds of request to Argo CD that its real server has been sent: the end-to-end plays may send no other."""

from collections.abc import Iterable

from gospel_rollback_tui.drill.kubernetes.documents import Json
from tests.real.conformance.shapes import Shape

_JSON = "application/json"
_APPLICATION = "/api/v1/applications/{name}"
_PLACE = ("appNamespace", "project")

TAKEN = frozenset(
    {
        Shape("GET", "/api/version"),
        Shape("GET", "/api/v1/session/userinfo"),
        Shape("GET", "/api/v1/account/can-i/applications/{action}/{project}/{name}"),
        Shape("GET", _APPLICATION, ("appNamespace",)),
        Shape("GET", _APPLICATION, _PLACE),
        Shape("GET", _APPLICATION, (*_PLACE, "refresh")),
        Shape("GET", f"{_APPLICATION}/managed-resources", _PLACE),
        Shape("GET", f"{_APPLICATION}/manifests", (*_PLACE, "revision")),
        Shape("GET", f"{_APPLICATION}/revisions/{{revision}}/metadata", _PLACE),
        Shape("GET", f"{_APPLICATION}/syncwindows", _PLACE),
        Shape("PATCH", _APPLICATION, (), _JSON),
        Shape("PUT", f"{_APPLICATION}/spec", (*_PLACE, "validate"), _JSON),
        Shape("POST", f"{_APPLICATION}/rollback", (), _JSON),
        Shape("POST", f"{_APPLICATION}/sync", (), _JSON),
        Shape("DELETE", f"{_APPLICATION}/operation", _PLACE),
    }
)
"""What the adapter's test on the real server sends."""


def argocd_shapes_of(records: Iterable[Json]) -> set[Shape]:
    """Returns the shapes of a request log of Argo CD's API."""
    return {_shape(one["method"], one["path"], one["query"], one["content_type"]) for one in records}


def _shape(method: str, path: str, query: Iterable[str], content_type: str) -> Shape:
    has_body = method in {"POST", "PUT", "PATCH"}
    return Shape(method, _without_names(path), tuple(sorted(query)), content_type.partition(";")[0] if has_body else "")


def _without_names(path: str) -> str:
    parts = path.strip("/").split("/")
    if parts[:3] == ["api", "v1", "applications"]:
        parts[3:4] = ["{name}"]
        if parts[4:5] == ["revisions"]:
            parts[5] = "{revision}"
    if parts[2:4] == ["account", "can-i"]:
        parts[5:] = ["{action}", "{project}", "{name}"]
    return "/" + "/".join(parts)
