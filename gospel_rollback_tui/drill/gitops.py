"""The Application controller: keeps the cluster as git says, where the Application's sync policy lets it."""

from datetime import datetime
from typing import Any

from gospel_rollback_tui.drill.argocd.comparing import Comparison
from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts, Loop
from gospel_rollback_tui.drill.argocd.operating import OperationRunner
from gospel_rollback_tui.drill.argocd.repo_server import GitError
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, parse_timestamp, timestamp
from gospel_rollback_tui.drill.several_sources import commit_of, compared, sources_of, target_of
from gospel_rollback_tui.drill.sync_rules import Healing, automatic_operation, failed_before

REFRESH_ANNOTATION = "argocd.argoproj.io/refresh"
SETTLING = 0.1
"""Seconds after the end of an operation until its effect shows in sync and health."""

_NOT_COMPARED = "Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "


class ApplicationController:
    """Two loops for the one Application of the estate: one compares and decides, the other runs operations."""

    def __init__(self, parts: ControllerParts) -> None:
        """Prepare the controller; `start` lets it act."""
        self._parts = parts
        self._seen_spec: Json | None = None
        self._seen_end: Json | None = None
        self._comparing = Loop("application-controller", self._reconcile)
        self._operating = OperationRunner(parts).loop

    def start(self) -> None:
        """Begin to reconcile."""
        self._comparing.start()
        self._operating.start()

    def close(self) -> None:
        """End the threads."""
        self._comparing.close()
        self._operating.close()

    def wake(self) -> None:
        """Say that something may have changed; returns at once."""
        self._comparing.wake()
        self._operating.wake()

    def _reconcile(self) -> None:
        application = self._parts.application()
        refresh = REFRESH_ANNOTATION in application["metadata"].get("annotations", {})
        if not refresh and (_is_working(application) or self._has_just_ended(application)):
            return
        targets = [target_of(source) for source in sources_of(application["spec"])]
        fresh = refresh or application["spec"] != self._seen_spec
        try:
            heads = [self._parts.sources.head(target, fresh=fresh) for target in targets]
            comparison = self._parts.compare(heads[0])
        except GitError as error:
            self._seen_spec = application["spec"]
            self._report(application, {"sync": {"status": "Unknown", **compared(application["spec"], targets)}}, ("ComparisonError", f"{_NOT_COMPARED}{error}"))
            return
        self._seen_spec = application["spec"]
        self._act(application, comparison, heads)
        failure = failed_before(application, heads[0]) if comparison.drifted else ""
        condition = ("SyncError", f"Failed last sync attempt to [{heads[0]}]: {failure}") if failure else None
        sync = {"status": comparison.sync, **compared(application["spec"], heads)}
        self._report(application, {"sync": sync, "health": {"status": comparison.health}, "resources": comparison.resources()}, condition)

    def _has_just_ended(self, application: Json) -> bool:
        """Whether an operation has ended since the last look, which is the moment when the status still tells of before."""
        state = application["status"].get("operationState", {})
        before, self._seen_end = self._seen_end, state
        if before in (None, state) or "finishedAt" not in state:
            return False
        self._comparing.wait(SETTLING)
        self._comparing.wake()
        return True

    def _act(self, application: Json, comparison: Comparison, heads: list[str]) -> None:
        """Start the operation that Argo CD starts by itself now, if any."""
        if "operation" in application:
            return
        now, speed = self._parts.clock.now(), self._parts.speed
        healing = _healing(application).forgotten_by(now, speed)
        operation = automatic_operation(application, comparison.drifted, heads, healing, now, speed)
        if operation is not None and self._parts.windows(application).can_sync(manual=False):
            changed = copy_json(application)
            changed["operation"] = operation
            changed["status"].pop("operationState", None)
            self._parts.registry.update(changed)
            kind = "partial sync" if operation["sync"].get("resources") else "sync"
            self._parts.record(application, "OperationStarted", f"Initiated automated {kind} to [{commit_of(operation['sync'])}]")

    def _report(self, application: Json, seen: Json, condition: tuple[str, str] | None) -> None:
        """Write what was seen into the Application's status where it has changed, and answer a refresh."""
        status = application["status"]
        asked = REFRESH_ANNOTATION in application["metadata"].get("annotations", {})
        conditions = _conditions(status, condition, self._parts.clock.now())
        if not asked and conditions == status.get("conditions") and all(status.get(key) == value for key, value in seen.items()):
            return
        patch: Json = {"status": {**seen, "conditions": conditions, "reconciledAt": timestamp(self._parts.clock.now())}}
        if asked:
            others = set(application["metadata"]["annotations"]) - {REFRESH_ANNOTATION}
            patch["metadata"] = {"annotations": {REFRESH_ANNOTATION: None} if others else None}
        self._parts.patch(patch)
        for what in ("sync", "health"):
            before, after = (found.get(what, {}).get("status", "") for found in (status, {**status, **seen}))
            if before != after:
                self._parts.record(application, "ResourceUpdated", f"Updated {what} status: {before} -> {after}")


def _is_working(application: Json) -> bool:
    """Whether an operation is about to be done: neither held back nor over."""
    return "operation" in application and "message" not in application["status"].get("operationState", {})


def _conditions(status: Json, condition: tuple[str, str] | None, now: datetime) -> list[Json] | None:
    """Return the conditions to be written; one that is there already keeps its time."""
    if condition is None:
        return None
    kind, message = condition
    for known in status.get("conditions") or []:
        if (known["type"], known["message"]) == condition:
            return [known]
    return [{"type": kind, "message": message, "lastTransitionTime": timestamp(now)}]


def _healing(application: Json) -> Healing:
    """Return the count of heals that the Application's last operation tells of."""
    state: dict[str, Any] = application["status"].get("operationState") or {}
    attempts = state.get("operation", {}).get("sync", {}).get("autoHealAttemptsCount", 0)
    ended: datetime | None = parse_timestamp(state["finishedAt"]) if attempts and "finishedAt" in state else None
    return Healing(attempts, ended)
