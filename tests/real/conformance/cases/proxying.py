"""Requests handed on to a Service: what the API server says where it cannot."""

import time
from http import HTTPStatus

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, ask, story
from tests.real.conformance.client import Ask
from tests.real.conformance.comparing import refusal
from tests.real.conformance.stage import QUIET, Stage

SERVICES = "/api/v1/namespaces/{ns}/services"


def _service(name: str, *ports: Json) -> Json:
    """Returns a Service that selects no pod."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": f"{name}-nobody"}, "ports": list(ports)}}


def _await_the_proxy(stage: Stage, path: str) -> None:
    """Waits until the proxy knows a Service that was made just now: it hears of them by a watch of its own."""
    end = time.monotonic() + 60.0
    while stage.admin.send(Ask("GET", path, accept="*/*")).status == HTTPStatus.NOT_FOUND:
        assert time.monotonic() < end, f"the proxy never knew the Service of {path}"
        time.sleep(0.05)  # nothing tells when it has heard


@story
def a_service_without_endpoints(stage: Stage) -> JsonValue:
    """By each way to name it and its port; by a port that it does not have."""
    stage.create("services", _service(stage.name, {"name": "http", "port": 80}, {"name": "metrics", "port": 9090}), group="v1")
    name = stage.name
    asked = (
        name,
        f"{name}:http",
        f"{name}:80",
        f"http:{name}:http",
        f"https:{name}:http",
        f"{name}:nope",
        f"{name}:81",
        f"ftp:{name}:http",
        f"a:b:{name}:http",
    )
    path = f"/api/v1/namespaces/{QUIET}/services"
    _await_the_proxy(stage, f"{path}/{name}:http/proxy/health")
    return [refusal(stage.admin.send(Ask("GET", f"{path}/{one}/proxy/health", accept="*/*"))) for one in asked]


CASES: tuple[Case, ...] = (
    ask("unknown-service", Ask("GET", f"{SERVICES}/nope"), refusal),
    ask("unknown-service-proxied", Ask("GET", f"{SERVICES}/nope/proxy/health", accept="*/*"), refusal),
    ask("unknown-service-proxied-by-port", Ask("GET", f"{SERVICES}/nope:http/proxy/health", accept="*/*"), refusal),
    ask("a-service-proxied-without-the-right", Ask("GET", f"{SERVICES}/web:http/proxy/health"), refusal, by="viewer"),
    ask("a-service-proxied-by-a-stranger", Ask("GET", f"{SERVICES}/web:http/proxy/health"), refusal, by="impostor"),
    a_service_without_endpoints,
)
