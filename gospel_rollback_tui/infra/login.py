"""Runs the environment's own login command on the operator's terminal."""

import subprocess
from collections.abc import Sequence


def run_login(command: Sequence[str]) -> str:
    """Runs the command in the foreground and returns what went wrong; empty: nothing.

    The command gets the terminal itself, since it may ask or print a code; it is an argument list, never a shell's.
    """
    try:
        ended = subprocess.run(list(command), check=False)
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror or error}."
    if ended.returncode == 0:
        return ""
    how = f"ended by signal {-ended.returncode}" if ended.returncode < 0 else f"ended with {ended.returncode}"
    return f"{command[0]} {how}."
