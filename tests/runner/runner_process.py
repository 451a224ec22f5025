"""A runner's process on the estate in a file; it can be told to die at a record of its journal."""

import argparse
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from gospel_rollback_tui.domain.errors import UsageError
from gospel_rollback_tui.domain.estate import StabilityRule
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.ports import Journal
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.runner.host import serve
from tests.engine.worlds import ENVIRONMENT, LIBRARY, OWNER, world
from tests.runner.file_estate import FileEstate


class LaterClock(SystemClock):
    """The machine's clock, ahead by some seconds: a runner that is started that much later."""

    def __init__(self, seconds: float) -> None:
        """Is ahead by that much."""
        self._seconds = seconds

    def now(self) -> float:
        """Returns the later wall time."""
        return super().now() + self._seconds


class MortalJournal:
    """Kills its process before or after the record of that number."""

    def __init__(self, journal: Journal, number: int, *, after: bool) -> None:
        """Passes everything on until then."""
        self._journal = journal
        self._number = number
        self._after = after

    def append(self, kind: Kind, data: Mapping[str, object]) -> Event:
        """Appends, or dies."""
        number = len(self._journal.events())
        if number == self._number and not self._after:
            os.kill(os.getpid(), signal.SIGKILL)
        event = self._journal.append(kind, data)
        if number == self._number:
            os.kill(os.getpid(), signal.SIGKILL)
        return event

    def events(self) -> Sequence[Event]:
        """Returns the records."""
        return self._journal.events()


def main() -> int:
    """Serves the run in the folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--estate", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--die-at", type=int, default=-1)
    parser.add_argument("--die-after", action="store_true")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--broken", default="")
    parser.add_argument("--later", type=float, default=0.0)
    options = parser.parse_args()

    def make(journal: Journal, run: str, process: Process) -> Engine:
        if options.broken:
            raise UsageError(options.broken)
        clock = LaterClock(options.later)
        environment = replace(ENVIRONMENT, stability=StabilityRule(minutes=options.minutes, sample_seconds=0.1))
        mortal = MortalJournal(journal, options.die_at, after=options.die_after)
        ports = world(FileEstate(options.estate), clock, minutes=options.minutes)
        return Engine(ports, mortal, LIBRARY, environment, run=run, owner=OWNER, process=process)

    return serve(options.folder, make)


if __name__ == "__main__":
    sys.exit(main())
