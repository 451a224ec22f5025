"""Which step may be taken now: earlier required steps first, except where waiting would leave debts unpaid."""

from gospel_rollback_tui.domain.run import Run, StepRun
from gospel_rollback_tui.domain.runbook import Path, Step


def _over(run: Run, step: Step) -> bool:
    return run.step(step.id).at_rest.status.over


def blocking(run: Run, path: Path, step: Step) -> StepRun | None:
    """Returns the earlier step that must be over first, None if nothing stands in the way.

    The stability watch holds up nobody, and is not held up by steps that only pay debts: it runs beside them.
    """
    for earlier in path.steps:
        if earlier.id == step.id:
            return None
        if not earlier.required or earlier.watches or _over(run, earlier):
            continue
        if step.watches and earlier.pays:
            continue
        return run.step(earlier.id)
    return None


def first_open(run: Run, path: Path) -> Step | None:
    """Returns the first step an operator has to take, None when all are over: the watch starts by itself."""
    return next((step for step in path.steps if not step.watches and not _over(run, step)), None)


def all_over(run: Run) -> bool:
    """Returns whether every step of the path is over."""
    return bool(run.steps) and all(step.at_rest.status.over for step in run.steps)


def required_open(run: Run) -> tuple[StepRun, ...]:
    """Returns the required steps that are not over."""
    return tuple(step for step in run.steps if step.required and not step.at_rest.status.over)
