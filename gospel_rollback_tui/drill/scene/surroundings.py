"""What stands around the services when the estate starts: namespaces, nodes, ConfigMaps, the Application."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.manifests import config_maps
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.delivery import delivery
from gospel_rollback_tui.drill.scene.metadata import ago, existing, short_hash
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE, NodeScene, Script

ESTATE_AGE = 400 * 86_400.0
NODE_AGE = 30 * 86_400.0
NODE_CONDITIONS = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def surroundings(script: Script, repository: EstateRepository, now: datetime) -> list[Json]:
    """Return everything but the services' own objects, in an order in which it may be stored."""
    created = ago(now, ESTATE_AGE)
    namespaces = [_namespace(name, created) for name in ("default", "kube-system", ARGOCD_NAMESPACE, NAMESPACE)]
    nodes = [_node(node, now) for node in script.nodes]
    maps = [
        existing(document, created, (((edit.manager, ago(now, edit.edited_before)),) if edit else (("argocd-controller", created),)))
        for document, edit in config_maps(script.config_edits)
    ]
    return [*namespaces, *nodes, *maps, *delivery(script, repository, created, now)]


def _namespace(name: str, created: datetime) -> Json:
    return existing({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}, created)


def _node(scene: NodeScene, now: datetime) -> Json:
    """Return a node; one that is lost has Unknown conditions and the taint that keeps pods away."""
    lost = scene.not_ready_before is not None
    since = ago(now, scene.not_ready_before if scene.not_ready_before is not None else NODE_AGE)
    heartbeat = since if lost else now
    conditions = [_node_condition(kind, "Unknown" if lost else "False", reason, text, since, heartbeat) for kind, reason, text in NODE_CONDITIONS]
    if lost:
        conditions = [dict(condition, reason="NodeStatusUnknown", message=scene.message) for condition in conditions]
        conditions.append(_node_condition("Ready", "Unknown", "NodeStatusUnknown", scene.message, since, heartbeat))
    else:
        conditions.append(_node_condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", since, heartbeat))
    capacity = {"cpu": "4", "memory": "16Gi", "pods": "58"}
    taints = [{"key": "node.kubernetes.io/unreachable", "effect": effect, "timeAdded": timestamp(since)} for effect in ("NoSchedule", "NoExecute")]
    document = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": scene.name, "labels": {"kubernetes.io/hostname": scene.name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
        "spec": {"providerID": f"aws:///us-east-1a/i-{short_hash(scene.name, 12)}", **({"taints": taints} if lost else {})},
        "status": {
            "capacity": capacity,
            "allocatable": capacity,
            "conditions": conditions,
            "addresses": [{"type": "Hostname", "address": scene.name}],
            "nodeInfo": {"kubeletVersion": "v1.34.2", "osImage": "Amazon Linux 2023", "architecture": "amd64", "operatingSystem": "linux"},
        },
    }
    return existing(document, ago(now, NODE_AGE))


def _node_condition(kind: str, status: str, reason: str, message: str, since: datetime, heartbeat: datetime) -> Json:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": timestamp(heartbeat),
        "lastTransitionTime": timestamp(since),
    }
