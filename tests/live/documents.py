"""Kubernetes objects as the API server writes them, small."""

from typing import Any

Document = dict[str, Any]


def a_pod(uid: str, version: int = 1, *, ready: bool = True, restarts: int = 0, owner: str = "rs-1", **status: Any) -> Document:  # noqa: ANN401 - any JSON
    """Returns a pod of the gateway that runs."""
    return {
        "metadata": {
            "name": f"gospelib-gateway-abc-{uid}",
            "namespace": "gospelib-production",
            "uid": uid,
            "resourceVersion": str(version),
            "creationTimestamp": "2026-11-23T03:00:00Z",
            "labels": {"app": "gospelib-gateway", "pod-template-hash": "abc"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "gospelib-gateway-abc", "uid": owner, "controller": True}],
            "managedFields": [{"manager": "kubelet"}],
        },
        "spec": {"nodeName": "node-1", "containers": [{"name": "gateway", "image": "gateway:1"}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False", "lastTransitionTime": "2026-11-23T03:00:05Z"}],
            "containerStatuses": [
                {"name": "gateway", "ready": ready, "started": True, "restartCount": restarts, "state": {"running": {"startedAt": "2026-11-23T03:00:04Z"}}}
            ],
            **status,
        },
    }


def a_replica_set(uid: str, revision: int, *, owner: str = "d-1", template_hash: str = "abc") -> Document:
    """Returns a ReplicaSet of the gateway."""
    return {
        "metadata": {
            "name": f"gospelib-gateway-{template_hash}",
            "uid": uid,
            "resourceVersion": "1",
            "labels": {"pod-template-hash": template_hash},
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "creationTimestamp": "2026-11-23T03:00:00Z",
            "ownerReferences": [{"kind": "Deployment", "uid": owner, "controller": True}],
        },
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "gateway", "image": "gateway:1"}]}}},
        "status": {"replicas": 2, "readyReplicas": 2, "availableReplicas": 2},
    }


def a_deployment(uid: str = "d-1", revision: int = 1, *, replicas: int = 2, ready: int = 2, generation: int = 1, observed: int = 1) -> Document:
    """Returns the gateway's Deployment."""
    return {
        "metadata": {
            "name": "gospelib-gateway",
            "uid": uid,
            "resourceVersion": "1",
            "generation": generation,
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
        },
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [{"name": "gateway", "image": "gateway:1"}]}}},
        "status": {"observedGeneration": observed, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready},
    }


def a_list(version: int, *items: Document) -> Document:
    """Returns a list, or its only page."""
    return {"kind": "List", "metadata": {"resourceVersion": str(version)}, "items": list(items)}
