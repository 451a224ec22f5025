"""An operator's app in a test: a runner of its own, decisions, and waiting for what the journal tells."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from gospel_rollback_tui.domain.decisions import Decision, Reply, Verb
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.runner.client import RunnerClient
from tests.engine.bench import opening
from tests.runner.file_estate import FileEstate

PATIENCE = 60.0
"""Seconds a condition may take on a slow machine."""


def command(estate: Path, *more: str) -> tuple[str, ...]:
    """Returns the argument list of a runner on that estate."""
    return (sys.executable, "-m", "tests.runner.runner_process", "--estate", str(estate), *more)


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Waits until the condition holds, and fails by its name if it never does."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"never came: {what}"
        time.sleep(0.01)


class App:
    """An app and its operator."""

    def __init__(self, tmp_path: Path, *more: str, client: RunnerClient | None = None) -> None:
        """Starts a runner, or uses the client that is given."""
        self.estate = FileEstate(tmp_path / "estate.json")
        self.runs = tmp_path / "runs"
        self.client = client or RunnerClient.start(self.runs, command(tmp_path / "estate.json", *more))

    def decide(self, verb: Verb, **fields: object) -> Reply:
        """Sends a decision."""
        return self.client.send(Decision(verb, "ada", fields), PATIENCE)

    def open(self, path: str = "main") -> Reply:
        """Opens a run."""
        reply = self.decide(Verb.OPEN, **opening(path))
        wait_for(lambda: not reply.taken or self.client.run() is not None, "the run")
        return reply

    @property
    def run(self) -> Run:
        """The run."""
        run = self.client.run()
        assert run is not None
        return run

    @property
    def runner_pid(self) -> int:
        """The runner's process id, once the journal names it: 0 would be this process's own group, pytest and all."""
        wait_for(lambda: self.run.runner_pid > 0, "the record that names the runner")
        return self.run.runner_pid

    def step(self, step: str = "roll-back") -> StepRun:
        """A step of it."""
        return self.run.step(step)

    def armed(self, step: str = "roll-back") -> None:
        """Waits until the step is armed."""
        wait_for(lambda: self.client.run() and self.run.steps and self.step(step).status is StepStatus.ARMED, f"{step} armed")

    def confirm(self, step: str = "roll-back") -> Reply:
        """Confirms what is armed."""
        self.armed(step)
        armed = self.step(step)
        assert armed.preview is not None
        return self.decide(Verb.CONFIRM, step=step, attempt=armed.attempt, fingerprint=armed.preview.fingerprint.digest, danger=armed.preview.danger.word)

    def reaches(self, status: StepStatus, step: str = "roll-back") -> None:
        """Waits until the step has that status."""
        wait_for(lambda: any(one.id == step and one.status is status for one in self.run.steps), f"{step} {status.value}")  # the plan may still be on its way

    def sent(self) -> list[str]:
        """Returns the changes that were sent, by whatever process."""
        return [sent.call for sent in self.estate.sent]

    def dead(self) -> None:
        """Waits until the runner is dead."""
        wait_for(lambda: not self.client.alive(), "the runner's end")
