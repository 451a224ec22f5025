"""Starts a runner's process, detached from the terminal and from the app that starts it."""

import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from gospel_rollback_tui.domain.errors import JournalError

LOG = "runner.log"
"""Where a runner's own messages go, in its run's folder."""


def start_runner(folder: Path, command: Sequence[str]) -> int:
    """Starts `command --folder FOLDER` in a session of its own and returns its process id.

    Its input is empty and its output goes to a file in the folder. Raises JournalError if it cannot be started.
    """
    arguments = [*command, "--folder", str(folder)]
    program = shutil.which(arguments[0]) or arguments[0]
    log = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    files = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(folder / LOG), log, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    )
    try:
        return os.posix_spawn(program, arguments, os.environ, file_actions=files, setsid=True, setsigmask=(), setsigdef=(signal.SIGTERM, signal.SIGINT))
    except OSError as error:
        raise JournalError(f"The runner could not be started: {program}: {error.strerror}.") from error


def reap(pid: int) -> None:
    """Waits for a child that has ended, if it is one of ours; otherwise it would seem to live on."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def last_words(folder: Path, longest: int = 600) -> str:
    """Returns the end of what the runner wrote before it ended."""
    try:
        return (folder / LOG).read_text(errors="replace").strip()[-longest:]
    except OSError:
        return ""
