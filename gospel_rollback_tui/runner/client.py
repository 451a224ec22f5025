"""An app's end of a run: starts or attaches to its runner, tails the journal, sends decisions."""

from collections.abc import Sequence
from pathlib import Path

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.events import Event
from gospel_rollback_tui.domain.run import Run


class RunnerClient:
    """One run, seen and steered from an app. Every method may be called from any thread."""

    @classmethod
    def start(cls, runs_dir: Path, command: Sequence[str]) -> "RunnerClient":
        """Makes a new run's folder and starts its runner, which warms up and waits for OPEN.

        `command` is the runner's argument list; `--folder FOLDER` is added to it. Returns at once; `send` waits for the
        runner to listen. Raises JournalError if the folder cannot be made.
        """
        raise NotImplementedError

    @classmethod
    def attach(cls, folder: Path, command: Sequence[str]) -> "RunnerClient":
        """Attaches to the run in that folder; a dead runner of an open run is started anew on the same journal.

        Raises JournalError if the folder or journal is not to be trusted or read.
        """
        raise NotImplementedError

    @property
    def folder(self) -> Path:
        """The run's folder."""
        raise NotImplementedError

    def run(self) -> Run | None:
        """Returns the run as its journal says now; None before it is opened."""
        raise NotImplementedError

    def events(self, after: int = -1) -> tuple[Event, ...]:
        """Returns the records behind the one of that number."""
        raise NotImplementedError

    def send(self, decision: Decision, timeout: float = 30.0) -> Reply:
        """Sends a decision and returns the engine's answer; not taken, with the reason, when none came."""
        raise NotImplementedError

    def alive(self) -> bool:
        """Returns whether the runner's process lives."""
        raise NotImplementedError

    @property
    def problem(self) -> str:
        """Why the run can only be followed, or not even that; empty: nothing is wrong."""
        raise NotImplementedError

    def close(self) -> None:
        """Leaves the run to itself: the runner goes on."""
        raise NotImplementedError
