"""Stands beside a drill's app: plays the colleague who merges the revert, and tells the time at the end."""

import shutil
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Protocol

from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.domain.template import image_tag
from gospel_rollback_tui.drill.control_client import ControlClient, ControlError
from gospel_rollback_tui.drill.endings import DrillTimes, ending_text
from gospel_rollback_tui.drill.launch import SimulatedProcess
from gospel_rollback_tui.drill.script import SERVICE_PORTS, Script, deployment_name

LOOK_SECONDS = 0.05
"""Short enough to name a runner to the `kill` fault before its first change."""
GIT_STEP = "git-equal"
"""The manual step after which the drill's repository says what runs."""
DEFAULT_OBJECTIVE = 120.0


class SeenRun(Protocol):
    """Knows the run that the app follows."""

    def followed(self) -> Run | None:
        """Returns it as its journal says now; None: none is open."""


class Companion:
    """One drill's company; `start` after the first paint, `leave` once the screen is gone."""

    def __init__(self, estate: SimulatedProcess, script: Script) -> None:
        """Watches nothing yet."""
        self._estate = estate
        self._script = script
        self._control = ControlClient(estate.endpoints.control_url, estate.endpoints.nonce)
        self._first_paint = time.time()
        self._runs: SeenRun | None = None
        self._named = 0
        self._merged = False

    def start(self, runs: SeenRun) -> None:
        """Begins to watch the run, in a thread."""
        self._first_paint = time.time()
        self._runs = runs
        threading.Thread(target=self._watch, name="drill-companion", daemon=True).start()

    def _watch(self) -> None:
        while True:
            run = self._runs.followed() if self._runs is not None else None
            if run is not None:
                try:
                    self._accompany(run)
                except ControlError:
                    return  # the estate has ended, and the drill with it
            time.sleep(LOOK_SECONDS)

    def _accompany(self, run: Run) -> None:
        if run.runner_pid and run.runner_pid != self._named:
            self._control.name_runner(run.runner_pid)
            self._named = run.runner_pid
        if not self._merged and any(step.id == GIT_STEP and step.status is StepStatus.ASSERTED for step in run.steps):
            self._merged = True
            self._merge()

    def _merge(self) -> None:
        """Makes the drill's repository say what runs, as the merged revert would."""
        for service in SERVICE_PORTS:
            found = self._control.object("deployments", self._estate.endpoints.namespace, deployment_name(service))
            self._control.push(service, image_tag(str(found["spec"]["template"]["spec"]["containers"][0]["image"])))

    def leave(self) -> None:
        """Prints the time against the objective, and ends the estate unless a run goes on against it."""
        run = self._runs.followed() if self._runs is not None else None
        print(self._ending(run))
        if run is not None and not run.closed and run.runner_pid:
            command = [sys.executable, "-P", "-m", "gospel_rollback_tui.drill.keeper", str(run.runner_pid)]
            subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(self._estate.lifeline,), start_new_session=True)
            print(f"The estate stays while the run does. To attach: gospel-rollback --config {self._estate.endpoints.config_file}")
            return
        self._estate.stop()
        shutil.rmtree(self._estate.endpoints.directory, ignore_errors=True)

    def _ending(self, run: Run | None) -> str:
        recovered = run.recovered_at if run is not None else 0.0
        times = DrillTimes(
            self._estate.endpoints.users_failing_since,
            _moment(run.first_paint if run is not None and run.first_paint else self._first_paint),
            _moment(recovered) if recovered else None,
        )
        objective = run.objective if run is not None and run.objective else DEFAULT_OBJECTIVE
        return ending_text(self._script, times, objective, _moment(time.time()))


def _moment(wall: float) -> datetime:
    return datetime.fromtimestamp(wall, UTC)
