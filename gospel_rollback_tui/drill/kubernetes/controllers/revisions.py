"""Revision numbers and the annotations by which a ReplicaSet remembers them."""

from collections.abc import Iterable

from gospel_rollback_tui.drill.kubernetes.documents import Json

REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas"
MAX_REPLICAS = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        REVISION,
        REVISION_HISTORY,
        DESIRED_REPLICAS,
        MAX_REPLICAS,
        "deprecated.deployment.rollback.to",
    }
)


def annotations_of(document: Json) -> dict[str, str]:
    """Return an object's annotations, not to be changed."""
    annotations: dict[str, str] = document["metadata"].get("annotations", {})
    return annotations


def revision_of(document: Json) -> int:
    """Return an object's revision, 0 when it has none."""
    text = annotations_of(document).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def highest_revision(replica_sets: Iterable[Json]) -> int:
    """Return the highest revision among ReplicaSets, 0 without any."""
    return max(map(revision_of, replica_sets), default=0)


def annotate_new(replica_set: Json, deployment: Json, revision: int) -> bool:
    """Give a ReplicaSet the Deployment's annotations and its revision; tell whether that changed it.

    A revision it had before goes to the end of its history.
    """
    annotations = dict(annotations_of(replica_set))
    annotations.update({key: value for key, value in annotations_of(deployment).items() if key not in _NOT_COPIED})
    before = annotations.get(REVISION)
    if revision_of(replica_set) < revision:
        annotations[REVISION] = str(revision)
        if before is not None:
            history = annotations.get(REVISION_HISTORY)
            annotations[REVISION_HISTORY] = f"{history},{before}" if history else before
    changed = annotations != annotations_of(replica_set)
    if changed:
        replica_set["metadata"]["annotations"] = annotations
    return changed


def annotate_size(replica_set: Json, desired: int, largest: int) -> bool:
    """Note the Deployment's size on a ReplicaSet; tell whether that changed it."""
    wanted = {DESIRED_REPLICAS: str(desired), MAX_REPLICAS: str(largest)}
    annotations = annotations_of(replica_set)
    if all(annotations.get(key) == value for key, value in wanted.items()):
        return False
    replica_set["metadata"]["annotations"] = {**annotations, **wanted}
    return True


def noted_size(replica_set: Json, annotation: str) -> int | None:
    """Return a size noted on a ReplicaSet, `None` when there is none."""
    text = annotations_of(replica_set).get(annotation, "")
    return int(text) if text.isdecimal() else None


def set_deployment_revision(deployment: Json, revision: str) -> bool:
    """Note the current revision on the Deployment; tell whether that changed it."""
    if annotations_of(deployment).get(REVISION) == revision:
        return False
    deployment["metadata"].setdefault("annotations", {})[REVISION] = revision
    return True
