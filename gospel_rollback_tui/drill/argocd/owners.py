"""What owns the Application and undoes changes of its spec: an app-of-apps parent, or an ApplicationSet.

Recorded from Argo CD 3.2: a parent compares only the fields that it declares, and heals with the back-off of every
self-heal; an ApplicationSet puts the whole spec back within a hundredth of a second.
"""

from gospel_rollback_tui.drill.application import SUCCEEDED, finished_operation
from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts, Loop
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, parse_timestamp
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE
from gospel_rollback_tui.drill.sync_rules import Healing, declares, heals_itself

HEALING_SECONDS = 0.4
"""How long a parent takes from the change to its undoing."""

_HANDS_OFF = ("create-only", "create-delete")
"""Policies under which an ApplicationSet leaves what it has generated as it is."""


class Parent:
    """The app-of-apps Application: heals its child while its own auto-sync and self-heal are on."""

    def __init__(self, parts: ControllerParts, name: str, declared: Json) -> None:
        """Keep the Application's spec as declared, as the parent of that name."""
        self._parts = parts
        self._name = name
        self._declared = declared
        self.loop = Loop("parent-application", self._turn)

    def _turn(self) -> None:
        parent = self._parts.registry.get("applications", ARGOCD_NAMESPACE, self._name)
        same = declares(self._declared, self._parts.application()["spec"])
        self._report(parent, "Synced" if same else "OutOfSync")
        healing = _healing(parent).forgotten_by(self._parts.clock.now(), self._parts.speed)
        ready_at = healing.ready_at(self._parts.speed)
        if same or not heals_itself(parent) or (ready_at is not None and self._parts.clock.now() < ready_at):
            return
        started = self._parts.clock.now()
        if self.loop.wait(HEALING_SECONDS):
            return
        self._parts.patch({"spec": self._declared})
        resource = {"group": "argoproj.io", "kind": "Application", "name": APPLICATION}
        sync = {"revision": parent["status"]["sync"]["revision"], "resources": [resource], "source": parent["spec"]["source"]}
        operation = {"sync": {**sync, "autoHealAttemptsCount": healing.attempts + 1}, "initiatedBy": {"automated": True}, "retry": {"limit": 5}}
        state = finished_operation(operation, "Succeeded", SUCCEEDED, started, self._parts.clock.now())
        self._patch({"status": {"operationState": state}})

    def _report(self, parent: Json, sync: str) -> None:
        resources = [{**resource, "status": sync} for resource in parent["status"]["resources"]]
        if parent["status"]["sync"]["status"] != sync:
            self._patch({"status": {"sync": {"status": sync}, "resources": resources}})

    def _patch(self, patch: Json) -> None:
        self._parts.registry.patch("applications", ARGOCD_NAMESPACE, self._name, patch)


class ApplicationSet:
    """The ApplicationSet controller: puts the whole spec back, unless the set is told to leave it or that part of it."""

    def __init__(self, parts: ControllerParts, name: str) -> None:
        """Keep the Application as the set of that name generates it."""
        self._parts = parts
        self._name = name
        self.loop = Loop("applicationset", self._turn)

    def _turn(self) -> None:
        try:
            owner = self._parts.registry.get("applicationsets", ARGOCD_NAMESPACE, self._name)
        except ApiError:
            return  # deleted: nothing generates the Application any more
        application = self._parts.application()
        owners = [reference["kind"] for reference in application["metadata"].get("ownerReferences", [])]
        wanted = _kept(owner, application["spec"])
        if "ApplicationSet" not in owners or owner["spec"].get("syncPolicy", {}).get("applicationsSync") in _HANDS_OFF:
            return
        if application["spec"] != wanted:
            changed = copy_json(application)
            changed["spec"] = wanted
            self._parts.registry.update(changed)


def _kept(owner: Json, live: Json) -> Json:
    """Return the spec that a set generates, with the live value of what it is told to ignore below the spec."""
    wanted: Json = copy_json(owner["spec"]["template"]["spec"])
    pointers = [pointer for ignored in owner["spec"].get("ignoreApplicationDifferences", []) for pointer in ignored.get("jsonPointers", [])]
    for pointer in pointers:
        _copy_member(live, wanted, pointer.removeprefix("/spec/").split("/"))
    return wanted


def _copy_member(source: Json, target: Json, path: list[str]) -> None:
    """Make a member of one object that of another, absent where it is absent there."""
    for name in path[:-1]:
        source, target = source.get(name, {}), target.setdefault(name, {})
    if path[-1] in source:
        target[path[-1]] = copy_json(source[path[-1]])
    else:
        target.pop(path[-1], None)


def _healing(parent: Json) -> Healing:
    """Return the count of heals that the parent's last operation tells of."""
    state = parent["status"].get("operationState", {})
    attempts = state.get("operation", {}).get("sync", {}).get("autoHealAttemptsCount", 0)
    return Healing(attempts, parse_timestamp(state["finishedAt"]) if attempts else None)
