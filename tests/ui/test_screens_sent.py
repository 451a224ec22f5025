"""Over the app's own screens, what is sent shows what Textual meant, cell by cell, while clocks and ages go on."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyte
import pytest

ROOT = Path(__file__).parents[2]
DEADLINE, PATIENCE = 60.0, 3.0
"""Seconds after which a test fails, and after which a key is pressed again."""
PROGRAM = """
import os, time
from dataclasses import replace
from gospel_rollback_tui.ui import terminal
assert terminal.prepare() == ""
from gospel_rollback_tui.ui import diff_driver
from gospel_rollback_tui.ui.safe_run import run
from gospel_rollback_tui.ui.app import RollbackApp
from tests.ui.builders import NOW
from tests.ui.memory import Ports
meant = open(os.environ["MEANT"], "w", encoding="utf-8", newline="")
began = time.monotonic()
class Clock:
    def now(self):
        passed = time.monotonic() - began
        return replace(NOW, wall=NOW.wall + passed, monotonic=NOW.monotonic + passed)
class Recording(diff_driver.DiffDriver):
    def write(self, data):
        meant.write(data)
        meant.flush()
        super().write(data)
class App(RollbackApp):
    def get_driver_class(self):
        return Recording
run(App(Ports(clock=Clock()).desk()))
"""
WAY = (
    ("e", "esc  out", ""),
    ("\x1b", "ask me", "esc  out"),
    ("?", "Keys that work here", ""),
    ("\x1b[B", "esc  out", ""),
    ("\x1b", "ask me", "esc  out"),
    ("r", "go back", ""),
    ("n", "ask me", "go back"),
    ("p", "pane alone", "ask me"),
    ("p", "pane alone", "ask me"),
    ("p", "pane alone", "ask me"),
    ("/", "lines that hold", ""),
    ("x", "x", "lines that hold"),
    ("\x1b", "pane alone", ""),
    ("b", "ask me", ""),
    ("w", "You decide", "ask me"),
    ("b", "ask me", ""),
)
"""Keys, what the screen shows then, and what it does not."""


class Seen:
    """The app on a terminal, and two screens: one was sent what the app sends, the other what Textual meant."""

    def __init__(self, meant: Path, columns: int, rows: int, **environ: str) -> None:
        """Starts the app."""
        self._screens: list[Any] = [pyte.Screen(columns, rows), pyte.Screen(columns, rows)]
        self._streams: list[Any] = [pyte.ByteStream(screen) for screen in self._screens]
        self._ours, theirs = pty.openpty()
        self._meant, self._read = meant, 0
        meant.touch()
        self._size(columns, rows)
        surroundings = {**os.environ, "TERM": "xterm-256color", "MEANT": str(meant), **environ}
        own_terminal = ["setsid", "--ctty", sys.executable, "-c", PROGRAM]  # only a controlling terminal tells of its size
        self.program = subprocess.Popen(own_terminal, stdin=theirs, stdout=theirs, stderr=theirs, env=surroundings, cwd=ROOT)
        os.close(theirs)

    def _size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size; both screens lose the same cells."""
        for screen in self._screens:
            screen.resize(rows, columns)
        self._size(columns, rows)

    def press(self, keys: str) -> None:
        """Types keys."""
        os.write(self._ours, keys.encode())

    def _take(self) -> None:
        while select.select([self._ours], [], [], 0.05)[0]:
            self._streams[0].feed(os.read(self._ours, 65536))
        with self._meant.open("rb") as file:
            file.seek(self._read)
            part = file.read()
        self._read += len(part)
        self._streams[1].feed(part)

    def agree_on(self, text: str, without: str = "", *, after: str = "") -> None:
        """Waits until both screens show one text, not the other, and every cell of them is the same; a prompt may still discard the key."""
        end, again = time.monotonic() + DEADLINE, time.monotonic() + PATIENCE
        while True:
            self._take()
            if after and time.monotonic() > again:
                again = time.monotonic() + PATIENCE
                self.press(after)
            sent, meant = ([[screen.buffer[row][column] for column in range(screen.columns)] for row in range(screen.lines)] for screen in self._screens)
            shown = "\n".join(self._screens[0].display)
            if sent == meant and text in shown and not (without and without in shown):
                return
            assert time.monotonic() < end, f"{text!r} is not shown, or not as it was meant:\n{shown}\n--- meant\n" + "\n".join(self._screens[1].display)

    def close(self) -> None:
        """Ends the app."""
        self.program.kill()
        self.program.wait()
        os.close(self._ours)


@pytest.fixture(params=[{}, {"TERM": "xterm", "COLORTERM": ""}, {"NO_COLOR": "1"}], ids=["many colours", "sixteen", "none"])
def seen(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Seen]:
    """The app on a terminal of 100 by 30."""
    made = Seen(tmp_path / "meant", 100, 30, **request.param)
    yield made
    made.close()


def test_every_screen_is_sent_as_it_was_meant(seen: Seen) -> None:
    """Triage, evidence, help, prompt, panes, filter and wizard, there and back; then smaller and larger again."""
    seen.agree_on("ask me")
    for key, text, without in WAY:
        seen.press(key)
        seen.agree_on(text, without, after=key)
    for columns, rows in ((80, 24), (40, 10), (130, 40), (100, 30)):
        seen.resize(columns, rows)
        seen.agree_on("Too small" if columns < 60 else "q quit")
