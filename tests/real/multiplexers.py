"""Real terminal multiplexers, each with a server of its own: what the app runs in, and what one attaches to again."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHELL = ("bash", "--norc", "--noprofile")
"""A shell with job control and a prompt that is its own."""
UTF8 = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "COLORTERM": "", "PS1": "$ ", "TMUX": "", "STY": ""}
"""A terminal whose characters are Unicode and whose colours nobody has counted."""


def found(program: str) -> str:
    """Returns where a program is; fails where it is not installed, since a multiplexer that is missing proves nothing."""
    path = shutil.which(program)
    assert path is not None, f"{program} is not installed: apt-get install {program}"
    return path


@dataclass(frozen=True, slots=True)
class Multiplexer:
    """The commands of one server."""

    start: tuple[str, ...]
    """Starts the server with the command that follows, and shows it."""
    attach: tuple[str, ...]
    """Shows it again."""
    end: tuple[str, ...]
    """Ends the server, and hangs up on what runs in it."""
    detach: tuple[str, ...]
    """Keys that leave it."""
    environ: dict[str, str]

    def kill(self) -> None:
        """Ends the server; one that has gone already is fine."""
        subprocess.run(self.end, env=_environment(self.environ), capture_output=True, timeout=30, check=False)


def tmux(folder: Path, term: str = "tmux-256color") -> Multiplexer:
    """A tmux whose windows say that they are a `term`; without its status line every row is the app's."""
    configuration = folder / "tmux.conf"
    configuration.write_text(f"set -g default-terminal {term}\nset -g status off\nset -g escape-time 0\nset -g default-size 120x36\n")
    client = (found("tmux"), "-u", "-S", str(folder / "tmux.socket"), "-f", str(configuration))
    return Multiplexer((*client, "new-session", "--"), (*client, "attach"), (*client, "kill-server"), ("\x02", "d"), UTF8)


def screen(folder: Path, term: str = "screen") -> Multiplexer:
    """A GNU screen whose windows say that they are a `term`."""
    configuration, sockets = folder / "screenrc", folder / "sockets"
    configuration.write_text("startup_message off\naltscreen on\nvbell off\n")
    sockets.mkdir(mode=0o700)
    client = (found("screen"), "-U", "-c", str(configuration))
    start = (*client, "-S", "play", "env", f"TERM={term}")  # of its own, it names the terminal around it too: screen.xterm-256color
    return Multiplexer(start, (*client, "-r", "play"), (*client, "-S", "play", "-X", "quit"), ("\x01", "d"), {**UTF8, "SCREENDIR": str(sockets)})


def _environment(own: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **own}


def typed(command: Sequence[str]) -> str:
    """Returns the command as a line for a shell."""
    return shlex.join(command) + "\r"
