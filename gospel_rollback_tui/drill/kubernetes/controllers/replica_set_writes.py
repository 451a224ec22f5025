"""How a Deployment creates, numbers, resizes and forgets its ReplicaSets."""

from collections.abc import Sequence

from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition, new_condition, set_condition
from gospel_rollback_tui.drill.kubernetes.controllers.deployment_status import deadline_seconds
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import REPLICA_SETS, owner_reference
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.controllers.revisions import (
    REVISION,
    annotate_new,
    annotate_size,
    annotations_of,
    highest_revision,
    revision_of,
    set_deployment_revision,
)
from gospel_rollback_tui.drill.kubernetes.controllers.rollout_size import max_surge, new_size, replicas_of
from gospel_rollback_tui.drill.kubernetes.controllers.templates import HASH_LABEL, same_template, template_hash, with_label, without_hash
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

COMPONENT = "deployment-controller"
_PLAIN = WriteOptions(manager="kube-controller-manager")
_STATUS = WriteOptions(manager="kube-controller-manager", subresource="status")


class ReplicaSetWrites:
    """Writes a Deployment's ReplicaSets; the lists it is given are kept up to date."""

    def __init__(self, registry: Registry, recorder: EventRecorder) -> None:
        self._registry = registry
        self._recorder = recorder

    @staticmethod
    def current(deployment: Json, sets: Sequence[Json]) -> Json | None:
        """Return the oldest ReplicaSet of the Deployment's present template."""
        template = deployment["spec"]["template"]
        same = [one for one in sets if same_template(one["spec"]["template"], template)]
        return min(same, key=lambda one: (one["metadata"]["creationTimestamp"], one["metadata"]["name"]), default=None)

    def synchronised(self, deployment: Json, sets: list[Json], *, create: bool) -> tuple[Json, Json | None]:
        """Return the Deployment and the ReplicaSet of its template, with their revision settled.

        The ReplicaSet's annotations are written before the Deployment's; only then does the
        Deployment name the new revision.
        """
        new_set = self.current(deployment, sets)
        if new_set is None:
            return self._created(deployment, sets) if create else (deployment, None)
        others = [one for one in sets if one is not new_set]
        min_ready = deployment["spec"].get("minReadySeconds", 0)
        changed = annotate_new(new_set, deployment, highest_revision(others) + 1)
        if new_set["spec"].get("minReadySeconds", 0) != min_ready:
            new_set["spec"]["minReadySeconds"] = min_ready
            changed = True
        if changed:
            self._write(new_set, _PLAIN)
            return deployment, new_set
        changed = set_deployment_revision(deployment, annotations_of(new_set).get(REVISION, ""))
        status: Json = copy_json(deployment.get("status", {}))
        if deadline_seconds(deployment) is not None and find_condition(status, "Progressing") is None:
            found = f'Found new replica set "{new_set["metadata"]["name"]}"'
            set_condition(status, new_condition("Progressing", "True", "FoundNewReplicaSet", found, self._registry.now()))
            changed = True
        if changed:
            deployment = copy_json(self._registry.update(dict(deployment, status=status), _STATUS))
        return deployment, new_set

    def _created(self, deployment: Json, sets: list[Json]) -> tuple[Json, Json | None]:
        wanted = self._drafted(deployment, sets)
        revision = annotations_of(wanted)[REVISION]
        try:
            new_set: Json = copy_json(self._registry.create(wanted, "", _PLAIN))
        except ApiError as refusal:
            if refusal.reason != "AlreadyExists":
                raise
            status = dict(deployment.get("status", {}))
            status["collisionCount"] = status.get("collisionCount", 0) + 1
            self._registry.update(dict(deployment, status=status), _STATUS)
            return deployment, None
        sets.append(new_set)
        name, size = new_set["metadata"]["name"], replicas_of(new_set)
        if size:
            self._recorder.record(deployment, "Normal", "ScalingReplicaSet", f"Scaled up replica set {name} from 0 to {size}", COMPONENT)
        set_deployment_revision(deployment, revision)
        status = copy_json(deployment.get("status", {}))
        progressing = find_condition(status, "Progressing")
        resumed = progressing is not None and progressing.get("reason") == "DeploymentResumed"
        if deadline_seconds(deployment) is not None and not resumed:  # the real controller loses this write to the one of the resumption
            created = new_condition("Progressing", "True", "NewReplicaSetCreated", f'Created new replica set "{name}"', self._registry.now())
            set_condition(status, created)
        return copy_json(self._registry.update(dict(deployment, status=status), _STATUS)), new_set

    def _drafted(self, deployment: Json, sets: Sequence[Json]) -> Json:
        template = without_hash(deployment["spec"]["template"])
        short_hash = template_hash(template, deployment.get("status", {}).get("collisionCount", 0))
        labelled = with_label(template, HASH_LABEL, short_hash)
        selector: Json = copy_json(deployment["spec"]["selector"])
        selector.setdefault("matchLabels", {})[HASH_LABEL] = short_hash
        metadata = deployment["metadata"]
        drafted: Json = {
            "apiVersion": REPLICA_SETS.api_version,
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name']}-{short_hash}",
                "namespace": metadata["namespace"],
                "labels": dict(labelled["metadata"]["labels"]),
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {"replicas": 0, "selector": selector, "template": labelled},
        }
        if deployment["spec"].get("minReadySeconds"):
            drafted["spec"]["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
        drafted["spec"]["replicas"] = new_size(deployment, [*sets, drafted], drafted)
        annotate_new(drafted, deployment, highest_revision(sets) + 1)
        self._annotate_size(drafted, deployment)
        return drafted

    @staticmethod
    def _annotate_size(replica_set: Json, deployment: Json) -> bool:
        desired = replicas_of(deployment)
        return annotate_size(replica_set, desired, desired + max_surge(deployment))

    def resize(self, replica_set: Json, size: int, deployment: Json) -> bool:
        """Give a ReplicaSet another size and note the Deployment's; tell whether the size changed."""
        before = replicas_of(replica_set)
        replica_set["spec"]["replicas"] = size
        if not self._annotate_size(replica_set, deployment) and before == size:
            return False
        self._write(replica_set, _PLAIN)
        if before == size:
            return False
        way = "up" if size > before else "down"
        text = f"Scaled {way} replica set {replica_set['metadata']['name']} from {before} to {size}"
        self._recorder.record(deployment, "Normal", "ScalingReplicaSet", text, COMPONENT)
        return True

    def clean_up(self, deployment: Json, old_sets: Sequence[Json]) -> None:
        """Delete the lowest revisions beyond the history limit that have no pods."""
        limit = deployment["spec"].get("revisionHistoryLimit")
        if limit is None or limit == 2**31 - 1:
            return
        present = [one for one in old_sets if "deletionTimestamp" not in one["metadata"]]
        for one in sorted(present, key=revision_of)[: max(0, len(present) - limit)]:
            observed = one.get("status", {}).get("observedGeneration", 0) >= one["metadata"].get("generation", 0)
            if observed and not one.get("status", {}).get("replicas") and not replicas_of(one):
                self._registry.delete(REPLICA_SETS, one["metadata"]["namespace"], one["metadata"]["name"])

    def _write(self, replica_set: Json, options: WriteOptions) -> None:
        stored = self._registry.update(replica_set, options)
        replica_set.clear()
        replica_set.update(copy_json(stored))
