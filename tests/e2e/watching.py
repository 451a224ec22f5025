"""A line whose app is looked into: what it has under way, and a screen that can be held still and compared with its repaint."""

import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte

from tests.e2e import watched_app
from tests.e2e.links import Line
from tests.e2e.terminal import COMMAND, DEADLINE, QUIET

WATCHED = (sys.executable, watched_app.__file__, *COMMAND)
"""The app with a view into it."""
A_REPAINT = 10
"""Bytes of a line of a repaint at the least: where it begins, and something."""

_STEP = 512
"""Bytes that are looked at in one piece."""
Cells = list[list[tuple[Any, ...]]]


class Watched(Line):
    """A line with a report of every tick of the app's timer."""

    def __init__(
        self,
        arguments: Sequence[str],
        report: Path,
        *,
        columns: int = 120,
        rows: int = 36,
        environ: Mapping[str, str] | None = None,
        rate: float | None = None,
        keeps: bool = False,
        haste: float | None = None,
        command: Sequence[str] = WATCHED,
    ) -> None:
        """Starts the app, its painting `haste` times as fast, or a command in which it runs or will run."""
        self._report = report
        hurried = {} if haste is None else {watched_app.HASTE: str(haste)}
        environment = {**(environ or {}), watched_app.REPORT: str(report), **hurried}
        super().__init__(arguments, columns=columns, rows=rows, environ=environment, rate=rate, keeps=keeps, command=command)

    @property
    def app_pid(self) -> int:
        """The process of the app, by its last tick: the terminal's own process may be another."""
        return int(self.wait_for_tick(bool, "itself")[-1]["pid"])

    def ticks(self) -> list[dict[str, Any]]:
        """Returns what each tick reported so far."""
        return [json.loads(row) for row in self._report.read_text().splitlines(keepends=True) if row.endswith("\n")] if self._report.exists() else []

    def wait_for_tick(self, condition: Callable[[list[dict[str, Any]]], bool], what: str, deadline: float = DEADLINE) -> list[dict[str, Any]]:
        """Waits until the ticks so far fulfil the condition, and returns them."""
        end = time.monotonic() + deadline
        while not condition(ticks := self.ticks()):
            assert time.monotonic() < end, f"no tick of the app ever reported {what}; the last of {len(ticks)}: {ticks[-1:]}; the screen:\n{self.text()}"
            assert self.process.poll() is None, f"the command ended with {self.process.returncode} before {what}"
            time.sleep(0.05)  # the report is another process's: nothing tells when it grows
        return ticks

    def memory(self) -> int:
        """Returns the bytes of the app's process that are in memory."""
        status = Path(f"/proc/{self.app_pid}/status").read_text()
        return 1024 * int(next(row.split()[1] for row in status.splitlines() if row.startswith("VmRSS")))

    def bytes_until(self, text: str, since: int) -> int:
        """Returns how much the terminal got after its first `since` bytes until it showed a text, to the nearest _STEP."""
        screen: Any = pyte.Screen(self._screen.columns, self._screen.lines)
        stream: Any = pyte.ByteStream(screen)
        raw = bytes(self.raw)
        stream.feed(raw[:since])
        for start in range(since, len(raw), _STEP):
            stream.feed(raw[start : start + _STEP])
            if any(text in row for row in screen.display):
                return start + _STEP - since
        raise AssertionError(f"{text!r} never stood on the screen after byte {since}")

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """Holds what the screens see still, and what they show: from the moment when all of it has arrived."""
        pid = self.app_pid
        os.kill(pid, signal.SIGUSR1)
        try:
            self._arrived()
            yield
        finally:
            os.kill(pid, signal.SIGUSR1)

    def assert_right(self) -> None:
        """Fails unless every cell of the screen, colours too, is as it is when everything is painted anew."""
        with self.held_still():
            shown, sent = self._cells(), len(self.raw)
            self.press("ctrl+l")
            self.wait_until(lambda _: len(self.raw) > sent + A_REPAINT * len(shown), "a repaint")
            self._arrived()
            anew, text = self._cells(), self.text()
        wrong = [
            f"{number}: {_words(then)!r}\n{' ' * len(str(number))}  {_words(now)!r}"
            for number, (then, now) in enumerate(zip(shown, anew, strict=True))
            if then != now
        ]
        assert not wrong, "painted anew, these lines are others:\n" + "\n".join(wrong) + "\n\n" + text

    def _arrived(self) -> None:
        """Waits until a tick later than now has found nothing under way, and the terminal has got it all."""
        begun = len(self.ticks())
        self.wait_for_tick(lambda ticks: any(tick["still"] and not tick["under_way"] for tick in ticks[begun + 1 :]), "that everything has arrived")
        self.wait_until(lambda _: self._drained(), "that the line is empty")
        self.settled()

    def _drained(self) -> bool:
        return not self.on_its_way and not select.select([self.tty], [], [], QUIET)[0]

    def _cells(self) -> Cells:
        with self._lock:
            rows = self._screen.buffer
            return [[tuple(rows[row][column]) for column in range(self._screen.columns)] for row in range(self._screen.lines)]


def _words(cells: list[tuple[Any, ...]]) -> str:
    return "".join(str(cell[0]) for cell in cells).rstrip()
