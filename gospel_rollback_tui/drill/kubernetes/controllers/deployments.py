"""The Deployment controller: ReplicaSets, revisions, rollouts, in the order the real one writes them."""

from collections.abc import Sequence

from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition, new_condition, set_condition
from gospel_rollback_tui.drill.kubernetes.controllers.deployment_status import (
    PAUSED,
    RESUMED,
    TIMED_OUT,
    counted_status,
    deadline_seconds,
    is_complete,
    note_failures,
    note_progress,
)
from gospel_rollback_tui.drill.kubernetes.controllers.loop import ControlLoop
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import DEPLOYMENTS, PODS, REPLICA_SETS, controller_of, owned
from gospel_rollback_tui.drill.kubernetes.controllers.progress_clock import ProgressClock
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.controllers.replica_set_writes import ReplicaSetWrites
from gospel_rollback_tui.drill.kubernetes.controllers.revisions import DESIRED_REPLICAS, noted_size, revision_of
from gospel_rollback_tui.drill.kubernetes.controllers.rollout_size import counted, new_size, old_sizes, proportional_sizes, replicas_of
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, equal_json
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

_STATUS = WriteOptions(manager="kube-controller-manager", subresource="status")


class DeploymentController:
    """Reconciles Deployments."""

    def __init__(self, registry: Registry, loop: ControlLoop, recorder: EventRecorder, progress: ProgressClock) -> None:
        self._registry = registry
        self._store = registry.store
        self._loop = loop
        self._sets = ReplicaSetWrites(registry, recorder)
        self._progress = progress

    def reconcile(self, namespace: str, name: str) -> None:
        """Bring one Deployment a step nearer to what is asked of it."""
        with self._store.lock:
            live = self._store.get(DEPLOYMENTS, namespace, name)
            if live is None:
                return
            deployment: Json = copy_json(live)
            sets = [copy_json(one) for one in owned(self._store, REPLICA_SETS, deployment)]
            if deployment["metadata"].get("deletionTimestamp"):
                new_set = self._sets.current(deployment, sets)
                self._write_status(deployment, counted_status(deployment, sets, new_set, self._registry.now()))
                return
            deployment = self._note_pause(deployment)
            if not deployment["spec"].get("paused"):
                # Settles a ReplicaSet's revision first, so that the Deployment names it before anything is counted.
                deployment, _ = self._sets.synchronised(deployment, sets, create=False)
            if deployment["spec"].get("paused") or self._is_scaled(deployment, sets):
                self._scale(deployment, sets)
            elif deployment["spec"]["strategy"]["type"] == "Recreate":
                self._recreate(deployment, sets)
            else:
                self._roll(deployment, sets)

    def _note_pause(self, deployment: Json) -> Json:
        progressing = find_condition(deployment.get("status", {}), "Progressing")
        if deadline_seconds(deployment) is None or (progressing and progressing["reason"] == TIMED_OUT):
            return deployment
        noted = progressing is not None and progressing["reason"] == PAUSED
        paused = deployment["spec"].get("paused", False)
        if paused is noted:
            return deployment
        reason, text = (PAUSED, "Deployment is paused") if paused else (RESUMED, "Deployment is resumed")
        status: Json = copy_json(deployment.get("status", {}))
        set_condition(status, new_condition("Progressing", "Unknown", reason, text, self._registry.now()))
        return self._write_status(deployment, status)

    @staticmethod
    def _is_scaled(deployment: Json, sets: Sequence[Json]) -> bool:
        sizes = [noted_size(one, DESIRED_REPLICAS) for one in sets if replicas_of(one) > 0]
        return any(size is not None and size != replicas_of(deployment) for size in sizes)

    def _scale(self, deployment: Json, sets: list[Json]) -> None:
        """Follow a change of `replicas`, and nothing else."""
        deployment, new_set = self._sets.synchronised(deployment, sets, create=False)
        old_sets = _others(sets, new_set)
        active = [one for one in sets if replicas_of(one) > 0]
        replicas = replicas_of(deployment)
        if len(active) <= 1:
            newest = active[0] if active else new_set or max(old_sets, key=_age, default=None)
            if newest is not None and replicas_of(newest) != replicas:
                self._sets.resize(newest, replicas, deployment)
        elif new_set is not None and _is_saturated(deployment, new_set):
            for one in old_sets:
                if replicas_of(one) > 0:
                    self._sets.resize(one, 0, deployment)
        elif deployment["spec"]["strategy"]["type"] == "RollingUpdate":
            for one, size in proportional_sizes(deployment, active):
                self._sets.resize(one, size, deployment)
        if deployment["spec"].get("paused"):
            self._sets.clean_up(deployment, old_sets)
        self._write_status(deployment, counted_status(deployment, sets, new_set, self._registry.now()))

    def _roll(self, deployment: Json, sets: list[Json]) -> None:
        deployment, new_set = self._sets.synchronised(deployment, sets, create=True)
        if new_set is None:
            return
        old_sets = _others(sets, new_set)
        size = replicas_of(deployment)
        if replicas_of(new_set) < size:
            size = new_size(deployment, sets, new_set)
        scaled = self._sets.resize(new_set, size, deployment)
        if not scaled:
            shrinking = old_sizes(deployment, old_sets, new_set)
            for one, fewer in shrinking:
                self._sets.resize(one, fewer, deployment)
            if not shrinking and is_complete(deployment, deployment.get("status", {})):
                self._sets.clean_up(deployment, old_sets)
        self._note_rollout(deployment, sets, new_set)

    def _recreate(self, deployment: Json, sets: list[Json]) -> None:
        deployment, new_set = self._sets.synchronised(deployment, sets, create=False)
        old_sets = _others(sets, new_set)
        shrunk = [self._sets.resize(one, 0, deployment) for one in old_sets if replicas_of(one) > 0]
        if shrunk or self._old_pods_run(deployment, old_sets):
            self._note_rollout(deployment, sets, new_set)
            return
        if new_set is None:
            deployment, new_set = self._sets.synchronised(deployment, sets, create=True)
        if new_set is None:
            return
        self._sets.resize(new_set, replicas_of(deployment), deployment)
        if is_complete(deployment, deployment.get("status", {})):
            self._sets.clean_up(deployment, old_sets)
        self._note_rollout(deployment, sets, new_set)

    def _old_pods_run(self, deployment: Json, old_sets: Sequence[Json]) -> bool:
        if counted(old_sets, "replicas"):
            return True
        owners = {one["metadata"]["uid"] for one in old_sets}
        namespace = deployment["metadata"]["namespace"]
        return any(
            (controller_of(pod) or {}).get("uid") in owners and pod["status"].get("phase") not in ("Succeeded", "Failed")
            for pod in self._store.items(PODS)
            if pod["metadata"]["namespace"] == namespace
        )

    def _note_rollout(self, deployment: Json, sets: Sequence[Json], new_set: Json | None) -> None:
        now = self._registry.now()
        status = counted_status(deployment, sets, new_set, now)
        left = self._progress.seconds_left(deployment)
        note_progress(deployment, status, new_set, now, overdue=left is not None and left <= 0)
        note_failures(status, sets, new_set)
        self._write_status(deployment, status)
        left = self._progress.seconds_left(deployment)
        if left is not None and left > 0:
            metadata = deployment["metadata"]
            self._loop.enqueue("deployments", metadata["namespace"], metadata["name"], left)

    def _write_status(self, deployment: Json, status: Json) -> Json:
        if not equal_json(deployment.get("status", {}), status):
            deployment = copy_json(self._registry.update(dict(deployment, status=status), _STATUS))
        self._progress.note(deployment)
        return deployment


def _others(sets: Sequence[Json], new_set: Json | None) -> list[Json]:
    return [one for one in sets if new_set is None or one["metadata"]["uid"] != new_set["metadata"]["uid"]]


def _age(replica_set: Json) -> tuple[str, int]:
    return replica_set["metadata"]["creationTimestamp"], revision_of(replica_set)


def _is_saturated(deployment: Json, new_set: Json) -> bool:
    replicas = replicas_of(deployment)
    return replicas_of(new_set) == replicas == noted_size(new_set, DESIRED_REPLICAS) == counted([new_set], "availableReplicas")
