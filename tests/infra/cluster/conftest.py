"""Servers that end with their test, and retries that do not wait."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina

from gospel_rollback_tui.infra.cluster.connection import ClusterConnection, Timeouts
from tests.infra.cluster.scripted import Script, ScriptedServer

QUICK = Timeouts(connect=2.0, read=0.6, change=0.6)
"""Short enough for tests that wait for a timeout."""


@pytest.fixture(autouse=True)
def _no_ambient_kubeconfig(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KUBECONFIG", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def retries_without_waits() -> Iterator[None]:
    """Lets reads be tried again at once."""
    with stamina.set_testing(True, attempts=4, cap=True):
        yield


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Script], ScriptedServer]]:
    """Starts scripted servers and ends them with the test."""
    servers: list[ScriptedServer] = []

    def _serve(script: Script) -> ScriptedServer:
        folder = tmp_path / f"server{len(servers)}"
        folder.mkdir()
        servers.append(ScriptedServer(folder, script))
        return servers[-1]

    yield _serve
    for server in servers:
        server.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., ClusterConnection]]:
    """Makes connections to scripted servers and closes them with the test."""
    made: list[ClusterConnection] = []

    def _connect(server: ScriptedServer, *, timeouts: Timeouts = QUICK, nonce: str = "") -> ClusterConnection:
        made.append(ClusterConnection(server.cluster(nonce=nonce), timeouts=timeouts))
        return made[-1]

    yield _connect
    for connection in made:
        connection.close()
