"""What was handed to the terminal and has not arrived, and how long it takes.

Two things tell. The process's own writes say when a terminal, or what stands between, takes nothing more. Behind ssh
that is too late: megabytes are kept there before a write is held up. So a frame is followed by a question that every
terminal answers with where its cursor is, and its answer says that everything before it has arrived (DSR 6 and CPR of ECMA-48).

Here is also the one private part of Textual that is used: the file its writing thread writes to.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from textual.drivers.linux_driver import LinuxDriver

QUESTION = "\x1b[6n"
"""Asks the terminal where its cursor is."""
MOST_WRITES = 20
"""Writes that may wait; Textual's thread takes 30, and at the next one the whole loop would wait."""
MOST_CHARACTERS = 65536
"""Characters that may wait: two screens of 200 by 50, and one more frame at the most."""
ANSWER_SECONDS = 5.0
"""How long an answer is waited for before it counts as lost."""
_LOST_ANSWERS = 3
"""Answers lost in a row after which the terminal counts as one that does not answer."""
_PIECE = 2048


@dataclass(frozen=True, slots=True)
class Flow:
    """How what was sent fares at one moment."""

    waiting: float = 0.0
    """Seconds for which something sent has not arrived; 0: everything has."""
    took: float = 0.0
    """The longest that something took to arrive since the last look, in seconds, beyond the least it ever took."""


class Outflow:
    """Counts what is handed over and what arrives; for the app's thread, Textual's writer and its reader."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begins with nothing under way; `clock` gives seconds that never go back."""
        self.left_out = False
        """Whether a frame was left out because too much waited: the screen has to be painted again."""
        self.answers = False
        """Whether the terminal answers."""
        self.arrived = 0
        """Characters that have left the process so far."""
        self._clock = clock
        self._lock = threading.RLock()  # a signal's own writes may come between
        self._answered = threading.Condition(self._lock)
        self._writes = 0
        self._characters = 0
        self._since = 0.0
        self._asked: float | None = None
        self._lost = 0
        self._least: float | None = None
        self._took = 0.0

    def is_full(self) -> bool:
        """Returns whether so much waits that a further frame is left out."""
        with self._lock:
            return self._writes >= MOST_WRITES or self._characters >= MOST_CHARACTERS

    def may_ask(self) -> bool:
        """Returns whether a frame is to be followed by the question: one is asked at a time, and no more once a terminal never answers."""
        with self._lock:
            self._give_up()
            return self._asked is None and self._lost < _LOST_ANSWERS

    def handed(self, characters: int, *, asks: bool = False) -> None:
        """Counts a write that is handed over; `asks` says that the question stands at its end."""
        with self._lock:
            if not self._writes:
                self._since = self._clock()
            self._writes += 1
            self._characters += characters
            if asks:
                self._asked = self._clock()

    def left(self, characters: int, *, whole: bool) -> None:
        """Counts characters that have left the process; `whole` says that their write is done."""
        with self._lock:
            self.arrived += characters
            self._characters = max(0, self._characters - characters)
            if whole:
                self._writes = max(0, self._writes - 1)
                if not self._writes:
                    self._took = max(self._took, self._clock() - self._since)

    def answered(self) -> None:
        """Counts an answer."""
        with self._lock:
            if self._asked is None:
                return
            took = self._clock() - self._asked
            self._least = took if self._least is None else min(self._least, took)
            self._took = max(self._took, took - self._least)
            self._asked, self._lost, self.answers = None, 0, True
            self._answered.notify_all()

    def settle(self, seconds: float) -> None:
        """Waits for the answer that is under way, so that it does not reach whoever reads the terminal next."""
        with self._lock:
            if self.answers:
                self._answered.wait_for(lambda: self._asked is None, seconds)

    def restart(self) -> None:
        """Forgets what is under way: the terminal was somebody else's meanwhile."""
        with self._lock:
            self._writes = self._characters = self._lost = 0
            self._asked = None

    def look(self) -> Flow:
        """Returns how things fare now; what took long is told once."""
        with self._lock:
            self._give_up()
            now, took = self._clock(), self._took
            self._took = 0.0
            begun = [self._since] if self._writes else []
            if self._asked is not None and self.answers:
                begun.append(self._asked + (self._least or 0.0))
            return Flow(max(0.0, *(now - since for since in begun)) if begun else 0.0, took)

    def _give_up(self) -> None:
        """Stops waiting for an answer that must be lost: all was taken, and its time is over."""
        if self._asked is not None and not self._writes and self._clock() - self._asked > ANSWER_SECONDS:
            self._asked, self._lost = None, self._lost + 1
            self.answers = self.answers and self._lost < _LOST_ANSWERS


class Counted:
    """The file that Textual's writing thread writes to: everything goes on at once, in pieces, and is counted once it is gone."""

    def __init__(self, file: TextIO, outflow: Outflow) -> None:
        """Writes to `file`."""
        self._file = file
        self._outflow = outflow

    def write(self, text: str) -> int:
        """Writes the text; returns once the terminal has taken it."""
        for start in range(0, len(text), _PIECE):
            piece = text[start : start + _PIECE]
            self._file.write(piece)
            self._file.flush()
            self._outflow.left(len(piece), whole=start + _PIECE >= len(text))
        return len(text)

    def flush(self) -> None:
        """Does nothing: nothing is kept."""

    def fileno(self) -> int:
        """Returns the terminal's descriptor."""
        return self._file.fileno()


def count(driver: LinuxDriver, outflow: Outflow) -> bool:
    """Has what the driver writes counted as it leaves; returns whether it can be: the name is private to Textual."""
    file = getattr(driver, "_file", None)
    if file is None:
        return False
    driver._file = Counted(file, outflow)  # type: ignore[assignment] # private to Textual, which only writes to it: tests/ui/test_outflow.py proves it
    return True
