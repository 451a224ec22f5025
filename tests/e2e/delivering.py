"""What an operator does at the keys where delivery is part of the incident: ways by Argo CD's history and by git."""

import time
from typing import Any

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import Drill
from tests.e2e.terminal import DEADLINE, Terminal

PATCH, HISTORY, GIT, REVERT, PIN_IN_GIT = (
    "patch back, git after",
    "Argo CD rollback, git after",
    "Put the good manifests back in git",
    "Revert the bad commits in git",
    "Pin a known-good image in git",
)
"""Titles of ways back, as the verdict shows them."""


def take_way(terminal: Terminal, drill: Drill, title: str) -> None:
    """Chooses row 1 and one of its ways by its number, which opens the run."""
    terminal.wait_for("roll back now")  # before the evidence is clear, a digit answers the question that stands there
    terminal.press_until("1", lambda: "Ways back" in terminal.text(), "the ways back")
    terminal.press_until(_number(terminal, title), lambda: drill.has(Kind.CHOSEN), f"a run by {title!r}")
    terminal.wait_for("asks you to")


def _number(terminal: Terminal, title: str) -> str:
    """Returns the number that stands before a way; one that is out of sight is brought there."""
    terminal.press_until("down", lambda: any(title in line for line in terminal.lines()), f"the way {title!r}")
    return next(line.strip(" ▌").split()[0] for line in terminal.lines() if title in line)


def confirm_step(terminal: Terminal, drill: Drill, shows: str) -> None:
    """Prepares the step by Enter, and confirms by `y` once the prompt shows that text."""
    before = drill.count(Kind.CONFIRMED)
    terminal.press("enter")  # once: in the prompt that it brings, Enter goes back
    terminal.wait_for(shows, "go back")
    terminal.press_until("y", lambda: drill.count(Kind.CONFIRMED) > before, "a confirmation in the journal")


def verified(drill: Drill, step: str, deadline: float = DEADLINE) -> None:
    """Waits until the world has shown the step."""
    end = time.monotonic() + deadline
    while not any(event.kind is Kind.VERIFIED and event.data["step"] == step for event in drill.events()):
        assert time.monotonic() < end, f"{step} was not verified: {[(e.kind.value, e.data.get('reason', '')) for e in drill.events()][-12:]}"
        time.sleep(0.05)  # the journal is a file: nothing tells when it grows


def application(drill: Drill) -> dict[str, Any]:
    """Returns the Application as it is now."""
    return drill.control.object("applications", "argocd", "gospelib-production")


def policy(drill: Drill) -> dict[str, Any]:
    """Returns the Application's sync policy."""
    found: dict[str, Any] = application(drill)["spec"]["syncPolicy"]
    return found


def asked_of_argocd(drill: Drill) -> list[str]:
    """Returns `METHOD last-part-of-path` of every request to Argo CD that may change something."""
    return [f"{r['method']} {r['path'].rpartition('/')[2]}" for r in drill.control.argocd_requests() if r["method"] != "GET"]


def head(drill: Drill) -> str:
    """Returns the commit of the branch that Argo CD follows."""
    return str(drill.control.repository()["head"])
