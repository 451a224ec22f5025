"""The pinned context is found by kubectl's conventions."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gospel_rollback_tui.domain.errors import ConfigurationError, UsageError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import Request
from gospel_rollback_tui.infra.cluster.kubeconfig import load_access
from tests.infra.cluster.scripted import Reply, Script, ScriptedServer

Serve = Callable[[Script], ScriptedServer]


def _write(path: Path, name: str, server: str, user: dict[str, Any] | None = None, cluster: dict[str, Any] | None = None) -> Path:
    content = {
        "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": "elsewhere"}}],
        "clusters": [{"name": name, "cluster": {"server": server} | (cluster or {})}],
        "users": [{"name": name, "user": {"token": "t"} if user is None else user}],
        "current-context": name,
    }
    path.write_text(yaml.safe_dump(content))
    return path


def test_several_files_are_merged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """KUBECONFIG may name several files, also ones that do not exist; the context decides which counts."""
    one, two = _write(tmp_path / "one", "a", "https://a.example"), _write(tmp_path / "two", "b", "https://b.example/")
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join([str(one), str(tmp_path / "none"), str(two)]))
    assert load_access(Cluster("b", "ns")).server == "https://b.example"
    assert load_access(Cluster("a", "ns")).server == "https://a.example"


def test_the_configured_file_comes_before_the_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drill's own kubeconfig is never replaced by what the shell says."""
    monkeypatch.setenv("KUBECONFIG", str(_write(tmp_path / "real", "here", "https://production.example")))
    mine = _write(tmp_path / "mine", "here", "https://127.0.0.1:1")
    assert load_access(Cluster("here", "ns", str(mine))).server == "https://127.0.0.1:1"


def test_the_default_file_is_kubectls(tmp_path: Path) -> None:
    """Without anything else ~/.kube/config is read."""
    (tmp_path / ".kube").mkdir()
    _write(tmp_path / ".kube" / "config", "here", "https://a.example")
    assert load_access(Cluster("here", "ns")).server == "https://a.example"


def test_an_unknown_context_lists_the_known_ones(tmp_path: Path) -> None:
    """The message names the file and what it has."""
    path = _write(tmp_path / "config", "staging", "https://a.example")
    with pytest.raises(ConfigurationError, match="no context 'production'; known: staging") as caught:
        load_access(Cluster("production", "ns", str(path)))
    assert str(path) in caught.value.text
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("content", "words", "line"),
    [
        ("contexts: [\n  {name: a\n", "is not YAML", 3),
        ("", "cannot be read as a kubeconfig", 0),
        ("- a\n- b\n", "cannot be read as a kubeconfig", 0),
        ("contexts: [5]\n", "no context 'here'; known: none", 0),
        ("contexts: [{name: here, context: {cluster: c}}]\nclusters: []\n", "names no cluster", 0),
        ("contexts: [{name: here, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: ''}}]\n", "names no cluster", 0),
    ],
)
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, content: str, words: str, line: int) -> None:
    """Whatever is wrong with it, the file is named, and the line where it is known."""
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        load_access(Cluster("here", "ns", str(path)))
    assert (caught.value.file, caught.value.line) == (str(path), line)


def test_no_file_at_all_says_what_to_do(tmp_path: Path) -> None:
    """The operator is told to log in, or to name the file."""
    with pytest.raises(ConfigurationError, match="no kubeconfig is there") as caught:
        load_access(Cluster("here", "ns", str(tmp_path / "none")))
    assert "Log in" in caught.value.next_step


def test_a_missing_certificate_file_is_told(tmp_path: Path) -> None:
    """A path in the kubeconfig is relative to it, and checked."""
    path = _write(tmp_path / "config", "here", "https://a.example", cluster={"certificate-authority": "ca.crt"})
    with pytest.raises(ConfigurationError, match=str(tmp_path / "ca.crt")):
        load_access(Cluster("here", "ns", str(path)))


@pytest.mark.parametrize(
    ("server", "proxy_url", "expected"),
    [
        ("https://a.example", None, "http://proxy:3128"),
        ("https://inside.corp", None, None),
        ("https://127.0.0.1:6443", None, None),
        ("https://localhost:6443", None, None),
        ("https://inside.corp", "http://special:1", "http://special:1"),
        ("https://127.0.0.1:6443", "http://special:1", "http://special:1"),
    ],
)
def test_proxies_are_used_as_kubectl_uses_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, proxy_url: str | None, expected: str | None
) -> None:
    """The environment's proxy, but not for this machine or NO_PROXY; the cluster's own whatever NO_PROXY says."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", ".corp")
    path = _write(tmp_path / "config", "here", server, cluster={"proxy-url": proxy_url} if proxy_url else None)
    configuration = load_access(Cluster("here", "ns", str(path))).configuration
    host = server.removeprefix("https://")
    bypassed = bool(configuration.no_proxy) and host.endswith(".corp")
    assert (None if bypassed else configuration.proxy) == expected


def test_a_drill_uses_no_proxy(tmp_path: Path) -> None:
    """Nothing in a kubeconfig or the environment leads a drill elsewhere."""
    path = _write(tmp_path / "config", "here", "https://127.0.0.1:6443", cluster={"proxy-url": "http://special:1"})
    assert load_access(Cluster("here", "ns", str(path), nonce="n")).configuration.proxy is None


def test_the_library_is_left_no_credentials_but_certificates(tmp_path: Path) -> None:
    """It could run a plugin, and on the terminal; so it never sees one."""
    marker = tmp_path / "ran"
    plugin = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(marker)]}, "token": "t"}
    access = load_access(Cluster("here", "ns", str(_write(tmp_path / "config", "here", "https://a.example", plugin))))
    assert not marker.exists()
    assert set(access.user) == {"exec", "token"}


def test_a_login_that_moves_the_context_elsewhere_is_refused(serve: Serve) -> None:
    """The address is pinned at the first request: a kubeconfig rewritten to another cluster is not followed."""
    first, second = serve(lambda heard: Reply()), serve(lambda heard: Reply())
    connection = ClusterConnection(first.cluster())
    connection.ask(Request("GET", "/version"))
    first.kubeconfig(cluster={"server": second.url})
    connection.renew()
    with pytest.raises(UsageError, match="began with"):
        connection.ask(Request("GET", "/version"))
    assert second.heard == []


def test_a_login_that_writes_a_new_token_is_followed(serve: Serve) -> None:
    """After `renew` the kubeconfig is read again."""
    server = serve(lambda heard: Reply())
    connection = ClusterConnection(server.cluster({"token": "old"}))
    connection.ask(Request("GET", "/version"))
    server.kubeconfig({"token": "new"})
    connection.renew()
    connection.ask(Request("GET", "/version"))
    assert [heard.headers["authorization"] for heard in server.heard] == ["Bearer old", "Bearer new"]


def test_secrets_do_not_leave_over_plain_http(tmp_path: Path) -> None:
    """As with kubectl: without TLS no credentials are sent, so an address without it needs none."""
    access = load_access(Cluster("here", "ns", str(_write(tmp_path / "config", "here", "http://127.0.0.1:8080"))))
    assert access.server == "http://127.0.0.1:8080"
