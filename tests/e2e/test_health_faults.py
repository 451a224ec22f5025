"""Sources that lie or fall silent: each pane says that it cannot be believed, and why, in words an operator acts on."""

from pathlib import Path

from tests.e2e.drilling import served
from tests.e2e.terminal import Terminal


def show_health(terminal: Terminal) -> None:
    """Opens the health pane alone."""
    terminal.press_until("p", lambda: "/services/gateway/ready" in terminal.text(), "the health pane alone")


def test_an_expired_certificate_of_the_public_address_is_bad_and_says_since_when(tmp_path: Path) -> None:
    """The other checks stay what they are; renewed, it is good again and says nothing of the certificate."""
    with served(tmp_path, faults=["certificate-expired"]) as drill, drill.app(columns=80, rows=24) as terminal:
        terminal.wait_for("roll back now")
        show_health(terminal)
        terminal.wait_for("certificate expired 3 h ago", "Renew the certificate", "/services/gateway/ready")
        drill.control.fault("certificate-expired", on=False)
        terminal.wait_until(lambda screen: "expired" not in screen and "GET /health" in screen, "a certificate that holds")


def test_an_expired_certificate_of_the_kubernetes_api_is_said_with_its_end(tmp_path: Path) -> None:
    """Nobody is told that the cluster is gone; the pods' title names the certificate, and renewed, everything is live again."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        drill.control.fault("api-certificate-expired")
        terminal.wait_for("? certificate expired", "has expired: it held until", "UTC")
        drill.control.fault("api-certificate-expired", on=False)
        terminal.wait_until(lambda screen: "expired" not in screen and "roll back now" in screen, "the live estate again")
