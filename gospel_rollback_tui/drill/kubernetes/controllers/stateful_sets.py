"""The StatefulSet controller: numbered pods, one after another, and ControllerRevisions."""

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import PODS, STATEFUL_SETS, is_ready, owned, owner_reference, pod_from_template
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.controllers.rollout_size import replicas_of
from gospel_rollback_tui.drill.kubernetes.controllers.templates import template_hash
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, equal_json
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

COMPONENT = "statefulset-controller"
REVISION_LABEL = "controller-revision-hash"
_REVISIONS = by_name("controllerrevisions")
_STATUS = WriteOptions(manager="kube-controller-manager", subresource="status")


class StatefulSetController:
    """Reconciles StatefulSets."""

    def __init__(self, registry: Registry, recorder: EventRecorder) -> None:
        self._registry = registry
        self._store = registry.store
        self._recorder = recorder

    def reconcile(self, namespace: str, name: str) -> None:
        """Take the next step of one StatefulSet: at most one pod is created or deleted."""
        with self._store.lock:
            live = self._store.get(STATEFUL_SETS, namespace, name)
            if live is None or "deletionTimestamp" in live["metadata"]:
                return
            update_revision = self._revision(live)
            current_revision = live.get("status", {}).get("currentRevision") or update_revision
            pods = {_ordinal(pod): pod for pod in owned(self._store, PODS, live)}
            self._step(live, pods, update_revision)
            status = _status(live, list(pods.values()), current_revision, update_revision)
            if not equal_json(status, live.get("status", {})):
                self._registry.update(dict(live, status=status), _STATUS)

    def _revision(self, stateful_set: Json) -> str:
        """Return the name of the revision of the present template, creating or renumbering it."""
        template: Json = copy_json(stateful_set["spec"]["template"])
        content = {"spec": {"template": {**template, "$patch": "replace"}}}
        known = sorted(owned(self._store, _REVISIONS, stateful_set), key=lambda one: int(one["revision"]))
        newest = int(known[-1]["revision"]) if known else 0
        for revision in known:
            if equal_json(revision["data"], content):
                if revision is not known[-1]:
                    self._registry.update(dict(revision, revision=newest + 1))
                return str(revision["metadata"]["name"])
        metadata = stateful_set["metadata"]
        short_hash = template_hash(template)
        created = self._registry.create(
            {
                "apiVersion": "apps/v1",
                "kind": "ControllerRevision",
                "metadata": {
                    "name": f"{metadata['name']}-{short_hash}",
                    "namespace": metadata["namespace"],
                    "labels": {**template.get("metadata", {}).get("labels", {}), "controller.kubernetes.io/hash": short_hash},
                    "ownerReferences": [owner_reference(stateful_set)],
                },
                "data": content,
                "revision": newest + 1,
            }
        )
        return str(created["metadata"]["name"])

    def _step(self, stateful_set: Json, pods: dict[int, Json], update_revision: str) -> None:
        wanted = replicas_of(stateful_set)
        ordered = stateful_set["spec"].get("podManagementPolicy") != "Parallel"
        for ordinal in range(wanted):
            pod = pods.get(ordinal)
            if pod is None:
                self._create(stateful_set, ordinal, update_revision)
            if ordered and (pod is None or not _is_healthy(pod)):
                return
        surplus = [pods[ordinal] for ordinal in sorted(pods, reverse=True) if ordinal >= wanted]
        if surplus:
            self._delete(stateful_set, surplus[0])
            return
        if stateful_set["spec"]["updateStrategy"]["type"] != "RollingUpdate":
            return
        partition = stateful_set["spec"]["updateStrategy"].get("rollingUpdate", {}).get("partition", 0)
        for ordinal in range(wanted - 1, partition - 1, -1):
            pod = pods[ordinal]
            if pod["metadata"].get("labels", {}).get(REVISION_LABEL) != update_revision:
                self._delete(stateful_set, pod)
                return
            if not _is_healthy(pod):
                return

    def _create(self, stateful_set: Json, ordinal: int, revision: str) -> None:
        pod = pod_from_template(stateful_set, stateful_set["spec"]["template"])
        name = f"{stateful_set['metadata']['name']}-{ordinal}"
        pod["metadata"] |= {"name": name, "generateName": f"{stateful_set['metadata']['name']}-"}
        own_labels = {REVISION_LABEL: revision, "statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": str(ordinal)}
        pod["metadata"]["labels"] = {**pod["metadata"].get("labels", {}), **own_labels}
        pod["spec"] |= {"hostname": name, "subdomain": stateful_set["spec"].get("serviceName", "")}
        self._registry.create(pod)
        text = f"create Pod {name} in StatefulSet {stateful_set['metadata']['name']} successful"
        self._recorder.record(stateful_set, "Normal", "SuccessfulCreate", text, COMPONENT)

    def _delete(self, stateful_set: Json, pod: Json) -> None:
        if "deletionTimestamp" in pod["metadata"]:
            return
        metadata = pod["metadata"]
        self._registry.delete(PODS, metadata["namespace"], metadata["name"])
        text = f"delete Pod {metadata['name']} in StatefulSet {stateful_set['metadata']['name']} successful"
        self._recorder.record(stateful_set, "Normal", "SuccessfulDelete", text, COMPONENT)


def _ordinal(pod: Json) -> int:
    return int(pod["metadata"]["name"].rpartition("-")[2])


def _is_healthy(pod: Json) -> bool:
    return is_ready(pod) and "deletionTimestamp" not in pod["metadata"]


def _status(stateful_set: Json, pods: list[Json], current: str, update: str) -> Json:
    def of_revision(revision: str) -> int:
        """Return the number of pods of that revision."""
        return sum(1 for pod in pods if pod["metadata"].get("labels", {}).get(REVISION_LABEL) == revision)

    ready = sum(1 for pod in pods if is_ready(pod))
    updated = of_revision(update)
    if updated == ready == replicas_of(stateful_set) == len(pods):
        current = update
    status: Json = {
        "observedGeneration": stateful_set["metadata"].get("generation", 0),
        "replicas": len(pods),
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": 0,
        "availableReplicas": ready,
    }
    counters = {"readyReplicas": ready, "currentReplicas": of_revision(current), "updatedReplicas": updated}
    status |= {key: value for key, value in counters.items() if value}
    return status
