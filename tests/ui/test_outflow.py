"""What waits for the terminal is counted, bounded, and never holds up the loop."""

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pyte
import pytest
from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread
from textual.events import CursorPosition

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.diff_driver import DiffDriver
from gospel_rollback_tui.ui.outflow import ANSWER_SECONDS, MOST_CHARACTERS, MOST_WRITES, QUESTION, Counted, Outflow, count

ROOT = Path(__file__).parents[2]
LAST, STILL = 200, 50
"""Turns at which every line is another one, and turns after them at which nothing changes."""
PROGRAM = f"""
import os
from gospel_rollback_tui.ui import terminal
assert terminal.prepare() == ""
from textual.content import Content
from gospel_rollback_tui.ui.diff_driver import DiffDriver
from gospel_rollback_tui.ui.painting import paint_is_due
from gospel_rollback_tui.ui.safe_run import SafeApp, run
from gospel_rollback_tui.ui.widgets.sheet import Sheet
turns = open(os.environ["TURNS"], "w")
class App(SafeApp):
    turn = 0
    def get_driver_class(self):
        return DiffDriver
    def compose(self):
        yield Sheet(lambda room: [Content(f"row {{row}} turn {{self.turn}} ".ljust(room.width, "x")) for row in range(room.height)], name="rows")
    def on_ready(self):
        self.set_interval(0.02, self.step)
    def step(self):
        paint_is_due(self)
        self.turn = min(self.turn + 1, {LAST})
        self.query_one(Sheet).redraw()
        turns.write(".")
        turns.flush()
run(App())
"""


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        """Begins at nought."""
        self.now = 0.0

    def __call__(self) -> float:
        """The time it was set to."""
        return self.now


@pytest.fixture
def clock() -> Hands:
    """A clock set by hand."""
    return Hands()


@pytest.fixture
def outflow(clock: Hands) -> Outflow:
    """Nothing under way."""
    return Outflow(clock)


@pytest.fixture
def _signals_kept() -> Iterator[None]:
    """Puts back the handlers that a driver installs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    yield
    for number, then in before.items():
        signal.signal(number, then)


def test_a_write_waits_until_all_of_it_has_left(outflow: Outflow, clock: Hands) -> None:
    """And how long it took is told once."""
    outflow.handed(100)
    clock.now = 0.25
    assert outflow.look().waiting == 0.25
    outflow.left(60, whole=False)
    assert outflow.look().waiting == 0.25
    clock.now = 0.5
    outflow.left(40, whole=True)
    assert (outflow.look().waiting, outflow.arrived) == (0.0, 100)
    outflow.handed(1)
    clock.now = 0.75
    outflow.left(1, whole=True)
    assert outflow.look().took == 0.25
    assert outflow.look().took == 0.0


def test_a_bounded_number_of_writes_and_characters_may_wait(outflow: Outflow) -> None:
    """Both are bounds, and both are left again."""
    for _ in range(MOST_WRITES):
        assert not outflow.is_full()
        outflow.handed(1)
    outflow.handed(MOST_CHARACTERS)
    for _ in range(MOST_WRITES):
        assert outflow.is_full()
        outflow.left(1, whole=True)
    assert outflow.is_full()
    outflow.left(MOST_CHARACTERS, whole=True)
    assert not outflow.is_full()


def test_what_the_terminal_has_not_answered_waits_beyond_the_lines_own_delay(outflow: Outflow, clock: Hands) -> None:
    """The first answer tells what the line takes at the least; a terminal that has never answered is not waited for."""
    outflow.handed(10, asks=True)
    outflow.left(10, whole=True)
    clock.now = 0.3
    assert not outflow.look().waiting
    outflow.answered()
    assert outflow.look().took == 0.0
    outflow.handed(10, asks=True)
    outflow.left(10, whole=True)
    clock.now = 0.5
    assert not outflow.look().waiting
    clock.now = 0.9
    assert outflow.look().waiting == pytest.approx(0.3)
    outflow.answered()
    assert outflow.look().took == pytest.approx(0.3)
    assert not outflow.look().waiting


def unanswered(outflow: Outflow, clock: Hands) -> bool:
    """Sends a frame that nobody answers in time; returns whether the question was asked at all."""
    asks = outflow.may_ask()
    outflow.handed(1, asks=asks)
    outflow.left(1, whole=True)
    assert not outflow.may_ask()
    clock.now += ANSWER_SECONDS + 1
    assert not outflow.look().waiting
    return asks


def test_a_terminal_that_never_answers_is_asked_three_times(outflow: Outflow, clock: Hands) -> None:
    """And an answer that nobody asked for counts nothing."""
    outflow.answered()
    assert [unanswered(outflow, clock) for _ in range(3)] == [True] * 3
    assert not outflow.may_ask()
    assert not outflow.answers


def test_one_that_has_answered_is_asked_for_ever(outflow: Outflow, clock: Hands) -> None:
    """Its link may be dead: one frame goes into it every few seconds."""
    outflow.handed(1, asks=True)
    outflow.left(1, whole=True)
    outflow.answered()
    assert all(unanswered(outflow, clock) for _ in range(9))


def test_an_answer_that_was_passed_over_is_forgotten(outflow: Outflow, clock: Hands) -> None:
    """A later one has come: the next question is the only one again."""
    outflow.handed(1, asks=True)
    outflow.left(1, whole=True)
    outflow.answered()
    for _ in range(2):
        assert unanswered(outflow, clock)
    clock.now += 0.1
    outflow.answered()
    clock.now += ANSWER_SECONDS
    assert outflow.look().took > ANSWER_SECONDS
    assert outflow.may_ask()
    outflow.handed(1, asks=True)
    outflow.left(1, whole=True)
    clock.now += 0.1
    outflow.answered()
    flow = outflow.look()
    assert flow.waiting == 0.0
    assert flow.took == pytest.approx(0.1)


def test_what_is_on_its_way_beyond_the_process_is_bounded_too(outflow: Outflow, clock: Hands) -> None:
    """By the answers: an ssh takes megabytes that no terminal has seen."""
    outflow.handed(1, asks=True)
    outflow.left(1, whole=True)
    outflow.answered()
    while not outflow.is_full():
        clock.now += ANSWER_SECONDS + 1
        outflow.handed(MOST_CHARACTERS // 4, asks=outflow.may_ask())
        outflow.left(MOST_CHARACTERS // 4, whole=True)
    assert outflow.arrived == MOST_CHARACTERS + 1
    for _ in range(4):
        outflow.answered()
    assert not outflow.is_full()


def test_giving_the_terminal_back_waits_for_the_answer_that_is_under_way() -> None:
    """Whoever reads the terminal next would take it for keys."""
    outflow = Outflow()
    outflow.handed(1, asks=True)
    outflow.answered()
    outflow.handed(1, asks=True)
    later = threading.Timer(0.05, outflow.answered)
    later.start()
    outflow.settle(60.0)
    assert outflow.may_ask()
    later.join()


@pytest.mark.usefixtures("_signals_kept")
def test_textual_still_has_the_private_names_that_are_used() -> None:
    """The file its thread writes to, the thread's order of calls, and room in its queue for what is no frame."""

    async def _driver() -> DiffDriver:
        return DiffDriver(BaseApp())

    driver: Any = asyncio.run(_driver())
    assert isinstance(driver._file, Counted)
    assert driver.outflow is not None
    file, outflow = StringIO(), Outflow()
    thread = WriterThread(Counted(file, outflow))  # type: ignore[arg-type] # it writes, and no more
    thread.start()
    outflow.handed(5000)
    thread.write("x" * 5000)
    thread.stop()
    assert (file.getvalue(), outflow.arrived, outflow.look().waiting) == ("x" * 5000, 5000, 0.0)
    assert MAX_QUEUED_WRITES >= MOST_WRITES + 10


@pytest.mark.usefixtures("_signals_kept")
def test_answers_stay_with_the_driver_and_a_frame_is_followed_by_one_question_at_a_time() -> None:
    """A frame on a terminal that draws frames at once is one write, opening and end included; a frame that changes nothing is none."""
    written: list[str] = []

    class Written(WriterThread):
        def write(self, text: str) -> None:
            written.append(text)

    async def _play() -> None:
        app = BaseApp()
        driver: Any = DiffDriver(app)
        driver._writer_thread = Written(sys.__stderr__)  # type: ignore[arg-type] # never written to
        for frame in ("\x1b[1;1Hone\x1b[1;1H", "\x1b[1;1Hone\x1b[1;1H", "\x1b[1;1Htwo\x1b[1;1H"):
            for part in ("\x1b[?2026h", frame, "\x1b[?2026l"):
                driver.write(part)
        driver.process_message(CursorPosition(3, 3))
        driver.write("\x1b[1;1Hsix\x1b[1;1H")
        assert app.outflow is not None
        assert app.outflow.answers

    asyncio.run(_play())
    assert written == [
        f"\x1b[?2026h\x1b[1;1Hone\x1b[1;1H\x1b[?2026l{QUESTION}",
        "\x1b[?2026h\x1b[1;1Htwo\x1b[1;1H\x1b[?2026l",
        f"\x1b[1;1Hsix\x1b[1;1H{QUESTION}",
    ]


@pytest.mark.usefixtures("_signals_kept")
def test_pacing_can_be_switched_off() -> None:
    """Then nothing private is touched."""

    class Unpaced(BaseApp):
        keeps_pace = False

    async def _driver() -> DiffDriver:
        return DiffDriver(Unpaced())

    driver: Any = asyncio.run(_driver())
    assert driver.outflow is None
    assert driver._file is sys.__stderr__
    del driver._file
    assert not count(driver, Outflow())


def test_a_terminal_that_takes_nothing_never_holds_up_the_loop_and_is_right_again_once_it_does(tmp_path: Path) -> None:
    """Two hundred frames while nobody reads; then the last one is on the screen."""
    turns = tmp_path / "turns"
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm-256color", "TURNS": str(turns), "COLUMNS": "80", "LINES": "24"}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True, cwd=ROOT)
    os.close(theirs)
    try:
        deadline = time.monotonic() + 60
        while not turns.exists() or len(turns.read_text()) < LAST + STILL:
            assert time.monotonic() < deadline, f"the loop stood still at turn {len(turns.read_text()) if turns.exists() else 0}"
            time.sleep(0.05)  # the file is another process's: nothing tells when it grows
        sent = 0
        screen = pyte.Screen(80, 24)
        stream = pyte.ByteStream(screen)
        while not screen.display[23].startswith(f"row 23 turn {LAST} "):
            assert select.select([ours], [], [], 60)[0], f"nothing more came, and the screen shows {screen.display}"
            part = os.read(ours, 65536)
            sent += len(part)
            stream.feed(part)
        assert sent < 3 * MOST_CHARACTERS
    finally:
        program.kill()
        program.wait()
        os.close(ours)
    assert [line.split(" x")[0].rstrip() for line in screen.display] == [f"row {row} turn {LAST}" for row in range(24)]
