"""The connection to Argo CD: what is sent, and what became of a request whatever the other side does."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, NoRoute, OutcomeUnknown, Refused, RollbackError, ServerDown, UsageError
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from gospel_rollback_tui.infra.argocd.exchange import Request
from tests.infra.cluster.scripted import HANG, RESET, Heard, Reply, ScriptedServer

TOKEN = "eyJhbGciOiJIUzI1NiJ9.s3cr3t.sIgNaTuRe"
READ = Request("GET", "/api/v1/applications/rec", seconds=1.0)
CHANGE = Request("POST", "/api/v1/applications/rec/rollback", body={"id": 1}, changing=True, seconds=1.0)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ScriptedServer]:
    """A server that answers everything with an empty object, over TLS."""
    served = ScriptedServer(tmp_path, lambda _heard: Reply())
    yield served
    served.close()


@pytest.fixture
def argocd(server: ScriptedServer) -> Iterator[ArgoCdConnection]:
    """A connection that trusts the server."""
    connection = ArgoCdConnection(_configured(server), environment={"ARGOCD_AUTH_TOKEN": TOKEN})
    yield connection
    connection.close()


def _configured(server: ScriptedServer, *, trusted: bool = True) -> ArgoCd:
    return ArgoCd("rec", server=server.url, ca_file=str(server.authority) if trusted else "", project="gospelib")


def test_every_change_says_exactly_json_and_nothing_else(server: ScriptedServer, argocd: ArgoCdConnection) -> None:
    """With a charset, or without the header on a DELETE, the real server answers 415."""
    api = ArgoCdRest(argocd, ArgoCd("rec", project="gospelib"))
    api.application("rec")
    api.rollback("rec", 1, prune=False)
    api.terminate("rec")
    assert [heard.method for heard in server.heard] == ["GET", "POST", "DELETE"]
    assert [heard.headers.get("content-type") for heard in server.heard] == [None, "application/json", "application/json"]
    assert server.heard[1].body == {"name": "rec", "id": 1, "dryRun": False, "prune": False, "appNamespace": "argocd", "project": "gospelib"}
    assert server.heard[2].query == {"appNamespace": "argocd", "project": "gospelib"}
    assert all(heard.headers["authorization"] == f"Bearer {TOKEN}" for heard in server.heard)


def test_a_server_that_nobody_vouches_for_gets_no_token(server: ScriptedServer) -> None:
    """TLS holds by the system's authorities or the configured one, and the sentence says so."""
    stranger = ArgoCdConnection(_configured(server, trusted=False), environment={"ARGOCD_AUTH_TOKEN": TOKEN})
    with pytest.raises(NoRoute, match="No secure connection") as refusal:
        stranger.ask(READ)
    assert "argocd.ca_file" in refusal.value.next_step
    assert server.heard == []
    stranger.close()
    with pytest.raises(UsageError, match="cannot be read"):
        ArgoCdConnection(ArgoCd("rec", server=server.url, ca_file="/absent"), environment={"ARGOCD_AUTH_TOKEN": TOKEN}).ask(READ)


@pytest.mark.parametrize("reply", [HANG, RESET, Reply(200, {}, {"Content-Length": "400"}, "reset")])
def test_a_change_without_an_answer_may_have_been_made(server: ScriptedServer, argocd: ArgoCdConnection, reply: Reply) -> None:
    """Once it left, nobody can say; a read in the same place changed nothing, and neither is sent again."""
    server.script = lambda _heard: reply
    with pytest.raises(OutcomeUnknown):
        argocd.ask(CHANGE)
    with pytest.raises(RollbackError) as read:
        argocd.ask(READ)
    assert not isinstance(read.value, OutcomeUnknown)
    assert len(server.heard) == 2


def test_nothing_listens_there() -> None:
    """Not sent, and another way is named."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        connection = ArgoCdConnection(ArgoCd("rec", server=f"http://127.0.0.1:{held.getsockname()[1]}"), environment={"ARGOCD_AUTH_TOKEN": TOKEN})
        with pytest.raises(ServerDown, match="Nothing listens") as refusal:
            connection.ask(CHANGE)
        assert "Kubernetes" in refusal.value.next_step
        connection.close()


def test_a_page_instead_of_json_is_not_believed(server: ScriptedServer, argocd: ArgoCdConnection) -> None:
    """Unknown paths of the server's web pages answer 200 with HTML."""
    server.script = lambda _heard: Reply(200, "<html></html>", {"Content-Type": "text/html"})
    api = ArgoCdRest(argocd, ArgoCd("rec"))
    with pytest.raises(NoRoute, match="not its API"):
        api.application("rec")
    with pytest.raises(OutcomeUnknown):
        api.rollback("rec", 1, prune=False)


def test_nobody_logged_in_is_no_answer(server: ScriptedServer, argocd: ArgoCdConnection) -> None:
    """The server says it with 200 and an empty object."""
    with pytest.raises(CredentialsExpired, match="nobody is logged in"):
        ArgoCdRest(argocd, ArgoCd("rec")).who()


def test_a_refused_token_is_read_again(tmp_path: Path, server: ScriptedServer) -> None:
    """A login made meanwhile counts at the next request, without starting anything anew."""
    file = tmp_path / "token"
    file.write_text("eyJold")
    connection = ArgoCdConnection(ArgoCd("rec", server=server.url, ca_file=str(server.authority), token_file=str(file)))

    def script(heard: Heard) -> Reply:
        return Reply() if heard.headers["authorization"] == "Bearer eyJnew" else Reply(401, {"code": 16, "message": "no session information"})

    server.script = script
    with pytest.raises(CredentialsExpired):
        connection.ask(READ)
    file.write_text("eyJnew")
    assert connection.ask(READ).status == 200
    connection.close()


def test_the_token_is_in_no_words_of_the_connection(server: ScriptedServer, argocd: ArgoCdConnection) -> None:
    """Neither in its representation nor in an error."""
    server.script = lambda _heard: RESET
    with pytest.raises(RollbackError) as refusal:
        argocd.ask(CHANGE)
    told = f"{argocd!r} {vars(argocd).values()} {refusal.value!r} {refusal.value.sentences()} {refusal.value.__cause__!r}"
    assert "s3cr3t" not in told


def test_a_drill_talks_to_its_own_estate_only(server: ScriptedServer) -> None:
    """Another address is refused before anything is sent, another answer before the token is."""
    with pytest.raises(Refused, match="this machine only"):
        ArgoCdConnection(ArgoCd("rec", server="argocd.example.com"), nonce="n0nce")
    connection = ArgoCdConnection(_configured(server), nonce="n0nce", environment={"ARGOCD_AUTH_TOKEN": TOKEN})
    with pytest.raises(Refused, match="not this drill's own"):
        connection.ask(CHANGE)
    assert [(heard.path, "authorization" in heard.headers) for heard in server.heard] == [("/api/version", False)]
    server.script = lambda heard: Reply(headers={"Gospel-Rollback-Drill": "n0nce"} if heard.method == "GET" else {})
    connection.ask(READ)
    with pytest.raises(OutcomeUnknown, match="something else"):
        connection.ask(CHANGE)
    connection.close()


def test_connections_are_kept_between_requests(server: ScriptedServer, argocd: ArgoCdConnection) -> None:
    """On a slow link each new one costs three round trips."""
    for _ in range(3):
        argocd.ask(READ)
    assert len(server.heard) == 3
    assert len({heard.port for heard in server.heard}) == 1
