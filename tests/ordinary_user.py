"""Acts as a user whom permissions bind, also where the tests run as root, and gives files to another user."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = 65534
"""The user id that owns nothing, by convention."""


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """Gives a folder of that user's own, and puts the former user back at the end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if os.geteuid() != 0:
            yield folder
            return
        os.chown(folder, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            os.seteuid(0)


def give_away(path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Makes the file another user's, and returns that user's id. Who may not give files away only sees it so."""
    if os.geteuid() == 0:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        return NOBODY
    real = Path.lstat

    def _given(self: Path) -> os.stat_result:
        status = real(self)
        return os.stat_result((*status[:4], NOBODY, *status[5:])) if self == path else status

    monkeypatch.setattr(Path, "lstat", _given)
    return NOBODY


def without_privileges() -> tuple[str, ...]:
    """Returns the command that runs another one so that permissions bind it; empty where they do anyway."""
    setpriv = shutil.which("setpriv") if os.geteuid() == 0 else None
    return (setpriv, "--bounding-set=-all", "--inh-caps=-all") if setpriv else ()
