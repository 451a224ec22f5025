"""What was handed to the terminal and has not arrived, and how long it takes.

Two things tell. The process's own writes say when a terminal, or what stands between, takes nothing more. Behind ssh
that is too late: megabytes are kept there before a write is held up. So a frame is followed by a question that every
terminal answers with where its cursor is, and its answer says that everything before it has arrived (DSR 6 and CPR of ECMA-48).

Here is also one of the two private parts of Textual that are used, the file its writing thread writes to; the other is in `screens/behind.py`.
"""

import select
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TextIO

from textual.drivers.linux_driver import LinuxDriver

QUESTION = "\x1b[6n"
"""Asks the terminal where its cursor is."""
MOST_WRITES = 20
"""Writes that may wait; Textual's thread takes 30, and at the next one the whole loop would wait."""
MOST_CHARACTERS = 65536
"""Characters that may wait here and on their way, before one frame more: two screens of 200 by 50."""
ANSWER_SECONDS = 5.0
"""How long an answer is waited for: after it the next frame goes out, so that little is on its way into a link that is dead."""
_QUESTIONS = 3
"""Questions to a terminal that has never answered."""
_PIECE = 2048
_PROMPT = 0.1
"""Seconds that a piece takes at the most where the terminal has room, however busy the process is; beyond, it had none after all."""


@dataclass(frozen=True, slots=True)
class Flow:
    """How what was sent fares at one moment."""

    waiting: float = 0.0
    """Seconds for which something sent has not arrived; 0: everything has."""
    took: float = 0.0
    """The longest that something took to arrive since the last look, in seconds, beyond the least it ever took."""
    own: float = 0.0
    """How much of that the process itself took, e.g. because other threads were computing, as far as it can be told."""
    share: float = 0.0
    """Processors that the process used since the last look."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A question that is under way."""

    at: float
    handed: int
    """Characters handed over up to it."""
    own: float = 0.0
    """Seconds of its write for which the terminal was not waited for."""


class Outflow:
    """Counts what is handed over and what arrives; for the app's thread, Textual's writer and its reader."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, spent: Callable[[], float] = time.process_time) -> None:
        """Begins with nothing under way; `clock` gives seconds that never go back, `spent` those that the processor worked for this process."""
        self.left_out = False
        """Whether a frame was left out because too much waited: the screen has to be painted again."""
        self.answers = False
        """Whether the terminal has ever answered."""
        self.arrived = 0
        """Characters that have left the process so far."""
        self._clock = clock
        self._lock = threading.RLock()  # a signal's own writes may come between
        self._answered = threading.Condition(self._lock)
        self._writes = 0
        self._handed = 0
        self._acknowledged = 0
        """Characters that the terminal has got, by its answers."""
        self._since = 0.0
        self._questions: deque[_Question] = deque()
        self._unanswered = 0
        self._last_answer = 0.0
        self._least: float | None = None
        self._took = 0.0
        self._own = 0.0
        """Of what took longest, the process's own part."""
        self._waited = 0.0
        """Seconds for which the terminal was waited for since `_since`."""
        self._spent = spent
        self._looked = (clock(), spent())

    def is_full(self) -> bool:
        """Returns whether so much waits that a further frame is left out."""
        with self._lock:
            known = self._acknowledged if self.answers and self._questions else self.arrived
            return self._writes >= MOST_WRITES or self._handed - known >= MOST_CHARACTERS

    def may_ask(self) -> bool:
        """Returns whether a frame is to be followed by the question: one is asked at a time, and few of a terminal that never answers."""
        with self._lock:
            return not self._awaited() and (self.answers or self._unanswered < _QUESTIONS)

    def handed(self, characters: int, *, asks: bool = False) -> None:
        """Counts a write that is handed over; `asks` says that the question stands at its end."""
        with self._lock:
            now = self._clock()
            if not self._writes:
                self._since, self._waited = now, 0.0
            self._writes += 1
            self._handed += characters
            if asks:
                self._unanswered += 1
                self._questions.append(_Question(now, self._handed))

    def left(self, characters: int, *, whole: bool, waited: float = 0.0) -> None:
        """Counts characters that have left the process; `whole` says that their write is done, `waited` for how long the terminal had no room."""
        with self._lock:
            self.arrived += characters
            self._waited += waited
            if whole:
                self._writes = max(0, self._writes - 1)
                if not self._writes:
                    took = self._clock() - self._since
                    own = max(0.0, took - self._waited)
                    self._took, self._own = max((self._took, self._own), (took, own))
                    if self._questions:
                        self._questions[-1] = replace(self._questions[-1], own=own)

    def answered(self) -> None:
        """Counts an answer, which is that to the oldest question."""
        with self._lock:
            if not self._questions:
                return
            question, now = self._questions.popleft(), self._clock()
            took = now - question.at
            self._least = took if self._least is None else min(self._least, took)
            self._took, self._own = max((self._took, self._own), (took - self._least, question.own))
            self._acknowledged, self._last_answer, self.answers = question.handed, now, True
            self._answered.notify_all()

    def settle(self, seconds: float) -> None:
        """Waits for the answers that are under way, so that they do not reach whoever reads the terminal next."""
        with self._lock:
            if self.answers:
                self._answered.wait_for(lambda: not self._questions, seconds)

    def restart(self) -> None:
        """Forgets what is under way: the terminal was somebody else's meanwhile."""
        with self._lock:
            self._writes, self._handed = 0, self.arrived
            self._pass_over()

    def look(self) -> Flow:
        """Returns how things fare now; what took long is told once."""
        with self._lock:
            now, took, own = self._clock(), self._took, self._own
            spent, (looked, spent_by) = self._spent(), self._looked
            share = (spent - spent_by) / (now - looked) if now > looked else 0.0
            self._took, self._own, self._looked = 0.0, 0.0, (now, spent)
            begun = [self._since] if self._writes else []
            if self._awaited() and self.answers:
                begun.append(self._questions[0].at + (self._least or 0.0))
            return Flow(max(0.0, *(now - since for since in begun)) if begun else 0.0, took, own, share)

    def _awaited(self) -> bool:
        """Returns whether an answer is waited for; forgets questions that were passed over, since a later answer has come meanwhile."""
        if not self._questions:
            return False
        newest = self._questions[-1].at
        if self._writes or self._clock() - newest <= ANSWER_SECONDS:
            return True
        if self._last_answer > newest or not self.answers:
            self._pass_over()
        return False

    def _pass_over(self) -> None:
        self._questions.clear()
        self._acknowledged = self.arrived


class Counted:
    """The file that Textual's writing thread writes to: everything goes on at once, in pieces, and is counted once it is gone."""

    def __init__(self, file: TextIO, outflow: Outflow) -> None:
        """Writes to `file`."""
        self._file = file
        self._outflow = outflow

    def write(self, text: str) -> int:
        """Writes the text; returns once the terminal has taken it."""
        for start in range(0, len(text), _PIECE):
            piece, begun, room = text[start : start + _PIECE], time.monotonic(), self._has_room()
            self._file.write(piece)
            self._file.flush()
            seconds = time.monotonic() - begun
            waited = 0.0 if room and seconds < _PROMPT else seconds
            self._outflow.left(len(piece), whole=start + _PIECE >= len(text), waited=waited)
        return len(text)

    def _has_room(self) -> bool:
        """Returns whether the terminal takes something at once: what a write takes then is the process's own time."""
        try:
            return bool(select.select([], [self._file], [], 0)[1])
        except (OSError, ValueError):
            return True  # it is no terminal, or it is gone

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
