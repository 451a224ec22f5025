"""Times how long a command takes to show something on a terminal of its own."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from statistics import median


class Watched:
    """A command on a pseudo-terminal whose output is time-stamped as it comes."""

    def __init__(self, command: Sequence[str], *, columns: int = 120, rows: int = 36) -> None:
        """Starts the command; the clock runs from here."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.began = time.perf_counter()
        own_terminal = ["setsid", "--ctty", *command]  # /dev/tty is this terminal: some viewers draw there
        self.process = subprocess.Popen(own_terminal, stdin=slave, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        self.output = bytearray()

    def until(self, marker: bytes, *, since: float | None = None, ever: bool = False, deadline: float = 60.0) -> float:
        """Returns the seconds from the start (or from `since`) to the first output that contains the marker, from here on or, with `ever`, at all."""
        seen = 0 if ever else len(self.output)
        while marker not in self.output[seen:]:
            if time.perf_counter() - self.began > deadline or not self._read():
                raise TimeoutError(f"{marker!r} was never shown; last: {bytes(self.output[-300:])!r}")
        return time.perf_counter() - (self.began if since is None else since)

    def press(self, key: str) -> float:
        """Types a key and returns the time of it."""
        os.write(self._master, key.encode())
        return time.perf_counter()

    def drain(self, seconds: float) -> int:
        """Reads what comes within that time and returns how many bytes it was."""
        before, end = len(self.output), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0] and not self._read():
                break
        return len(self.output) - before

    def _read(self) -> bool:
        if not select.select([self._master], [], [], 1.0)[0]:
            return True
        try:
            part = os.read(self._master, 65536)
        except OSError:
            return False
        self.output += part
        return bool(part)

    def close(self) -> None:
        """Ends the command."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._master)


def repeated(measure: Callable[[], float], times: int) -> float:
    """Returns the median of that many measurements."""
    return median(measure() for _ in range(times))


def in_turns(measure: Callable[[], float], reference: Callable[[], float], times: int) -> tuple[float, float]:
    """Returns the medians of a measurement and of its reference, taken in turns so that what else the machine does meets both."""
    taken = [(measure(), reference()) for _ in range(times)]
    return median(ours for ours, _ in taken), median(theirs for _, theirs in taken)


def command_seconds(command: Sequence[str]) -> float:
    """Returns how long a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run(list(command), check=True, capture_output=True)
    return time.perf_counter() - began
