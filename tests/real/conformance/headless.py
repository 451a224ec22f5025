"""The tool without a screen: triage as the first screen sees it, and a run steered as keys would steer it."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Self

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.cli.arguments import options_of
from gospel_rollback_tui.cli.grammar import parse
from gospel_rollback_tui.cli.runs import EnvironmentRuns, FollowedRun, runner_command
from gospel_rollback_tui.cli.settings import load
from gospel_rollback_tui.cli.views import Estate
from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.triage import TriagePicture
from gospel_rollback_tui.runbooks.loader import load_library
from gospel_rollback_tui.ui.ports import Opening
from tests.e2e.drilling import Drill

OPERATOR = "ann"
DEADLINE = 40.0
"""Seconds that anything here may take on a loaded machine."""


class Headless:
    """One app's parts against a drill; leaving its `with` block lets go of the run and ends the feeds."""

    def __init__(self, drill: Drill) -> None:
        """Reads the drill's configuration; nothing is asked of the estate yet."""
        options = options_of(parse(["--config", str(drill.endpoints.config_file)]))
        loaded = load(options, {})
        self.drill = drill
        self.estate = Estate(loaded.environment, load_library(CATALOGUE, None), OPERATOR, loaded.clones)
        command = runner_command(options, loaded.environment, loaded.settings.source)
        self._runs = EnvironmentRuns(loaded.runs_dir, loaded.environment, command, self.estate)
        self._followed: FollowedRun | None = None
        self._leaving = ExitStack()

    def __enter__(self) -> Self:
        """Starts the feeds and triage."""
        self._leaving.callback(self._runs.close)
        self._leaving.callback(self.estate.close)
        self.estate.begin_feeds()
        self.estate.begin()
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends them, and the runner of a run that is still open."""
        if self._followed is not None and not self.run.closed and self.run.runner_pid > 0:
            os.kill(self.run.runner_pid, signal.SIGKILL)
        self._leaving.close()

    @property
    def run(self) -> Run:
        """The run as its journal says now."""
        assert self._followed is not None
        run = self._followed.run()
        assert run is not None
        return run

    def until(self, what: str, holds: Callable[[], bool], deadline: float = DEADLINE) -> None:
        """Waits until a condition holds."""
        end = time.monotonic() + deadline
        while not holds():
            assert time.monotonic() < end, f"not in {deadline:.0f} s: {what}"
            time.sleep(0.05)  # the journal is a file and the picture a value: nothing tells when they change

    def open(self, path: str = "") -> None:
        """Opens the run that triage suggests, once its change is previewed; by another path of the runbook if one is named."""
        self.until("triage suggests a change", lambda: self._suggested() is not None)
        picture = self._suggested()
        assert picture is not None
        suggestion = picture.suggestion
        assert suggestion is not None
        opening = Opening(suggestion.scenario, path or suggestion.path, suggestion.inputs, "evidence is clear", "", picture, time.time())
        self._followed = self._runs.open(opening)
        self.until("the run is known", lambda: self._followed is not None and self._followed.run() is not None and bool(self.run.steps))

    def _suggested(self) -> TriagePicture | None:
        picture = self.estate.picture()
        return picture if picture is not None and picture.suggestion is not None and picture.suggestion.preview is not None else None

    def decide(self, verb: Verb, **fields: object) -> Reply:
        """Sends a decision and returns the engine's answer."""
        assert self._followed is not None
        return self._followed.send(Decision(verb, OPERATOR, fields))

    def must(self, verb: Verb, **fields: object) -> None:
        """Sends a decision that must be taken."""
        reply = self.decide(verb, **fields)
        assert reply.taken, f"{verb.value}: {reply.text}"

    def confirm(self, step: str) -> Reply:
        """Confirms what is armed of a step, as a prompt that shows it does."""
        self.until(f"{step} is armed", lambda: self.run.step(step).status is StepStatus.ARMED and self.run.step(step).preview is not None)
        armed = self.run.step(step)
        assert armed.preview is not None
        preview = armed.preview
        return self.decide(Verb.CONFIRM, step=step, attempt=armed.attempt, fingerprint=preview.fingerprint.digest, danger=preview.danger.word, typed="")

    def step_until(self, step: str, *statuses: StepStatus) -> StepRun:
        """Waits until a step has one of the statuses, and returns it."""
        self.until(f"{step} is {' or '.join(status.value for status in statuses)}", lambda: self.run.step(step).status in statuses)
        return self.run.step(step)

    def roll_back(self) -> None:
        """Confirms the change and waits until the world shows it."""
        reply = self.confirm("roll-back")
        assert reply.taken, reply.text
        self.step_until("roll-back", StepStatus.VERIFIED)
