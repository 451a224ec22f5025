"""Metrics by keys on 24 lines: worse before the rollback, as usual after it, a signal of stability, and what a silent Prometheus does to them."""

from functools import partial
from pathlib import Path

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import Drill, served
from tests.e2e.playing import BUNDLE, roll_back
from tests.e2e.terminal import Terminal


def open_metrics(terminal: Terminal) -> None:
    """Goes from pane to pane until the metrics stand alone."""
    for pane in ("Pods", "Health", "Logs", "Events", "Metrics"):
        terminal.press_until("p", partial(_stands_alone, terminal, pane), f"the pane {pane}")


def _stands_alone(terminal: Terminal, pane: str) -> bool:
    return terminal.lines()[2].startswith(f"   {pane}  ")


def states(drill: Drill, name: str = "metrics") -> list[str]:
    """Returns the states that a signal of stability has had, oldest first."""
    return [str(event.data["state"]) for event in drill.events() if event.kind is Kind.SIGNAL and event.data["name"] == name]


def test_the_error_rate_is_worse_before_the_rollback_and_as_usual_after_it(tmp_path: Path) -> None:
    """The pane names the dashboard; the watch counts the metrics as a signal and gets stable with them."""
    with served(tmp_path) as drill, drill.app(columns=80, rows=24) as terminal:
        terminal.wait_for("roll back now")
        open_metrics(terminal)
        terminal.wait_for("✗ error rate", "✗ latency p95", "usual 0.", "worse", "✓ memory of limit", "grafana.drill.invalid")
        terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        drill.wait_for(Kind.STABLE)
        assert states(drill)[-1] == "good"
        open_metrics(terminal)
        terminal.wait_for("✓ error rate", "✓ latency p95", "✓ memory of limit")


def test_a_silent_prometheus_is_said_with_its_reason_and_keeps_the_watch_from_being_stable(tmp_path: Path) -> None:
    """What accepts and never answers is unknown within half a minute; the rollback goes on, and stable it is only once metrics are known again."""
    with served(tmp_path, faults=["metrics-silent"], hold="2s") as drill, drill.app(columns=80, rows=24) as terminal:
        terminal.wait_for("roll back now")
        open_metrics(terminal)
        shown = terminal.wait_for("Metrics", "! No answer from 127.0.0.1:", " within 4 s.", "? error rate", "not known")
        assert "✓" not in shown
        assert " 0 %" not in shown
        terminal.press_until("escape", lambda: "roll back now" in terminal.text(), "triage again")
        roll_back(terminal, drill)
        assert drill.sent() == BUNDLE
        terminal.wait_until(lambda _: "unknown" in states(drill), "a signal that is not known")
        terminal.wait_until(lambda _: states(drill, "pods")[-1:] == ["good"] and states(drill, "/health")[-1:] == ["good"], "all else well")
        assert not drill.has(Kind.STABLE)
        drill.control.fault("metrics-silent", on=False)
        drill.wait_for(Kind.STABLE)
        assert states(drill)[-1] == "good"
