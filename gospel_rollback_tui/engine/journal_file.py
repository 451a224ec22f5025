"""The journal as a file: one JSON line a record, 0600, appended and fsynced, chained, one writer."""

import fcntl
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import GENESIS, Event, Kind
from gospel_rollback_tui.domain.text import redact
from gospel_rollback_tui.engine.journal_text import cut_off, read_records
from gospel_rollback_tui.engine.ports import Clock

NAME = "journal.jsonl"
"""The journal's name in its run's folder."""
ROOM_BYTES = 4 * 1024 * 1024
"""Free space below which no run is begun: a journal that cannot be written stops everything."""
FREE_TEXT = frozenset({"detail", "words", "reason", "text", "note", "why", "how"})
"""Fields that quote people and servers; credentials are taken out of them. Bodies and captures are kept exactly."""


class JournalFile:
    """Appends records to a run's journal; the only writer as long as it lives."""

    def __init__(self, path: Path, descriptor: int, events: list[Event], clock: Clock) -> None:
        """Use `create` or `take_up`."""
        self.path = path
        self._descriptor = descriptor
        self._events = events
        self._clock = clock

    @classmethod
    def create(cls, folder: Path, clock: Clock) -> "JournalFile":
        """Makes an empty journal in the folder; raises JournalError if it exists, or cannot be made or written."""
        path = folder / NAME
        try:
            room = os.statvfs(folder)
            if room.f_bavail * room.f_frsize < ROOM_BYTES:
                raise JournalError(
                    f"The disk of {folder} is full: no run is begun without room for its journal.", next_step="Make room, or set another `runs_dir`."
                )
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            _sync_folder(folder)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls(path, descriptor, [], clock)

    @classmethod
    def take_up(cls, folder: Path, clock: Clock) -> "JournalFile":
        """Opens the folder's journal to go on with it.

        A last line that was cut off is moved to a file beside it and said in the journal. Raises JournalError if the
        journal belongs to somebody else, was changed, was written by a newer program, or another process writes it.
        """
        path = folder / NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            _alone(path, descriptor)
            _only_ours(path, os.fstat(descriptor))
            text = _read_all(descriptor)
            events, whole = read_records(path, text)
            journal = cls(path, descriptor, list(events), clock)
            journal._mend(text, whole)
        except OSError as error:
            os.close(descriptor)
            raise _unwritable(path, error) from error
        except JournalError:
            os.close(descriptor)
            raise
        return journal

    def append(self, kind: Kind, data: Mapping[str, object]) -> Event:
        """Writes one record behind the last and fsyncs it; raises JournalError, and then nothing may be sent."""
        last = self._events[-1] if self._events else None
        record: Any = json.loads(json.dumps(_without_secrets(data)))
        event = Event(len(self._events), self._clock.now(), kind, record).sealed(last.hash if last else GENESIS)
        before = os.fstat(self._descriptor).st_size
        try:
            _write(self._descriptor, event.line().encode() + b"\n")
        except OSError as error:
            self._take_back(before)
            raise _unwritable(self.path, error) from error
        self._events.append(event)
        return event

    def events(self) -> Sequence[Event]:
        """Returns every record so far, oldest first."""
        return tuple(self._events)

    def close(self) -> None:
        """Ends writing; once is enough."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _take_back(self, size: int) -> None:
        """Removes half a record that a full disk has left; what cannot be removed is found as cut off later."""
        try:
            os.ftruncate(self._descriptor, size)
            os.fsync(self._descriptor)
        except OSError:
            return

    def _mend(self, text: bytes, whole: int) -> None:
        """Keeps a cut-off last line aside, and ends a whole last line that lacks its newline."""
        try:
            if whole == len(text) and text and not text.endswith(b"\n"):
                _write(self._descriptor, b"\n")
            if whole < len(text):
                aside = self._keep_aside(text[whole:])
                os.ftruncate(self._descriptor, whole)
                os.fsync(self._descriptor)
        except OSError as error:
            raise _unwritable(self.path, error) from error
        if whole < len(text) and self._events:
            words = f"The journal's last line was cut off, as by a power cut; its {len(text) - whole} bytes are kept in {aside.name}."
            self.append(Kind.NOTE, {"text": words, "who": "gospel-rollback"})

    def _keep_aside(self, rest: bytes) -> Path:
        number = 1
        while True:
            aside = self.path.with_name(f"journal.cut-off-{number}")
            try:
                descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                number += 1
                continue
            try:
                _write(descriptor, rest)
            finally:
                os.close(descriptor)
            return aside


def read_journal(folder: Path) -> tuple[Event, ...]:
    """Returns the records of the folder's journal without touching it; a cut-off last line is left out.

    Raises JournalError if it cannot be read, belongs to somebody else or was changed.
    """
    path = folder / NAME
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            _only_ours(path, os.fstat(descriptor))
            text = _read_all(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise JournalError(f"{path} cannot be read: {error.strerror}.") from error
    return read_records(path, text)[0]


def journal_lines(folder: Path) -> tuple[str, ...]:
    """Returns the lines of the folder's journal as they stand, for the proof of the chain; raises JournalError."""
    try:
        text = (folder / NAME).read_bytes()
    except OSError as error:
        raise JournalError(f"{folder / NAME} cannot be read: {error.strerror}.") from error
    return tuple(line.decode(errors="replace") for line in text[: cut_off(text)].split(b"\n") if line)


def _without_secrets(data: Mapping[str, object]) -> dict[str, object]:
    return {name: redact(value) if name in FREE_TEXT and isinstance(value, str) else value for name, value in data.items()}


def _write(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]
    os.fsync(descriptor)


def _read_all(descriptor: int) -> bytes:
    parts: list[bytes] = []
    os.lseek(descriptor, 0, os.SEEK_SET)
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _only_ours(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise JournalError(f"{path} is not a file.")
    if status.st_uid != os.geteuid():
        raise JournalError(f"{path} belongs to another user (uid {status.st_uid}).", next_step="Let that user resume the run, or open a run of your own.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise JournalError(f"{path} can be read or written by others (mode {stat.S_IMODE(status.st_mode):04o}).", next_step=f"chmod 600 {path}")


def _alone(path: Path, descriptor: int) -> None:
    """Locks the journal for this process; raises JournalError if another one writes it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise JournalError(f"Another process writes {path}.", next_step="Start again: the run is attached to.") from None


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> JournalError:
    return JournalError(f"{path} cannot be written: {error.strerror}.", next_step="Nothing is sent without a journal: make room or give the right, then go on.")
