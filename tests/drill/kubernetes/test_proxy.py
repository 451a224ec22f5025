"""`services/proxy`: handed on to a Ready pod, refused with the API server's own words."""

from collections.abc import Callable

import pytest

from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from tests.drill.kubernetes.builders import NAMESPACE, a_deployment
from tests.drill.kubernetes.conftest import Cluster

SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"


def pods(service: str, path: str) -> Answer | None:
    """Answers for the Service `web` alone, and says what it was asked."""
    return Answer(200, f"{service} {path}".encode(), "text/plain") if service == "web" else None


@pytest.fixture
def proxied(make_cluster: Callable[..., Cluster]) -> Cluster:
    """A cluster with the Services `web` and `deaf` before the same two pods."""
    cluster = make_cluster(backend=pods)
    for name in ("web", "deaf"):
        spec = {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80}]}
        cluster.create({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec})
    return cluster


def test_a_ready_pod_answers_and_without_one_nobody_does(proxied: Cluster) -> None:
    """The path behind `proxy` is the pod's own, with its slashes."""
    client = proxied.client("operator-token")
    refused = client.get(f"{SERVICES}/web:http/proxy/health")
    assert (refused.status, refused.message) == (503, 'no endpoints available for service "web"')
    proxied.create_rolled_out(a_deployment(replicas=2))
    assert [client.get(f"{SERVICES}/{name}/proxy/{path}").text for name, path in (("web:80", "a/b"), ("http:web:http", ""))] == ["web /a/b", "web /"]
    assert client.get(f"{SERVICES}/web/proxy/health").status == 503
    deaf = client.get(f"{SERVICES}/deaf:http/proxy/health")
    assert (deaf.status, deaf.json["reason"]) == (503, "ServiceUnavailable")
    assert deaf.message.endswith("connect: connection refused")


def test_the_right_to_proxy_is_one_of_its_own(proxied: Cluster) -> None:
    """Who may read Services may not ask what is behind them."""
    refused = proxied.client("viewer-token").get(f"{SERVICES}/web:http/proxy/health")
    assert refused.status == 403
    assert 'cannot get resource "services/proxy"' in refused.message
