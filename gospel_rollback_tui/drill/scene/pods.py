"""The pods that run when the estate starts, with what became of them until then."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.containers import digest_reference
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, digest, timestamp
from gospel_rollback_tui.drill.manifests import REPLICAS
from gospel_rollback_tui.drill.scene.metadata import ago, existing, owned_by, short_hash
from gospel_rollback_tui.drill.scene.workloads import Workload
from gospel_rollback_tui.drill.script import Behaviour, PodFate, Script

APART_SECONDS = 8.0
"""How much later the second pod of a rollout started than the first."""

STARTING_SECONDS = 2.0
CRASH_RESTARTS = 6
BACK_OFF = "back-off 5m0s restarting failed container={container} pod={pod}_{namespace}({uid})"
LAST_CRASH_BEFORE = 95.0
"""Seconds since a crashing container ended last."""

CRASH_SECONDS = 1.0
CRASH_EXIT_CODE = 2


def pods_of(script: Script, workload: Workload, now: datetime) -> list[Json]:
    """Return the pods of a service's live ReplicaSet."""
    history = workload.history
    behaviour = script.behaviour(history.service, history.revisions[-1].tag)
    started_before = history.pods_started_before or history.revisions[-1].applied_before
    healthy_nodes = [node.name for node in script.nodes if node.not_ready_before is None]
    nodes = healthy_nodes or [node.name for node in script.nodes]
    offset = [h.service for h in script.histories].index(history.service)
    return [
        _pod(workload, behaviour, nodes[(offset + number) % len(nodes)], number, ago(now, started_before - number * APART_SECONDS), now)
        for number in range(REPLICAS)
    ]


def _pod(workload: Workload, behaviour: Behaviour, node: str, number: int, created: datetime, now: datetime) -> Json:
    """Return one pod with its status."""
    replica_set = workload.replica_sets[-1]
    metadata, template = replica_set["metadata"], copy_json(replica_set["spec"]["template"])
    suffix = short_hash([metadata["name"], number], 5)
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": f"{metadata['name']}-{suffix}",
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "labels": template["metadata"]["labels"],
            "ownerReferences": owned_by(replica_set),
        },
        "spec": {**template["spec"], "nodeName": node},
    }
    stored = existing(document, created)
    stored["metadata"]["generation"] = 1
    stored["status"] = _status(stored, behaviour, created, now)
    return stored


def _status(pod: Json, behaviour: Behaviour, created: datetime, now: datetime) -> Json:
    """Return what the kubelet reports of a pod."""
    ready = behaviour.fate is PodFate.READY
    started = ago(created, -STARTING_SECONDS)
    ready_at = ago(started, -behaviour.ready_after)
    container = _container_status(pod, behaviour, started, now)
    status: Json = {
        "phase": "Pending" if behaviour.fate in (PodFate.IMAGE_PULL, PodFate.UNSCHEDULABLE) else "Running",
        "conditions": _conditions(ready, created, started, ready_at, pod["spec"]["containers"][0]["name"]),
        "qosClass": "Burstable",
        "startTime": timestamp(created),
        "containerStatuses": [container],
        "observedGeneration": 1,
    }
    address = int(short_hash(pod["metadata"]["uid"], 6), 36)
    host = ".".join(pod["spec"]["nodeName"].removeprefix("ip-").partition(".")[0].split("-"))
    ip = f"10.{128 + address % 8}.{address // 8 % 250}.{address // 2000 % 250 + 2}"
    return {**status, "hostIP": host, "hostIPs": [{"ip": host}], "podIP": ip, "podIPs": [{"ip": ip}]}


def _conditions(ready: bool, created: datetime, started: datetime, ready_at: datetime, container: str) -> list[Json]:
    """Return the conditions of a scheduled pod."""
    unready: Json = {} if ready else {"reason": "ContainersNotReady", "message": f"containers with unready status: [{container}]"}
    states: tuple[tuple[str, bool, datetime, Json], ...] = (
        ("PodReadyToStartContainers", True, started, {}),
        ("Initialized", True, created, {}),
        ("Ready", ready, ready_at, unready),
        ("ContainersReady", ready, ready_at, unready),
        ("PodScheduled", True, created, {}),
    )
    return [
        {"type": kind, "status": str(holds), "lastProbeTime": None, "lastTransitionTime": timestamp(since), "observedGeneration": 1, **reason}
        for kind, holds, since, reason in states
    ]


def _container_status(pod: Json, behaviour: Behaviour, started: datetime, now: datetime) -> Json:
    """Return the state of the pod's one container."""
    container = pod["spec"]["containers"][0]
    status: Json = {
        "name": container["name"],
        "image": container["image"],
        "imageID": digest_reference(container["image"]),
        "containerID": f"containerd://{digest(pod['metadata']['uid'])}",
        "restartCount": 0,
        "lastState": {},
    }
    match behaviour.fate:
        case PodFate.READY:
            return {**status, "ready": True, "started": True, "state": {"running": {"startedAt": timestamp(started)}}}
        case PodFate.CRASH_LOOP:
            return {**status, **_crashed(pod, status, now)}
        case _:
            message = f'Back-off pulling image "{container["image"]}": ErrImagePull: {behaviour.message or _not_found(container["image"])}'
            waiting = {"waiting": {"reason": "ImagePullBackOff", "message": message}}
            return {**status, "imageID": "", "containerID": "", "ready": False, "started": False, "state": waiting}


def _crashed(pod: Json, status: Json, now: datetime) -> Json:
    """Return the state of a container that waits for its next restart."""
    metadata = pod["metadata"]
    ended = ago(now, LAST_CRASH_BEFORE)
    message = BACK_OFF.format(container=status["name"], pod=metadata["name"], namespace=metadata["namespace"], uid=metadata["uid"])
    terminated = {
        "exitCode": CRASH_EXIT_CODE,
        "reason": "Error",
        "startedAt": timestamp(ago(ended, CRASH_SECONDS)),
        "finishedAt": timestamp(ended),
        "containerID": status["containerID"],
    }
    return {
        "restartCount": CRASH_RESTARTS,
        "ready": False,
        "started": False,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": message}},
        "lastState": {"terminated": terminated},
    }


def _not_found(image: str) -> str:
    """Return how the container runtime says that the registry does not have an image."""
    return f'failed to pull and unpack image "{image}": failed to resolve reference "{image}": {image}: not found'
