"""Terminals at the end of bad lines: slow, stopped, resized, or behind an ssh that keeps what it cannot send yet."""

import fcntl
import os
import struct
import termios
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from tests.e2e.terminal import COMMAND, Terminal

QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
"""What asks a terminal where its cursor is, and an answer."""
_AT_ONCE = 1024
"""Bytes that come in one piece at the most."""


class Line(Terminal):
    """A terminal that is read at `rate` bytes a second; 0: not at all, None: as fast as it goes.

    With `keeps`, everything the app writes is taken at once and kept until the line carries it, as sshd does, and the
    terminal at its end answers questions.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        environ: Mapping[str, str] | None = None,
        rate: float | None = None,
        keeps: bool = False,
        prefix: Sequence[str] = (),
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Starts the app, or another command, at the end of that line; `prefix` is the command that runs it, if any."""
        self.rate = rate
        self.kept: deque[bytes] = deque()
        """What was taken and has not been carried yet."""
        self.carried = 0
        """Bytes that the terminal has got."""
        self._keeps = keeps
        super().__init__(arguments, columns=columns, rows=rows, environ=environ, prefix=prefix, command=command)
        if keeps:
            threading.Thread(target=self._keep, daemon=True).start()

    @property
    def on_its_way(self) -> int:
        """Bytes that were taken and not carried."""
        return sum(map(len, tuple(self.kept)))

    @property
    def tty(self) -> int:
        """The terminal's own descriptor, to ask for its settings."""
        return self._master

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size."""
        with self._lock:
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def _keep(self) -> None:
        while True:
            try:
                part = os.read(self._master, 65536)
            except OSError:
                return
            self.kept.append(part)

    def _read(self) -> None:
        """Reads at the line's rate; a rate that is set later counts at once."""
        while True:
            rate = self.rate
            if rate == 0 or (self._keeps and not self.kept):
                time.sleep(0.01)  # the line carries nothing, or there is nothing to carry
                if self._master < 0:
                    return
                continue
            try:
                part = self._next(_AT_ONCE if rate else 65536)
            except OSError:
                return
            if not part:
                return
            if rate:
                time.sleep(len(part) / rate)  # this is what makes the line slow
            self._show(part)

    def _next(self, most: int) -> bytes:
        if not self._keeps:
            return os.read(self._master, most)
        part = self.kept.popleft()
        if len(part) > most:
            self.kept.appendleft(part[most:])
        return part[:most]

    def _show(self, part: bytes) -> None:
        with self._lock:
            before = len(self.raw)
            self.raw += part
            self.carried += len(part)
            asked = self.raw.count(QUESTION, max(0, before - len(QUESTION) + 1))
            with suppress(TypeError):  # pyte's answer to a sequence that was cut off when the process ended
                self._stream.feed(part)
        if self._keeps and asked:
            with suppress(OSError):
                os.write(self._master, ANSWER * asked)
