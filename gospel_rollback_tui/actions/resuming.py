"""Puts Argo CD's auto-sync back exactly as it was captured, once git equals what runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.actions.catalogue import RESUME
from gospel_rollback_tui.actions.freezing import FOLLOW, THAW, THAW_OWNER, UPDATER_FOLLOWS, policy_fact
from gospel_rollback_tui.actions.policy_action import PolicyAction
from gospel_rollback_tui.domain.application import Application, application_from, same_policy
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.debts import AUTO_SYNC_DEBT, IMAGE_UPDATER_DEBT, OWNER_DEBT
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.manifests import ObjectKey
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Json, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.sync_status import SyncStatus, sync_status_from
from gospel_rollback_tui.engine.ports import StepRequest

CAPTURED = f"captured:{AUTO_SYNC_DEBT.id}"
"""Input that the engine sets from the freeze's captured undo, as JSON."""
CAPTURED_IMAGES = f"captured:{IMAGE_UPDATER_DEBT.id}"
"""What Image Updater followed before it was stopped."""
CAPTURED_OWNER = f"captured:{OWNER_DEBT.id}"
"""The same of the owner that was frozen before it."""


@dataclass(frozen=True, slots=True)
class ResumeAutoSync(PolicyAction):
    """The step that pays the debts `auto-sync` and `owner`, or with `what: images` the debt `image-updater`."""

    spec: ActionSpec = RESUME

    def plan(self, request: StepRequest) -> Preview:
        """Previews the patch; refused while git still says the bad release, since auto-sync would bring it back at once."""
        if dict(request.step.parameters).get("what") == "images":
            return self._follow(request)
        raw = self._read(request, compared=True)
        application, status = application_from(raw), sync_status_from(raw)
        calls: tuple[PlannedCall, ...] = ()
        refused = ""
        try:
            calls = self._thaws(request, application)
        except RollbackError as error:
            refused = error.text
        if not status.workloads_equal_git:
            refused = f"Refused: {application.name} is {status.words}: unless git equals what runs, auto-sync brings the bad release back at once."
        return self._preview(request, application, status, calls, refused)

    def _thaws(self, request: StepRequest, application: Application) -> tuple[PlannedCall, ...]:
        """Returns the calls, the owner's behind its own: the owner may itself write what it owns.

        Its own is left out where it is back already and the owner's is not, as after an attempt that ended between the two.
        """
        cluster = request.environment.cluster
        owner, policy = _captured(request, CAPTURED_OWNER), _policy(application, request)
        calls = []
        if not owner or not same_policy(application.automated, policy):
            calls.append(self.freezing.plan_thaw(cluster, application.namespace, application.name, policy))
        if owner:
            calls.append(self.freezing.plan_thaw(cluster, owner["namespace"], owner["name"], owner["automated"], owns=True))
        return tuple(calls)

    def _follow(self, request: StepRequest) -> Preview:
        """Previews letting Image Updater follow again: what it will set is the newest image of the registry, and nobody has looked at that."""
        captured = _captured(request, CAPTURED_IMAGES)
        if not captured:
            raise Refused("This run has not stopped Image Updater: what it followed was not captured.", next_step="Put its annotation back by hand.")
        raw = self.applications.raw(captured["namespace"], captured["name"])
        try:
            calls: tuple[PlannedCall, ...] = (
                self.freezing.plan_follow(request.environment.cluster, captured["namespace"], captured["name"], captured["images"]),
            )
            refused = ""
        except RollbackError as error:
            calls, refused = (), error.text
        preview = self._preview(request, application_from(raw), sync_status_from(raw), calls, refused)
        return replace(
            preview,
            checks=(UPDATER_FOLLOWS,),
            undo="its annotation off again",
            yes="let it follow again",
            needs_reason=f"Image Updater sets the newest image that {captured['images']} has, within minutes; whether that one is good nobody has looked at.",
        )

    def _application(self, request: StepRequest) -> Application:
        return application_from(self._read(request))

    def _read(self, request: StepRequest, *, compared: bool = False) -> JsonObject:
        """Returns the Application whose auto-sync was switched off; the configured one where nothing was captured.

        `compared`: with git just now, where Argo CD's API can be asked for it; otherwise as it last compared by itself.
        """
        argocd = request.environment.argocd
        captured = _captured(request, CAPTURED)
        namespace, name = captured.get("namespace", argocd.namespace), captured.get("name", argocd.application)
        if compared and self.api is not None:
            try:
                return self.api.application(name, refresh=True)
            except RollbackError:
                return self.applications.raw(namespace, name)
        return self.applications.raw(namespace, name)

    def _preview(self, request: StepRequest, application: Application, status: SyncStatus, calls: tuple[PlannedCall, ...], refused: str) -> Preview:
        server, identity = self.whereabouts.current()
        policy: Json = next((call.body["automated"] for call in calls if call.id == THAW), {})
        pruned = status.left if policy.get("prune") else ()
        return Preview(
            step=request.step.id,
            title=request.step.title,
            target=application.name,
            where=f"{request.environment.cluster.context} · {server} · as {identity}",
            danger=max(self.spec.danger, request.step.danger, Danger.DESTRUCTIVE if pruned else Danger.OBSERVE),
            calls=calls,
            fingerprint=Fingerprint((policy_fact(application),)),
            notices=_notices(application, status, pruned),
            checks=("the sync policy is the captured one", "the images that run stay as they are"),
            undo="auto-sync off again",
            by_hand=tuple(call.by_hand for call in calls),
            yes="auto-sync on",
            refused=refused,
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the Application's policy."""
        return Fingerprint((policy_fact(self._application(request)),))

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether auto-sync is on and has brought nothing else."""
        if any(call.id == FOLLOW for call in preview.calls):
            return (CheckState(UPDATER_FOLLOWS, passed=all(self.freezing.happened(call) for call in preview.calls) or None),)
        raw = self._read(request)
        now, status = application_from(raw), sync_status_from(raw)
        done = bool(preview.calls) and all(self.freezing.happened(call) for call in preview.calls)
        if not any(call.id in (THAW, THAW_OWNER) for call in preview.calls):
            return (CheckState("what the step switched on is off again", passed=done or None, words=now.policy_words),)
        return (
            CheckState("the sync policy is the captured one", passed=done or None, words=now.policy_words),
            CheckState("git equals what runs", passed=True if status.equals_git else None, words=status.words),
        )

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews switching auto-sync, or Image Updater, off again."""
        raw = self._read(request)
        application, cluster = application_from(raw), request.environment.cluster
        only_images = any(call.id == FOLLOW for call in done)
        freeze = self.freezing.plan_updater(cluster, application) if only_images else self.freezing.plan(cluster, application)
        refused = freeze.refused or ("" if freeze.calls else f"Application {application.name} does not auto-sync: there is nothing to suspend")
        return replace(self._preview(request, application, sync_status_from(raw), freeze.calls, refused), yes="auto-sync off")


def _notices(application: Application, status: SyncStatus, pruned: tuple[ObjectKey, ...]) -> tuple[Notice, ...]:
    found = [Notice("Now", f"{application.policy_words}, {status.words}")]
    if status.differing:
        found.append(Notice("Applies", f"{_listed(status.differing)}: as git says, with the sync that follows at once", warning=True))
    if pruned:
        found.append(Notice("Deletes", f"{_listed(pruned)}: git declares it no more, and this policy prunes", warning=True))
    return tuple(found)


def _listed(keys: tuple[ObjectKey, ...]) -> str:
    return ", ".join(key.words for key in keys)


def _captured(request: StepRequest, name: str) -> dict[str, Json]:
    """Returns what the freeze captured: namespace, name and policy of the Application; empty: nothing was."""
    text = request.inputs.get(name, "")
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _policy(application: Application, request: StepRequest) -> Json:
    """Returns the policy to put back: what the freeze captured, or the present one without `enabled: false`."""
    captured = _captured(request, CAPTURED)
    if "automated" in captured:
        return captured["automated"]
    return {name: value for name, value in (application.automated or {}).items() if name != "enabled"}
