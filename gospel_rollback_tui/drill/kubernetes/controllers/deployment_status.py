"""The status a Deployment should have: counters, availability, progress and its deadline."""

from collections.abc import Sequence
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition, new_condition, remove_condition, set_condition
from gospel_rollback_tui.drill.kubernetes.controllers.rollout_size import counted, max_unavailable, replicas_of, wanted
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json

NO_DEADLINE = 2**31 - 1
NEW_SET_AVAILABLE = "NewReplicaSetAvailable"
TIMED_OUT = "ProgressDeadlineExceeded"
PAUSED = "DeploymentPaused"
RESUMED = "DeploymentResumed"


def deadline_seconds(deployment: Json) -> int | None:
    """Return the seconds without progress after which a rollout has failed, `None` for no limit."""
    seconds = deployment["spec"].get("progressDeadlineSeconds")
    return None if seconds is None or seconds == NO_DEADLINE else int(seconds)


def counted_status(deployment: Json, every_set: Sequence[Json], new_set: Json | None, now: datetime) -> Json:
    """Return the status with counters and the Available condition; zeros are left out."""
    before = deployment.get("status", {})
    available = counted(every_set, "availableReplicas")
    counters = {
        "observedGeneration": deployment["metadata"].get("generation", 0),
        "replicas": counted(every_set, "replicas"),
        "updatedReplicas": counted([new_set] if new_set else [], "replicas"),
        "readyReplicas": counted(every_set, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, wanted(every_set) - available),
        "collisionCount": before.get("collisionCount", 0),
    }
    status: Json = {key: value for key, value in counters.items() if value}
    status["conditions"] = copy_json(before.get("conditions", []))
    if available >= replicas_of(deployment) - max_unavailable(deployment):
        minimum = new_condition("Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
    else:
        minimum = new_condition("Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now)
    set_condition(status, minimum)
    return status


def is_complete(deployment: Json, status: Json) -> bool:
    """Whether all pods, and only they, are of the new template and available."""
    replicas = replicas_of(deployment)
    return (
        all(status.get(counter, 0) == replicas for counter in ("updatedReplicas", "replicas", "availableReplicas"))
        and status.get("observedGeneration", 0) >= deployment["metadata"]["generation"]
    )


def _has_progressed(before: Json, status: Json) -> bool:
    def old_pods(one: Json) -> int:
        """Return the number of pods of older templates that a status tells of."""
        return int(one.get("replicas", 0)) - int(one.get("updatedReplicas", 0))

    grew = any(status.get(counter, 0) > before.get(counter, 0) for counter in ("updatedReplicas", "readyReplicas", "availableReplicas"))
    return grew or old_pods(status) < old_pods(before)


def note_progress(deployment: Json, status: Json, new_set: Json | None, now: datetime, *, overdue: bool) -> None:
    """Set the Progressing condition of a new status by what changed since the old one."""
    if deadline_seconds(deployment) is None:
        remove_condition(status, "Progressing")
        return
    current = find_condition(status, "Progressing")
    settled = current is not None and current["reason"] == NEW_SET_AVAILABLE
    if settled and status.get("replicas", 0) == status.get("updatedReplicas", 0):
        return
    what = f'ReplicaSet "{new_set["metadata"]["name"]}"' if new_set else f'Deployment "{deployment["metadata"]["name"]}"'
    if is_complete(deployment, status):
        set_condition(status, new_condition("Progressing", "True", NEW_SET_AVAILABLE, f"{what} has successfully progressed.", now))
    elif _has_progressed(deployment.get("status", {}), status):
        progress = new_condition("Progressing", "True", "ReplicaSetUpdated", f"{what} is progressing.", now)
        if current is not None and current["status"] == "True":
            progress["lastTransitionTime"] = current["lastTransitionTime"]
        remove_condition(status, "Progressing")
        set_condition(status, progress)
    elif overdue and not settled:
        set_condition(status, new_condition("Progressing", "False", TIMED_OUT, f"{what} has timed out progressing.", now))


def note_failures(status: Json, every_set: Sequence[Json], new_set: Json | None) -> None:
    """Carry the failure of a ReplicaSet to create pods over to the Deployment."""
    in_order = [new_set, *every_set] if new_set else every_set
    for one in in_order:
        failure = find_condition(one.get("status", {}), "ReplicaFailure")
        if failure is not None:
            set_condition(status, dict(failure, lastUpdateTime=failure["lastTransitionTime"]))
            return
    remove_condition(status, "ReplicaFailure")
