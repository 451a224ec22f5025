"""Switches Argo CD's auto-sync off as a step of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.catalogue import FREEZE
from gospel_rollback_tui.actions.freezing import Freezing, policy_fact
from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Whereabouts, Workloads
from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class SwitchAutoSyncOff:
    """The freeze alone; leaves the debts `auto-sync` and, where an owner had to be frozen, `owner`."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    api: ArgoCdApi | None = None
    """None: Argo CD's API is not configured."""
    spec: ActionSpec = FREEZE

    @property
    def _applications(self) -> Applications:
        return Applications(self.workloads, self.changes, self.whereabouts, self.api)

    @property
    def _freezing(self) -> Freezing:
        return Freezing(self._applications)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: the environment has one Application."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the calls, the owner's first; none where it is off already."""
        application = self._application(request)
        freeze = self._freezing.plan(request.environment.cluster, application)
        return self._preview(request, application, freeze.calls, freeze.refused, "auto-sync off")

    def _application(self, request: StepRequest) -> Application:
        argocd = request.environment.argocd
        return self._applications.read(argocd.namespace, argocd.application)

    def _preview(self, request: StepRequest, application: Application, calls: tuple[PlannedCall, ...], refused: str, yes: str) -> Preview:
        server, identity = self.whereabouts.current()
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=application.name,
            where=f"{request.environment.cluster.context} · {server} · as {identity}",
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=Fingerprint((policy_fact(application),)),
            notices=(Notice("Now", application.policy_words),),
            checks=("auto-sync is off",),
            undo="auto-sync as it was",
            by_hand=tuple(call.by_hand for call in calls),
            yes=yes,
            refused=refused,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the Application's policy."""
        return Fingerprint((policy_fact(self._application(request)),))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the patch."""
        return self._freezing.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the policy is what the call makes it."""
        return self._freezing.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether auto-sync is off, or for an undo on."""
        now = self._application(request)
        wanted = not any("automated" in call.body for call in preview.calls)
        return (CheckState("auto-sync is off" if wanted else "auto-sync is as it was", passed=now.auto_sync is not wanted or None, words=now.policy_words),)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews putting the captured policies back, the owner's behind its own."""
        application = self._application(request)
        calls: tuple[PlannedCall, ...] = ()
        refused = ""
        try:
            calls = tuple(thaw for call in reversed(done) for thaw in self._freezing.undo(request.environment.cluster, call))
        except RollbackError as error:
            refused = error.sentences()
        return self._preview(request, application, calls, refused, "auto-sync on")
