"""Where the token comes from, and that it is never seen."""

from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.domain.errors import CredentialsExpired, UsageError
from gospel_rollback_tui.infra.argocd.address import base_url
from gospel_rollback_tui.infra.argocd.token import TokenSource

URL = "https://argocd.example.com"
SECRET = "eyJhbGciOiJIUzI1NiJ9.s3cr3t.sIgNaTuRe"


def _configuration(folder: Path, server: str = "argocd.example.com") -> None:
    folder.mkdir(parents=True)
    content = {
        "contexts": [{"name": "other", "server": "argocd.other.com", "user": "other"}, {"name": "ours", "server": server, "user": "ours"}],
        "current-context": "other",
        "users": [{"name": "other", "auth-token": "eyJother"}, {"name": "ours", "auth-token": SECRET}],
    }
    (folder / "config").write_text(yaml.safe_dump(content))


def test_the_configured_file_comes_first_and_is_read_again_after_a_renewal(tmp_path: Path) -> None:
    """A login made meanwhile counts; space around the token does not."""
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    source = TokenSource(str(file), URL, environment={"ARGOCD_AUTH_TOKEN": "eyJother"})
    assert source.current() == SECRET
    file.write_text("eyJnewer")
    assert source.current() == SECRET
    source.forget()
    assert source.current() == "eyJnewer"


def test_the_variable_comes_before_the_commands_own_configuration(tmp_path: Path) -> None:
    """As for the argocd command itself."""
    _configuration(tmp_path / "argocd")
    names = {"ARGOCD_CONFIG_DIR": str(tmp_path / "argocd")}
    assert TokenSource("", URL, environment={**names, "ARGOCD_AUTH_TOKEN": "eyJvariable"}).current() == "eyJvariable"
    assert TokenSource("", URL, environment=names).current() == SECRET


def test_only_a_token_for_this_very_server_is_taken_from_the_command(tmp_path: Path) -> None:
    """Never the current context's: it may be another company's server."""
    _configuration(tmp_path / "argocd", "elsewhere.example.com")
    with pytest.raises(CredentialsExpired, match="no Argo CD token"):
        TokenSource("", URL, environment={"XDG_CONFIG_HOME": str(tmp_path)}).current()


def test_a_token_that_is_none_is_refused_without_being_shown(tmp_path: Path) -> None:
    """A whole file of something else, an empty one, and one that is not there."""
    for content in ("", "two words", "é", f"{SECRET}\n{SECRET}"):
        file = tmp_path / "token"
        file.write_text(content)
        with pytest.raises(CredentialsExpired) as refusal:
            TokenSource(str(file), URL).current()
        assert SECRET not in refusal.value.sentences()
        assert "in git" in refusal.value.next_step
    with pytest.raises(CredentialsExpired, match="No such file"):
        TokenSource(str(tmp_path / "absent"), URL).current()


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("argocd.example.com", "https://argocd.example.com"),
        ("argocd.example.com:8443", "https://argocd.example.com:8443"),
        ("https://example.com/argocd/", "https://example.com/argocd"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_addresses_are_reached_over_tls_unless_they_are_this_machine(server: str, url: str) -> None:
    """A host alone means TLS; a root path stays."""
    assert base_url(server) == url


@pytest.mark.parametrize(
    "server", ["", "http://argocd.example.com", "ftp://argocd.example.com", "https://", "a:b:c", "https://me:pw@argocd.example.com", "x?y"]
)
def test_addresses_that_would_show_the_token_or_are_none_are_refused(server: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError, match=r"no address|in the clear"):
        base_url(server)
