"""Credential plugins and tokens: asked for once, in time, and never on the terminal."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.credentials import Credentials
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.exec_plugin import run_plugin
from gospel_rollback_tui.infra.cluster.kubeconfig import Access, load_access
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from tests.infra.cluster.scripted import Heard, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]

API = "client.authentication.k8s.io/v1"
NOW = 1_780_000_000.0


def _plugin(folder: Path, body: str, **more: object) -> dict[str, Any]:
    """Returns an `exec` section whose command is a shell script of that body."""
    script = folder / "plugin"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o700)
    return {"apiVersion": API, "command": str(script), **more}


def _answer(token: str = "secret-token", life: float | None = None) -> str:
    expiry = {"expirationTimestamp": datetime.fromtimestamp(NOW + life, UTC).isoformat()} if life is not None else {}
    return json.dumps({"apiVersion": API, "kind": "ExecCredential", "status": {"token": token, **expiry}})


def _counting(folder: Path, life: float | None = None) -> dict[str, Any]:
    """Returns a plugin that answers `token-1`, `token-2`… and notes each run."""
    answer = _answer("token-'$n'", life)
    return _plugin(folder, f"echo run >> {folder}/runs\nn=$(wc -l < {folder}/runs | tr -d ' ')\necho '{answer}'")


def _runs(folder: Path) -> int:
    return len((folder / "runs").read_text().splitlines())


def _access(tmp_path: Path, user: dict[str, Any], serve: Serve) -> Access:
    access = load_access(serve(lambda heard: Reply()).cluster(user))
    return replace(access, folder=str(tmp_path))


def test_a_plugin_answers_a_token(tmp_path: Path) -> None:
    """Its token becomes the Authorization header, and never shows in a repr."""
    credential = run_plugin(_plugin(tmp_path, f"echo '{_answer()}'"), {}, "")
    assert credential.authorization == "Bearer secret-token"
    assert "secret" not in repr(credential)


def test_a_plugin_has_no_terminal_and_no_input(tmp_path: Path) -> None:
    """It reads nothing, is told that it is not interactive, leads a session of its own, and cannot open a terminal."""
    body = f"""
    [ -z "$(cat)" ] || exit 3
    (: < /dev/tty) 2>/dev/null && exit 4
    case "$KUBERNETES_EXEC_INFO" in *'"interactive": false'*) ;; *) exit 5;; esac
    [ "$EXTRA" = given ] || exit 6
    echo '{_answer()}'"""
    assert run_plugin(_plugin(tmp_path, body, env=[{"name": "EXTRA", "value": "given"}]), {}, "").authorization


def test_a_plugin_that_asks_for_the_cluster_is_told(tmp_path: Path) -> None:
    """`provideClusterInfo` hands on the server and the extension made for plugins."""
    body = f"""case "$KUBERNETES_EXEC_INFO" in *'"server": "https://x"'*'"config": {{"a": 1}}'*) ;; *) exit 5;; esac; echo '{_answer()}'"""
    cluster = {"server": "https://x", "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"a": 1}}]}
    assert run_plugin(_plugin(tmp_path, body, provideClusterInfo=True), cluster, "").authorization


def test_a_command_with_a_slash_is_relative_to_the_kubeconfig(tmp_path: Path) -> None:
    """As for kubectl."""
    section = _plugin(tmp_path, f"echo '{_answer()}'") | {"command": "./plugin"}
    assert run_plugin(section, {}, str(tmp_path)).authorization


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("echo 'SSO session has expired' >&2; exit 255", "SSO session has expired"),
        ("exit 7", "exit code 7"),
        ("echo nonsense", "answered no credential"),
        (f"""echo '{{"apiVersion":"{API}","status":{{}}}}'""", "answered no credential"),
        ("""echo '{"apiVersion":"other/v1","status":{"token":"t"}}'""", "answered no credential"),
        ("""echo 'token: AKIAABCDEFGHIJKLMNOP' >&2; exit 1""", "redacted"),
    ],
)
def test_a_plugin_that_fails_means_logging_in(tmp_path: Path, body: str, words: str) -> None:
    """What it said is told, without secrets, and what to do next."""
    with pytest.raises(CredentialsExpired, match=words) as caught:
        run_plugin(_plugin(tmp_path, body), {}, "")
    assert "AKIA" not in caught.value.text
    assert caught.value.next_step


def test_a_plugin_that_is_not_there_is_named() -> None:
    """The missing program is told."""
    with pytest.raises(CredentialsExpired, match="no-such-plugin cannot be started"):
        run_plugin({"apiVersion": API, "command": "no-such-plugin"}, {}, "")


def test_a_plugin_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    """Children that hold its output open do not hold us."""
    with pytest.raises(CredentialsExpired, match="did not answer"):
        run_plugin(_plugin(tmp_path, "sleep 60 & sleep 60"), {}, "", timeout=0.3)


def test_a_plugin_that_insists_on_a_terminal_is_not_run(tmp_path: Path) -> None:
    """It would take the screen's keys."""
    with pytest.raises(CredentialsExpired, match="insists on a terminal"):
        run_plugin(_plugin(tmp_path, "exit 0", interactiveMode="Always"), {}, "")


def test_a_token_is_asked_for_anew_before_it_ends(tmp_path: Path, serve: Serve) -> None:
    """Two minutes before its end the plugin runs again; until then it does not."""
    now = [NOW]
    credentials = Credentials(_access(tmp_path, {"exec": _counting(tmp_path, life=840)}, serve), clock=lambda: now[0])
    assert credentials.current().authorization == "Bearer token-1"
    now[0] = NOW + 719
    assert credentials.current().authorization == "Bearer token-1"
    now[0] = NOW + 720
    assert credentials.current().authorization == "Bearer token-2"


def test_a_short_lived_token_does_not_run_the_plugin_for_each_request(tmp_path: Path, serve: Serve) -> None:
    """A credential that lives for a minute is kept for half of it."""
    now = [NOW]
    credentials = Credentials(_access(tmp_path, {"exec": _counting(tmp_path, life=60)}, serve), clock=lambda: now[0])
    for second in (0, 10, 29):
        now[0] = NOW + second
        credentials.current()
    assert _runs(tmp_path) == 1


def test_many_threads_run_the_plugin_once(tmp_path: Path, serve: Serve) -> None:
    """One asks, the others wait for it."""
    credentials = Credentials(_access(tmp_path, {"exec": _counting(tmp_path)}, serve))
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(credentials.current().authorization)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == ["Bearer token-1"] * 8
    assert _runs(tmp_path) == 1


def test_a_refused_token_is_replaced_once_for_a_read(tmp_path: Path, serve: Serve) -> None:
    """A 401 makes the plugin run again, unless its token is so young that the next would be refused too."""
    now = [NOW]

    def _picky(heard: Heard) -> Reply:
        return Reply() if heard.headers.get("authorization") == "Bearer token-2" else status(401, "Unauthorized", "Unauthorized")

    server = serve(_picky)
    connection = ClusterConnection(server.cluster({"exec": _counting(tmp_path)}), clock=lambda: now[0])
    with pytest.raises(CredentialsExpired):
        ClusterReader(connection).get("/version")
    now[0] += 60
    ClusterReader(connection).get("/version")
    assert _runs(tmp_path) == 2


def test_a_token_file_is_read_again(tmp_path: Path, serve: Serve) -> None:
    """A rotated file is noticed within its minute; a relative path is relative to the kubeconfig."""
    now = [NOW]
    (tmp_path / "token").write_text("one\n")
    credentials = Credentials(_access(tmp_path, {"tokenFile": "token", "token": "ignored"}, serve), clock=lambda: now[0])
    assert credentials.current().authorization == "Bearer one"
    (tmp_path / "token").write_text("two\n")
    now[0] += 60
    assert credentials.current().authorization == "Bearer two"
    (tmp_path / "token").unlink()
    now[0] += 60
    with pytest.raises(CredentialsExpired, match="cannot be read"):
        credentials.current()


@pytest.mark.parametrize(
    ("user", "header"),
    [({"username": "u", "password": "p"}, "Basic dTpw"), ({}, ""), ({"token": " t \n"}, "Bearer t")],
)
def test_written_credentials(tmp_path: Path, serve: Serve, user: dict[str, Any], header: str) -> None:
    """A password, a token, or nothing at all."""
    assert Credentials(_access(tmp_path, user, serve)).current().authorization == header


def test_an_auth_provider_is_refused_with_advice(tmp_path: Path, serve: Serve) -> None:
    """What kubectl has given up is not tried."""
    with pytest.raises(CredentialsExpired, match="gcp"):
        Credentials(_access(tmp_path, {"auth-provider": {"name": "gcp"}}, serve)).current()


def test_a_failing_plugin_sends_nothing(tmp_path: Path, serve: Serve) -> None:
    """Without a credential no request leaves, least of all an anonymous one."""
    server = serve(lambda heard: Reply())
    connection = ClusterConnection(server.cluster({"exec": _plugin(tmp_path, "exit 1")}))
    with pytest.raises(CredentialsExpired):
        connection.ask(Request("GET", "/version"))
    assert server.heard == []


def test_the_server_is_asked_without_credentials_even_when_the_plugin_fails(tmp_path: Path, serve: Serve) -> None:
    """Whether it serves does not depend on who asks."""
    server = serve(lambda heard: Reply(200, "ok"))
    connection = ClusterConnection(server.cluster({"exec": _plugin(tmp_path, "exit 1")}))
    assert connection.answer(Request("GET", "/readyz", anonymous=True)).status == 200
    assert "authorization" not in server.heard[0].headers


def test_a_context_without_a_user_is_anonymous(tmp_path: Path, serve: Serve) -> None:
    """No user section, no credentials."""
    server = serve(lambda heard: Reply())
    server.kubeconfig()
    path = tmp_path / "nobody"
    path.write_text((server.folder / "kubeconfig").read_text().replace("user: u", "user: ''"))
    ClusterConnection(Cluster("here", "ns", str(path))).ask(Request("GET", "/version"))
    assert "authorization" not in server.heard[0].headers
