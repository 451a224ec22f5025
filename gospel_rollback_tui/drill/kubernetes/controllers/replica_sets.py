"""The ReplicaSet controller: as many pods as wanted, and the counters of those there are."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.controllers.loop import ControlLoop
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import (
    PODS,
    REPLICA_SETS,
    available_from,
    condition,
    is_active,
    is_ready,
    owned,
    pod_from_template,
)
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.controllers.rollout_size import replicas_of
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, equal_json, timestamp
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

COMPONENT = "replicaset-controller"
_STATUS = WriteOptions(manager="kube-controller-manager", subresource="status")
_RETRY_SECONDS = 5.0
_PHASES = ("Pending", "Unknown", "Running")


class ReplicaSetController:
    """Reconciles ReplicaSets."""

    def __init__(self, registry: Registry, loop: ControlLoop, recorder: EventRecorder, speed: float) -> None:
        self._registry = registry
        self._store = registry.store
        self._loop = loop
        self._recorder = recorder
        self._speed = speed

    def reconcile(self, namespace: str, name: str) -> None:
        """Create or delete pods of one ReplicaSet and write its status."""
        with self._store.lock:
            live = self._store.get(REPLICA_SETS, namespace, name)
            if live is None:
                return
            pods = [pod for pod in owned(self._store, PODS, live) if is_active(pod)]
            failure = None
            if "deletionTimestamp" not in live["metadata"]:
                failure = self._adjust(live, pods)
            status = self._status(live, pods, failure)
            if not equal_json(status, live.get("status", {})):
                self._registry.update(dict(live, status=status), _STATUS)
            if failure is not None:
                self._loop.enqueue("replicasets", namespace, name, _RETRY_SECONDS / self._speed)

    def _adjust(self, replica_set: Json, pods: list[Json]) -> Json | None:
        """Bring the number of pods to what is wanted; return the condition of a failure to."""
        wanted = replicas_of(replica_set)
        for pod in sorted(pods, key=_deletion_order)[: max(0, len(pods) - wanted)]:
            metadata = pod["metadata"]
            self._registry.delete(PODS, metadata["namespace"], metadata["name"])
            self._recorder.record(replica_set, "Normal", "SuccessfulDelete", f"Deleted pod: {metadata['name']}", COMPONENT)
        for _ in range(wanted - len(pods)):
            pod = pod_from_template(replica_set, replica_set["spec"]["template"])
            pod["metadata"]["generateName"] = replica_set["metadata"]["name"] + "-"
            try:
                created = self._registry.create(pod)
            except ApiError as refusal:
                self._recorder.record(replica_set, "Warning", "FailedCreate", f"Error creating: {refusal.message}", COMPONENT)
                return self._failure(replica_set, refusal.message)
            self._recorder.record(replica_set, "Normal", "SuccessfulCreate", f"Created pod: {created['metadata']['name']}", COMPONENT)
        return None

    def _failure(self, replica_set: Json, message: str) -> Json:
        current = condition(replica_set, "ReplicaFailure")
        if current is not None:
            return current
        moment = timestamp(self._registry.now())
        return {"type": "ReplicaFailure", "status": "True", "lastTransitionTime": moment, "reason": "FailedCreate", "message": message}

    def _status(self, replica_set: Json, pods: Sequence[Json], failure: Json | None) -> Json:
        """Count the pods that were there when the reconciliation began, as the real one does."""
        labels = replica_set["spec"]["template"]["metadata"].get("labels", {})
        min_ready = timedelta(seconds=replica_set["spec"].get("minReadySeconds", 0) / self._speed)
        now = self._registry.now()
        waits = [wait for pod in pods if (wait := _seconds_to_availability(pod, min_ready, now)) is not None]
        coming = [wait for wait in waits if wait > 0]
        if coming:
            self._loop.enqueue("replicasets", replica_set["metadata"]["namespace"], replica_set["metadata"]["name"], min(coming))
        counters = {
            "replicas": len(pods),
            "fullyLabeledReplicas": sum(1 for pod in pods if labels.items() <= pod["metadata"].get("labels", {}).items()),
            "readyReplicas": sum(1 for pod in pods if is_ready(pod)),
            "availableReplicas": len(waits) - len(coming),
            "observedGeneration": replica_set["metadata"].get("generation", 0),
        }
        status: Json = {key: value for key, value in counters.items() if value or key == "replicas"}
        if failure is not None:
            status["conditions"] = [copy_json(failure)]
        return status


def _seconds_to_availability(pod: Json, min_ready: timedelta, now: datetime) -> float | None:
    moment = available_from(pod, min_ready)
    return None if moment is None else (moment - now).total_seconds()


def _deletion_order(pod: Json) -> tuple[bool, int, bool, int, float]:
    """Order pods by how little is lost with them: unplaced, pending, unready, restarted, youngest."""
    status = pod["status"]
    phase = status.get("phase", "Pending")
    restarts = sum(one.get("restartCount", 0) for one in status.get("containerStatuses", []))
    born = datetime.fromisoformat(pod["metadata"]["creationTimestamp"]).timestamp()
    return bool(pod["spec"].get("nodeName")), _PHASES.index(phase) if phase in _PHASES else 0, is_ready(pod), -restarts, -born
