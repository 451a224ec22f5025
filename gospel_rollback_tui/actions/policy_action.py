"""What the two steps on an Application's policy have in common: who sends, who looks, and what was sent."""

from dataclasses import dataclass

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Whereabouts, Workloads
from gospel_rollback_tui.domain.preview import PlannedCall
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class PolicyAction:
    """Sends the calls of `Freezing` and nothing else."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    api: ArgoCdApi | None = None
    """None: Argo CD's API is not configured."""

    @property
    def applications(self) -> Applications:
        """Reaches Applications on whichever way this login may use."""
        return Applications(self.workloads, self.changes, self.whereabouts, self.api)

    @property
    def freezing(self) -> Freezing:
        """Plans, sends and checks the calls."""
        return Freezing(self.applications)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: the environment has one Application."""
        return ()

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the patch."""
        return self.freezing.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the policy, or the annotation, is what the call makes it."""
        return self.freezing.happened(call)
