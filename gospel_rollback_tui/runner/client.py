"""An app's end of a run: starts or attaches to its runner, tails the journal, sends decisions."""

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Condition, Thread

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import Event
from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.engine.run_folder import check_folder, new_folder, run_id
from gospel_rollback_tui.runner.link import Link
from gospel_rollback_tui.runner.liveness import lives, read_mark
from gospel_rollback_tui.runner.spawn import last_words, reap, start_runner
from gospel_rollback_tui.runner.tail import JournalTail

TAIL_SECONDS = 0.05
"""Between two looks at the journal."""
START_SECONDS = 20.0
"""How long a started runner may take to say which process it is."""


class RunnerClient:
    """One run, seen and steered from an app. Every method may be called from any thread."""

    def __init__(self, folder: Path, command: Sequence[str]) -> None:
        """Use `start`, `attach` or `follow`."""
        self._folder = folder
        self._command = tuple(command)
        self._link = Link(folder)
        self._tail = JournalTail(folder)
        self._changed = Condition()
        self._trouble = ""
        self._child = 0
        self._started = 0.0
        self._closed = False
        self._only_looks = False

    @classmethod
    def start(cls, runs_dir: Path, command: Sequence[str]) -> "RunnerClient":
        """Makes a new run's folder and starts its runner, which warms up and waits for OPEN.

        `command` is the runner's argument list; `--folder FOLDER` is added to it. Returns at once; `send` waits for the
        runner to listen. Raises JournalError if the folder cannot be made or the runner not be started.
        """
        folder = new_folder(runs_dir, time.time())
        client = cls(folder, command)
        try:
            client._spawn()
        except JournalError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        client._follow()
        return client

    @classmethod
    def attach(cls, folder: Path, command: Sequence[str]) -> "RunnerClient":
        """Attaches to the run in that folder; a dead runner of an open run is started anew on the same journal.

        Without a command none is started: a run whose runner is dead is followed.

        Raises JournalError if the folder or journal is not to be trusted or read.
        """
        check_folder(folder)
        client = cls(folder, command)
        client._tail.read()
        client._only_looks = not command and not client.alive()
        client.resume()
        client._follow()
        return client

    @classmethod
    def follow(cls, folder: Path) -> "RunnerClient":
        """Follows the run's journal alone: no runner is started, spoken to or resumed, and `send` takes nothing.

        Raises JournalError if the folder or journal is not to be trusted or read.
        """
        check_folder(folder)
        client = cls(folder, ())
        client._only_looks = True
        client._tail.read()
        client._follow()
        return client

    def resume(self) -> bool:
        """Starts a new runner on the same journal if the run is open and its runner dead; returns whether it did."""
        run = self.run()
        if self._only_looks or not self._command or self.alive() or run is None or run.closed:
            return False
        self._spawn()
        return True

    def _spawn(self) -> None:
        self._child = start_runner(self._folder, self._command)
        self._started = time.monotonic()

    def _follow(self) -> None:
        Thread(target=self._tail_on, name="journal-tail", daemon=True).start()

    def _tail_on(self) -> None:
        while not self._closed:
            try:
                news = self._tail.read()
                trouble = ""
            except JournalError as error:
                news, trouble = False, error.sentences()
            if not self._only_looks:
                self._link.try_connect()
            with self._changed:
                if news or trouble != self._trouble:
                    self._trouble = trouble
                    self._changed.notify_all()
                self._changed.wait_for(lambda: self._closed, TAIL_SECONDS)

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self._folder

    @property
    def id(self) -> str:
        """The run's id."""
        return run_id(self._folder)

    def run(self) -> Run | None:
        """Returns the run as its journal says now; None before it is opened."""
        return self._tail.run

    def events(self, after: int = -1) -> tuple[Event, ...]:
        """Returns the records behind the one of that number."""
        return tuple(self._tail.events[after + 1 :])

    def await_record(self, after: int, timeout: float) -> bool:
        """Waits until there is a record behind the one of that number; returns whether there is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or len(self._tail.events) > after + 1, timeout) and len(self._tail.events) > after + 1

    def send(self, decision: Decision, timeout: float = 30.0) -> Reply:
        """Sends a decision and returns the engine's answer; not taken, with the reason, when none came."""
        if self._only_looks:
            return Reply(taken=False, text="This app only follows the run: nothing was sent.")
        reply = self._link.ask(decision, timeout, self.alive)
        if not reply.taken and not self.alive() and (words := last_words(self._folder)):
            return Reply(taken=False, text=f"{reply.text} {words}")
        return reply

    def alive(self) -> bool:
        """Returns whether the runner's process lives; one that was just started does until it says which it is."""
        if self._child:
            reap(self._child)
        mark = read_mark(self._folder)
        if self._child and (mark is None or mark.pid != self._child):
            return Path(f"/proc/{self._child}").exists() and time.monotonic() - self._started < START_SECONDS
        return lives(mark)

    @property
    def problem(self) -> str:
        """Why the run can only be followed, or not even that; empty: nothing is wrong."""
        if self._trouble or self._link.stranger:
            return self._trouble or self._link.stranger
        run = self.run()
        if run is not None and not run.closed and not self.alive():
            return "The runner has died: nothing is sent or watched until it is started again."
        return ""

    def close(self) -> None:
        """Leaves the run to itself: the runner goes on."""
        self._closed = True
        self._link.close()
        with self._changed:
            self._changed.notify_all()
