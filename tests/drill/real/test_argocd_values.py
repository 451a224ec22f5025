"""The pure parts of the real Argo CD: command lines, accounts, and whose token a request carries."""

from pathlib import Path

from gospel_rollback_tui.drill.argocd.accounts import OPERATOR, READONLY
from gospel_rollback_tui.drill.real.argocd.accounts import API_ACCOUNTS, ON_CALL, account_settings, policy
from gospel_rollback_tui.drill.real.argocd.door import account_of
from gospel_rollback_tui.drill.real.argocd.programs import Ports, Programs, claim_ports
from gospel_rollback_tui.drill.real.ports import ClaimedPorts

PROGRAMS = Programs(Path("/estate/argocd"), Path("/estate/kubeconfig"), "argocd", Ports(1, 2, 3, (4, 5, 6, 7), 8, 9), {"PATH": "/bin"})


def test_every_program_has_a_name_and_a_folder_of_its_own() -> None:
    """One binary acts as four programs, told by its environment; none of them inherits anything."""
    started = [PROGRAMS.server(), PROGRAMS.repo_server(), PROGRAMS.application_controller(), PROGRAMS.application_set_controller()]
    assert len({environment["ARGOCD_BINARY_NAME"] for _, environment in started}) == 4
    assert len({environment["TMPDIR"] for _, environment in started}) == 4
    for _, environment in started:
        assert environment["PATH"] == "/bin"
        assert environment["TMPDIR"].startswith("/estate/argocd/")


def test_no_two_listen_on_one_port() -> None:
    """Every port is claimed once."""
    claimed = ClaimedPorts()
    ports = claim_ports(claimed)
    claimed.release()
    chosen = [ports.redis, ports.repo_server, ports.server, *ports.metrics, ports.probes, ports.webhook]
    assert len(set(chosen)) == 9


def test_accounts_have_the_rights_of_the_simulated_ones() -> None:
    """The policy is Argo CD's own, a line a right; nobody but who is listed gets a token."""
    assert policy((READONLY,)) == "p, readonly, *, get, *, allow\n"
    assert "p, operator, applications, sync, gospelib/*, allow\n" in policy((OPERATOR,))
    settings = account_settings(API_ACCOUNTS)
    assert "accounts.admin" not in settings
    assert "apiKey" in settings[f"accounts.{ON_CALL.name}"]


def test_a_token_names_its_account() -> None:
    """What is no token names nobody."""
    assert account_of("e30.eyJzdWIiOiJvcGVyYXRvcjphcGlLZXkifQ.c2ln") == "operator"
    for token in ("", "a", "a.b.c", "e30.W10.x", "e30.e30.x"):
        assert account_of(token) == ""
