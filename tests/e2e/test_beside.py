"""What stands beside the services: nodes that fall silent or may not be read, and pods of other namespaces."""

from functools import partial
from pathlib import Path

import pytest
import yaml

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import Drill, served
from tests.e2e.playing import roll_back
from tests.e2e.terminal import Terminal

SIZES = [(80, 24), (120, 36)]
HOME = "gospelib-production"
LONG = 150.0
"""Seconds until a release's errors are a minute old and the watch has held."""


def rewrite(drill: Drill, **cluster: object) -> None:
    """Changes what the configuration says of the cluster."""
    settings = yaml.safe_load(drill.endpoints.config_file.read_text())
    settings["environments"]["drill"]["cluster"] |= cluster
    drill.endpoints.config_file.write_text(yaml.safe_dump(settings))


def flowing(screen: str) -> str:
    """The screen's text without the ends of its lines and the frame of what is before it."""
    return " ".join(screen.replace("▌", " ").split())


def typed(text: str, screen: str) -> bool:
    """Whether the field of the filter holds the text."""
    return any(f" {text} " in f"{line} " for line in screen.splitlines()[-5:])


def keep_lines_with(terminal: Terminal, text: str) -> None:
    """Filters the pane, each key seen before the next."""
    terminal.press("/")
    terminal.wait_for("only lines that hold this text")
    for length in range(1, len(text) + 1):
        terminal.press(text[length - 1])
        terminal.wait_until(partial(typed, text[:length]), "what is typed")
    terminal.press("enter")


def show_pods(terminal: Terminal) -> None:
    """Opens the pods pane alone."""
    terminal.wait_for("What changed before")
    terminal.press_until("p", lambda: terminal.lines()[2].lstrip().startswith("Pods"), "the pods pane alone")


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_node_that_falls_silent_is_named_and_its_pods_say_so(tmp_path: Path, columns: int, rows: int) -> None:
    """Above the list and at each of its pods; a pod in full says since when; once it speaks again, nothing is said of nodes."""
    with served(tmp_path) as drill, drill.app(columns=columns, rows=rows) as terminal:
        show_pods(terminal)
        terminal.wait_until(lambda screen: screen.count("Ready") >= 12 and "node " not in screen.replace("node\n", ""), "twelve pods on good nodes")
        drill.control.fault("node-not-ready")
        terminal.wait_for("1 of 3 nodes silent: ip-10-0-", "node silent", "✗")
        terminal.press_until("enter", lambda: "Containers" in terminal.text(), "the pod in full")
        terminal.wait_until(lambda screen: "its kubelet is silent for" in flowing(screen) and "Kubelet stopped posting" in flowing(screen), "why")
        terminal.press_until("escape", lambda: "Containers" not in terminal.text(), "the list again")
        drill.control.fault("node-not-ready", on=False)
        terminal.wait_until(lambda screen: "silent" not in screen and screen.count("Ready") >= 12, "twelve pods on good nodes again")


def test_nodes_that_may_not_be_read_are_unknown_and_hold_nothing_up(tmp_path: Path) -> None:
    """The way back is suggested all the same; the pod in full says why nothing is known; the API is not asked by every round."""
    with served(tmp_path, faults=["nodes-forbidden"]) as drill, drill.app() as terminal:
        terminal.wait_for("roll back now")
        show_pods(terminal)
        terminal.wait_for("✓ gospelib-gateway")
        terminal.press_until("enter", lambda: "Containers" in terminal.text(), "the pod in full")
        terminal.wait_for("nothing is known of it", "no right to read it")
        asked = [request for request in drill.control.requests() if request["path"].startswith("/api/v1/nodes") and request["user"] == "operator"]
        assert 1 <= len(asked) <= 4
        terminal.press_until("escape", lambda: "What changed before" in terminal.text(), "the first screen")
        roll_back(terminal, drill)
        drill.wait_for(Kind.STABLE, LONG)


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_pods_of_other_namespaces_stand_in_the_list_and_decide_nothing(tmp_path: Path, columns: int, rows: int) -> None:
    """A namespace that may not be read is named; a crashing neighbour is seen in full with its log, and the services are judged as ever."""
    with served(tmp_path, faults=["neighbours"]) as drill, drill.app(columns=columns, rows=rows) as terminal:
        screen = terminal.wait_for("roll back now")
        assert "payments" not in screen
        show_pods(terminal)
        terminal.wait_for("? vault: no right to read it", "payments", "CrashLoopBackOff", "✓ gosp")
        terminal.press_until("z", lambda: "grouped by namespace" in terminal.text(), "groups by namespace")
        terminal.wait_for("payments  2 of 4 ready, 2 failing", f"{HOME}  12 of 12 ready")
        terminal.press_until("z", lambda: "grouped" not in terminal.text(), "no groups")
        keep_lines_with(terminal, "payments")
        terminal.wait_for("4 of 16 with 'payments'")
        terminal.press_until("enter", lambda: "Containers" in terminal.text(), "the pod in full")
        terminal.wait_for("none of the environment's", "Namespace payments")
        terminal.press_until("\x1b[F", lambda: "FATAL could not connect to the ledger" in terminal.text(), "its last log lines")
        terminal.wait_for("BackOff")


def test_a_neighbour_that_crashes_resets_no_stability_watch(tmp_path: Path) -> None:
    """The rollback goes its way to stable while the neighbour's pods crash on; the runner never reads them."""
    with served(tmp_path, faults=["neighbours"]) as drill, drill.app() as terminal:
        roll_back(terminal, drill)
        drill.wait_for(Kind.STABLE, LONG)
        assert not [event for event in drill.events() if event.kind is Kind.CLOCK_RESET and event.data["signal"] in ("pods", "restarts")]
        read = [one for one in drill.control.requests() if "/namespaces/payments/" in one["path"] and "watch" not in one["query"]]
        paths = sorted(one["path"] for one in read if one["user"] == "operator")
        assert paths == ["/api/v1/namespaces/payments/events", "/api/v1/namespaces/payments/pods"]  # once each: by this app, not by its runner
        changed = [change["path"] for change in drill.control.changes() if change["user"] == "operator"]
        assert changed
        assert not [path for path in changed if "payments" in path or "vault" in path]


def test_all_namespaces_are_one_list_and_one_watch(tmp_path: Path) -> None:
    """Who may read the whole cluster sees every namespace but pays for the services' own pods once; who may not is told so."""
    with served(tmp_path, faults=["neighbours"]) as drill:
        rewrite(drill, watch="all")
        with drill.app() as terminal:
            show_pods(terminal)
            terminal.wait_for("? other namespaces: no right to read it", "✓ gosp")
        rewrite(drill, kubeconfig=str(drill.endpoints.ca_file.with_name("admin.kubeconfig")))
        with drill.app() as terminal:
            show_pods(terminal)
            terminal.wait_for("payments", "vault", "sealer-", "✓ gosp")
            assert "no right" not in terminal.text()
        asked = [one["query"] for one in drill.control.requests() if one["user"] == "admin" and one["path"] == "/api/v1/pods"]
        assert sum("watch" not in query for query in asked) == 1
        assert any("watch" in query for query in asked)
        assert {query["fieldSelector"] for query in asked} == {f"metadata.namespace!={HOME}"}


def test_a_namespace_that_is_wrong_in_the_configuration_is_said_with_its_line(tmp_path: Path) -> None:
    """File, line, key, what to write, and exit code 2; the terminal is left as it was."""
    with served(tmp_path) as drill:
        rewrite(drill, watch=[HOME])
        line = next(number for number, text in enumerate(drill.endpoints.config_file.read_text().splitlines(), 1) if text.strip() == f"- {HOME}")
        with drill.app() as terminal:
            assert terminal.wait_for_exit() == 2
            said = "".join(terminal.lines())
            assert f"config.yaml:{line}: environments.drill.cluster.watch[0]: {HOME!r} is the namespace of the services" in said
