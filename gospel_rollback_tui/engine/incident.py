"""What every part of the engine works on: the world, the record, and the procedure that was chosen."""

import json
from dataclasses import dataclass, field
from threading import Event as Stop

from gospel_rollback_tui.domain.errors import Refused, UsageError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.preview import Outcome
from gospel_rollback_tui.domain.run import Run, StepRun
from gospel_rollback_tui.domain.runbook import Library, Path, Step
from gospel_rollback_tui.engine.ports import Action, StepRequest, World
from gospel_rollback_tui.engine.record import Record


@dataclass(slots=True)
class Incident:
    """One run's surroundings; the run itself is `record.run`."""

    world: World
    record: Record
    library: Library
    environment: Environment
    run_id: str
    owner: str
    """operator@host, as the lock and the journal name who runs it."""
    read_only: bool
    stop: Stop = field(default_factory=Stop)
    """Set when the runner is asked to end: nothing further is sent."""

    def path(self) -> Path:
        """Returns the path the run follows; raises UsageError if the runbooks have it no more."""
        run = self.record.opened
        try:
            return self.library.runbook(run.scenario).path(run.path)
        except KeyError:
            raise UsageError(
                f"The runbooks have no path {run.path!r} of scenario {run.scenario!r} any more.",
                next_step="Start with the runbooks that the run was opened with.",
            ) from None

    def step(self, step_id: str) -> Step:
        """Returns the written step; raises Refused if the path has none of that name."""
        try:
            return self.path().step(step_id)
        except KeyError:
            raise Refused(f"The path has no step {step_id!r}.") from None

    def action(self, step: Step) -> Action:
        """Returns what carries the step out; raises Refused if this program has no such action."""
        try:
            return self.world.actions[step.action]
        except KeyError:
            raise Refused(f"This program cannot carry out {step.action!r}.", next_step="Do it by hand (`h`).") from None

    def request(self, step_run: StepRun, attempt: int = 0) -> StepRequest:
        """Returns the step as its action sees it; `attempt` is the one that is being prepared, 0 the one under way."""
        run = self.record.opened
        return StepRequest(
            run=run.id,
            environment=self.environment,
            step=self.step(step_run.id),
            inputs={**(run.inputs or {}), **captured(run)},
            operator=run.operator,
            symptom=run.symptom,
            attempt=attempt or (step_run.attempt if step_run.calls else step_run.next_attempt),
        )

    def now(self) -> float:
        """Returns wall time."""
        return self.world.clock.now()


def captured(run: Run) -> dict[str, str]:
    """Returns what the calls behind open debts have captured, for the steps that put it back (`captured:DEBT` → JSON)."""
    found: dict[str, str] = {}
    for debt in run.open_debts:
        step_run = run.step(debt.step)
        perhaps_made = tuple(call for call in step_run.calls if call.outcome not in (Outcome.NOT_SENT, Outcome.REFUSED))
        for call in (*step_run.done_calls, *perhaps_made):
            if call.id == debt.call and isinstance(call.undo, dict) and "captured" in call.undo:
                found.setdefault(f"captured:{debt.id}", json.dumps(call.undo["captured"]))
    return found
