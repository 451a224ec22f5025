"""Health through the API server's proxy: the service's own answer, told from what the API server says of itself."""

import time
from collections.abc import Callable

import pytest

from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.service_proxy import BODY_LIMIT, ServiceProxy
from tests.infra.cluster.scripted import HANG, Heard, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

WEB = Service("web", "shop-web", "web", "app=shop-web", cluster_service="web:http")
CHECK = HttpCheck("web /health", "http://10.1.2.3:8080/health")
PROXIED = "/api/v1/namespaces/ns/services/web:http/proxy/health"


def ask(connection: ClusterConnection, service: Service = WEB, check: HttpCheck = CHECK, total: float = 4.0) -> HttpAnswer:
    """Asks once through the API server."""
    return ServiceProxy(connection, total=total).ask(service, check)


def test_the_service_answers_with_status_and_body(serve: Serve, connect: Connect) -> None:
    """By GET, with the connection's own credentials, at the path of the check."""
    server = serve(lambda heard: Reply(200, {"status": "degraded"}))
    answer = ask(connect(server), check=HttpCheck("x", "http://10.1.2.3:8080/health?deep=1"))
    assert (answer.status, answer.problem, answer.through) == (200, None, True)
    assert "degraded" in answer.body
    (heard,) = server.heard
    assert (heard.method, heard.path, heard.query) == ("GET", PROXIED, {"deep": "1"})
    assert heard.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("reply", "status_code", "problem", "detail"),
    [
        (Reply(503, {"error": "database away"}), 503, None, ""),
        (Reply(503, "<html>upstream</html>", {"Content-Type": "text/html"}), 503, None, ""),
        (Reply(404, {"kind": "NotFound"}), 404, None, ""),
        (Reply(503, {"kind": "Health", "apiVersion": "v1", "message": "no endpoints available"}), 503, None, ""),
        (Reply(503, {"kind": "Status", "apiVersion": "shop/v1"}), 503, None, ""),
        (Reply(302, "", {"Location": "/login"}), 302, None, ""),
        (status(503, "ServiceUnavailable", 'no endpoints available for service "web"'), None, NoAnswer.NO_PODS, "no endpoints"),
        (
            status(503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.1:8080: connect: connection refused"),
            None,
            NoAnswer.REFUSED,
            "dial",
        ),
        (
            status(503, "ServiceUnavailable", "error trying to reach service: dial tcp 10.0.0.1:8080: i/o timeout"),
            None,
            NoAnswer.PROXY,
            "could not hand it on (503)",
        ),
        (status(503, "ServiceUnavailable", 'no service port 81 found for service "web"'), None, NoAnswer.PROXY, "no service port 81"),
        (status(504, "Timeout", "request did not complete"), None, NoAnswer.PROXY, "could not hand it on (504)"),
        (status(403, "Forbidden", 'services "web" is forbidden'), None, NoAnswer.PROXY, "no right to ask it"),
        (status(404, "NotFound", 'services "web" not found'), None, NoAnswer.PROXY, "no such Service"),
        (status(401, "Unauthorized", "Unauthorized"), None, NoAnswer.PROXY, "login to the API server has expired"),
        (Reply(429, "Too many requests, please try again later.\n", {"Content-Type": "text/plain"}), None, NoAnswer.PROXY, "(429)"),
        (Reply(429, "slow down", {"Content-Type": "text/plain"}), 429, None, ""),
    ],
)
def test_what_the_api_server_says_of_itself_is_no_answer_of_the_service(
    serve: Serve, connect: Connect, reply: Reply, status_code: int | None, problem: NoAnswer | None, detail: str
) -> None:
    """Only a Status object is the API server's own word; a 503 without one is the service's."""
    answer = ask(connect(serve(lambda heard: reply)))
    assert (answer.status, answer.problem, answer.through) == (status_code, problem, True)
    assert detail in answer.detail


def test_the_port_is_looked_up_where_nobody_names_it(serve: Serve, connect: Connect) -> None:
    """Of the Deployment's namesake, once; a failure makes it be looked up again."""
    ports = [{"name": "metrics", "port": 9090}, {"name": "http", "port": 80}]
    broken: list[Reply] = []

    def script(heard: Heard) -> Reply:
        if heard.path.endswith("/services/shop-web"):
            return Reply(200, {"spec": {"ports": ports}})
        return broken.pop() if broken else Reply(200, {})

    server = serve(script)
    proxy = ServiceProxy(connect(server))
    unnamed = Service("web", "shop-web", "web", "app=shop-web")
    assert [proxy.ask(unnamed, CHECK).status for _ in range(2)] == [200, 200]
    broken.append(status(404, "NotFound", 'services "shop-web" not found'))
    assert [proxy.ask(unnamed, CHECK).status for _ in range(2)] == [None, 200]
    looked_up, proxied = "/api/v1/namespaces/ns/services/shop-web", "/api/v1/namespaces/ns/services/shop-web:http/proxy/health"
    assert [heard.path for heard in server.heard] == [looked_up, proxied, proxied, proxied, looked_up, proxied]


@pytest.mark.parametrize(
    ("cluster_service", "url", "segment"),
    [
        ("web:8080", "http://x/health", "web:8080"),
        ("https:web:8443", "https://x/health", "https:web:8443"),
        ("", "http://front.shop.svc.cluster.local:8080/health", "front:8080"),
        ("", "http://front.shop.svc/health", "front:80"),
        ("", "https://front.shop.svc/health", "https:front:443"),
    ],
)
def test_which_service_is_meant(serve: Serve, connect: Connect, cluster_service: str, url: str, segment: str) -> None:
    """The configured one, or the one that an address of the cluster's own DNS names."""
    server = serve(lambda heard: Reply())
    ask(connect(server), Service("web", "shop-web", "web", "app=shop-web", cluster_service=cluster_service), HttpCheck("x", url))
    assert [heard.path for heard in server.heard] == [f"/api/v1/namespaces/ns/services/{segment}/proxy/health"]


def test_silence_ends_at_the_probes_deadline(serve: Serve, connect: Connect) -> None:
    """The same bound as a direct request has, whatever the connection would bear."""
    began = time.monotonic()
    answer = ask(connect(serve(lambda heard: HANG)), total=0.2)
    assert (answer.status, answer.problem) == (None, NoAnswer.TIMEOUT)
    assert time.monotonic() - began < 3.0


def test_a_body_without_end_is_bounded(serve: Serve, connect: Connect) -> None:
    """A pod may send what it likes: the rest is left, and the connection is good for the next request."""
    connection = connect(serve(lambda heard: Reply(200, headers={"Content-Type": "text/plain"}, lines=("x" * 300_000,), end="hang")))
    for _ in range(2):
        answer = ask(connection)
        assert (answer.status, len(answer.body)) == (200, BODY_LIMIT)


def test_a_connection_that_cannot_be_made_is_said(serve: Serve, connect: Connect) -> None:
    """The API server itself is away: its reason in a word."""
    server = serve(lambda heard: Reply())
    connection = connect(server)
    server.close()
    answer = ask(connection)
    assert (answer.problem, answer.detail) == (NoAnswer.PROXY, "connection refused")
