"""The process a run lives in."""

import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Event as Stop
from threading import Thread

from gospel_rollback_tui.domain.decisions import Decision, Reply
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.closing import exit_code
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.journal_file import NAME, JournalFile
from gospel_rollback_tui.engine.ports import Clock, Journal
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.engine.run_folder import check_folder, run_id
from gospel_rollback_tui.runner.liveness import journal_process, this_process, write_mark
from gospel_rollback_tui.runner.server import Server

EngineFactory = Callable[[Journal, str, Process], Engine]
"""(journal, run id, process) → the engine, with its world connected. Raises RollbackError if it cannot be made."""
DESERTED_SECONDS = 10.0
"""How long a runner in which nothing was opened outlives its last app."""
READY_SECONDS = 60.0
"""How long a decision waits for the engine to be made."""
DRAIN_SECONDS = 5.0
FAULT_SECONDS = 5.0
"""How long a runner that has no engine stays to say why."""
USAGE = 2


class _Desk:
    """Takes decisions from the first moment on, and answers them once there is an engine, or the reason why there is none."""

    def __init__(self) -> None:
        self._settled = Stop()
        self._engine: Engine | None = None
        self._fault = ""

    def ready(self, engine: Engine) -> None:
        """Hands decisions to that engine from now on."""
        self._engine = engine
        self._settled.set()

    def failed(self, fault: str) -> None:
        """Answers every decision with why there is no engine."""
        self._fault = fault
        self._settled.set()

    def decide(self, decision: Decision) -> Reply:
        """Returns the engine's answer; waits for the engine first, READY_SECONDS at most."""
        self._settled.wait(READY_SECONDS)
        if self._engine is None:
            return Reply(taken=False, text=self._fault or "The runner is still connecting: try again.")
        return self._engine.decide(decision)


def serve(folder: Path, engine_factory: EngineFactory) -> int:
    """Runs the run in that folder until it is closed, and returns the process's exit code.

    Listens first, then makes the engine (heavy imports belong in the factory), then waits for OPEN or goes on with what
    the journal holds. A runner in which nothing was opened removes its folder and ends once its app has gone.
    """
    stop = Stop()
    _behave(stop)
    clock = SystemClock()
    try:
        check_folder(folder)
        journal = _journal(folder, clock)
    except RollbackError as error:
        sys.stderr.write(error.sentences() + "\n")
        return USAGE
    desk = _Desk()
    mark = this_process()
    write_mark(folder, mark)
    server = Server(folder, run_id(folder), desk.decide)
    try:
        engine = engine_factory(journal, run_id(folder), journal_process(mark, clock.now()))
    except RollbackError as error:
        sys.stderr.write(error.sentences() + "\n")
        desk.failed(error.sentences())
        stop.wait(FAULT_SECONDS)
        server.close(DRAIN_SECONDS)
        _remove_unopened(folder, journal)
        return USAGE
    desk.ready(engine)
    return _work(folder, journal, engine, server, stop)


def _work(folder: Path, journal: JournalFile, engine: Engine, server: Server, stop: Stop) -> int:
    Thread(target=_leave_when_deserted, args=(engine, server, stop), name="deserted", daemon=True).start()
    try:
        engine.run(stop)
    except RollbackError as error:
        sys.stderr.write(error.sentences() + "\n")
        return USAGE
    finally:
        server.close(DRAIN_SECONDS)
        _remove_unopened(folder, journal)
    return exit_code(engine.state)


def _behave(stop: Stop) -> None:
    """A hung-up terminal ends only screens; asked to end, the runner ends after what is on its way. No core dump holds its credentials."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda _number, _frame: stop.set())


def _journal(folder: Path, clock: Clock) -> JournalFile:
    return JournalFile.take_up(folder, clock) if (folder / NAME).exists() else JournalFile.create(folder, clock)


def _leave_when_deserted(engine: Engine, server: Server, stop: Stop) -> None:
    while engine.state is None and not stop.wait(0.5):
        if server.deserted() > DESERTED_SECONDS:
            stop.set()


def _remove_unopened(folder: Path, journal: JournalFile) -> None:
    opened = bool(journal.events())
    journal.close()
    if not opened:
        shutil.rmtree(folder, ignore_errors=True)
