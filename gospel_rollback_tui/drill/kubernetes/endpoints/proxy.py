"""`services/proxy`: a request handed on to a Ready pod behind a Service, and what is said where there is none.

Refusals are those of a real server, as the conformance cases compare them; that a pod cannot be reached is worded
as its transport does (`k8s.io/apimachinery/pkg/util/proxy`).
"""

from collections.abc import Callable

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.endpoints.exchange import Exchange
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer, Reply
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.statuses import bad_request, unavailable

SUBRESOURCE = "proxy"
_SERVICES = by_name("services")

Backend = Callable[[str, str], Answer | None]
"""Answers a GET of (Service's name, path) as one of its pods does; None: none of them listens."""


def nobody(_service: str, _path: str) -> Answer | None:
    """Answer as pods do in which nothing listens."""
    return None


def answer_proxy(exchange: Exchange, registry: Registry, backend: Backend) -> Reply:
    """Hand a request on to a pod of the Service that the path names.

    Raises:
        ApiError: 400, 404 or 503: the server itself could not hand it on.
    """
    info = exchange.info
    name, port = _split(info.name)
    service = registry.get(_SERVICES, info.namespace, name)
    known = _has_port(service, name, port)
    if not _is_ready(service, registry, info.namespace):
        raise unavailable(f'no endpoints available for service "{name}"')
    if not known:
        raise unavailable(f'no endpoints available for service "{info.name}"')
    answer = backend(name, _path_behind(exchange.request.path))
    if answer is None:
        raise unavailable("error trying to reach service: dial tcp 10.244.0.1:8080: connect: connection refused")
    return answer


def _split(asked: str) -> tuple[str, str]:
    """Return (name, port) of `name`, `name:port` or `scheme:name:port`."""
    parts = asked.split(":")
    if len(parts) == 1:
        return parts[0], ""
    if len(parts) == 2 and parts[0]:
        return parts[0], parts[1]
    if len(parts) == 3 and parts[0] in ("", "http", "https") and parts[1]:
        return parts[1], parts[2]
    raise bad_request(f'invalid service request "{asked}"')


def _has_port(service: Json, name: str, port: str) -> bool:
    """Whether the Service has that port, by number or name; empty is the one without a name."""
    ports = service["spec"].get("ports", [])
    if port.isdigit():
        if not any(one["port"] == int(port) for one in ports):
            raise unavailable(f'no service port {port} found for service "{name}"')
        return True
    return any(one.get("name", "") == port for one in ports)


def _is_ready(service: Json, registry: Registry, namespace: str) -> bool:
    selector = service["spec"].get("selector")
    if not selector:
        return False
    pods = registry.list("pods", namespace, label_selector=",".join(f"{key}={value}" for key, value in selector.items()))
    return any(_serves(pod) for pod in pods)


def _serves(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in pod["metadata"] and any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _path_behind(path: str) -> str:
    """Return the part of the path that is the Service's own."""
    return "/" + path.partition(f"/{SUBRESOURCE}")[2].lstrip("/")
