"""In tmux and in screen: keys, colours and signs, another size after re-attaching, Ctrl-Z, and a server that is killed under a run."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.events import Kind
from tests.e2e.drilling import Drill, served
from tests.e2e.playing import BUNDLE, confirm, open_prompt
from tests.e2e.test_terminal_faults import HELP, assert_keys_work, stopped
from tests.e2e.watching import WATCHED, Watched
from tests.real.multiplexers import SHELL, Multiplexer, screen, tmux, typed

MANY_COLOURS = re.compile(rb"\x1b\[(?:[0-9;:]*;)?[34]8[;:][25]")
"""A colour out of 256, or out of all."""
Kinds = Callable[[Path], Multiplexer]
KINDS = pytest.mark.parametrize("kind", [tmux, screen], ids=["tmux", "screen"])


def arguments(drill: Drill) -> list[str]:
    """What the app is started with."""
    return ["--config", str(drill.endpoints.config_file)]


@contextmanager
def within(drill: Drill, server: Multiplexer, command: tuple[str, ...] = WATCHED) -> Iterator[Watched]:
    """The app, or another command, in a server that ends with the play."""
    report = drill.endpoints.directory / "ticks"
    own = arguments(drill) if command == WATCHED else []
    try:
        with Watched(own, report, environ=server.environ, command=(*server.start, *command)) as terminal:
            yield terminal
    finally:
        server.kill()


def again(drill: Drill, server: Multiplexer, columns: int, rows: int) -> Watched:
    """Another terminal, of another size, attached to what runs."""
    return Watched([], drill.endpoints.directory / "ticks", columns=columns, rows=rows, environ=server.environ, command=server.attach)


def ended(pid: int) -> bool:
    """Whether a process is gone."""
    return not Path(f"/proc/{pid}").exists()


@KINDS
def test_a_run_goes_on_while_nobody_is_attached_and_another_terminal_shows_it_whole(tmp_path: Path, kind: Kinds) -> None:
    """Keys work before and after; the second terminal is smaller, then larger than the first, and every cell of it is right."""
    server = kind(tmp_path)
    with served(tmp_path / "estate") as drill, within(drill, server) as terminal:
        terminal.wait_for("roll back now")
        assert_keys_work(terminal)
        terminal.assert_right()
        open_prompt(terminal)
        confirm(terminal, drill)
        drill.wait_for(Kind.VERIFIED)
        terminal.press(*server.detach)
        terminal.wait_for_exit()
        drill.wait_for(Kind.STABLE)
        for columns, rows in ((90, 28), (150, 45)):
            with again(drill, server, columns, rows) as other:
                other.wait_for("Make git equal", "recovered")
                other.wait_until(lambda screen: "q quit" in screen.splitlines()[-1], "the footer on the last line")
                assert_keys_work(other)
                other.assert_right()
                other.press(*server.detach)
                other.wait_for_exit()
        assert drill.sent() == BUNDLE


@KINDS
def test_ctrl_z_gives_the_shell_back_and_fg_the_screen(tmp_path: Path, kind: Kinds) -> None:
    """In a shell of its own, as one works there; the run goes on meanwhile."""
    server = kind(tmp_path)
    with served(tmp_path / "estate") as drill, within(drill, server, SHELL) as terminal:
        terminal.wait_for("$")
        terminal.paste(typed((*WATCHED, *arguments(drill))))
        open_prompt(terminal)
        confirm(terminal, drill)
        pid = terminal.app_pid
        terminal.press_until("\x1a", lambda: stopped(pid), "the app stopped")
        terminal.wait_until(lambda text: "Stopped" in text and "roll back now" not in text and "Bad code" not in text, "the shell")
        drill.wait_for(Kind.STABLE)
        terminal.paste("fg\r")
        terminal.wait_for("Make git equal", "recovered")
        terminal.assert_right()
        assert_keys_work(terminal)
        assert drill.sent() == BUNDLE


@KINDS
def test_a_server_that_is_killed_ends_the_screen_and_nothing_else(tmp_path: Path, kind: Kinds) -> None:
    """A closed terminal: the app is gone and has noted why, the journal goes on to the end of the watch, and the next app attaches."""
    server = kind(tmp_path)
    with served(tmp_path / "estate") as drill:
        with within(drill, server) as terminal:
            open_prompt(terminal)
            hold = drill.control.hold("PATCH", "*/applications/*")
            confirm(terminal, drill)
            drill.control.wait_until(lambda control: control.has_arrived(hold))
            pid = terminal.app_pid
            server.kill()
            terminal.wait_for_exit()
        drill.control.wait_until(lambda _: ended(pid))
        log = (drill.runs_dir / "app.log").read_text()
        assert "SIGHUP" in log or "terminal gone" in log
        drill.control.release(hold)
        drill.wait_for(Kind.VERIFIED)
        drill.wait_for(Kind.STABLE)
        assert drill.sent() == BUNDLE
        with drill.app() as afterwards:
            afterwards.wait_for("Make git equal", "recovered")


@pytest.mark.parametrize(
    ("kind", "term", "many"),
    [(tmux, "tmux-256color", True), (tmux, "screen", False), (screen, "screen-256color", True), (screen, "screen", False)],
    ids=["tmux-256color", "tmux as screen", "screen-256color", "screen"],
)
def test_colours_are_as_many_as_the_window_says_it_has(tmp_path: Path, kind: Callable[[Path, str], Multiplexer], term: str, many: bool) -> None:
    """Sixteen where its name promises no more; boxes and signs stay what they are, and nothing unknown is left on the screen."""
    server = kind(tmp_path, term)
    with served(tmp_path / "estate") as drill, within(drill, server) as terminal:
        text = terminal.wait_for("roll back now", "✗", "━")
        assert bool(MANY_COLOURS.search(bytes(terminal.raw))) == many
        assert not any(left in text for left in ("[?", "[38", "6n", "\N{REPLACEMENT CHARACTER}"))
        terminal.press_until("?", lambda: HELP in terminal.text(), "the help")
