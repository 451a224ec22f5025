"""What an operator does at the keys where a release changed a schema, and where the databases can be looked at behind the screen."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.e2e.databases import rows, url_of
from tests.e2e.delivering import PROMPT, SLOW, closed_without_debt, number_of, verified
from tests.e2e.drilling import Drill, served
from tests.e2e.playing import make_git_equal, resume_auto_sync
from tests.e2e.terminal import DEADLINE, Terminal

TYPED = "to go on:"
"""What only a confirmation shows that takes a word or a name."""
SPEED = 4.0
"""How many times as fast as in a drill delivery acts, and AWS."""
DOWN = "schema down from 42 to 41"
"""What the prompt of auth's migration says."""
ON_ITS_WAY = (("", ""), ("", "confirm"))
"""What the lowest line says of Enter while a list or the prompt is about to come by itself: there, Enter would be an answer."""


@contextmanager
def night(folder: Path, peers: Peers, script: str, *, speed: float = SPEED, hold: str = "3s", before: Path | None = None) -> Iterator[tuple[Drill, Terminal]]:
    """Serves a script and starts the app on it, with the real migrate on the path of both the app and its runner, behind the programs of `before`."""
    with served(folder, script, speed=speed, hold=hold) as drill, at_the_keys(drill, peers, before) as terminal:
        yield drill, terminal


def at_the_keys(drill: Drill, peers: Peers, before: Path | None = None) -> Terminal:
    """Starts the app with the built programs on its path, behind those of `before`."""
    path = os.pathsep.join(str(place) for place in (before, peers.folder, os.environ["PATH"]) if place)
    return Terminal(["--config", str(drill.endpoints.config_file)], environ={"PATH": path})


def password_of(drill: Drill, service: str) -> str:
    """Returns the password that stands in the address."""
    return unquote(urlsplit(url_of(drill, service)).password or "")


def head(drill: Drill, service: str) -> tuple[object, ...]:
    """Returns the version that the schema says it is at, and whether it is dirty."""
    (found,) = rows(drill, service, "SELECT version, dirty FROM schema_migrations")
    return found


def ways_of_row(terminal: Terminal, row: str, key: str = "enter") -> None:
    """Waits until that row is the clear one, and opens its ways back."""
    terminal.wait_for(f"{row} is clear", "The six rows")
    terminal.press_until(key, lambda: "Ways back" in terminal.text(), "the ways back")


def take(terminal: Terminal, drill: Drill, number: int) -> None:
    """Takes a way by its number, which opens the run, and waits until its first step is read."""
    terminal.press_until(str(number), lambda: drill.has(Kind.CHOSEN), f"a run by way {number}")
    terminal.wait_until(lambda _: drill.has(Kind.PREVIEWED) or drill.has(Kind.REFUSED), "the first step's preview")


def confirm(terminal: Terminal, drill: Drill, step: str, shows: str, word: str = "") -> str:
    """Prepares a step, confirms it by that word, or by `y` without one, and returns what the prompt said."""
    before = len(drill.of_step(Kind.CONFIRMED, step))
    said = prompt(terminal, shows, word)
    if word:
        terminal.enter(word)
    terminal.press_until("enter" if word else "y", lambda: len(drill.of_step(Kind.CONFIRMED, step)) > before, f"{step} confirmed")
    return said


def prompt(terminal: Terminal, shows: str, word: str = "") -> str:
    """Prepares a step until its confirmation is there, and returns what it says; it asks for that word if one is given."""
    wanted = f"{TYPED}  {word}" if word else PROMPT
    end = time.monotonic() + DEADLINE
    while not (shows in terminal.text() and wanted in terminal.text()):
        assert time.monotonic() < end, f"no prompt that says {shows!r} and {wanted!r}; the screen shows:\n{terminal.text()}"
        seen = _invited(terminal.text())
        terminal.press("enter")
        _wait_for_another(terminal, seen, wanted)
    return terminal.text()


def _wait_for_another(terminal: Terminal, seen: tuple[str, str], wanted: str) -> None:
    """Waits until Enter would do something else than it just did: in the prompt it would go back."""
    end = time.monotonic() + SLOW
    while wanted not in terminal.text() and _invited(terminal.text()) in (seen, *ON_ITS_WAY):
        if time.monotonic() > end:
            return
        time.sleep(0.05)  # the screen is another process's: nothing tells when it changes


def _invited(text: str) -> tuple[str, str]:
    """Returns the question of the list that is open, and what the lowest line says Enter does."""
    question = re.search(r"▌ +(\S[^▌\n]*?\?)(?: {2}|$)", text, re.MULTILINE)
    enter = re.search(r"^ ⏎ (.+?) {2}", text.splitlines()[-1])
    return (question[1] if question and "take it" in text else "", enter[1] if enter else "")


def carry_out(terminal: Terminal, drill: Drill, step: str, shows: str, word: str = "") -> str:
    """Confirms a step, waits until the world has shown it, and returns what the prompt said."""
    said = confirm(terminal, drill, step, shows, word)
    verified(drill, step, 120.0)
    return said


def look(terminal: Terminal, drill: Drill, step: str) -> None:
    """Goes through a step that only looks."""
    terminal.press_until("enter", partial(_taken, drill, step), f"{step} taken")
    verified(drill, step, 120.0)


def _taken(drill: Drill, step: str) -> bool:
    return bool(drill.of_step(Kind.CONFIRMED, step))


def stop_code(terminal: Terminal, drill: Drill, service: str = "auth") -> None:
    """From the opened run to the stopped service: the schema is read, a snapshot taken, the new code stopped by `yes`."""
    look(terminal, drill, "read-schema")
    carry_out(terminal, drill, "pg-protect", "snapshot")
    carry_out(terminal, drill, "stop-code", f"Stop {service}", "yes")


def pay_by_hand(terminal: Terminal, drill: Drill, debt: str, how: str) -> None:
    """Records by `P` that the only debt left, of which that is said, was seen to by hand, and how."""
    paid = drill.count(Kind.DEBT_PAID)
    terminal.wait_until(lambda screen: bool(re.search(r"  1 debt$", screen, re.MULTILINE)), "one debt")
    terminal.press_until("P", lambda: "Which debt?" in terminal.text() and debt in terminal.text(), "the list of debts")
    terminal.press_until("enter", lambda: "What became of it?" in terminal.text(), "what can become of it")
    terminal.press_until("1", lambda: "Paid by hand" in terminal.text(), "the line that says how")
    terminal.enter(how)
    terminal.press_until("enter", lambda: drill.count(Kind.DEBT_PAID) > paid, "the debt paid")


def finish(terminal: Terminal, drill: Drill, service: str = "auth") -> None:
    """From the migrated schema to the closed run: the old code is back and started, git made equal, auto-sync on, every debt paid."""
    carry_out(terminal, drill, "old-code", f"Roll {service} back to {GOOD_TAG}", "yes")
    look(terminal, drill, "schema-after")
    look(terminal, drill, "verify")
    make_git_equal(terminal, drill)
    resume_auto_sync(terminal, drill)
    pay_by_hand(terminal, drill, "snapshot before-rollback", "OPS-7 deletes it in thirty days")
    closed_without_debt(terminal, drill)


def undo(terminal: Terminal, drill: Drill, step: str, shows: str, word: str) -> str:
    """Puts a step back by `u` and that word, waits until it is, and returns what the prompt said."""
    undone = len(drill.of_step(Kind.UNDONE, step))
    terminal.press_until("u", lambda: shows in terminal.text() and f"{TYPED}  {word}" in terminal.text(), "the confirmation of the undo")
    said = terminal.text()
    terminal.enter(word)
    terminal.press_until("enter", lambda: len(drill.of_step(Kind.UNDONE, step)) > undone, f"{step} undone")
    return said


def abort(terminal: Terminal, drill: Drill, reason: str) -> None:
    """Aborts the run by `x` with a reason."""
    terminal.press_until("x", lambda: "Abort this run" in terminal.text(), "the line that says why")
    terminal.enter(reason)
    terminal.press_until("enter", lambda: drill.has(Kind.ABORTED), "the run aborted")


def take_against_the_evidence(terminal: Terminal, drill: Drill, row: int, way: str, reason: str) -> None:
    """Opens a run on a way of a row that the evidence does not suggest: what is asked is answered by no, and the reason written down."""
    while " answer  " in terminal.lines()[-1]:
        asked = terminal.text()
        terminal.press("2")
        terminal.wait_until(partial(_asks_another, asked), "another question, or none")
    terminal.press_until(str(row), lambda: f"Row {row}" in terminal.text() and "Ways back" in terminal.text(), "the ways back")
    terminal.press_until(number_of(terminal, way), lambda: "Another row than the suggested one" in terminal.text(), "the line that says why")
    terminal.enter(reason)
    terminal.press_until("enter", lambda: drill.has(Kind.CHOSEN), "the run")
    terminal.wait_until(lambda _: drill.has(Kind.PREVIEWED), "the first step's preview")


def _asks_another(before: str, screen: str) -> bool:
    return _asks(screen) != _asks(before)


def _asks(screen: str) -> str:
    found = re.search(r"^ {3}(\S[^?\n]*\?) ", screen, re.MULTILINE)
    return found[1] if found else ""


def refused(terminal: Terminal, drill: Drill, step: str) -> str:
    """Prepares a step that cannot be, and returns why not."""
    found: list[str] = []

    def told() -> bool:
        previews = [event.data["preview"] for event in drill.events() if event.kind is Kind.PREVIEWED]
        found[:] = [preview["refused"] for preview in previews if preview["step"] == step and preview["refused"]]
        return bool(found)

    terminal.press_until("enter", told, f"{step} refused")
    return found[-1]


@contextmanager
def held(drill: Drill, service: str, statement: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Keeps a transaction open that begins with that statement, until the connection is closed."""
    with psycopg.connect(url_of(drill, service), application_name="somebody") as connection:
        connection.execute(statement.encode())
        yield connection


def waits_for_a_lock(drill: Drill, service: str) -> bool:
    """Returns whether a statement of migrate waits for a lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%RENAME%'"
    return rows(drill, service, query) == [(1,)]


def commands(drill: Drill) -> list[str]:
    """Returns what the run started beside itself, by its records."""
    return sorted(place.name for place in drill.runs_dir.glob("*/commands/*"))


def begin(terminal: Terminal, drill: Drill, way: int = 1) -> None:
    """From the first screen to the stopped service."""
    ways_of_row(terminal, "Row 2")
    take(terminal, drill, way)
    stop_code(terminal, drill)


def failed(drill: Drill, step: str = "migrate") -> str:
    """Waits until a step has failed, and returns why."""
    drill.wait_for(Kind.FAILED)
    return str(drill.of_step(Kind.FAILED, step)[-1].data["reason"])


def intents(drill: Drill, call: str = "migrate") -> int:
    """Returns how often the run meant to send a call."""
    return sum(event.kind is Kind.INTENT and event.data["call"] == call for event in drill.events())


def boxed(screen: str) -> str:
    """Returns what a prompt's box says, in one line."""
    lines = [line.partition("▌")[2].strip() for line in screen.splitlines() if "▌" in line]
    return " ".join(re.split(r" {3,}", line)[0] if not line[:1].isupper() else " ".join(re.split(r" {3,}", line)[:2]) for line in lines)
