"""Conditions under which a record may still be written, for work that took a while."""

from collections.abc import Callable

from gospel_rollback_tui.domain.run import Run, StepStatus


def still(step_id: str, attempt: int, *statuses: StepStatus) -> Callable[[Run], bool]:
    """Returns the condition that the run is open and the step at that attempt and in one of those statuses."""

    def holds(run: Run) -> bool:
        """Returns whether the run still is as it was."""
        step = run.step(step_id)
        return not run.closed and step.attempt == attempt and step.status in statuses

    return holds
