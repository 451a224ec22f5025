"""The folders that runs live in: one a run, 0700, of this user alone."""

import json
import os
import secrets
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gospel_rollback_tui.domain.errors import JournalError, RollbackError, UsageError
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.fold import fold_all
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.engine.journal_file import NAME, journal_lines, read_journal

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_DATE = len("20261127-")


def run_id(folder: Path) -> str:
    """Returns the run's id, e.g. `0312-k7`: the folder's name without its date."""
    return folder.name[_DATE:]


def new_folder(runs_dir: Path, now: float) -> Path:
    """Makes and returns the folder of a new run, named by the UTC time; raises JournalError if it cannot be made."""
    try:
        runs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _no_folder(runs_dir, error) from error
    _check_owner(runs_dir)
    began = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M")
    while True:
        folder = runs_dir / f"{began}-{secrets.choice(_LETTERS)}{secrets.choice(_LETTERS)}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        except OSError as error:
            raise _no_folder(folder, error) from error
        return folder


def _no_folder(folder: Path, error: OSError) -> JournalError:
    return JournalError(f"{folder} cannot be made: {error.strerror}.", next_step="Set `runs_dir` in the configuration to a folder that can be written.")


def _check_owner(folder: Path) -> os.stat_result:
    try:
        status = folder.lstat()
    except OSError as error:
        raise JournalError(f"{folder} cannot be read: {error.strerror}.") from error
    if not stat.S_ISDIR(status.st_mode):
        raise JournalError(f"{folder} is not a folder of its own.", next_step="Set `runs_dir` in the configuration to another folder.")
    if status.st_uid != os.geteuid():
        raise JournalError(f"{folder} belongs to another user (uid {status.st_uid}).", next_step="Set `runs_dir` in the configuration to a folder of your own.")
    return status


def check_folder(folder: Path) -> None:
    """Raises JournalError unless the folder is a run's own: no link, of this user, closed to all others."""
    mode = stat.S_IMODE(_check_owner(folder).st_mode)
    if mode & 0o077:
        raise JournalError(f"{folder} is open to others (mode {mode:04o}).", next_step=f"chmod 700 {folder}")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run on this machine, or why it cannot be read."""

    folder: Path
    run: Run | None
    """None: nothing was opened, or the journal cannot be read."""
    problem: str = ""

    @property
    def id(self) -> str:
        """The run's id."""
        return run_id(self.folder)


def read_run(folder: Path) -> RunFolder:
    """Returns the run in that folder, or what is wrong with it."""
    try:
        check_folder(folder)
        return RunFolder(folder, fold_all(read_journal(folder)))
    except RollbackError as error:
        return RunFolder(folder, None, error.sentences())
    except OSError as error:
        return RunFolder(folder, None, f"{folder} cannot be read: {error.strerror}.")


def _may_be_run(entry: Path) -> bool:
    """Returns whether a run may be there: a folder that cannot be looked into may hold one."""
    try:
        return entry.is_symlink() or (entry / NAME).exists()
    except OSError:
        return True


def list_runs(runs_dir: Path) -> tuple[RunFolder, ...]:
    """Returns every run of this machine that was opened, newest first, and every folder that cannot be read."""
    try:
        folders = sorted((entry for entry in runs_dir.iterdir() if _may_be_run(entry)), reverse=True)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise JournalError(f"{runs_dir} cannot be read: {error.strerror}.") from error
    runs = (read_run(folder) for folder in folders)
    return tuple(run for run in runs if run.run or run.problem)


def find_run(runs_dir: Path, name: str) -> RunFolder:
    """Returns the run of that id, or of that folder name; the newest if several have it. Raises UsageError if none has."""
    for run in list_runs(runs_dir):
        if name in (run.id, run.folder.name):
            return run
    raise UsageError(f"There is no run {name!r} in {runs_dir}.", next_step="`gospel-rollback runs` lists those there are.")


def open_runs(runs_dir: Path) -> tuple[RunFolder, ...]:
    """Returns the runs that are not closed, newest first: what an app attaches to or resumes."""
    return tuple(run for run in list_runs(runs_dir) if run.run is not None and not run.run.closed)


def unreadable_runs(runs_dir: Path, environment: str) -> tuple[RunFolder, ...]:
    """Returns the runs that cannot be read and may be open in that environment, newest first."""
    return tuple(found for found in list_runs(runs_dir) if found.problem and _may_be_open(found.folder, environment))


def _may_be_open(folder: Path, environment: str) -> bool:
    """Returns whether nothing speaks against it: neither another environment in the first record, nor a last record that closes the run."""
    try:
        records = [_record(line) for line in journal_lines(folder)]
    except JournalError:
        return True
    opened = next((record for record in records if record.get("kind") == Kind.RUN_OPENED.value), {})
    named = opened["data"].get("environment") if isinstance(opened.get("data"), dict) else None
    return named in (None, environment) and not any(record.get("kind") == Kind.CLOSED.value for record in records)


def _record(line: str) -> dict[str, Any]:
    """Returns what a line of a damaged journal says, unproved; empty: nothing."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
