"""Every way out leaves a usable terminal and a true exit code."""

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest
from textual.app import ComposeResult
from textual.widgets import Static

from gospel_rollback_tui.ui import terminal
from gospel_rollback_tui.ui.keyburst import KeyBurst
from gospel_rollback_tui.ui.safe_run import SafeApp
from tests.ui.memory import Ports
from tests.ui.playing import Game, play

PROGRAM = """
import os, sys
from gospel_rollback_tui.ui import terminal
assert terminal.prepare() == ""
from gospel_rollback_tui.ui.safe_run import SafeApp, run
class App(SafeApp):
    def on_ready(self):
        {ready}
run(App())
"""


def started(ready: str) -> tuple[subprocess.Popen[bytes], int]:
    """Starts a program in a terminal of its own; returns it and the terminal's other end."""
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm-256color", "TEXTUAL_PRESS": "q"}
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(ready=ready)], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True
    )
    os.close(theirs)
    return program, ours


def read_until(descriptor: int, wanted: bytes, seconds: float = 60.0) -> bytes:
    """Reads the terminal until it holds `wanted` or is closed."""
    read = b""
    deadline = time.monotonic() + seconds
    while wanted not in read and time.monotonic() < deadline:
        if select.select([descriptor], [], [], 0.2)[0]:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:
                break
            if not chunk:
                break
            read += chunk
    return read


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_restores_the_terminal_and_exits_with_128_and_its_number(number: signal.Signals) -> None:
    """The alternate screen is left and the cursor is back."""
    program, ours = started("print('x')")
    try:
        before = termios.tcgetattr(ours)[3]
        read_until(ours, b"\x1b[?1049h")
        program.send_signal(number)
        read = read_until(ours, b"\x1b[?1049l")
        assert b"\x1b[?1049l" in read
        assert program.wait(60) == 128 + number
        assert termios.tcgetattr(ours)[3] == before or program.returncode is not None
    finally:
        program.kill()
        os.close(ours)


def test_a_signal_ends_an_app_whose_loop_is_stuck() -> None:
    """The watchdog does, without the loop."""
    program, ours = started("import time; print('x'); self.call_later(time.sleep, 3600)")
    try:
        read_until(ours, b"\x1b[?1049h")
        program.send_signal(signal.SIGTERM)
        assert program.wait(60) == 143
    finally:
        program.kill()
        os.close(ours)


def test_a_crash_says_one_sentence_shows_no_secret_and_exits_with_1() -> None:
    """No traceback with local variables reaches the screen."""
    program, ours = started("token = 'hunter2-' * 3; raise RuntimeError('boom')")
    try:
        read = read_until(ours, b"Details are in the log.")
        assert b"This screen failed" in read
        assert b"hunter2-hunter2" not in read
        assert program.wait(60) == 1
    finally:
        program.kill()
        os.close(ours)


def test_scrubbing_takes_every_textual_variable_but_the_operators_own() -> None:
    """Others type keys, import code or write files."""
    environ = {"TEXTUAL_PRESS": "y", "TEXTUAL_DRIVER": "evil:Driver", "TEXTUAL_COLOR_SYSTEM": "256", "HOME": "/x", "ESCDELAY": "400"}
    terminal.scrub(environ)
    assert environ == {
        "TEXTUAL_COLOR_SYSTEM": "256",
        "HOME": "/x",
        "ESCDELAY": "400",
        "TEXTUAL_ANIMATIONS": "none",
        "TEXTUAL_SMOOTH_SCROLL": "0",
        "TEXTUAL_FPS": "30",
    }


@pytest.mark.parametrize(("term", "colourless"), [("vt100", True), ("vt220", True), ("xterm-mono", True), ("linux-m", True), ("xterm", False)])
def test_a_terminal_without_colours_gets_none(term: str, colourless: bool) -> None:
    """Told by its name, as NO_COLOR tells."""
    environ = {"TERM": term}
    terminal.scrub(environ)
    assert ("NO_COLOR" in environ) is colourless


@pytest.mark.parametrize(
    ("term", "reads", "draws", "words"),
    [
        ("xterm", False, True, "Standard input is not a terminal"),
        ("xterm", True, False, "Standard error is not a terminal"),
        ("dumb", True, True, "TERM=dumb cannot show the screens"),
        ("", True, True, "TERM=(empty)"),
        ("xterm", True, True, ""),
    ],
)
def test_what_a_terminal_lacks_is_a_sentence_with_what_to_do(term: str, reads: bool, draws: bool, words: str) -> None:
    """Not a terminal, drawn elsewhere, or a terminal that cannot."""
    said = terminal.objection(term, input_is_terminal=reads, screen_is_terminal=draws)
    assert words in said
    assert bool(said) == bool(words)


def test_textuals_crash_hook_has_the_name_this_program_overrides() -> None:
    """The name is private: a new release of Textual may change it."""
    from textual.app import App

    assert "_fatal_error" in vars(App)
    assert "_close_messages_no_wait" in dir(App)


def test_a_crash_is_recorded_with_its_traceback() -> None:
    """The log gets what the screen does not show."""
    recorded: list[tuple[str, str]] = []

    class Failing(SafeApp):
        def compose(self) -> ComposeResult:
            yield Static()

        def on_ready(self) -> None:
            raise RuntimeError("boom")

    async def story() -> None:
        app = Failing(record=lambda what, detail: recorded.append((what, detail)))
        with pytest.raises(RuntimeError, match="boom"):
            async with app.run_test():
                pass
        assert app.return_code == 1
        assert "This screen failed" in app.farewell[0]

    asyncio.run(story())
    assert recorded[0][0] == "crash"
    assert "boom" in recorded[0][1]


def test_keys_in_a_burst_are_dropped_and_typing_is_not() -> None:
    """Four within 30 ms are a paste; a quiet time ends it."""
    burst = KeyBurst()
    assert [burst.drops(at) for at in (1.0, 1.001, 1.002, 1.003, 1.010)] == [False, False, False, True, True]
    assert burst.drops(1.1)
    assert not burst.drops(1.4)
    assert burst.alone_so_far
    typing = KeyBurst()
    assert not any(typing.drops(2.0 + 0.035 * number) for number in range(50))
    assert not typing.alone_so_far


def test_nothing_heavy_is_imported_by_the_screens() -> None:
    """The first paint waits for no client library."""
    code = "import sys, gospel_rollback_tui.ui.app; print([m for m in ('kubernetes', 'boto3', 'botocore', 'httpx', 'pydantic') if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_a_terminal_that_is_too_small_says_so_and_still_quits() -> None:
    """One line, with what it needs."""

    async def story(game: Game) -> None:
        await game.sees("Too small (40×10), needs 60×15", "q quit")
        await game.press("q")

    app = play(Ports(), story, size=(40, 10))
    assert app.return_code == 0
