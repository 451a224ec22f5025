"""Bad lines and odd terminals: a key is answered, the run goes on, and the screen is right in the end."""

import os
import re
import signal
import termios
import time
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.ui.outflow import MOST_CHARACTERS
from tests.e2e.drilling import Drill, served
from tests.e2e.links import Line
from tests.e2e.playing import BUNDLE, confirm, open_prompt
from tests.e2e.terminal import DEADLINE

HELP = "Keys that work here"
COLOURS = re.compile(rb"\x1b\[(?:[0-9;:]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m")
"""A foreground or background colour of any kind."""
A_FRAME = 40_000
"""Bytes of a whole screen at the most, at this size."""
MOVING = 12
"""Lines that may change within a second: those of the logs, and what pods are."""
TICKING = 0.05
"""Seconds between two changes of a service's pods."""


def line(drill: Drill, *, rate: float | None = None, keeps: bool = False, columns: int = 120, rows: int = 36, environ: dict[str, str] | None = None) -> Line:
    """The app at the end of a line, with a service whose pods never rest."""
    drill.control.churn("gospelib-gateway", every=TICKING)
    return Line(["--config", str(drill.endpoints.config_file)], rate=rate, keeps=keeps, columns=columns, rows=rows, environ=environ or {})


def assert_right(terminal: Line) -> None:
    """Fails unless the screen shows what it shows when it is painted anew; a few lines may have changed meanwhile, none come or gone."""
    shown = terminal.masked()
    terminal.press("ctrl+l")
    anew = terminal.masked()
    others = [(then, now) for then, now in zip(shown, anew, strict=True) if then != now]
    assert len(others) <= MOVING, f"painted anew, the screen is another one: {others}"
    assert all(then and now for then, now in others), f"painted anew, lines are there or gone: {others}"


def assert_keys_work(terminal: Line) -> None:
    """Opens the help and leaves it."""
    terminal.press_until("?", lambda: HELP in terminal.text(), "the help")
    terminal.press_until("escape", lambda: HELP not in terminal.text(), "the screen behind the help")


@pytest.mark.parametrize(("rate", "columns", "rows"), [(100_000, 200, 50), (30_000, 80, 24)])
def test_keys_are_answered_at_the_end_of_a_slow_line(tmp_path: Path, rate: int, columns: int, rows: int) -> None:
    """While pods change twenty times a second."""
    with served(tmp_path) as drill, line(drill, rate=rate, columns=columns, rows=rows) as terminal:
        terminal.wait_for("roll back now")
        for _ in range(3):
            assert_keys_work(terminal)
        assert_right(terminal)


def test_a_line_that_cannot_carry_the_panes_slows_them_down_says_so_and_recovers(tmp_path: Path) -> None:
    """By itself, both ways; told by the terminal's own answers, since nothing holds up the process."""
    with served(tmp_path) as drill, line(drill, keeps=True) as terminal:
        terminal.wait_for("roll back now")
        terminal.rate = 500
        terminal.wait_for("slow link: panes every")
        terminal.rate = None
        terminal.wait_until(lambda screen: "slow link" not in screen and "q quit" in screen, "panes as live as ever", 2 * DEADLINE)
        assert_right(terminal)


@pytest.mark.parametrize("keeps", [False, True], ids=["terminal", "ssh"])
def test_a_run_goes_on_while_the_terminal_takes_nothing_and_the_screen_is_right_afterwards(tmp_path: Path, keeps: bool) -> None:
    """From the confirmation to the end of the stability watch nothing is read; little is under way by then, and keys work again."""
    with served(tmp_path) as drill, line(drill, keeps=keeps) as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        terminal.rate = 0
        drill.wait_for(Kind.VERIFIED)
        drill.wait_for(Kind.STABLE)
        assert terminal.process.poll() is None
        assert terminal.on_its_way < MOST_CHARACTERS + A_FRAME
        terminal.rate = 100_000
        terminal.wait_for("Make git equal", "recovered")
        assert_keys_work(terminal)
        assert_right(terminal)
        assert drill.sent() == BUNDLE


def test_the_app_can_be_ended_while_its_terminal_takes_nothing(tmp_path: Path) -> None:
    """By SIGTERM, with the signal's own code; the run goes on."""
    with served(tmp_path) as drill, line(drill) as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        terminal.rate = 0
        drill.wait_for(Kind.STABLE)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.process.wait(DEADLINE) == 128 + signal.SIGTERM
        assert drill.sent() == BUNDLE


def test_a_storm_of_resizes_ends_with_a_right_screen(tmp_path: Path) -> None:
    """Forty sizes, fifty milliseconds apart, larger and smaller; the last one counts."""
    with served(tmp_path) as drill, line(drill) as terminal:
        terminal.wait_for("roll back now")
        for turn in range(40):
            terminal.resize(60 + 37 * turn % 120, 15 + 11 * turn % 40)
            time.sleep(0.05)  # the storm's own pace
        for rows in (40, 20, 40):  # a terminal forgets the lines that it loses; whoever paints it has to know
            terminal.resize(130, rows)
            terminal.wait_until(lambda screen, last=rows: "q quit" in "".join(screen.splitlines()[last - 1 :]), f"the footer on line {rows}")  # type: ignore[misc] # mypy cannot infer a lambda with a default
        assert_right(terminal)
        assert_keys_work(terminal)


def stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_ctrl_z_gives_the_terminal_back_and_fg_paints_it_again(tmp_path: Path) -> None:
    """The main screen and the shell's own line editing are back while it is stopped; nothing of the run stops."""
    with served(tmp_path) as drill, line(drill) as terminal:
        cooked = termios.tcgetattr(terminal.tty)[3]
        open_prompt(terminal)
        assert termios.tcgetattr(terminal.tty)[3] != cooked
        confirm(terminal, drill)
        terminal.press_until("\x1a", lambda: stopped(terminal.process.pid), "the app stopped")
        assert termios.tcgetattr(terminal.tty)[3] == cooked
        terminal.settled()
        assert bytes(terminal.raw).rfind(b"\x1b[?1049l") > bytes(terminal.raw).rfind(b"\x1b[?1049h")
        drill.wait_for(Kind.STABLE)
        painted = len(terminal.raw)
        os.kill(terminal.process.pid, signal.SIGCONT)
        terminal.wait_until(lambda _: b"\x1b[?1049h" in terminal.raw[painted:], "the alternate screen")
        terminal.wait_for("Make git equal", "recovered")
        assert_right(terminal)
        assert_keys_work(terminal)


@pytest.mark.parametrize("environ", [{"TERM": "vt100", "COLORTERM": ""}, {"NO_COLOR": "1"}], ids=["vt100", "NO_COLOR"])
def test_a_terminal_without_colours_is_sent_none(tmp_path: Path, environ: dict[str, str]) -> None:
    """And the whole way to a prompt can be gone on it."""
    with served(tmp_path) as drill, line(drill, environ=environ) as terminal:
        terminal.wait_for("roll back now")
        assert_keys_work(terminal)
        open_prompt(terminal)
        assert not COLOURS.findall(bytes(terminal.raw))
