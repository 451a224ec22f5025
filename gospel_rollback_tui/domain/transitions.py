"""What the parts of the fold share: the error of an illegal record, and replacing one step of a run."""

from dataclasses import replace

from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.events import Event
from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus


class IllegalTransition(JournalError):
    """A record that cannot follow what went before it."""


def require(holds: bool, event: Event, why: str) -> None:
    """Raises IllegalTransition with the reason unless the condition holds."""
    if not holds:
        raise IllegalTransition(
            f"Record {event.seq} ({event.kind.value}) cannot stand here: {why}.", next_step="Check the journal with `gospel-rollback runs verify`."
        )


def step_of(run: Run, event: Event) -> StepRun:
    """Returns the step that the record is about; raises IllegalTransition if the path has none of that name."""
    name = event.data["step"]
    found = next((step for step in run.steps if step.id == name), None)
    if found is None:
        raise IllegalTransition(f"Record {event.seq} ({event.kind.value}) is about step {name!r}, which the chosen path does not have.")
    return found


def require_status(step: StepRun, event: Event, *allowed: StepStatus) -> None:
    """Raises IllegalTransition unless the step is in one of those statuses."""
    require(step.status in allowed, event, f"step {step.id} is {step.status.value}")


def require_attempt(step: StepRun, event: Event) -> None:
    """Raises IllegalTransition unless the record is about the step's current attempt."""
    require(step.attempt == event.data["attempt"], event, f"step {step.id} is at attempt {step.attempt}, not {event.data['attempt']}")


def with_step(run: Run, changed: StepRun) -> Run:
    """Returns the run with that step in the place of the one of the same id."""
    return replace(run, steps=tuple(changed if step.id == changed.id else step for step in run.steps))
