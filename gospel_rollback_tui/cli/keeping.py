"""Files that an operator asks for: what a pane shows, for the post-mortem."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from gospel_rollback_tui.domain.errors import RollbackError


def keeper(folder: Path) -> Callable[[str, Sequence[str]], str]:
    """Returns what writes lines to new files of a folder, which is made when the first one is written."""
    return partial(keep, folder)


def keep(folder: Path, kind: str, lines: Sequence[str]) -> str:
    """Writes lines to a new file that only its owner can read, and returns its path.

    Raises:
        RollbackError: It cannot be written; no part of it is left.
    """
    path = folder / f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}Z.txt"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritten(path, error) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise _unwritten(path, error) from error
    return str(path)


def _unwritten(path: Path, error: OSError) -> RollbackError:
    return RollbackError(f"{path} cannot be written: {error.strerror or error}.", next_step="Copy single lines with `c`, or make room there.")
