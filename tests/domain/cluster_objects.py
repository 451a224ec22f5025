"""Raw Kubernetes objects for tests, as the API server would answer them."""

from datetime import UTC, datetime
from typing import Any

DEPLOYMENT_UID = "uid-web"
T0 = 1_780_000_000.0
"""When the story of a test begins."""


def stamp(at: float) -> str:
    """Returns a time as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def a_template(image: str = "registry/web:v1", **container: object) -> dict[str, Any]:
    """Returns a pod template with one container `web`."""
    return {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": image, **container}], "restartPolicy": "Always"},
    }


def a_condition(kind: str, status: str = "True", reason: str = "", message: str = "", at: float = T0) -> dict[str, Any]:
    """Returns an entry of `status.conditions`."""
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastUpdateTime": stamp(at), "lastTransitionTime": stamp(at)}


def a_deployment(template: dict[str, Any] | None = None, **parts: dict[str, Any]) -> dict[str, Any]:
    """Returns a Deployment `web` of three replicas, rolled out; `metadata`, `spec` and `status` are merged over it."""
    status = {"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3, "readyReplicas": 3, "availableReplicas": 3}
    metadata = {"name": "web", "namespace": "ns", "uid": DEPLOYMENT_UID, "generation": 1, "annotations": {"deployment.kubernetes.io/revision": "2"}}
    return {
        "metadata": metadata | parts.get("metadata", {}),
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template or a_template()} | parts.get("spec", {}),
        "status": status | parts.get("status", {}),
    }


def a_replica_set(revision: int, image: str = "registry/web:v1", *, ready: int = 0, wanted: int = 0, at: float = T0, former: str = "") -> dict[str, Any]:
    """Returns the ReplicaSet `web-r<revision>` of the Deployment `web`."""
    annotations = {"deployment.kubernetes.io/revision": str(revision)} | ({"deployment.kubernetes.io/revision-history": former} if former else {})
    template = a_template(image)
    template["metadata"]["labels"]["pod-template-hash"] = f"hash{revision}"
    return {
        "metadata": {
            "name": f"web-r{revision}",
            "uid": f"uid-r{revision}",
            "creationTimestamp": stamp(at),
            "annotations": annotations,
            "labels": {"pod-template-hash": f"hash{revision}"},
            "ownerReferences": [{"kind": "Deployment", "name": "web", "uid": DEPLOYMENT_UID, "controller": True}],
        },
        "spec": {"replicas": wanted, "template": template},
        "status": {"replicas": wanted, "readyReplicas": ready, "availableReplicas": ready},
    }


def a_pod(name: str = "web-1", *, revision: int = 1, status: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns a pod of the ReplicaSet `web-r<revision>`, running and ready unless `status` says otherwise."""
    running = {
        "phase": "Running",
        "conditions": [a_condition("Initialized"), a_condition("Ready")],
        "containerStatuses": [{"name": "web", "ready": True, "started": True, "restartCount": 0, "state": {"running": {"startedAt": stamp(T0)}}}],
    }
    return {
        "metadata": {
            "name": name,
            "uid": f"uid-{name}",
            "namespace": "ns",
            "creationTimestamp": stamp(T0),
            "labels": {"app": "web", "pod-template-hash": f"hash{revision}"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": f"web-r{revision}", "uid": f"uid-r{revision}", "controller": True}],
        }
        | (metadata or {}),
        "spec": {"nodeName": "node-1", "containers": [{"name": "web", "image": "registry/web:v1"}]},
        "status": running if status is None else status,
    }


def waiting(reason: str, *, restarts: int = 0, message: str = "", name: str = "web", ended: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns the status of a container that waits."""
    state: dict[str, Any] = {
        "name": name,
        "ready": False,
        "started": False,
        "restartCount": restarts,
        "state": {"waiting": {"reason": reason, "message": message}},
    }
    return state | ({"lastState": {"terminated": ended}} if ended else {})
