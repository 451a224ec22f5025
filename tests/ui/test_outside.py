"""What leaves the screen for a moment: commands printed as they are, and the login command."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from tests.ui.builders import preview
from tests.ui.test_safe_run import read_until

ROOT = Path(__file__).parents[2]
PROGRAM = """
from gospel_rollback_tui.ui import terminal
assert terminal.prepare() == ""
from gospel_rollback_tui.ui.safe_run import run
from gospel_rollback_tui.ui.app import RollbackApp
from tests.ui.memory import Logins, Ports
class Asking(Logins):
    def run(self):
        print("who are you?", input("name: "))
        return ""
ports = Ports(login=Asking())
run(RollbackApp(ports.desk()))
"""

INTERRUPTED = """
import fcntl, subprocess, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # Ctrl+C becomes a signal only on a controlling terminal
CHILD = "import time; print('the command waits', flush=True); time.sleep(3600)"
""" + PROGRAM.replace('print("who are you?", input("name: "))', "return f\"ended with {subprocess.run([sys.executable, '-c', CHILD]).returncode}\"")


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, program: str = PROGRAM) -> None:
        """Starts it."""
        self.ours, theirs = pty.openpty()
        environ = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        self.program = subprocess.Popen(
            [sys.executable, "-c", program], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True, cwd=ROOT
        )
        os.close(theirs)

    def keys(self, keys: bytes, then: bytes) -> bytes:
        """Sends keys and reads until that is written."""
        os.write(self.ours, keys)
        read = read_until(self.ours, then)
        assert then in read, read[-400:]
        return read

    def end(self) -> int:
        """Quits, and returns the exit code."""
        os.write(self.ours, b"q")
        read_until(self.ours, b"\x1b[?1049l")
        try:
            return self.program.wait(60)
        finally:
            self.program.kill()
            os.close(self.ours)


def test_o_prints_the_commands_unwrapped_on_the_main_screen_and_comes_back() -> None:
    """As they are to be copied: one line each, whatever the width of the terminal."""
    terminal = Terminal()
    assert b"ask me" in read_until(terminal.ours, b"ask me")
    read_until(terminal.ours, b"roll back now")
    terminal.keys(b"r", b"again at y")
    terminal.keys(b"", b"go back")
    read = b""
    while b"Enter goes back" not in read:  # the prompt discards keys until it is armed
        os.write(terminal.ours, b"o")
        read += read_until(terminal.ours, b"Enter goes back to gospel-rollback.", seconds=1.0)
    for command in preview().by_hand:
        assert command.encode() in read
    assert b"\x1b[?1049l" in read
    terminal.keys(b"\r", b"\x1b[?1049h")
    assert terminal.end() == 0


def test_l_gives_the_terminal_to_the_login_command_and_comes_back() -> None:
    """It may ask on it; then the probes are asked again."""
    terminal = Terminal()
    assert b"ask me" in read_until(terminal.ours, b"ask me")
    terminal.keys(b"L", b"name: ")
    terminal.keys(b"ada\r", b"who are you? ada")
    read_until(terminal.ours, b"Logged in; asking again.")
    assert terminal.end() == 0


def test_ctrl_c_ends_the_login_command_and_not_the_app() -> None:
    """The command dies of the signal, as on any terminal; the screen comes back and says so."""
    terminal = Terminal(INTERRUPTED)
    assert b"ask me" in read_until(terminal.ours, b"ask me")
    terminal.keys(b"L", b"the command waits")
    terminal.keys(b"\x03", b"Login failed: ended with -2")
    assert terminal.end() == 0
