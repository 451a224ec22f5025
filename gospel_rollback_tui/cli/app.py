"""The app's process: settings → views and runs → screens → exit code."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.cli.arguments import Options
from gospel_rollback_tui.cli.keeping import keeper
from gospel_rollback_tui.cli.kube_context import check_context
from gospel_rollback_tui.cli.runs import EnvironmentRuns, operator, runner_command
from gospel_rollback_tui.cli.settings import Loaded, load
from gospel_rollback_tui.cli.views import Estate
from gospel_rollback_tui.domain.errors import ConfigurationError, UsageError
from gospel_rollback_tui.domain.estate import Tier
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.runbook import Library
from gospel_rollback_tui.domain.text import redact
from gospel_rollback_tui.runbooks.loader import load_library
from gospel_rollback_tui.ui.ports import Desk


def start(options: Options) -> int:
    """Runs the app on the configured environment; ends the process with its exit code."""
    loaded = load(options, os.environ)
    library = load_library(CATALOGUE, loaded.runbooks_dir)
    prepare_terminal()
    blind = "" if loaded.environment.tier is Tier.DRILL else why_blind(loaded)
    run_app(options, loaded, library, blind=blind)


def why_blind(loaded: Loaded) -> str:
    """Returns why the estate cannot be seen from here while a run can be followed all the same; empty: it can be seen.

    Raises ConfigurationError where there is no run to follow either.
    """
    try:
        check_context(loaded.environment.cluster, os.environ)
    except ConfigurationError as error:
        from gospel_rollback_tui.engine.run_folder import open_runs

        if not any(found.run and found.run.environment == loaded.environment.name for found in open_runs(loaded.runs_dir)):
            raise
        return f"This screen cannot see the estate, and follows the run that is open: {error.text}. {error.next_step}"
    return ""


def prepare_terminal() -> None:
    """Makes the terminal fit for the screens; raises UsageError when it cannot be."""
    from gospel_rollback_tui.ui import terminal

    problem = terminal.prepare(os.environ)
    if problem:
        raise UsageError(problem)


def run_app(
    options: Options,
    loaded: Loaded,
    library: Library,
    *,
    blind: str = "",
    begun: Callable[[EnvironmentRuns], None] | None = None,
    left: Callable[[], None] | None = None,
) -> NoReturn:
    """Runs the app and ends the process with its exit code.

    `blind` says why no runner is started from here; a run that is open is followed. `begun` is called once after the first
    paint, in a thread; `left` once the terminal is put back.
    """
    os.umask(0o077)
    estate = Estate(loaded.environment, library, operator(), loaded.clones)
    command = () if blind else runner_command(options, loaded.environment, loaded.settings.source)
    runs = EnvironmentRuns(loaded.runs_dir, loaded.environment, command, estate, read_only=options.read_only)

    def _begin() -> None:
        if begun is not None:
            begun(runs)
        estate.begin()
        if not options.read_only and not blind:
            runs.prepare()

    def _leave() -> None:
        runs.close()
        estate.close()
        if left is not None:
            left()

    desk = _desk(options, loaded, library, estate, runs, _begin)
    if blind:
        desk = replace(desk, said_at_start=(*desk.said_at_start, blind))
    from gospel_rollback_tui.ui.app import RollbackApp
    from gospel_rollback_tui.ui.safe_run import run

    run(RollbackApp(desk, record=app_log(loaded.runs_dir)), mouse=loaded.settings.terminal.mouse, leave=_leave)


def _desk(options: Options, loaded: Loaded, library: Library, estate: Estate, runs: EnvironmentRuns, begin: Callable[[], None]) -> Desk:
    return Desk(
        environment=loaded.environment,
        operator=operator(),
        library=library,
        estate=estate,
        triage=estate,
        planner=estate,
        runs=runs,
        login=LoginCommand(loaded.environment.cluster.login, estate),
        clock=WallClock(),
        read_only=options.read_only,
        terminal=loaded.settings.terminal,
        said_at_start=said_at_start(),
        keep=keeper(loaded.runs_dir / "kept"),
        begin_feeds=estate.begin_feeds,
        begin=begin,
    )


class WallClock:
    """The machine's own clocks."""

    def now(self) -> Moment:
        """Returns the present on both clocks."""
        return Moment(time.monotonic(), time.time())


class LoginCommand:
    """The environment's own login command; after it, everything that waited asks again."""

    def __init__(self, command: tuple[str, ...], estate: Estate) -> None:
        """Runs nothing yet."""
        self._command = command
        self._estate = estate

    def command(self) -> tuple[str, ...]:
        """Returns the configured command; empty: none."""
        return self._command

    def run(self) -> str:
        """Runs it on the operator's terminal; returns what went wrong, empty: nothing."""
        from gospel_rollback_tui.infra.login import run_login

        problem = run_login(self._command)
        threading.Thread(target=self._estate.renew, name="renew", daemon=True).start()
        return problem


def said_at_start() -> tuple[str, ...]:
    """Returns what an operator should know of the terminal before an incident needs it."""
    if os.environ.get("SSH_CONNECTION") and not (os.environ.get("TMUX") or os.environ.get("STY")):
        return ("Not in tmux: a dropped link ends this screen; a run goes on, start again to attach.",)
    return ()


def app_log(runs_dir: Path) -> Callable[[str, str], None]:
    """Returns the writer of the app's own log, a file beside the runs: crashes and signals, never a secret."""

    def _write(what: str, detail: str) -> None:
        line = redact(json.dumps({"at": time.time(), "event": what, "detail": detail}))
        try:
            runs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(runs_dir / "app.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600), "a") as log:
                log.write(line + "\n")
        except OSError:
            return  # the log is a convenience; the run's journal is what counts

    return _write
