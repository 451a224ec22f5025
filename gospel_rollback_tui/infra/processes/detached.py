"""Commands that outlive whoever started them: their output in a file, who they are in another, found again by the next runner.

Each has a name of its own in the run's folder, and a name is used once: whatever happens, no command is started twice. The
record is written before the command is, and completed with its pid and start time after; a runner that is killed in between
leaves a command that is found by the file its output goes to.
"""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from gospel_rollback_tui.domain.errors import NotSent, Refused, RollbackError
from gospel_rollback_tui.domain.processes import Progress
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.infra.processes.command import spawned
from gospel_rollback_tui.runner.liveness import RunnerMark, lives, mark_of

FOLDER = "commands"
"""In the run's folder."""
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,80}")
_WIDTH = 400
_TAIL = 64 * 1024
"""Bytes of output that are looked at."""


class DetachedCommands:
    """The commands of one run."""

    def __init__(self, run_folder: Path) -> None:
        """Makes nothing yet; `run_folder` is the run's own (0700)."""
        self._folder = run_folder / FOLDER
        self._started: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, argv: Sequence[str], environment: Mapping[str, str], folder: Path | None = None, keep: Sequence[int] = ()) -> None:
        """Starts a command in a session of its own, with nothing to read and its output in a file (0600).

        Args:
            name: Its name in this run, never used before.
            argv: The command; no argument may look like a secret.
            environment: The whole environment of the child.
            folder: Where it runs; None: where this process does.
            keep: Descriptors that it inherits besides.

        Raises:
            Refused: A command of that name was started before, whatever became of it.
            ProgramFault: One of the arguments looks like a secret.
            NotSent: It cannot be started, or nothing can be written down about it.
        """
        record: dict[str, Any] = {"program": argv[0]}
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._claim(name, record)
            output = os.open(self._place(name, "log"), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise NotSent(f"{self._folder} cannot be written: {error.strerror}.", next_step="Make room there, then try again.") from error
        try:
            process = spawned(argv, environment, folder, (subprocess.DEVNULL, output, output), keep)
        except RollbackError:
            self._write(name, {**record, "ended": "never started"})
            raise
        finally:
            os.close(output)
        self._started[name] = process
        with suppress(OSError):  # it runs: it is found by its output even if its pid cannot be written down
            mark = mark_of(process.pid)
            self._write(name, {**record, "pid": mark.pid, "ticks": mark.ticks, "boot": mark.boot})
        Thread(target=process.wait, name=f"end-of-{name}", daemon=True).start()

    def look(self, name: str, secrets: Sequence[str] = ()) -> Progress | None:
        """Returns where the command is; None: none of that name was ever started. `secrets` are shown nowhere."""
        record = self._read(name)
        if record is None or "ended" in record:
            return None
        process = self._started.get(name)
        pid = self._pid(name, record)
        return Progress(
            running=bool(pid),
            pid=pid or int(record.get("pid", 0)),
            ours=process is not None,
            code=process.poll() if process is not None else None,
            lines=self._lines(name, secrets),
            interrupted=self._place(name, "interrupted").exists(),
        )

    def interrupt(self, name: str) -> bool:
        """Asks the command to stop, with one SIGINT in its life; returns whether it was asked now."""
        record = self._read(name)
        pid = self._pid(name, record) if record is not None else 0
        if not pid:
            return False
        try:
            os.close(os.open(self._place(name, "interrupted"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                if self._pid(name, record or {}) == pid:  # the handle is of that very process, or it has ended meanwhile
                    signal.pidfd_send_signal(handle, signal.SIGINT)
                    return True
            finally:
                os.close(handle)
        return False

    def _place(self, name: str, kind: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Refused(f"{clean(name, 80)!r} is no name of a command.")
        return self._folder / f"{name}.{kind}"

    def _claim(self, name: str, record: Mapping[str, Any]) -> None:
        try:
            descriptor = os.open(self._place(name, "json"), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except FileExistsError:
            raise Refused("That command was started before; it is not started again.", next_step="Look what became of it.") from None
        with os.fdopen(descriptor, "w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())

    def _write(self, name: str, record: Mapping[str, Any]) -> None:
        """Replaces the record as a whole: a reader sees the old one or the new one."""
        new = self._place(name, "json.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(record, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._place(name, "json"))

    def _read(self, name: str) -> dict[str, Any] | None:
        """Returns the record; one that was never finished counts as started."""
        try:
            found = json.loads(self._place(name, "json").read_text())
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _pid(self, name: str, record: Mapping[str, Any]) -> int:
        """Returns the pid of the running command; 0: it has ended."""
        if "pid" in record:
            mark = RunnerMark(int(record["pid"]), int(record["ticks"]), str(record["boot"]))
            return mark.pid if lives(mark) else 0
        return next(self._writers(name), 0)

    def _writers(self, name: str) -> Iterator[int]:
        """Yields the processes of this user whose standard output is the command's file."""
        try:
            file = self._place(name, "log").stat()
        except OSError:
            return
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with suppress(OSError):
                output = (entry / "fd" / "1").stat()
                if (output.st_dev, output.st_ino) == (file.st_dev, file.st_ino):
                    yield int(entry.name)

    def _lines(self, name: str, secrets: Sequence[str]) -> tuple[str, ...]:
        try:
            with self._place(name, "log").open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                content = file.read(_TAIL)
        except OSError:
            return ()
        lines = (redact(clean(line, _WIDTH), secrets).strip() for line in content.decode(errors="replace").splitlines())
        return tuple(line for line in lines if line)
