"""Runs the operation that an Application holds, from Running to its end, with the writes of the real controller."""

from datetime import datetime

from gospel_rollback_tui.drill.application import SUCCEEDED, finished_operation, history_entry, within_limit
from gospel_rollback_tui.drill.argocd.applying import Outcome, apply_commit
from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts, Loop
from gospel_rollback_tui.drill.argocd.repo_server import GitError
from gospel_rollback_tui.drill.argocd.retrying import next_retry
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, parse_timestamp, timestamp
from gospel_rollback_tui.drill.several_sources import NO_SOURCE, commit_of, sources_of, target_of

APPLYING = 0.3
"""Seconds that an operation is Running before what it does is in the cluster."""

ENDING = 0.04
"""Seconds between the new entry of the history and the end of the operation, in which a terminate comes too late."""

BLOCKED = "Sync operation blocked by sync window"
NO_MORE_TASKS = "successfully synced (no more tasks)"
_NOT_RENDERED = "ComparisonError: Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = "


class OperationRunner:
    """The controller's second loop: takes up whatever operation appears in the Application."""

    def __init__(self, parts: ControllerParts) -> None:
        """Prepare; `start` takes up an operation that is there already."""
        self._parts = parts
        self.loop = Loop("application-operations", self._turn)

    def _turn(self) -> None:
        application = copy_json(self._parts.application())
        operation = application.get("operation")
        if operation is None:
            return
        state = application["status"].get("operationState")
        if state is None:
            started = timestamp(self._parts.clock.now())
            state = {"operation": operation, "phase": "Running", "startedAt": started}
            self._parts.patch({"status": {"operationState": state}})
        if state["phase"] == "Terminating":
            self._finish(operation, state, "Failed", f"Operation terminated{_retried(state)}", Outcome())
        elif not self._is_held(application, operation, state):
            self._work(operation, state)

    def _is_held(self, application: Json, operation: Json, state: Json) -> bool:
        """Whether the operation has to wait: for what it said when the estate started, a window, or its next retry."""
        if "finishedAt" in state:
            return self._waits_for_retry(state)
        message = state.get("message", "")
        if message.startswith("waiting for"):
            return True
        automated = bool(operation.get("initiatedBy", {}).get("automated"))
        if self._parts.windows(application).can_sync(manual=not automated):
            return False
        if message != BLOCKED:
            self._parts.patch({"status": {"operationState": {"message": BLOCKED}}})
        return True

    def _waits_for_retry(self, state: Json) -> bool:
        """Whether the next attempt is still to come; when it is due it is written down and the operation goes on."""
        due = next_retry(parse_timestamp(state["finishedAt"]), state.get("retryCount", 0), self._parts.speed)
        if self._parts.clock.now() < due:
            return True
        count = state.get("retryCount", 0) + 1
        running = {"finishedAt": None, "message": f"Retrying operation. Attempt #{count}", "retryCount": count}
        self._parts.patch({"status": {"operationState": running}})
        state.pop("finishedAt", None)
        state["retryCount"] = count
        return False

    def _work(self, operation: Json, state: Json) -> None:
        """Do what the operation is for."""
        sync = operation.get("sync", {})
        try:
            comparison = self._parts.compare(commit_of(sync) or self._heads()[0])
        except GitError as error:
            self._finish(operation, state, "Error", f"{_NOT_RENDERED}{error}", Outcome())
            return
        if self.loop.wait(APPLYING) or self._phase() != "Running":
            self.loop.wake()
            return  # terminated before anything was done: the next turn ends it
        outcome = apply_commit(self._parts.registry, comparison, sync)
        if outcome.refusals:
            self._fail(operation, state, outcome)
            return
        dry = bool(sync.get("dryRun"))
        if not dry and not sync.get("resources"):
            self._add_to_history(operation, state)
        self.loop.wait(ENDING)
        self._finish(operation, state, "Succeeded", NO_MORE_TASKS if dry or not outcome.resources else SUCCEEDED, outcome)

    def _fail(self, operation: Json, state: Json, outcome: Outcome) -> None:
        """End an operation whose objects were refused, or put the next attempt off where it has some left."""
        message = f"one or more objects failed to apply, reason: {', '.join(outcome.refusals)}"
        count = state.get("retryCount", 0)
        if count >= int(operation.get("retry", {}).get("limit", 0)):
            self._finish(operation, state, "Failed", f"{message}{_retried(state)}", outcome)
            return
        now = self._parts.clock.now()
        at = f"{next_retry(now, count, self._parts.speed):%-I:%M%p}"
        waiting = finished_operation(operation, "Running", f"{message}. Retrying attempt #{count + 1} at {at}.", now, now, outcome.resources)
        self._parts.patch({"status": {"operationState": {**waiting, "startedAt": state["startedAt"], "retryCount": count}}})

    def _add_to_history(self, operation: Json, state: Json) -> None:
        application = self._parts.application()
        history = application["status"].get("history") or []
        sync, now = operation["sync"], self._parts.clock.now()
        number = history[-1]["id"] + 1 if history else 0
        entry = history_entry(number, self._deployed(application, sync), now, operation.get("initiatedBy"))
        entry["deployStartedAt"] = state["startedAt"]
        kept = within_limit([*history, entry], application["spec"].get("revisionHistoryLimit"))
        self._parts.patch({"status": {"history": kept or None}})

    def _finish(self, operation: Json, state: Json, phase: str, message: str, outcome: Outcome) -> None:
        """Write the end: phase, message and result, and take the operation away, in one write."""
        started: datetime = parse_timestamp(state["startedAt"])
        ended = finished_operation(operation, phase, message, started, self._parts.clock.now(), outcome.resources)
        if state.get("retryCount"):
            ended["retryCount"] = state["retryCount"]
        application = self._parts.patch({"operation": None, "status": {"operationState": ended}})
        kind = "Partial sync" if operation.get("sync", {}).get("resources") else "Sync"
        ending = "succeeded" if phase == "Succeeded" else f"failed: {message}"
        self._parts.record(application, "OperationCompleted", f"{kind} operation to {commit_of(operation.get('sync', {}))} {ending}")

    def _deployed(self, application: Json, sync: Json) -> Json:
        """Return sources and commits of an operation's `sync`, or those that the Application's spec fills it up with."""
        if sync.get("revisions"):
            return {name: sync[name] for name in ("revisions", "sources", "source") if name in sync}
        spec = application["spec"]
        return {"revision": sync.get("revision") or self._heads()[0], "source": sync.get("source") or spec.get("source") or NO_SOURCE}

    def _heads(self) -> list[str]:
        return [self._parts.sources.head(target_of(source)) for source in sources_of(self._parts.application()["spec"])]

    def _phase(self) -> str:
        return str(self._parts.application()["status"].get("operationState", {}).get("phase", ""))


def _retried(state: Json) -> str:
    return f" (retried {state['retryCount']} times)." if state.get("retryCount") else ""
