"""The Kubernetes events that are still kept when the estate starts."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.manifests import REPLICAS
from gospel_rollback_tui.drill.scene.metadata import ago, existing, short_hash
from gospel_rollback_tui.drill.scene.workloads import Workload, was_ever_ready
from gospel_rollback_tui.drill.script import NAMESPACE, EventScene, Revision, Script

EVENTS_KEPT = 3600.0
"""Seconds after which the API server forgets an event."""

STEP_SECONDS = 8.0
"""Time between two steps of a rollout."""

REPEATED_EVERY = 15.0
"""Seconds between two occurrences of an event that is counted."""

COMPLAINED_BEFORE = 14.0
"""Seconds since the kubelet complained last of a pod that waits."""

PULLS_TRIED = 6

COMPONENTS = {"Node": "node-controller", "Pod": "kubelet"}


def events_of(script: Script, workloads: list[Workload], pods: list[Json], now: datetime) -> list[Json]:
    """Return the events of the last hour: those of the script, and those that its rollouts and its broken pods left."""
    scenes = [*script.events, *(scene for pod in pods for scene in _complaints(script, pod))]
    for workload in workloads:
        for place in range(1, len(workload.history.revisions)):
            scenes += _rollout(script, workload, place)
        if workload.history.revisions[-1].number and script.sync.healed_before is not None:
            scenes += _healed_undo(workload, script.sync.healed_before)
    owners = [*(workload.deployment for workload in workloads), *pods]
    uids = {(owner["kind"], owner["metadata"]["name"]): owner["metadata"]["uid"] for owner in owners}
    return [_event(scene, uids.get((scene.kind, scene.name), scene.name), now) for scene in scenes if scene.last_before < EVENTS_KEPT]


def _rollout(script: Script, workload: Workload, place: int) -> list[EventScene]:
    """Return what the controllers said when the revision at a place of the history was rolled out."""
    history = workload.history
    revision = history.revisions[place]
    new, old = _set(workload, place), _set(workload, _serving_before(script, workload, place))
    abandoned = [_set(workload, other) for other in range(place) if _is_left(script, workload, other, place)]
    if not was_ever_ready(script, history, revision) and revision is not history.revisions[-1]:
        return [_scaled(workload, f"Scaled up replica set {new} from 0 to 1", revision.applied_before), _back_off(new, revision)]
    steps = [f"Scaled up replica set {new} from 0 to 1", *(f"Scaled down replica set {other} from 1 to 0" for other in abandoned)]
    steps += [f"Scaled down replica set {old} from 2 to 1", f"Scaled up replica set {new} from 1 to 2", f"Scaled down replica set {old} from 1 to 0"]
    if history.recreate:
        steps = [f"Scaled down replica set {old} from {REPLICAS} to 0", f"Scaled up replica set {new} from 0 to {REPLICAS}"]
    return [_scaled(workload, message, revision.applied_before - STEP_SECONDS / 2 * number) for number, message in enumerate(steps)]


def _serving_before(script: Script, workload: Workload, place: int) -> int:
    """Return the place of the revision whose pods served when the one at `place` came."""
    revisions = workload.history.revisions
    return max(other for other in range(place) if was_ever_ready(script, workload.history, revisions[other]))


def _is_left(script: Script, workload: Workload, other: int, place: int) -> bool:
    """Whether a revision that never came up still had a pod when the one at `place` replaced it."""
    return _serving_before(script, workload, place) < other < place


def _healed_undo(workload: Workload, before: float) -> list[EventScene]:
    """Return the traces of an undo that was reverted before its first pod was ready."""
    good = _set(workload, len(workload.replica_sets) - 2)
    messages = (f"Scaled up replica set {good} from 0 to 1", f"Scaled down replica set {good} from 1 to 0")
    return [_scaled(workload, message, before) for message in messages]


def _set(workload: Workload, place: int) -> str:
    """Return the name of the ReplicaSet at a place of the history."""
    return str(workload.replica_sets[place]["metadata"]["name"])


def _scaled(workload: Workload, message: str, before: float) -> EventScene:
    return EventScene("Deployment", workload.deployment["metadata"]["name"], "ScalingReplicaSet", message, before, type="Normal")


def _complaints(script: Script, pod: Json) -> list[EventScene]:
    """Return what the kubelet says again and again of a pod that waits."""
    status = pod["status"]["containerStatuses"][0]
    name, waiting = pod["metadata"]["name"], status["state"].get("waiting")
    if waiting is None:
        return []
    if waiting["reason"] == "CrashLoopBackOff":
        message = f"Back-off restarting failed container {status['name']} in pod {name}_{NAMESPACE}({pod['metadata']['uid']})"
        return [EventScene("Pod", name, "BackOff", message, COMPLAINED_BEFORE, count=int(script.failing_before / REPEATED_EVERY))]
    error = waiting["message"].partition("ErrImagePull: ")[2]
    return [
        EventScene("Pod", name, "Failed", f'Failed to pull image "{status["image"]}": {error}', 2 * COMPLAINED_BEFORE, count=PULLS_TRIED),
        EventScene(
            "Pod",
            name,
            "BackOff",
            f'Back-off pulling image "{status["image"]}"',
            COMPLAINED_BEFORE,
            count=int(script.failing_before / REPEATED_EVERY),
            type="Normal",
        ),
    ]


def _back_off(replica_set: str, revision: Revision) -> EventScene:
    """Return what the kubelet said of a pod that crashed until the next revision replaced it."""
    pod = f"{replica_set}-{short_hash([replica_set, 0], 5)}"
    message = f"Back-off restarting failed container in pod {pod}_{NAMESPACE}"
    return EventScene("Pod", pod, "BackOff", message, revision.applied_before - 60.0, count=7)


def _event(scene: EventScene, uid: str, now: datetime) -> Json:
    """Return an event as the core controllers write it; of a node, as of what is gone, the name stands for the uid."""
    last = timestamp(ago(now, scene.last_before))
    namespace = "default" if scene.kind == "Node" else NAMESPACE
    api_version = "apps/v1" if scene.kind in ("Deployment", "ReplicaSet") else "v1"
    component = COMPONENTS.get(scene.kind, "deployment-controller")
    involved: Json = {"kind": scene.kind, "name": scene.name, "uid": uid, "apiVersion": api_version}
    if scene.kind != "Node":
        involved["namespace"] = namespace
    document = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{scene.name}.{short_hash([scene.reason, scene.message], 16)}", "namespace": namespace},
        "involvedObject": involved,
        "reason": scene.reason,
        "message": scene.message,
        "type": scene.type,
        "count": scene.count,
        "firstTimestamp": timestamp(ago(now, scene.last_before + (scene.count - 1) * REPEATED_EVERY)),
        "lastTimestamp": last,
        "eventTime": None,
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
    }
    return existing(document, ago(now, scene.last_before))
