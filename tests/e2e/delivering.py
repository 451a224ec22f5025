"""What an operator does at the keys where delivery is part of the incident: ways by Argo CD's history and by git."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.bad_code import BAD, GOOD, OLDER, READY_BUT_FAILING, histories
from gospel_rollback_tui.drill.script import GOOD_TAG, SERVICE_PORTS
from tests.e2e.drilling import Drill
from tests.e2e.terminal import DEADLINE, PATIENCE, Terminal

PATCH, PIN, APPLY, HISTORY, GIT, REVERT, PIN_IN_GIT, RELEASE = (
    "patch back, git after",
    "pin a known-good image",
    "apply a known-good image",
    "ollback, git after",
    "Put the good manifests back in git",
    "Revert the bad commits in git",
    "Pin a known-good image in git",
    "Put the whole release back in git",
)
"""What of the titles of ways back the verdict shows at any width."""
WHOLE_RELEASE = replace(READY_BUT_FAILING, id="whole-release", histories=histories(**dict.fromkeys(SERVICE_PORTS, (OLDER, GOOD, BAD))))
"""The same night, but the bad release brought all six services."""
PROMPT, LIST = "n  go back", "take it"
"""What only a confirmation shows, and what only a list to choose from."""
SLOW = 15.0
"""Seconds after which Enter is pressed again: on a loaded machine a preview takes some."""


def take_way(terminal: Terminal, drill: Drill, title: str) -> None:
    """Chooses row 1 and one of its ways by its number, which opens the run."""
    terminal.wait_until(_clear, "clear evidence")
    take_listed_way(terminal, drill, "1", title)


def take_listed_way(terminal: Terminal, drill: Drill, row: str, title: str) -> None:
    """Chooses a row of the matrix by its key and one of its ways by its number, which opens the run."""
    terminal.press_until(row, lambda: "Ways back" in terminal.text(), "the ways back")
    terminal.press_until(partial(_number_now, terminal, title), lambda: drill.has(Kind.CHOSEN), f"a run by {title!r}")
    _wait(lambda: drill.has(Kind.PREVIEWED) or drill.has(Kind.REFUSED), lambda: f"no preview of {title!r}; the screen shows:\n{terminal.text()}")


def _number_now(terminal: Terminal, title: str) -> str:
    """Returns the way's number as it is now, since ways change places; empty once the screen shows something else."""
    return number_of(terminal, title) if "Ways back" in terminal.text() else ""


def _clear(screen: str) -> bool:
    """Returns whether no question stands there that a digit would answer; `r` itself may be missing, where nothing proves its target."""
    return "roll back now" in screen or "✓ clear: " in screen


def number_of(terminal: Terminal, title: str) -> str:
    """Returns the number that stands before a way; one that is out of sight is brought there."""
    end = time.monotonic() + DEADLINE
    while title not in terminal.text():
        assert time.monotonic() < end, f"no way {title!r}; the screen shows:\n{terminal.text()}"
        terminal.press("down")
        terminal.settled()
    return terminal.line_with(title).strip(" ▌").split()[0]


def confirm_step(terminal: Terminal, drill: Drill, shows: str) -> None:
    """Prepares the step by Enter, and confirms by `y` once the prompt shows that text."""
    before = drill.count(Kind.CONFIRMED)
    prepare(terminal, shows)
    terminal.press_until("y", lambda: drill.count(Kind.CONFIRMED) > before, "a confirmation in the journal")


def prepare(terminal: Terminal, shows: str, prompt: str = PROMPT) -> None:
    """Presses Enter until the prompt is there: it prepares the step, and takes what is suggested in each list on the way."""
    end = time.monotonic() + DEADLINE
    while not (shows in terminal.text() and prompt in terminal.text()):
        assert time.monotonic() < end, f"no prompt that says {shows!r}; the screen shows:\n{terminal.text()}"
        seen = terminal.text()
        terminal.press("enter")
        _changed(terminal, seen, shows, prompt)


def _changed(terminal: Terminal, seen: str, shows: str, prompt: str) -> None:
    """Waits until another list or the prompt has come up: in the prompt, Enter would go back. A list that discarded the key stands there still."""
    begun, asked = time.monotonic(), _question(seen)
    while time.monotonic() < begun + SLOW:
        now = terminal.text()
        question = _question(now)
        discarded = question == asked and time.monotonic() > begun + PATIENCE
        if (shows in now and prompt in now) or (LIST in now and question and (question != asked or discarded)):
            return
        time.sleep(0.05)  # the screen is another process's: nothing tells when it changes


def _question(text: str) -> str:
    """Returns the question of the list on the screen; empty: there is none."""
    found = re.search(r"▌ +(\S[^▌\n]*?\?)(?: {2}|$)", text, re.MULTILINE)
    return found[1] if found else ""


def verified(drill: Drill, step: str, deadline: float = DEADLINE) -> None:
    """Waits until the world has shown the step."""
    _wait(
        lambda: any(event.kind is Kind.VERIFIED and event.data["step"] == step for event in drill.events()),
        lambda: f"{step} was not verified: {[(e.kind.value, e.data.get('reason', '')) for e in drill.events()][-12:]}",
        deadline,
    )


def go_on(terminal: Terminal, drill: Drill, *steps: str) -> None:
    """Goes on by Enter to steps that only look, one after the other, and waits until each is verified."""
    for step in steps:
        terminal.press_until("enter", partial(_confirmed, drill, step), f"{step} taken")
        verified(drill, step, 180.0)


def _confirmed(drill: Drill, step: str) -> bool:
    return any(event.kind is Kind.CONFIRMED and event.data["step"] == step for event in drill.events())


def _wait(condition: Callable[[], bool], why: Callable[[], str], deadline: float = DEADLINE) -> None:
    end = time.monotonic() + deadline
    while not condition():
        assert time.monotonic() < end, why()
        time.sleep(0.05)  # the condition is another process's: nothing tells when it changes


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


def told_the_same(drill: Drill, before: dict[str, Any], *services: str) -> None:
    """Fails unless the services run the good release, Argo CD is in sync with the branch's head and knows no other, and its policy is as it was."""
    drill.control.wait_until(lambda _: application(drill)["status"]["sync"]["status"] == "Synced", DEADLINE)
    assert {drill.image(service).rpartition(":")[2] for service in services or ("gateway",)} == {GOOD_TAG}
    now = application(drill)
    assert now["status"]["sync"]["revision"] == head(drill)
    assert "operation" not in now
    assert policy(drill) == before


def closed_without_debt(terminal: Terminal, drill: Drill) -> None:
    """Waits until the run has closed clean with everything paid that it ever owed, and leaves."""
    assert drill.wait_for(Kind.CLOSED, deadline=150.0).data["how"] == "clean"
    assert _debts(drill, Kind.DEBT_OPENED) == _debts(drill, Kind.DEBT_PAID)
    terminal.wait_for("Closed clean")
    terminal.press_until("q", lambda: terminal.process.poll() is not None, "the way out")
    assert terminal.wait_for_exit() == 0


def _debts(drill: Drill, kind: Kind) -> set[str]:
    return {event.data["id"] for event in drill.events() if event.kind is kind}
