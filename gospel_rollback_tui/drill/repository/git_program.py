"""Runs git in one bare repository, with nothing of the caller's settings or identity."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

GIT_SECONDS = 30.0


class RepositoryError(RuntimeError):
    """Git is not installed, or refused; the message holds its words."""


class BareGit:
    """Git with the repository in one folder; hooks do not run, since nothing here pushes."""

    def __init__(self, folder: Path) -> None:
        """Bind to the folder, which `run("init", …)` may yet have to make."""
        self.folder = folder

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """Return what git printed.

        Raises:
            RepositoryError: It ended with another exit code than 0.
        """
        code, output, complaint = self.attempt(arguments, stdin)
        if code != 0:
            raise RepositoryError(f"git {arguments[0]}: {complaint.strip()}")
        return output

    def attempt(self, arguments: Sequence[str], stdin: bytes = b"") -> tuple[int, bytes, str]:
        """Return git's exit code, what it printed, and what it complained of.

        Raises:
            RepositoryError: Git is not there, or did not end in time.
        """
        argv = ["git", f"--git-dir={self.folder}", *arguments]
        try:
            done = subprocess.run(argv, input=stdin, capture_output=True, env=_environment(), timeout=GIT_SECONDS, check=False)
        except FileNotFoundError as error:
            raise RepositoryError("the drill keeps its estate in git, and there is no git on PATH") from error
        except subprocess.TimeoutExpired as error:
            raise RepositoryError(f"git {arguments[0]} did not end within {GIT_SECONDS:.0f} s") from error
        return done.returncode, done.stdout, done.stderr.decode(errors="replace")


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
    }
