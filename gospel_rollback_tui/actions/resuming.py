"""Puts Argo CD's auto-sync back exactly as it was captured, once git equals what runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import RESUME
from gospel_rollback_tui.actions.freezing import Freezing, policy_fact
from gospel_rollback_tui.actions.ports import Changes, Whereabouts, Workloads
from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Json, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

CAPTURED = "captured:auto-sync"
"""Input that the engine sets from the freeze's captured undo, as JSON."""


@dataclass(frozen=True, slots=True)
class ResumeAutoSync:
    """The step that pays the debt `auto-sync`."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    spec: ActionSpec = RESUME

    @property
    def _freezing(self) -> Freezing:
        return Freezing(self.workloads, self.changes)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns nothing: there is only one policy to put back."""
        return ()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the patch; refused while git still says the bad release, since auto-sync would bring it back at once."""
        application = self._application(request)
        return self._preview(request, application, _policy(application, request))

    def _application(self, request: StepRequest) -> Application:
        """Returns the Application whose auto-sync was switched off, as it is now; the configured one where nothing was captured."""
        argocd = request.environment.argocd
        captured = _captured(request)
        return self._freezing.now(captured.get("namespace", argocd.namespace), captured.get("name", argocd.application))

    def _preview(self, request: StepRequest, application: Application, captured: Json) -> Preview:
        calls: tuple[PlannedCall, ...] = ()
        refused = ""
        try:
            calls = (self._freezing.plan_thaw(request.environment.cluster, application, captured),)
        except RollbackError as error:
            refused = error.text
        if application.sync_status != "Synced":
            says = application.sync_status or "not known to be in sync"
            refused = f"Refused: {application.name} is {says}: unless git equals what runs, auto-sync brings the bad release back at once."
        server, identity = self.whereabouts.current()
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=application.name,
            where=f"{request.environment.cluster.context} · {server} · as {identity}",
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=Fingerprint((policy_fact(application),)),
            notices=(Notice("Now", f"{application.policy_words}, {application.sync_status or 'sync not known'}"),),
            checks=("the sync policy is the captured one", "the images that run stay as they are"),
            undo="auto-sync off again",
            by_hand=tuple(call.by_hand for call in calls),
            yes="auto-sync on",
            refused=refused,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the Application's policy."""
        return Fingerprint((policy_fact(self._application(request)),))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the patch."""
        return self._freezing.send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the policy is the captured one."""
        return self._freezing.happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether auto-sync is on and has brought nothing else."""
        now = self._application(request)
        restored = bool(preview.calls) and now.automated == preview.calls[0].body["automated"]
        return (
            CheckState("the sync policy is the captured one", passed=restored or None, words=now.policy_words),
            CheckState("git equals what runs", passed=True if now.sync_status == "Synced" else None, words=now.sync_status or "not known"),
        )

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews switching auto-sync off again."""
        application = self._application(request)
        preview = self._preview(request, application, application.automated)
        try:
            return Preview(
                **{**_fields(preview), "calls": (self._freezing.plan(request.environment.cluster, application),), "refused": "", "yes": "auto-sync off"}
            )
        except RollbackError as error:
            return Preview(**{**_fields(preview), "calls": (), "refused": error.text})


def _captured(request: StepRequest) -> dict[str, Json]:
    """Returns what the freeze captured: namespace, name and policy of the Application; empty: nothing was."""
    text = request.inputs.get(CAPTURED, "")
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _policy(application: Application, request: StepRequest) -> Json:
    """Returns the policy to put back: what the freeze captured, or the present one without `enabled: false`."""
    captured = _captured(request)
    if "automated" in captured:
        return captured["automated"]
    return {name: value for name, value in (application.automated or {}).items() if name != "enabled"}


def _fields(preview: Preview) -> dict[str, Json]:
    return {name: getattr(preview, name) for name in Preview.__dataclass_fields__}
