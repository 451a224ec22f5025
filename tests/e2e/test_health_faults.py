"""Sources that lie or fall silent: each pane says that it cannot be believed, and why, in words an operator acts on."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import Drill, served
from tests.e2e.lost_packets import lossy_line
from tests.e2e.playing import BUNDLE, roll_back
from tests.e2e.terminal import Terminal


def show_health(terminal: Terminal, address: str = "/services/gateway/ready") -> None:
    """Opens the health pane alone, which shows the addresses of the services."""
    terminal.press_until("p", lambda: address in terminal.text(), "the health pane alone")


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


def test_health_without_a_route_comes_through_the_api_server(tmp_path: Path) -> None:
    """The services' names mean nothing here: the row says by which way the answer came and what the direct one met; nobody is blamed."""
    with served(tmp_path, faults=["proxy-only"]) as drill, drill.app(columns=140) as terminal:
        terminal.wait_until(lambda screen: "roll back now" in screen and "API 200" in screen and "answer from here" not in screen, "that nobody is blamed")
        show_health(terminal, "svc.drill.invalid")
        terminal.wait_for("200 through the API server · from here: name not found")
        drill.control.fault("api-down", seconds=600.0)
        terminal.wait_for("name not found · through the API server: connection")


def test_a_clock_that_is_wrong_is_said_and_misleads_nobody(tmp_path: Path) -> None:
    """The estate's servers are four minutes ahead: it is said, errors are counted by their time, and the rollback goes its way to stable."""
    with served(tmp_path, faults=["clock-skew"]) as drill, drill.app() as terminal:
        terminal.wait_for("This host's clock is 4 min behind the cluster's", "roll back now")
        terminal.wait_until(lambda screen: "no service stands out" not in screen, "the service that stands out")
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        opened = drill.wait_for(Kind.RUN_OPENED)
        assert opened.at - opened.data["onset"] > 360.0  # the record goes by this host's clock: seven minutes, not three
        terminal.wait_for("This host's clock is 4 min behind")
        drill.wait_for(Kind.STABLE)
        drill.control.fault("clock-skew", on=False)
        terminal.wait_until(lambda screen: "clock is" not in screen, "clocks that agree")


def test_a_name_that_does_not_resolve_is_said_and_is_nobody_elses_fault(tmp_path: Path) -> None:
    """The row says why, the cluster stays live, and one sentence says that it is this source."""
    with served(tmp_path) as drill:
        settings = yaml.safe_load(drill.endpoints.config_file.read_text())
        settings["environments"]["drill"]["endpoints"].append({"name": "gone", "url": "http://api.drill.invalid/health"})
        drill.endpoints.config_file.write_text(yaml.safe_dump(settings))
        with drill.app() as terminal:
            terminal.wait_for("roll back now", "name not found", "answer from here: it is", "api.drill.invalid.")
            show_health(terminal)
            terminal.wait_for("GET api.drill.invalid/health · name not found", "answer from here: it is api.drill.invalid.")


@contextmanager
def frozen(drill: Drill) -> Iterator[None]:
    """Stops the estate's process, so that every connection stays open and says nothing."""
    os.kill(drill.endpoints.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(drill.endpoints.pid, signal.SIGCONT)


def test_an_estate_that_falls_silent_is_told_from_this_hosts_network(tmp_path: Path) -> None:
    """Nothing is closed, nothing answers: the panes are unknown with their reason, and it is said that probably nobody is heard from here."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        with frozen(drill):
            said = ("Nothing answers from this host: probably this host's network", "? no answer in time")
            terminal.wait_until(lambda screen: all(words in screen for words in said) and "12 of 12" not in screen, "that nothing is known, and why")
        terminal.wait_until(lambda screen: "Nothing answers" not in screen and "no answer in time" not in screen, "the live estate again")


def test_a_frozen_kubernetes_api_is_seen_to_be_frozen_and_to_be_the_only_one(tmp_path: Path) -> None:
    """Its connections stay open: the pods are unknown, with the reason in their title; what answers meanwhile proves that it is this source."""
    with served(tmp_path) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        drill.control.fault("api-frozen")
        terminal.wait_until(
            lambda screen: "? no answer in time" in screen and "answer from here: it is the" in screen and "2 of 2" not in screen,
            "that the pods are unknown, why, and whose silence it is",
            deadline=90.0,
        )
        drill.control.fault("api-frozen", on=False)
        terminal.wait_until(lambda screen: "no answer in time" not in screen and "from here" not in screen and "2 of 2" in screen, "the live estate again")


def test_lost_packets_on_the_way_to_the_kubernetes_api_are_seen_and_told_from_the_rest(tmp_path: Path) -> None:
    """Watches stay open and hear nothing, connections are not even refused: the pods are unknown, and live again without a key."""
    with served(tmp_path) as drill:
        access = yaml.safe_load(drill.endpoints.kubeconfig.read_text())
        address = urlsplit(access["clusters"][0]["cluster"]["server"])
        assert address.port is not None
        with lossy_line(address.port) as line:
            access["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{line.port}"
            drill.endpoints.kubeconfig.write_text(yaml.safe_dump(access))
            with drill.app() as terminal:
                terminal.wait_for("roll back now", "2 of 2")
                with line.losing():
                    terminal.wait_until(
                        lambda screen: "? no answer in time" in screen and "answer from here: it is the" in screen and "2 of 2" not in screen,
                        "that the pods are unknown, why, and whose silence it is",
                        deadline=90.0,
                    )
                terminal.wait_until(lambda screen: "from here" not in screen and "2 of 2" in screen, "the live estate again", deadline=90.0)


def test_an_app_that_starts_before_a_frozen_kubernetes_api_says_so(tmp_path: Path) -> None:
    """There was never anything to go stale: the pane is unknown with its reason all the same, on a small screen too."""
    with served(tmp_path, faults=["api-frozen"]) as drill, drill.app(columns=80, rows=24) as terminal:
        terminal.wait_for("answer from here: it is the")
        terminal.press_until("p", lambda: "Pods" in terminal.text() and "No answer from https" in terminal.text(), "the pods pane with its reason")


def test_with_a_second_vantage_the_silence_is_the_estates(tmp_path: Path) -> None:
    """An independent address that answers takes the blame from this host's network."""
    with served(tmp_path / "estate") as drill, served(tmp_path / "elsewhere") as elsewhere:
        settings = yaml.safe_load(drill.endpoints.config_file.read_text())
        settings["environments"]["drill"]["vantage"] = f"{elsewhere.endpoints.public_url}/health"
        drill.endpoints.config_file.write_text(yaml.safe_dump(settings))
        with drill.app() as terminal:
            terminal.wait_for("roll back now")
            with frozen(drill):
                terminal.wait_for("answers from here, nothing of the estate does")
