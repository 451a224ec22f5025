"""A remote with two releases, and an operator whom git knows."""

from pathlib import Path

import pytest

from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.infra.repository.remotes import Remote


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Gives git a name and nothing else of this machine's settings."""
    configuration = tmp_path / "gitconfig"
    configuration.write_text("[user]\n\tname = Ann Operator\n\temail = ann@example.com\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    """The estate's remote."""
    return Remote.make(tmp_path)


@pytest.fixture
def repository(remote: Remote, tmp_path: Path) -> GitRepository:
    """Our own view of it, fetched."""
    return remote.repository(tmp_path / "state")
