"""Follows a journal that another process writes."""

import os
from pathlib import Path

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import GENESIS, Event, event_from_line
from gospel_rollback_tui.domain.fold import fold
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.engine.journal_file import NAME


class JournalTail:
    """Reads what was appended since the last time, proves it, and folds it."""

    def __init__(self, folder: Path) -> None:
        """Begins before the first record."""
        self._path = folder / NAME
        self._offset = 0
        self._inode = 0
        self.events: list[Event] = []
        self.run: Run | None = None

    def read(self) -> bool:
        """Reads on and returns whether there was a new record.

        Raises JournalError if the journal is gone, was changed, or cannot be understood.
        """
        try:
            status = os.stat(self._path)  # noqa: PTH116  called twenty times a second
            if status.st_size == self._offset and status.st_ino == self._inode:
                return False
            with self._path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except FileNotFoundError:
            if not self.events:
                return False
            raise JournalError(f"{self._path} is gone.") from None
        except OSError as error:
            raise JournalError(f"{self._path} cannot be read: {error.strerror}.") from error
        self._inode = status.st_ino
        end = text.rfind(b"\n") + 1
        for line in text[:end].splitlines():
            self._take(line)
        self._offset += end
        return end > 0

    def _take(self, line: bytes) -> None:
        try:
            event = event_from_line(line.decode())
        except ValueError as error:
            raise JournalError(f"{self._path}: {error}.") from error
        if event.prev != (self.events[-1].hash if self.events else GENESIS):
            raise JournalError(f"{self._path}: record {event.seq} does not follow the one before it.")
        self.run = fold(self.run, event)
        self.events.append(event)
