"""The runs of one environment as an app reaches them: attach to what is open, warm a runner, open a run."""

from __future__ import annotations

import getpass
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from gospel_rollback_tui.cli.arguments import Options
from gospel_rollback_tui.domain.errors import JournalError, Refused
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.ui.ports import Opening

if TYPE_CHECKING:  # imported after the first paint, in a thread
    from gospel_rollback_tui.domain.decisions import Decision, Reply
    from gospel_rollback_tui.domain.events import Event
    from gospel_rollback_tui.domain.owed import Owed
    from gospel_rollback_tui.domain.run import Run
    from gospel_rollback_tui.runner.client import RunnerClient

OPEN_SECONDS = 60.0
"""How long opening may take: the runner may still be importing its clients."""


def operator() -> str:
    """Returns the operator's name, as recorded: who logged in, also behind sudo; a user without a name by number."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def owner() -> str:
    """Returns operator@host, as the lock names its holder."""
    return f"{operator()}@{socket.gethostname()}"


def runner_command(options: Options, environment: Environment, config: str) -> tuple[str, ...]:
    """Returns the argument list that starts a runner for the environment; no secret is in it."""
    command = [sys.executable, "-P", "-m", "gospel_rollback_tui", "_runner", "--config", config, "--environment", environment.name]
    return (*command, "--read-only") if options.read_only else tuple(command)


class FollowedRun:
    """One run through its runner's client; answers the screens' port `RunView`."""

    def __init__(self, client: RunnerClient, left_at: float) -> None:
        """Follows from now on; `left_at` is when this operator's last screen went away, 0: none did."""
        self._client = client
        self._left_at = left_at

    def run(self) -> Run | None:
        """Returns the run as its journal says now."""
        return self._client.run()

    def events(self) -> Sequence[Event]:
        """Returns every record so far."""
        return self._client.events()

    def send(self, decision: Decision) -> Reply:
        """Sends a decision and waits for the answer."""
        return self._client.send(decision)

    def alive(self) -> bool:
        """Returns whether the runner lives."""
        return self._client.alive()

    def read_only(self) -> str:
        """Returns why this app may only follow."""
        return self._client.problem

    def left_at(self) -> float:
        """Returns when this operator's last screen of the run went away."""
        return self._left_at


class EnvironmentRuns:
    """The environment's runs; answers the screens' port `Runs`."""

    def __init__(self, runs_dir: Path, environment: Environment, command: Sequence[str], symptom: SymptomOf, *, read_only: bool = False) -> None:
        """Reads nothing yet; with `read_only` no runner is ever started, and none is spoken to."""
        self._runs_dir = runs_dir
        self._environment = environment
        self._command = tuple(command)
        self._symptom = symptom
        self._read_only = read_only
        self._lock = threading.Lock()
        self._warm: RunnerClient | None = None
        self._followed: RunnerClient | None = None

    def current(self) -> FollowedRun | None:
        """Returns the newest open run of the environment, its runner alive or (unless read-only) started again; None: none is open.

        Raises JournalError if none can be read and one that cannot be may be open.
        """
        from gospel_rollback_tui.engine.run_folder import open_runs
        from gospel_rollback_tui.runner.client import RunnerClient

        found = [r.folder for r in open_runs(self._runs_dir) if r.run is not None and r.run.environment == self._environment.name]
        if not found:
            self._say_unreadable()
            return None
        self._followed = RunnerClient.follow(found[0]) if self._read_only else RunnerClient.attach(found[0], self._command)
        return FollowedRun(self._followed, left_at(found[0]))

    def owed(self) -> tuple[Owed, ...]:
        """Returns what closed runs of the environment have left behind, newest first."""
        from gospel_rollback_tui.domain.owed import owed_by
        from gospel_rollback_tui.engine.run_folder import list_runs

        runs = (found.run for found in list_runs(self._runs_dir))
        return owed_by([run for run in runs if run is not None and run.environment == self._environment.name])

    def _say_unreadable(self) -> None:
        from gospel_rollback_tui.engine.run_folder import unreadable_runs

        for found in unreadable_runs(self._runs_dir, self._environment.name):
            raise JournalError(
                f"A run may be open here whose record cannot be read. {found.problem}",
                next_step=f"Look with `gospel-rollback runs verify {found.id}`; once it is settled, move {found.folder} out of the runs' folder.",
            )

    def prepare(self) -> None:
        """Starts a runner ahead of time; it leaves by itself if nothing is opened. Raises Refused if this app only looks."""
        if not self._command:
            raise Refused("The estate cannot be seen from here: no run is opened.", next_step="Mend the kubeconfig, and start again.")
        if self._read_only:
            raise Refused("This app only looks (--read-only): it opens no run.", next_step="Start it without --read-only.")
        from gospel_rollback_tui.runner.client import RunnerClient

        with self._lock:
            if self._warm is None and self._followed is None:
                self._warm = RunnerClient.start(self._runs_dir, self._command)

    def open(self, opening: Opening) -> FollowedRun:
        """Opens a run; raises Refused with the runner's reason if it cannot be opened."""
        from gospel_rollback_tui.domain.decisions import Decision, Verb

        self.prepare()
        with self._lock:
            client, self._warm = self._warm, None
        assert client is not None, "prepare made one"
        reply = client.send(Decision(Verb.OPEN, operator(), self._opening(opening)), OPEN_SECONDS)
        if not reply.taken:
            client.close()
            raise Refused(reply.text)
        self._followed = client
        return FollowedRun(client, 0.0)

    def followed(self) -> Run | None:
        """Returns the run that the app follows; None: none is open."""
        return self._followed.run() if self._followed is not None else None

    def close(self) -> None:
        """Leaves every run to itself, noting when."""
        for client in (self._warm, self._followed):
            if client is not None:
                client.close()
        if self._followed is not None and not self._read_only:
            note_leaving(self._followed.folder)

    def _opening(self, opening: Opening) -> dict[str, Any]:
        picture = opening.picture
        symptom = self._symptom.symptom
        row = picture.weighing.of(opening.scenario) if picture and picture.weighing else None
        return {
            "run_opened": {
                "environment": self._environment.name,
                "operator": operator(),
                "host": socket.gethostname(),
                "server": picture.server if picture else "",
                "identity": picture.identity if picture else "",
                "symptom": _check_json(symptom),
                "symptom_failing": bool(picture and picture.symptom and picture.symptom.failing.value == "true"),
                "onset": picture.symptom.since - self._symptom.skew() if picture and picture.symptom and picture.symptom.since else 0.0,
                "first_paint": opening.first_paint,
            },
            "chosen": {
                "scenario": opening.scenario,
                "path": opening.path,
                "why": opening.why,
                "evidence": [*(row.pro if row else ()), *(f"against: {words}" for words in (row.contra if row else ()))],
                "override": opening.override,
                "inputs": dict(opening.inputs),
            },
        }


class SymptomOf(Protocol):
    """Knows the symptom as the operator last chose it, and the clock by which its onset was read."""

    def skew(self) -> float:
        """Returns by how many seconds the cluster's clock is ahead of this host's, by which the run is recorded."""

    @property
    def symptom(self) -> HttpCheck | None:
        """The symptom; None: there is none to ask for."""


def _check_json(check: HttpCheck | None) -> dict[str, Any] | None:
    if check is None:
        return None
    return {"name": check.name, "method": check.method, "url": check.url, "expect_status": check.expect_status, "expect_text": check.expect_text}


def left_at(folder: Path) -> float:
    """Returns when this operator's last screen of the run went away; 0: none did."""
    try:
        return (folder / "screen-left").stat().st_mtime
    except OSError:
        return 0.0


def note_leaving(folder: Path) -> None:
    """Notes that a screen of the run goes away now; best effort, the journal does not depend on it."""
    try:
        (folder / "screen-left").touch(mode=0o600)
    except OSError:
        return
