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
from tests.e2e.playing import BUNDLE, confirm, open_prompt
from tests.e2e.terminal import DEADLINE
from tests.e2e.watching import Watched

HELP = "Keys that work here"
COLOURS = re.compile(rb"\x1b\[(?:[0-9;:]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:[;:][0-9;:]*)?m")
"""A foreground or background colour of any kind."""
A_FRAME = 40_000
"""Bytes of a whole screen at the most, at this size."""
HASTE = 25
"""How many times as fast the painting runs where a minute is not waited for: the panes are looked at fifty times a second."""
A_MINUTE = 600
"""Looks in a minute of ten a second; an app at its own pace takes 120."""
TWO_FRAMES = 2 * A_FRAME
"""Bytes that wait in the process at the most: the frame that met the stop, and the key's."""
FEW = 12
"""Writes that these are at the most: opening a screen takes some."""
KERNEL = max(65_536, MOST_CHARACTERS)
"""Bytes that Linux keeps of a terminal's output until it is read; an ssh that keeps more is sent no more than MOST_CHARACTERS."""
MEMORY = 16_000_000
"""Bytes by which the process may grow meanwhile: the screens that it opens, and the estate's own news."""
LIVE = 5.0
"""Seconds since a feed was last heard, of one that hears something a hundred times a second; the machine may be loaded."""
TICKING = 0.05
"""Seconds between two changes of a service's pods."""


def line(
    drill: Drill,
    *,
    rate: float | None = None,
    keeps: bool = False,
    columns: int = 120,
    rows: int = 36,
    environ: dict[str, str] | None = None,
    haste: float | None = None,
    ticking: float = TICKING,
) -> Watched:
    """The app at the end of a line, with a service whose pods never rest."""
    drill.control.churn("gospelib-gateway", every=ticking)
    arguments = ["--config", str(drill.endpoints.config_file)]
    return Watched(arguments, drill.endpoints.directory / "ticks", rate=rate, keeps=keeps, columns=columns, rows=rows, environ=environ, haste=haste)


def assert_keys_work(terminal: Watched) -> None:
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
        terminal.assert_right()


def test_a_line_that_cannot_carry_the_panes_slows_them_down_says_so_and_recovers(tmp_path: Path) -> None:
    """By itself, both ways; told by the terminal's own answers, since nothing holds up the process."""
    with served(tmp_path) as drill, line(drill, keeps=True) as terminal:
        terminal.wait_for("roll back now")
        terminal.rate = 500
        terminal.wait_for("slow link: panes every")
        terminal.rate = None
        terminal.wait_until(lambda screen: "slow link" not in screen and "q quit" in screen, "panes as live as ever", 2 * DEADLINE)
        terminal.assert_right()


def test_a_flood_at_a_fast_terminal_is_never_called_a_slow_link(tmp_path: Path) -> None:
    """Fifty thousand lines a second, then threads that compute all the time: the app says that it is busy, and recovers from it by itself."""
    with served(tmp_path, faults=["log-flood"]) as drill, line(drill) as terminal:
        terminal.wait_for("roll back now", "≥")
        assert_keys_work(terminal)
        os.kill(terminal.app_pid, signal.SIGUSR2)
        terminal.wait_for("busy: panes every")
        assert_keys_work(terminal)
        os.kill(terminal.app_pid, signal.SIGUSR2)
        drill.control.fault("log-flood", on=False)
        terminal.wait_for_tick(lambda ticks: not ticks[-1]["words"], "panes as live as ever", 2 * DEADLINE)
        called = [tick for tick in terminal.ticks() if "slow" in tick["words"]]
        assert not called, called[:1]
        terminal.assert_right()


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
        terminal.assert_right()
        assert drill.sent() == BUNDLE


@pytest.mark.parametrize("keeps", [False, True], ids=["terminal", "ssh"])
def test_a_minute_without_reading_costs_nothing_and_ends_with_the_key_answered_and_the_screen_whole(tmp_path: Path, keeps: bool) -> None:
    """A minute of ten looks a second is taken in twelve seconds.

    What grows with a stop grows with the looks, with what changes meanwhile, and with the seconds after which a frame is sent without
    an answer. The app's painting runs twenty-five times as fast here, all its durations alike, and the pods change a hundred times a
    second, so that of each there is at least as much as in a minute; nothing else is hurried.
    """
    with served(tmp_path) as drill, line(drill, keeps=keeps, haste=HASTE, ticking=TICKING / 5) as terminal:
        open_prompt(terminal)
        confirm(terminal, drill)
        drill.wait_for(Kind.VERIFIED)
        terminal.rate = 0
        begun, before, held = len(terminal.ticks()), terminal.ticks()[-1], terminal.memory()
        drill.wait_for(Kind.STABLE)
        shown_by = len(terminal.raw)
        terminal.press("?")
        stop = terminal.wait_for_tick(lambda ticks: len(ticks) >= begun + A_MINUTE, "a minute of looks")[begun:]
        assert terminal.memory() - held < MEMORY
        assert max(tick["writes"] for tick in stop) <= FEW
        assert max(tick["under_way"] for tick in stop) <= TWO_FRAMES
        assert terminal.on_its_way < MOST_CHARACTERS + A_FRAME
        assert {name for name in before["threads"] if name.startswith("feed")} <= set(stop[-1]["threads"])
        assert stop[-1]["heard"] < LIVE
        terminal.rate = None
        terminal.wait_for(HELP)
        assert terminal.bytes_until(HELP, shown_by) < KERNEL + TWO_FRAMES
        terminal.press_until("escape", lambda: HELP not in terminal.text(), "the screen behind the help")
        terminal.wait_for("Make git equal", "recovered")
        terminal.assert_right()


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
        terminal.assert_right()
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
        terminal.assert_right()
        assert_keys_work(terminal)


@pytest.mark.parametrize("environ", [{"TERM": "vt100", "COLORTERM": ""}, {"NO_COLOR": "1"}], ids=["vt100", "NO_COLOR"])
def test_a_terminal_without_colours_is_sent_none(tmp_path: Path, environ: dict[str, str]) -> None:
    """And the whole way to a prompt can be gone on it."""
    with served(tmp_path) as drill, line(drill, environ=environ) as terminal:
        terminal.wait_for("roll back now")
        assert_keys_work(terminal)
        open_prompt(terminal)
        assert not COLOURS.findall(bytes(terminal.raw))
