"""A terminal for one command: a pseudo-terminal read into pyte, with keys to press and texts to wait for."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import pyte

from gospel_rollback_tui.drill.environment import AUTHOR

DEADLINE = 60.0
"""Seconds after which a condition that does not come true fails the test; a loaded machine is slow."""
QUIET = 0.25
"""Seconds without output after which a frame is whole."""
PATIENCE = 3.0
"""Seconds after which a key that brought nothing is pressed again."""
KEYS = {"enter": "\r", "escape": "\x1b", "tab": "\t", "down": "\x1b[B", "up": "\x1b[A", "ctrl+l": "\x0c", "ctrl+u": "\x15"}
COMMAND = (sys.executable, "-m", "gospel_rollback_tui")


class Terminal:
    """Runs a command on a terminal of that size; leaving the `with` block hangs up and ends it."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        environ: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Starts `gospel-rollback`, or another command, with those arguments; `prefix` is the command that runs it, if any."""
        self._screen: Any = pyte.Screen(columns, rows)
        self._stream: Any = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, **AUTHOR, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environ or {})}
        self.process = subprocess.Popen(
            [*prefix, *command, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            preexec_fn=_own_the_terminal,  # noqa: PLW1509  a controlling terminal can only be taken in the child
        )
        os.close(slave)
        self.raw = bytearray()
        self._lines: list[str] = []
        self._lines_of = (0, 0, 0)
        """How much had been drawn, and on what size, when the lines were taken: pyte makes them anew at every look."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:
                return
            if not part:
                return
            with self._lock:
                self.raw += part
                with suppress(TypeError):  # pyte's answer to a sequence that was cut off when the process ended
                    self._stream.feed(part)

    def lines(self) -> list[str]:
        """Returns the screen's lines as they are now."""
        with self._lock:
            now = (len(self.raw), self._screen.columns, self._screen.lines)
            if self._lines_of != now:
                self._lines_of, self._lines = now, [line.rstrip() for line in self._screen.display]
            return list(self._lines)

    def text(self) -> str:
        """Returns the whole screen."""
        return "\n".join(self.lines())

    def settled(self) -> Any:  # noqa: ANN401  (pyte ships no types)
        """Returns pyte's screen once nothing has been drawn for a moment."""
        drawn = -1
        while drawn != len(self.raw):
            drawn = len(self.raw)
            time.sleep(QUIET)  # a picture needs a whole frame; nothing says where one ends
        return self._screen

    def press(self, *keys: str) -> None:
        """Types each key by itself: a name of KEYS, or the text as it is."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def paste(self, text: str) -> None:
        """Sends a text in one burst, as a terminal without bracketed paste does."""
        os.write(self._master, text.encode())

    def wait_for(self, *texts: str, deadline: float = DEADLINE) -> str:
        """Waits until the screen shows every text, and returns it; fails with the screen as it is."""
        return self.wait_until(lambda screen: all(text in screen for text in texts), " and ".join(texts), deadline)

    def wait_until(self, condition: Callable[[str], bool], what: str, deadline: float = DEADLINE) -> str:
        """Waits until the condition holds of the screen's text, and returns it."""
        end = time.monotonic() + deadline
        while True:
            screen = self.text()
            if condition(screen):
                return screen
            assert time.monotonic() < end, f"the screen never showed {what}; it shows:\n{screen}"
            if self.process.poll() is not None and not select.select([self._master], [], [], 0)[0]:
                self._reader.join(1.0)
                screen = self.text()
                assert condition(screen), f"the command ended with {self.process.returncode} before it showed {what}; it shows:\n{screen}"
                return screen
            select.select([], [], [], 0.05)

    def line_with(self, *texts: str) -> str:
        """Waits for a line that shows every text, and returns it: what is drawn after another text of its frame may come a moment later."""
        found: list[str] = []

        def drawn(screen: str) -> bool:
            found[:] = [line for line in screen.splitlines() if all(text in line for text in texts)]
            return bool(found)

        self.wait_until(drawn, f"a line with {' and '.join(texts)}")
        return found[0]

    def enter(self, text: str, deadline: float = DEADLINE) -> None:
        """Types a text into the field that has the focus, key by key, each seen before the next; begins anew where one is not."""
        end = time.monotonic() + deadline
        while not all(self._typed(text[:length]) for length in range(1, len(text) + 1)):
            assert time.monotonic() < end, f"{text!r} cannot be typed; the screen shows:\n{self.text()}"
            self.press("ctrl+u")
            time.sleep(QUIET)  # keys that come together count as pasted

    def _typed(self, text: str) -> bool:
        """Types the last character, and returns whether the field shows the whole text soon; a space at its end is not to be seen."""
        self.press(text[-1])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if any(re.search(rf"▌ {{1,8}}{re.escape(text.rstrip())}(?: |$)", line) for line in self.lines()):
                return True
            time.sleep(0.05)  # the field is another process's: nothing tells when it is drawn
        return False

    def press_until(self, key: str | Callable[[], str], condition: Callable[[], bool], what: str, deadline: float = DEADLINE) -> None:
        """Presses a key, or what is the key by then, again every few seconds until the condition holds: a prompt may still be discarding keys."""
        end = time.monotonic() + deadline
        while True:
            self.press(key() if callable(key) else key)
            again = time.monotonic() + PATIENCE
            while time.monotonic() < again:
                if condition():
                    return
                time.sleep(0.05)  # the condition is somebody else's: nothing tells when it changes
            assert time.monotonic() < end, f"{key!r} never brought {what}; the screen shows:\n{self.text()}"

    def hang_up(self) -> None:
        """Closes the terminal, as a dropped link does."""
        os.close(self._master)
        self._master = -1

    def wait_for_exit(self, deadline: float = DEADLINE) -> int:
        """Waits until the command has ended and returns its exit code."""
        code = self.process.wait(deadline)
        self._reader.join(2.0)
        return code

    def __enter__(self) -> Self:
        """Returns the terminal itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Ends what still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5.0)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._master >= 0:
            os.close(self._master)


def _own_the_terminal() -> None:
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
