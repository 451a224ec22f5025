"""Switching Argo CD's auto-sync off before a change that it would revert, and what that leaves to be put back."""

import json
import shlex
from dataclasses import dataclass

from gospel_rollback_tui.actions.argocd_access import Applications, Through
from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.domain.application import (
    IMAGES_FOLLOWED,
    Application,
    follow_images,
    restore_auto_sync,
    same_policy,
    suspend_auto_sync,
    unfollow_images,
)
from gospel_rollback_tui.domain.debts import AUTO_SYNC_DEBT, IMAGE_UPDATER_DEBT, OWNER_DEBT
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.domain.preview import DebtSpec, DiffLine, Json, PlannedCall, Tone, digest_of
from gospel_rollback_tui.domain.run import CallRun

FREEZE = "freeze"
FREEZE_OWNER = "freeze:owner"
THAW = "thaw"
THAW_OWNER = "thaw:owner"
UNFOLLOW = "freeze:images"
FOLLOW = "thaw:images"
CALLS = frozenset({FREEZE, FREEZE_OWNER, UNFOLLOW, THAW, THAW_OWNER, FOLLOW})
"""Ids of every call on what reverts rollbacks: sync policies, and Image Updater's annotation."""
UPDATER_STOPPED = "Image Updater does not follow the Application"
UPDATER_FOLLOWS = "Image Updater follows the Application"


@dataclass(frozen=True, slots=True)
class FreezePlan:
    """The calls that switch auto-sync off, the owner's before its own."""

    calls: tuple[PlannedCall, ...] = ()
    refused: str = ""
    """Why it cannot be switched off; empty: it can, or it is off."""


@dataclass(frozen=True, slots=True)
class Freezing:
    """Plans, sends and checks the calls on sync policies."""

    applications: Applications

    def plan(self, cluster: Cluster, application: Application) -> FreezePlan:
        """Returns what stops everything that would revert a change of the live objects; nothing where nothing would."""
        if application.auto_sync and not application.can_be_frozen:
            return FreezePlan(refused=f"{application.parent} would switch auto-sync on again at once: go by git.")
        updater = self.plan_updater(cluster, application)
        if updater.refused or not application.auto_sync:
            return updater
        try:
            policy = self._plan(cluster, application)
        except RollbackError as error:
            return FreezePlan(refused=f"Auto-sync cannot be switched off. {error.sentences()}")
        return FreezePlan((*updater.calls, *policy.calls), policy.refused)

    def plan_updater(self, cluster: Cluster, application: Application) -> FreezePlan:
        """Returns what makes Image Updater follow the Application no more; nothing where an owner would put the annotation back."""
        if not application.images_followed or application.parent:
            return FreezePlan()
        try:
            now, through = self.applications.to_change(application.namespace, application.name)
            return FreezePlan((_unfollow(cluster, now, through),))
        except RollbackError as error:
            return FreezePlan(refused=f"Image Updater cannot be stopped. {error.sentences()}")

    def plan_follow(self, cluster: Cluster, namespace: str, name: str, images: str) -> PlannedCall:
        """Returns the call that lets Image Updater follow the Application again; raises Refused where it does."""
        application, through = self.applications.to_change(namespace, name)
        return PlannedCall(
            id=FOLLOW,
            title="Image Updater follows again",
            where=_where(application, through),
            summary="annotation as it was",
            body={**_place(application, through), "operations": follow_images(application, images), "images": images, "pays": [IMAGE_UPDATER_DEBT.id]},
            undo={"kind": "Application", "namespace": namespace, "name": name, "images": ""},
            by_hand=kubectl(cluster, f"annotate application.argoproj.io/{name} -n {namespace} {IMAGES_FOLLOWED}={shlex.quote(images)}"),
            diff=(DiffLine(Tone.NEW, f"Image Updater follows {images}"),),
        )

    def _plan(self, cluster: Cluster, application: Application) -> FreezePlan:
        now, through = self.applications.to_change(application.namespace, application.name)
        if self.applications.heeds_enabled(now, through):
            # An Application that deploys this one heals only the fields it declares, and `enabled` is none of them.
            return FreezePlan((_freeze(cluster, now, through, whole=False),))
        if not now.parent:
            return FreezePlan((_freeze(cluster, now, through, whole=True),))
        owner, owner_through = self.applications.to_change(now.namespace, now.parent.partition(" ")[2])
        if owner.parent and owner.auto_sync:
            return FreezePlan(refused=f"{now.parent} puts the sync policy back, and {owner.parent} puts back the one of {now.parent}: go by git.")
        calls = (_freeze(cluster, owner, owner_through, whole=True, owns=True),) if owner.auto_sync else ()
        return FreezePlan((*calls, _freeze(cluster, now, through, whole=True)))

    def plan_thaw(self, cluster: Cluster, namespace: str, name: str, captured: Json, *, owns: bool = False) -> PlannedCall:
        """Returns the call that puts the captured policy back exactly.

        Args:
            cluster: For the command by hand.
            namespace: Of the Application.
            name: Its name.
            captured: `spec.syncPolicy.automated` as it was.
            owns: It is the owner's.

        Raises:
            Refused: It is back already, or somebody changed it meanwhile.
        """
        application, through = self.applications.to_change(namespace, name)
        operations = restore_auto_sync(application, captured)
        debt = OWNER_DEBT if owns else AUTO_SYNC_DEBT
        wanted = '{"spec":{"syncPolicy":{"automated":' + _json(captured) + "}}}"
        return PlannedCall(
            id=THAW_OWNER if owns else THAW,
            title=f"auto-sync of {name} on again" if owns else "auto-sync on again",
            where=_where(application, through),
            summary="auto-sync as it was",
            body={**_place(application, through), "operations": operations, "automated": captured, "pays": [debt.id]},
            undo={"kind": "Application", "namespace": namespace, "name": name, "automated": application.automated},
            by_hand=_by_hand(cluster, application, wanted),
            diff=(DiffLine(Tone.OLD, "auto-sync suspended"), DiffLine(Tone.NEW, "auto-sync as captured before the rollback")),
        )

    def undo(self, cluster: Cluster, call: CallRun) -> tuple[PlannedCall, ...]:
        """Returns the call that puts back what a freeze captured; none where it is as captured already."""
        captured = call.undo
        now = self.applications.read(captured["namespace"], captured["name"])
        if "images" in captured:
            return self._undo_updater(cluster, now, captured["images"])
        if same_policy(now.automated, captured["automated"]):
            return ()
        return (self.plan_thaw(cluster, now.namespace, now.name, captured["automated"], owns=call.id in (FREEZE_OWNER, THAW_OWNER)),)

    def _undo_updater(self, cluster: Cluster, now: Application, images: str) -> tuple[PlannedCall, ...]:
        if now.images_followed == images:
            return ()
        return (self.plan_follow(cluster, now.namespace, now.name, images),) if images else self.plan_updater(cluster, now).calls

    def send(self, call: PlannedCall) -> str:
        """Sends the patch."""
        body = call.body
        after = self.applications.patch(body["through"], body["namespace"], body["name"], body["operations"])
        if call.id in (UNFOLLOW, FOLLOW):
            return f"Application {after.name}: Image Updater follows {after.images_followed or 'nothing'}"
        return f"Application {after.name}: {after.policy_words}"

    def rehearse(self, call: PlannedCall) -> None:
        """Has the server check the patch, where that can be had."""
        self.applications.rehearse(call.body["through"], call.body["namespace"], call.body["name"], call.body["operations"])

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns whether the Application's policy is what the call makes it."""
        now = self.applications.by(call.body["through"], call.body["namespace"], call.body["name"])
        if call.id in (FREEZE, FREEZE_OWNER):
            return not now.auto_sync
        if call.id in (UNFOLLOW, FOLLOW):
            return bool(now.images_followed == call.body["images"])
        return same_policy(now.automated, call.body["automated"])

    def hold(self, frozen: Json) -> None:
        """Looks once more whether auto-sync is still off, before a change that it would revert.

        Args:
            frozen: `kind`, `namespace`, `name` and `through` of the Application that was frozen.

        Raises:
            Refused: It came back: an owner, or somebody, has put it back.
        """
        now = self.applications.by(frozen["through"], frozen["namespace"], frozen["name"])
        if now.auto_sync:
            who = f"{now.parent} has" if now.parent else "somebody, or something, has"
            raise Refused(
                f"Auto-sync of Application {now.name} is on again: {who} put it back. What would be changed now would be reverted.",
                next_step="Switch off what puts it back first, or go by git.",
            )


def frozen_by(calls: tuple[PlannedCall, ...]) -> Json:
    """Returns what later calls of the same bundle look at again before they are sent; None: nothing is frozen in it."""
    call = next((call for call in calls if call.id == FREEZE), None)
    return {name: call.body[name] for name in ("kind", "namespace", "name", "through")} if call is not None else None


def _freeze(cluster: Cluster, application: Application, through: Through, *, whole: bool, owns: bool = False) -> PlannedCall:
    place = {"namespace": application.namespace, "name": application.name}
    debt: DebtSpec = OWNER_DEBT if owns else AUTO_SYNC_DEBT
    after = "auto-sync taken out (automated: null)" if whole else "auto-sync suspended (enabled: false)"
    return PlannedCall(
        id=FREEZE_OWNER if owns else FREEZE,
        title=f"auto-sync of {application.name} off" if owns else "auto-sync off",
        where=_where(application, through),
        summary="auto-sync off",
        body={**_place(application, through), "operations": suspend_auto_sync(application, whole=whole)},
        undo={"kind": "Application", **place, "automated": application.automated, "captured": {**place, "automated": application.automated}},
        by_hand=_by_hand(cluster, application, '{"spec":{"syncPolicy":{"automated":' + ("null" if whole else '{"enabled":false}') + "}}}"),
        diff=(DiffLine(Tone.OLD, f"Application {application.name}: {application.policy_words}"), DiffLine(Tone.NEW, after)),
        debt=debt,
    )


def _unfollow(cluster: Cluster, application: Application, through: Through) -> PlannedCall:
    captured = {"namespace": application.namespace, "name": application.name, "images": application.images_followed}
    return PlannedCall(
        id=UNFOLLOW,
        title="Image Updater stopped",
        where=_where(application, through),
        summary="Image Updater's annotation off",
        body={**_place(application, through), "operations": unfollow_images(application), "images": ""},
        undo={"kind": "Application", **captured, "captured": captured},
        by_hand=kubectl(cluster, f"annotate application.argoproj.io/{application.name} -n {application.namespace} {IMAGES_FOLLOWED}-"),
        diff=(DiffLine(Tone.OLD, f"Image Updater follows {application.images_followed}"), DiffLine(Tone.NEW, "Image Updater follows nothing here")),
        debt=IMAGE_UPDATER_DEBT,
    )


def _place(application: Application, through: Through) -> dict[str, str]:
    return {"kind": "Application", "namespace": application.namespace, "name": application.name, "through": through.value}


def _where(application: Application, through: Through) -> str:
    return f"PATCH Application {application.name}" + (" (Argo CD)" if through is Through.API else "")


def policy_fact(application: Application) -> tuple[str, str]:
    """Returns the fact that a frozen bundle rests on: identity and sync policy."""
    written = {name: value for name, value in (application.automated or {}).items() if name == "enabled" or value is not False}
    return (
        f"Application {application.name}",
        f"{application.policy_words} · {application.uid} · {digest_of(written if application.automated is not None else None)}",
    )


def _json(captured: Json) -> str:
    """Returns the policy for a merge patch, which takes an `enabled` away only when it is named."""
    return json.dumps(captured if "enabled" in captured else {**captured, "enabled": None}, separators=(",", ":"))


def _by_hand(cluster: Cluster, application: Application, patch: str) -> str:
    return kubectl(cluster, f"patch application.argoproj.io/{application.name} -n {application.namespace} --type merge -p '{patch}'")
