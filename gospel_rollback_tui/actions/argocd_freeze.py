"""Switches Argo CD's auto-sync off as a step of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import FREEZE
from gospel_rollback_tui.actions.freezing import FOLLOW, THAW, THAW_OWNER, UPDATER_STOPPED, policy_fact
from gospel_rollback_tui.actions.policy_action import PolicyAction
from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import StepRequest

AUTO_SYNC_OFF = "auto-sync is off"


@dataclass(frozen=True, slots=True)
class SwitchAutoSyncOff(PolicyAction):
    """The freeze alone; leaves the debts `auto-sync`, `image-updater` and, where an owner had to be frozen, `owner`.

    With `what: images` only Image Updater is stopped: what a rollback by git needs, which auto-sync has to apply.
    """

    spec: ActionSpec = FREEZE

    def plan(self, request: StepRequest) -> Preview:
        """Previews the calls, the owner's first; none where it is off already."""
        application = self._application(request)
        cluster, only_images = request.environment.cluster, _only_images(request)
        freeze = self.freezing.plan_updater(cluster, application) if only_images else self.freezing.plan(cluster, application)
        kept = f"{application.parent} would put Image Updater's annotation back: take it off there." if only_images and application.parent else ""
        return self._preview(request, application, freeze.calls, freeze.refused or kept, "stop Image Updater" if only_images else "auto-sync off")

    def _application(self, request: StepRequest) -> Application:
        argocd = request.environment.argocd
        return self.applications.read(argocd.namespace, argocd.application)

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
            notices=(Notice("Now", _words(application)),),
            checks=(UPDATER_STOPPED if _only_images(request) else AUTO_SYNC_OFF,),
            undo="as it was",
            by_hand=tuple(call.by_hand for call in calls),
            yes=yes,
            refused=refused,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the Application's policy."""
        return Fingerprint((policy_fact(self._application(request)),))

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether what the step stops is stopped, or for an undo as it was."""
        now = self._application(request)
        if any(call.id in (THAW, THAW_OWNER, FOLLOW) for call in preview.calls):
            back = all(self.freezing.happened(call) for call in preview.calls)
            return (CheckState("everything is as it was", passed=back or None, words=_words(now)),)
        if _only_images(request):
            return (CheckState(UPDATER_STOPPED, passed=not now.images_followed or None, words=_words(now)),)
        return (CheckState(AUTO_SYNC_OFF, passed=not now.auto_sync or None, words=_words(now)),)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews putting the captured policies back, the owner's behind its own."""
        application = self._application(request)
        calls: tuple[PlannedCall, ...] = ()
        refused = ""
        try:
            calls = tuple(thaw for call in reversed(done) for thaw in self.freezing.undo(request.environment.cluster, call))
        except RollbackError as error:
            refused = error.sentences()
        return self._preview(request, application, calls, refused, "auto-sync on")


def _only_images(request: StepRequest) -> bool:
    return dict(request.step.parameters).get("what") == "images"


def _words(application: Application) -> str:
    followed = f", Image Updater follows {application.images_followed}" if application.images_followed else ""
    return application.policy_words + followed
