"""The Argo CD Application that owns an environment: whether it would put the bad release back, and how that is suspended.

Auto-sync is suspended with `automated.enabled: false` rather than by removing `automated`: everything else of the
policy stays, and putting it back is exact. Argo CD before 3.1 does not know that field; there the whole of `automated`
is taken out. Enabled means `automated` is there and `enabled` is not false
(argoproj/argo-cd `pkg/apis/application/v1alpha1/types.go`).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from gospel_rollback_tui.domain.change import Operation
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, number, text
from gospel_rollback_tui.domain.sync_history import Entry, history_from
from gospel_rollback_tui.domain.sync_status import sync_status_from
from gospel_rollback_tui.domain.workloads import TRACKING_ID, Deployment

IMAGES_FOLLOWED = "argocd-image-updater.argoproj.io/image-list"
"""Annotation by which Argo CD Image Updater follows an Application's images."""

_AUTOMATED = "/spec/syncPolicy/automated"
_FOLLOWED = f"/metadata/annotations/{IMAGES_FOLLOWED.replace('/', '~1')}"


@dataclass(frozen=True, slots=True)
class Application:
    """An Argo CD Application."""

    name: str
    namespace: str
    uid: str
    automated: JsonObject | None = field(repr=False, hash=False)
    """`spec.syncPolicy.automated` exactly as read; None: there is none."""
    has_policy: bool = True
    """Whether `spec.syncPolicy` exists; a JSON Patch cannot add below what is not there."""
    auto_sync: bool = False
    self_heal: bool = False
    prune: bool = False
    sync_status: str = ""
    equals_git: bool = False
    """Whether everything that git declares runs as declared, also where `sync_status` is `OutOfSync` only because of what is left over."""
    health: str = ""
    revision: str = ""
    """Commit it was last compared with."""
    target_revision: str = ""
    repository: str = ""
    destination: str = ""
    """Namespace it deploys into."""
    operating: bool = False
    """An operation is under way."""
    operation: str = ""
    """The operation under way, in words: `sync by ada since 03:05:12: waiting for hook`; empty: none."""
    images_followed: str = ""
    """What Argo CD Image Updater follows by the Application's annotation; empty: nothing."""
    heals: int = 0
    """Attempts of the last self-heal; each makes the next one wait longer."""
    history: tuple[Entry, ...] = field(default=(), repr=False)
    """What it deployed, newest last."""
    parent: str = ""
    """What made it and may put its policy back, e.g. `ApplicationSet gospelib`; empty: nothing."""

    @property
    def policy_words(self) -> str:
        """Its sync policy in words, e.g. `auto-sync with self-heal`."""
        if not self.auto_sync:
            return "auto-sync suspended" if self.automated is not None else "no auto-sync"
        return "auto-sync" + (" with self-heal" if self.self_heal else "")

    @property
    def can_be_frozen(self) -> bool:
        """Whether switching its auto-sync off stays: an ApplicationSet puts it back in hundredths of a second, another Application does not."""
        return not self.parent.startswith("ApplicationSet")

    @property
    def reverts(self) -> str:
        """How it would undo a change of the live objects; empty: it would not."""
        if not self.auto_sync:
            return ""
        return "reverted within seconds by self-heal" if self.self_heal else "overwritten by the next commit's sync"


def application_from(raw: JsonObject) -> Application:
    """Reads an Application; of several sources the first."""
    metadata, spec, status = child(raw, "metadata"), child(raw, "spec"), child(raw, "status")
    policy = child(spec, "syncPolicy").get("automated")
    automated = policy if isinstance(policy, dict) else None
    source = next(iter(children(spec, "sources")), child(spec, "source"))
    last = child(status, "operationState", "operation", "sync")
    return Application(
        name=text(metadata.get("name")),
        namespace=text(metadata.get("namespace")),
        uid=text(metadata.get("uid")),
        automated=automated,
        has_policy=isinstance(spec.get("syncPolicy"), dict),
        auto_sync=automated is not None and flag(automated.get("enabled"), default=True),
        self_heal=flag(child(automated).get("selfHeal")),
        prune=flag(child(automated).get("prune")),
        sync_status=text(child(status, "sync").get("status")),
        equals_git=sync_status_from(raw).equals_git,
        health=text(child(status, "health").get("status")),
        revision=text(child(status, "sync").get("revision")),
        target_revision=text(source.get("targetRevision")),
        repository=text(source.get("repoURL")),
        destination=text(child(spec, "destination").get("namespace")),
        operating=_operating(raw),
        operation=_operation(raw) if _operating(raw) else "",
        images_followed=text(child(metadata, "annotations").get(IMAGES_FOLLOWED)),
        heals=number(last.get("autoHealAttemptsCount")),
        history=history_from(raw),
        parent=_parent(metadata),
    )


def _operating(raw: JsonObject) -> bool:
    return bool(child(raw, "operation")) or child(raw, "status", "operationState").get("phase") in {"Running", "Terminating"}


def _operation(raw: JsonObject) -> str:
    """Returns what is under way: what, by whom, since when, and what it says."""
    state = child(raw, "status", "operationState")
    asked = child(raw, "operation") or child(state, "operation")
    by = child(asked, "initiatedBy")
    who = "Argo CD itself" if flag(by.get("automated")) else text(by.get("username")) or "somebody"
    since = text(state.get("startedAt"))[11:19]
    words = f"sync by {who}" + (f" since {since}" if since else "")
    message = text(state.get("message"))
    return f"{words}: {message}" if message else words


def _parent(metadata: JsonObject) -> str:
    """Returns the ApplicationSet that generated it, or the Application that deploys it."""
    for owner in children(metadata, "ownerReferences"):
        if owner.get("kind") == "ApplicationSet":
            return f"ApplicationSet {text(owner.get('name'))}"
    tracked = text(child(metadata, "annotations").get(TRACKING_ID)).partition(":")[0]
    return f"Application {tracked}" if tracked and tracked != metadata.get("name") else ""


def owning_application(deployment: Deployment) -> str:
    """Returns the name of the Application that tracks a Deployment by annotation, or an empty text."""
    return dict(deployment.annotations).get(TRACKING_ID, "").partition(":")[0]


def suspended(automated: JsonObject) -> dict[str, Any]:
    """Returns the policy with auto-sync off and everything else as it was."""
    return {**automated, "enabled": False}


def same_policy(one: JsonObject | None, other: JsonObject | None) -> bool:
    """Returns whether two policies are the same: what is false by default may be left out, as Argo CD's API does."""
    if one is None or other is None:
        return one is other
    return _written(one) == _written(other)


def _written(automated: JsonObject) -> dict[str, object]:
    return {name: value for name, value in automated.items() if name == "enabled" or value is not False}


def suspend_auto_sync(application: Application, *, whole: bool = False) -> list[Operation]:
    """Returns the patch that switches auto-sync off, if the policy is still the one that was read.

    Args:
        application: The Application as it is now.
        whole: Take `automated` out, for Argo CD before 3.1, which does not know `enabled`.

    Raises:
        Refused: It does not auto-sync.
    """
    if application.automated is None or not application.auto_sync:
        raise Refused(f"Application {application.name} does not auto-sync: there is nothing to suspend")
    change: Operation = {"op": "remove", "path": _AUTOMATED} if whole else {"op": "add", "path": _AUTOMATED + "/enabled", "value": False}
    return [
        {"op": "test", "path": "/metadata/uid", "value": application.uid},
        {"op": "test", "path": _AUTOMATED, "value": application.automated},
        change,
    ]


def restore_auto_sync(application: Application, captured: JsonObject) -> list[Operation]:
    """Returns the patch that puts the captured policy back, if nobody has touched it since it was suspended.

    Args:
        application: The Application as it is now.
        captured: `spec.syncPolicy.automated` as it was before it was suspended.

    Raises:
        Refused: The policy is as captured already, or not the one that was left behind.
    """
    if same_policy(application.automated, captured):
        raise Refused(f"Application {application.name} has its sync policy back already")
    identity: Operation = {"op": "test", "path": "/metadata/uid", "value": application.uid}
    if application.automated is None:
        if not application.has_policy:
            return [identity, {"op": "add", "path": "/spec/syncPolicy", "value": {"automated": dict(captured)}}]
        return [identity, {"op": "add", "path": _AUTOMATED, "value": dict(captured)}]
    if not same_policy(application.automated, suspended(captured)):
        raise Refused(
            f"the sync policy of Application {application.name} is not the one that was left when auto-sync was suspended",
            next_step="Compare it with the captured one and set it by hand.",
        )
    return [
        identity,
        {"op": "test", "path": _AUTOMATED, "value": application.automated},
        {"op": "replace", "path": _AUTOMATED, "value": dict(captured)},
    ]


def unfollow_images(application: Application) -> list[Operation]:
    """Returns the patch that takes Image Updater's annotation off, if it is still the one that was read.

    Raises:
        Refused: It follows nothing.
    """
    if not application.images_followed:
        raise Refused(f"Image Updater does not follow Application {application.name}")
    return [
        {"op": "test", "path": "/metadata/uid", "value": application.uid},
        {"op": "test", "path": _FOLLOWED, "value": application.images_followed},
        {"op": "remove", "path": _FOLLOWED},
    ]


def follow_images(application: Application, captured: str) -> list[Operation]:
    """Returns the patch that puts Image Updater's annotation back as it was.

    Raises:
        Refused: There is one already.
    """
    if application.images_followed:
        raise Refused(f"Image Updater follows Application {application.name} already")
    return [{"op": "test", "path": "/metadata/uid", "value": application.uid}, {"op": "add", "path": _FOLLOWED, "value": captured}]


def knows_enabled(version: str) -> bool:
    """Returns whether that Argo CD heeds `automated.enabled`, e.g. by `v3.2.1+8d0dde1`; a version that cannot be read does not."""
    match = re.match(r"v?(\d+)\.(\d+)", version)
    return match is not None and (int(match[1]), int(match[2])) >= (3, 1)
