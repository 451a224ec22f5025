"""A drill reaches its own estate and nothing else."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.domain.errors import OutcomeUnknown, Refused, RollbackError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection, Timeouts
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.streams import LineStream
from tests.infra.cluster.scripted import HANG, Heard, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

READ = Request("GET", "/api/v1/namespaces/ns/pods")
CHANGE = Request("PATCH", "/apis/apps/v1/namespaces/ns/deployments/web", body=[], changing=True)
MINE = {"Gospel-Rollback-Drill": "n0nce"}


def test_an_estate_that_answers_with_the_nonce_is_used(serve: Serve, connect: Connect) -> None:
    """It is proved once, before anything else, and without credentials."""
    server = serve(lambda heard: Reply(headers=MINE))
    connection = connect(server, nonce="n0nce")
    connection.ask(READ)
    connection.ask(CHANGE)
    assert [(heard.method, heard.path) for heard in server.heard] == [("GET", "/version"), ("GET", READ.path), ("PATCH", CHANGE.path)]
    assert "authorization" not in server.heard[0].headers


def test_many_that_wait_for_a_proof_that_fails_do_not_wait_one_after_the_other(serve: Serve, connect: Connect) -> None:
    """A frozen estate keeps each feed waiting once, not once for every other feed."""
    server = serve(lambda heard: HANG)
    connection = connect(server, timeouts=Timeouts(connect=2.0, read=2.0), nonce="n0nce")
    failures: list[RollbackError] = []

    def ask() -> None:
        with pytest.raises(RollbackError) as caught:
            connection.ask(READ)
        failures.append(caught.value)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(error, "why", "") for error in failures] == ["no answer in time"] * 8
    assert len(server.heard) < 8


@pytest.mark.parametrize("headers", [{}, {"Gospel-Rollback-Drill": "another"}])
def test_a_strange_server_gets_no_change(serve: Serve, connect: Connect, headers: dict[str, str]) -> None:
    """Neither the header nor the object: nothing but questions is ever sent there."""
    server = serve(lambda heard: status(404, "NotFound") if "configmaps" in heard.path else Reply(headers=headers))
    with pytest.raises(Refused, match="not this drill's own"):
        connect(server, nonce="n0nce").ask(CHANGE)
    assert set(server.methods()) == {"GET"}


def test_a_real_api_server_is_known_by_its_object(serve: Serve, connect: Connect) -> None:
    """A ConfigMap that the drill made, named by the nonce, stands for the header."""
    server = serve(lambda heard: Reply())
    connect(server, nonce="n0nce").ask(CHANGE)
    assert [heard.path for heard in server.heard] == ["/version", "/api/v1/namespaces/ns/configmaps/gospel-rollback-drill-n0nce", CHANGE.path]


def test_an_address_elsewhere_is_never_contacted(tmp_path: Path) -> None:
    """Whatever a kubeconfig says, a drill stays on this machine."""
    content = {
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://production.example"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(content))
    with pytest.raises(Refused, match="talks to this machine only"):
        ClusterConnection(Cluster("here", "ns", str(path), nonce="n0nce")).ask(READ)


def _loses_its_nonce() -> Script:
    seen: list[Heard] = []

    def _script(heard: Heard) -> Reply:
        seen.append(heard)
        return Reply(headers=MINE if len(seen) == 1 else {}, lines=("x\n",) if "watch" in heard.query else None)

    return _script


def test_an_answer_that_lost_the_nonce_is_refused(serve: Serve, connect: Connect) -> None:
    """Another process that took the port over is noticed with its first answer."""
    with pytest.raises(Refused, match="not this drill's own"):
        connect(serve(_loses_its_nonce()), nonce="n0nce").ask(READ)
    with pytest.raises(OutcomeUnknown):
        connect(serve(_loses_its_nonce()), nonce="n0nce").ask(CHANGE)
    with pytest.raises(Refused, match="not this drill's own"):
        next(LineStream(connect(serve(_loses_its_nonce()), nonce="n0nce"), Request("GET", READ.path, (("watch", "true"),)), silence=2))
