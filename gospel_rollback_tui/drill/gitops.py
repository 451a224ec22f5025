"""The Application controller: keeps the cluster as git says, where the Application's sync policy lets it."""

from datetime import datetime
from threading import Event, Thread
from typing import Any

from gospel_rollback_tui.drill.application import SUCCEEDED, finished_operation, history_entry
from gospel_rollback_tui.drill.git_history import Commit, GitHistory
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, copy_json, parse_timestamp, timestamp
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.manifests import CHANGE_CAUSE_ANNOTATION
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE
from gospel_rollback_tui.drill.sync_rules import Healing, automatic_operation, deployment_health, is_drifted, worst_health

RESYNC = 0.25
"""Seconds between two looks when nothing has changed: a back-off ends without any event."""

APPLYING = 0.25
"""Seconds that an operation is Running before it applies, and as many before what it did shows in the status."""

REFRESH_ANNOTATION = "argocd.argoproj.io/refresh"


class ApplicationController:
    """One thread that reconciles the one Application of the estate."""

    def __init__(self, registry: Registry, git: GitHistory, clock: Clock) -> None:
        """Prepare the controller; `start` lets it act."""
        self._registry = registry
        self._git = git
        self._clock = clock
        self._healing = Healing()
        self._wake = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="application-controller", daemon=True)

    def start(self) -> None:
        """Begin to reconcile."""
        self._healing = self._recorded_healing()
        self.wake()
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Say that something may have changed; returns at once."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(RESYNC)
            self._wake.clear()
            try:
                self._reconcile()
            except ApiError:
                continue  # the object moved or went away under the controller: it looks again at the next round

    def _reconcile(self) -> None:
        application = self._registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)
        if "operation" in application:
            self._operate(application["operation"])
            return
        now = self._clock.now()
        self._healing = self._healing.forgotten_by(now)
        live = self._live()
        application = self._report(application, live)
        drifted = [name for name, (declared, found) in live.items() if is_drifted(declared, found)]
        operation = automatic_operation(application, drifted, self._git.head.sha, self._healing, now)
        if operation is not None:
            changed = copy_json(application)
            changed["operation"] = operation
            changed["status"].pop("operationState", None)
            self._registry.update(changed)
            self.wake()

    def _live(self) -> dict[str, tuple[Json, Json | None]]:
        """Return what git declares and what there is, by Deployment."""
        return {document["metadata"]["name"]: (document, self._deployment(document["metadata"]["name"])) for document in self._git.manifests(self._git.head)}

    def _deployment(self, name: str) -> Json | None:
        try:
            return self._registry.get("deployments", NAMESPACE, name)
        except ApiError as error:
            if error.code == 404:
                return None
            raise

    def _report(self, application: Json, live: dict[str, tuple[Json, Json | None]]) -> Json:
        """Write sync and health into the Application where they have changed, and return it."""
        resources = [_resource(name, declared, found) for name, (declared, found) in live.items()]
        synced = all(resource["status"] == "Synced" for resource in resources)
        sync = dict(application["status"].get("sync", {}), status="Synced" if synced else "OutOfSync", revision=self._git.head.sha)
        health = {"status": worst_health([resource["health"]["status"] for resource in resources])}
        seen = {"sync": sync, "health": health, "resources": resources}
        status = application["status"]
        asked = REFRESH_ANNOTATION in application["metadata"].get("annotations", {})
        if not asked and all(status.get(key) == value for key, value in seen.items()):
            return application
        changed = copy_json(application)
        changed["status"].update(seen, reconciledAt=timestamp(self._clock.now()))
        changed["metadata"].get("annotations", {}).pop(REFRESH_ANNOTATION, None)
        return self._registry.update(changed)

    def _operate(self, operation: Json) -> None:
        """Run an operation from Running to its end, writing what Argo CD writes on the way."""
        started = self._clock.now()
        self._patch({"status": {"operationState": {"operation": operation, "phase": "Running", "startedAt": timestamp(started)}}})
        self._stopping.wait(APPLYING)
        sync = operation.get("sync", {})
        commit = self._git.find(sync.get("revision", ""))
        if commit is None:
            message = f"ComparisonError: Failed to checkout revision {sync.get('revision')}"
            self._finish(finished_operation(operation, "Error", message, started, self._clock.now()), [])
            return
        if not sync.get("dryRun"):
            self._apply(commit, {resource["name"] for resource in sync.get("resources", [])})
        state = finished_operation(operation, "Succeeded", SUCCEEDED, started, self._clock.now())
        entries = [] if sync.get("dryRun") or sync.get("resources") else [self._entry(commit, operation)]
        self._finish(state, entries)
        if sync.get("autoHealAttemptsCount"):
            self._healing = Healing(int(sync["autoHealAttemptsCount"]), self._clock.now())

    def _apply(self, commit: Commit, only: set[str]) -> None:
        """Make the Deployments what a commit declares: all of them, or only those named."""
        for document in self._git.manifests(commit):
            if not only or document["metadata"]["name"] in only:
                document["metadata"]["annotations"].pop(CHANGE_CAUSE_ANNOTATION)
                self._registry.apply(document)

    def _finish(self, state: Json, entries: list[Json]) -> None:
        application = self._registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)
        history = [*application["status"].get("history", []), *entries]
        self._patch({"operation": None, "status": {"operationState": state, "history": history}})
        self._stopping.wait(APPLYING / 2)
        self.wake()

    def _entry(self, commit: Commit, operation: Json) -> Json:
        application = self._registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)
        last = application["status"].get("history") or [{"id": -1}]
        now = self._clock.now()
        entry = history_entry(last[-1]["id"] + 1, commit, now, operation.get("initiatedBy"))
        return dict(entry, deployStartedAt=timestamp(now), deployedAt=timestamp(now))

    def _patch(self, patch: Json) -> None:
        self._registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, patch)

    def _recorded_healing(self) -> Healing:
        """Return the count of heals that the Application's last operation tells of."""
        application = self._registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)
        state: dict[str, Any] = application.get("status", {}).get("operationState", {})
        attempts = state.get("operation", {}).get("sync", {}).get("autoHealAttemptsCount", 0)
        ended: datetime | None = parse_timestamp(state["finishedAt"]) if attempts else None
        return Healing(attempts, ended)


def _resource(name: str, declared: Json, found: Json | None) -> Json:
    """Return the entry of a Deployment in the Application's status."""
    return {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "namespace": NAMESPACE,
        "name": name,
        "status": "OutOfSync" if is_drifted(declared, found) else "Synced",
        "health": {"status": deployment_health(found)},
    }
