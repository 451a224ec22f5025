"""What answers and broken connections mean for the operator."""

import re
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.domain.certificates import Certificate, CertificateFault
from gospel_rollback_tui.domain.errors import (
    CredentialsExpired,
    FactsMoved,
    Forbidden,
    NoRoute,
    NotFound,
    NotSent,
    OutcomeUnknown,
    Refused,
    RollbackError,
    ServerDown,
    Throttled,
    VersionGone,
)
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.refusals import Untrusted, judge_failure
from tests.infra.cluster.conftest import QUICK
from tests.infra.cluster.scripted import HANG, RESET, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

READ = Request("GET", "/api/v1/namespaces/ns/pods")
CHANGE = Request("PATCH", "/apis/apps/v1/namespaces/ns/deployments/web", body=[{"op": "test", "path": "/a", "value": 1}], changing=True)
DRY_RUN = Request("PATCH", CHANGE.path, (("dryRun", "All"),), body=CHANGE.body)

_ANONYMOUS = 'pods is forbidden: User "system:anonymous" cannot list resource "pods"'
_PAGE = Reply(502, "<html>Bad Gateway</html>", {"Content-Type": "text/html"})
_THROTTLE = Reply(429, "Too many requests, please try again later.\n", {"Content-Type": "text/plain; charset=utf-8", "Retry-After": "7"})


def _raised(connection: ClusterConnection, request: Request) -> RollbackError:
    with pytest.raises(RollbackError) as caught:
        connection.ask(request)
    return caught.value


@pytest.mark.parametrize(
    ("reply", "reading", "changing"),
    [
        (status(401, "Unauthorized", "Unauthorized"), CredentialsExpired, CredentialsExpired),
        (status(403, "Forbidden", _ANONYMOUS), CredentialsExpired, CredentialsExpired),
        (status(403, "Forbidden", 'User "operator" cannot patch resource "deployments"'), Forbidden, Forbidden),
        (Reply(403, "<html>blocked by proxy</html>", {"Content-Type": "text/html"}), NoRoute, NoRoute),
        (status(404, "NotFound", 'deployments.apps "web" not found'), NotFound, NotFound),
        (Reply(404, "404 page not found\n", {"Content-Type": "text/plain"}), NotFound, NotFound),
        (status(409, "Conflict", "the object has been modified"), FactsMoved, FactsMoved),
        (status(410, "Expired", "too old"), VersionGone, VersionGone),
        (status(415, "UnsupportedMediaType", "415"), Refused, Refused),
        (status(422, "Invalid", 'Deployment.apps "web" is invalid: spec.replicas'), Refused, Refused),
        (_THROTTLE, Throttled, Throttled),
        (status(500, "", "etcdserver: request timed out"), ServerDown, OutcomeUnknown),
        (status(500, "InternalError", 'Internal error occurred: failed calling webhook "w": context deadline exceeded'), Refused, Refused),
        (status(503, "ServiceUnavailable", "shutting down"), ServerDown, ServerDown),
        (status(504, "Timeout", "request did not complete"), ServerDown, OutcomeUnknown),
        (_PAGE, ServerDown, OutcomeUnknown),
        (Reply(302, "", {"Location": "https://login.example/"}), NoRoute, NoRoute),
    ],
)
def test_answers_mean_what_the_operator_can_act_on(
    serve: Serve, connect: Connect, reply: Reply, reading: type[RollbackError], changing: type[RollbackError]
) -> None:
    """Each answer becomes one kind of error, for a read and for a change."""
    connection = connect(serve(lambda heard: reply))
    assert type(_raised(connection, READ)) is reading
    assert type(_raised(connection, CHANGE)) is changing


@pytest.mark.parametrize("reply", [status(500, "", "boom"), _PAGE, HANG, RESET, _THROTTLE, status(401), status(409)])
def test_a_change_is_sent_once_whatever_comes_back(serve: Serve, connect: Connect, reply: Reply) -> None:
    """No answer makes the adapter send a change again."""
    server = serve(lambda heard: reply)
    _raised(connect(server), CHANGE)
    assert server.methods() == ["PATCH"]


@pytest.mark.parametrize("reply", [HANG, RESET, Reply(200, "", {"Content-Length": "50"}, end="reset")])
def test_a_lost_answer_to_a_change_is_unknown(serve: Serve, connect: Connect, reply: Reply) -> None:
    """A silent, a broken and a half answered connection leave it open what was done, and say so."""
    error = _raised(connect(serve(lambda heard: reply)), CHANGE)
    assert type(error) is OutcomeUnknown
    assert "not known" in error.sentences()
    assert error.next_step


@pytest.mark.parametrize(("reply", "kind"), [(HANG, NoRoute), (RESET, ServerDown)])
def test_a_lost_answer_to_a_read_or_a_dry_run_changed_nothing(serve: Serve, connect: Connect, reply: Reply, kind: type[RollbackError]) -> None:
    """Silence is the network's until proved otherwise; a broken connection is the server's."""
    connection = connect(serve(lambda heard: reply))
    assert type(_raised(connection, READ)) is kind
    assert type(_raised(connection, DRY_RUN)) is kind


def test_a_trickling_answer_is_given_up(serve: Serve, connect: Connect) -> None:
    """An answer that stops in the middle does not hold a read for ever."""
    stalled = Reply(200, "", lines=('{"items": [',), end="hang")
    assert type(_raised(connect(serve(lambda heard: stalled)), READ)) is NoRoute


def _closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _elsewhere(tmp_path: Path, server: str) -> ClusterConnection:
    content = {
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    path = tmp_path / "elsewhere"
    path.write_text(yaml.safe_dump(content))
    return ClusterConnection(Cluster("here", "ns", str(path)), timeouts=QUICK)


@pytest.mark.parametrize("request_", [READ, CHANGE])
def test_a_refused_connection_is_a_dead_server(tmp_path: Path, request_: Request) -> None:
    """Nothing listens, so nothing was sent."""
    error = _raised(_elsewhere(tmp_path, f"https://127.0.0.1:{_closed_port()}"), request_)
    assert type(error) is ServerDown
    assert error.why == "connection refused"
    assert isinstance(error, NotSent)


@pytest.mark.parametrize("request_", [READ, CHANGE])
def test_a_name_that_does_not_resolve_is_no_route(tmp_path: Path, request_: Request) -> None:
    """A missing name is the network's fault, not the server's."""
    error = _raised(_elsewhere(tmp_path, "https://api.does-not-exist.invalid"), request_)
    assert type(error) is NoRoute
    assert error.why == "name not found"


def test_a_half_open_connection_was_not_sent(tmp_path: Path) -> None:
    """A port that accepts and then says nothing never gets as far as the request: a change was not sent."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = _raised(_elsewhere(tmp_path, f"https://127.0.0.1:{silent.getsockname()[1]}"), CHANGE)
    assert type(error) is NoRoute
    assert error.why == "no answer in time"


def test_a_strange_certificate_is_no_route_and_nothing_is_sent(serve: Serve, tmp_path: Path) -> None:
    """TLS that does not hold stops everything before the first byte of a request."""
    server = serve(lambda heard: Reply())
    error = _raised(_elsewhere(tmp_path, server.url), CHANGE)
    assert type(error) is Untrusted
    assert isinstance(error, NoRoute)
    assert server.heard == []


def test_an_expired_certificate_is_said_with_its_end_and_what_to_do(serve: Serve, connect: Connect) -> None:
    """Not only that no secure connection is made: since when, and by whom it is mended."""
    server = serve(lambda heard: Reply())
    server.expire()
    error = _raised(connect(server), READ)
    assert isinstance(error, Untrusted)
    assert re.search(r"has expired: it held until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.", error.text)
    assert error.why == "certificate expired"
    assert "Renew it" in error.next_step


@pytest.mark.parametrize(
    ("fault", "words", "step"),
    [
        (CertificateFault.NOT_YET_VALID, "is not valid yet: it holds from 2023-11-14 22:13 UTC", "clock"),
        (CertificateFault.NAME, "is one of another name", "address"),
        (CertificateFault.AUTHORITY, "No secure connection", "certificate authority"),
        (None, "No secure connection", "certificate authority"),
    ],
)
def test_each_fault_of_a_certificate_has_words_and_a_step(fault: CertificateFault | None, words: str, step: str) -> None:
    """What is wrong decides where an operator looks."""
    error = judge_failure(ssl.SSLError("x"), READ, "https://api", sent=False, certificate=Certificate(1_700_000_000.0, None, fault) if fault else None)
    assert words in error.text
    assert step in error.next_step
    assert isinstance(error, NoRoute)
    assert error.why == (fault or CertificateFault.OTHER).value


def test_a_handshake_that_is_cut_says_nothing_of_certificates() -> None:
    """A server that goes down in the middle of it is tried again, as any that closes its connections."""
    error = judge_failure(ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), READ, "https://api", sent=False)
    assert type(error) is ServerDown
    assert error.why == "connection cut"


def test_messages_are_cut_cleaned_and_redacted(serve: Serve, connect: Connect) -> None:
    """A server's message of several kilobytes, with escapes and a token in it, is made fit to be shown."""
    hostile = "bad\x1b[2J " + "Bearer eyJabcdefgh.payload.sig " + "x" * 9000
    error = _raised(connect(serve(lambda heard: status(422, "Invalid", hostile))), READ)
    assert "\x1b" not in error.text
    assert "payload" not in error.text
    assert len(error.text) < 400


def test_something_that_is_no_api_server_is_told(serve: Serve, connect: Connect) -> None:
    """A page with status 200 is no answer of Kubernetes."""
    connection = connect(serve(lambda heard: Reply(200, "<html>Welcome</html>", {"Content-Type": "text/html"})))
    with pytest.raises(NoRoute, match="no Kubernetes API server"):
        connection.ask(READ).json()


def test_the_wait_that_a_throttling_server_asks_for_is_kept(serve: Serve, connect: Connect) -> None:
    """By header, or by the details of a Status."""
    by_header = _raised(connect(serve(lambda heard: _THROTTLE)), READ)
    by_details = _raised(connect(serve(lambda heard: status(429, "TooManyRequests", "wait", retryAfterSeconds=3))), READ)
    assert isinstance(by_header, Throttled)
    assert isinstance(by_details, Throttled)
    assert (by_header.retry_after, by_details.retry_after) == (7.0, 3.0)
