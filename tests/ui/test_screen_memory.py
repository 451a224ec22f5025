"""Sending only what differs shows exactly what sending everything shows."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pyte
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.ui.screen_memory import ScreenMemory
from tests.ui.test_safe_run import read_until

COLUMNS, LINES = 30, 8
SPAN = st.tuples(st.integers(1, LINES), st.integers(1, 20), st.text("ab 漢é", min_size=1, max_size=5), st.sampled_from(["", "\x1b[1m", "\x1b[31m", "\x1b[7m"]))
FRAMES = st.lists(st.lists(SPAN, min_size=1, max_size=5), max_size=12)
ROOT = Path(__file__).parents[2]

PROGRAM = """
import os
from gospel_rollback_tui.ui import terminal
assert terminal.prepare() == ""
from gospel_rollback_tui.ui import diff_driver
from gospel_rollback_tui.ui.safe_run import run
from gospel_rollback_tui.ui.theme import COLOURFUL
from gospel_rollback_tui.ui.app import RollbackApp
from tests.ui.memory import Ports
raw = open(os.environ["RAW"], "w", encoding="utf-8", newline="")
class Recording(diff_driver.DiffDriver):
    def write(self, data):
        raw.write(data)
        raw.flush()
        super().write(data)
class App(RollbackApp):
    def get_driver_class(self):
        return Recording
run(App(Ports().desk(), COLOURFUL))
"""


def frame(spans: list[tuple[int, int, str, str]]) -> str:
    """One frame as Textual writes it."""
    return "".join(f"\x1b[{row};{column}H{look}{text}\x1b[0m" for row, column, text, look in spans)


def fed(parts: list[str]) -> pyte.Screen:
    """A terminal that was sent those parts."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(screen)
    for part in parts:
        stream.feed(part)
    return screen


def cells(screen: pyte.Screen) -> list[object]:
    """Every cell with its looks."""
    return [screen.buffer[row][column] for row in range(LINES) for column in range(COLUMNS)]


@given(FRAMES)
def test_a_terminal_that_gets_only_differences_looks_the_same(frames: list[list[tuple[int, int, str, str]]]) -> None:
    """Characters, colours, bold and reverse of every cell."""
    memory = ScreenMemory()
    written = [frame(spans) for spans in frames]
    assert cells(fed(written)) == cells(fed([memory.changed(part) for part in written]))


LINE = st.lists(st.tuples(st.sampled_from(["", "1", "31", "1;7"]), st.sampled_from("abc ")), min_size=COLUMNS, max_size=COLUMNS)


@given(st.lists(st.tuples(st.integers(1, 2), LINE), max_size=12))
def test_whole_lines_written_over_each_other_look_the_same(lines: list[tuple[int, list[tuple[str, str]]]]) -> None:
    """As Textual repaints a row: the same cells, other runs of looks."""
    memory = ScreenMemory()
    written = [f"\x1b[{row};1H{looks(*runs)}" for row, runs in lines]
    assert cells(fed(written)) == cells(fed([memory.changed(part) for part in written]))


def test_the_same_frame_again_sends_nothing_and_a_cleared_screen_everything() -> None:
    """Until it is forgotten, or cleared."""
    memory = ScreenMemory()
    one = frame([(1, 1, "hello", "")])
    assert memory.changed(one)
    assert memory.changed(one) == ""
    memory.forget()
    assert memory.changed(one)
    assert memory.changed("\x1b[2J") == "\x1b[2J"
    assert memory.changed(one)
    assert memory.changed("\x1b[?25l") == "\x1b[?25l"


def test_a_session_on_a_terminal_looks_the_same_with_and_without_the_memory(tmp_path: Path) -> None:
    """First screen, prompt, wizard, evidence and back: what was sent shows what Textual meant."""
    raw = tmp_path / "raw"
    ours, theirs = pty.openpty()
    environ = os.environ | {"TERM": "xterm-256color", "RAW": str(raw), "COLUMNS": "100", "LINES": "30"}
    program = subprocess.Popen([sys.executable, "-c", PROGRAM], stdin=theirs, stdout=theirs, stderr=theirs, env=environ, start_new_session=True, cwd=ROOT)
    os.close(theirs)
    try:
        sent = read_until(ours, b"ask me")
        for key, seen in ((b"e", b"Evidence"), (b"\x1b[B", b"more"), (b"q", b"\x1b[?1049l")):
            os.write(ours, key)
            sent += read_until(ours, seen)
        program.wait(60)
    finally:
        program.kill()
        os.close(ours)
    meant = raw.read_text(encoding="utf-8")
    assert len(sent) < len(meant.encode())
    assert shown(meant) == shown(sent.decode("utf-8", "replace"))


def shown(written: str) -> list[str]:
    """What a terminal of 100 by 30 shows just before the main screen comes back."""
    screen = pyte.Screen(100, 30)
    pyte.Stream(screen).feed(written.split("\x1b[?1049l")[0])
    return list(screen.display)


def looks(*runs: tuple[str, str]) -> str:
    """Runs of (looks, text) as Textual writes them."""
    return "".join(f"\x1b[{look}m{text}\x1b[0m" if look else text for look, text in runs)


def test_of_a_line_in_which_a_number_moved_only_the_number_is_sent() -> None:
    """A clock that ticks costs a few bytes, not a line."""
    memory = ScreenMemory()
    before = looks(("1;31", " PRODUCTION "), ("", " " * 60), ("2", "clock "), ("37", "1:02"), ("", " " * 40), ("32", "9 s"))
    after = looks(("1;31", " PRODUCTION "), ("", " " * 60), ("2", "clock "), ("37", "1:03"), ("", " " * 40), ("32", "0 s"))
    memory.changed("\x1b[1;1H" + before)
    assert memory.changed("\x1b[1;1H" + after) == "\x1b[1;82H\x1b[37m3\x1b[0m\x1b[1;123H\x1b[32m0\x1b[0m"


def test_differences_close_together_are_sent_as_one() -> None:
    """A move of the cursor would take more bytes than what lies between."""
    memory = ScreenMemory()
    memory.changed("\x1b[3;5Habcdefgh")
    assert memory.changed("\x1b[3;5HaXcdeYgh") == "\x1b[3;6HXcdeY"


def test_a_line_with_wide_characters_or_unknown_sequences_is_sent_whole() -> None:
    """Cells are not counted where one character may take two, or none."""
    for before, after in (("a漢b", "a漢c"), ("e\u0301x", "e\u0301y"), ("\x1b[1mnever reset", "\x1b[1mnever Reset")):
        memory = ScreenMemory()
        memory.changed("\x1b[1;1H" + before)
        assert memory.changed("\x1b[1;1H" + after) == "\x1b[1;1H" + after
