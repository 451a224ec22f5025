"""Which step may be taken now: earlier required steps first, except where waiting would leave debts unpaid."""

from gospel_rollback_tui.domain.run import Run, StepRun, StepStatus
from gospel_rollback_tui.domain.runbook import Path, Step

_UNDER_WAY = (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)


def _over(run: Run, step: Step) -> bool:
    return run.step(step.id).at_rest.status.over


def pays_open_debt(run: Run, step: Step) -> bool:
    """Returns whether the step puts back something that was left behind: allowed out of turn, and after an abort."""
    return any(debt.id in step.pays for debt in run.open_debts)


def blocking(run: Run, path: Path, step: Step) -> StepRun | None:
    """Returns the earlier step that must be over first, None if nothing stands in the way.

    The stability watch holds up nobody, and is not held up by steps that only pay debts: it runs beside them.
    A step that pays an open debt waits only for what is under way: what was left behind must not outlive a path that cannot go on.
    """
    owed = pays_open_debt(run, step)
    for earlier in path.steps:
        if earlier.id == step.id:
            return None
        if not earlier.required or earlier.watches or _over(run, earlier):
            continue
        if step.watches and earlier.pays:
            continue
        if owed and run.step(earlier.id).at_rest.status not in _UNDER_WAY:
            continue
        return run.step(earlier.id)
    return None


def first_open(run: Run, path: Path) -> Step | None:
    """Returns the first step an operator has to take, None when all are over: the watch starts by itself."""
    return next((step for step in path.steps if not step.watches and not _over(run, step)), None)


def _settled(run: Run, step: Step) -> bool:
    """Returns whether the step is over, or would only pay debts that are paid, signed for, or, where it is optional, were never left."""
    left = [debt for debt in run.debts if debt.id in step.pays]
    nothing_to_pay = bool(step.pays) and not any(debt.open for debt in left) and (bool(left) or not step.required)
    return _over(run, step) or nothing_to_pay


def all_over(run: Run, path: Path) -> bool:
    """Returns whether nothing of the path is left to do."""
    return bool(path.steps) and all(_settled(run, step) for step in path.steps)


def required_open(run: Run, path: Path) -> tuple[StepRun, ...]:
    """Returns the required steps that are not over; an open debt stands for the step that would pay it."""
    open_debts = {debt.id for debt in run.open_debts}
    waiting = (step for step in path.steps if step.required and not _settled(run, step) and not open_debts.intersection(step.pays))
    return tuple(run.step(step.id) for step in waiting)
