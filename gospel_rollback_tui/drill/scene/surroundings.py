"""What stands around the services when the estate starts: namespaces, nodes, ConfigMaps, events, the Application."""

from datetime import datetime

from gospel_rollback_tui.drill.application import application_document
from gospel_rollback_tui.drill.git_history import GitHistory
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.manifests import config_maps
from gospel_rollback_tui.drill.scene.metadata import ago, existing, short_hash
from gospel_rollback_tui.drill.scene.workloads import Workload
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE, EventScene, NodeScene, Script

ESTATE_AGE = 400 * 86_400.0
NODE_AGE = 30 * 86_400.0
EVENTS_KEPT = 3600.0
"""Seconds after which the API server forgets an event."""

NODE_CONDITIONS = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
)


def surroundings(script: Script, git: GitHistory, now: datetime) -> list[Json]:
    """Return everything but the services' own objects, in an order in which it may be stored."""
    created = ago(now, ESTATE_AGE)
    namespaces = [_namespace(name, created) for name in ("default", "kube-system", ARGOCD_NAMESPACE, NAMESPACE)]
    nodes = [_node(node, now) for node in script.nodes]
    maps = [
        existing(document, created, (((edit.manager, ago(now, edit.edited_before)),) if edit else (("argocd-controller", created),)))
        for document, edit in config_maps(script.config_edits)
    ]
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "gospelib", "namespace": ARGOCD_NAMESPACE},
        "spec": {"sourceRepos": ["*"], "destinations": [{"namespace": NAMESPACE, "server": "https://kubernetes.default.svc"}]},
    }
    application = existing(application_document(script, git, now), created, (("argocd-controller", now),))
    application["metadata"]["generation"] = 4182
    return [*namespaces, *nodes, *maps, existing(project, created), application]


def events_of(script: Script, workloads: list[Workload], now: datetime) -> list[Json]:
    """Return the events of the last hour: those of the script, and those that its rollouts left."""
    scenes = [*script.events, *(scene for workload in workloads for scene in _rollout_events(workload))]
    return [_event(scene, now) for scene in scenes if scene.last_before < EVENTS_KEPT]


def _rollout_events(workload: Workload) -> list[EventScene]:
    """Return what the deployment controller said when the live revision was rolled out."""
    name = workload.deployment["metadata"]["name"]
    before = workload.history.revisions[-1].applied_before
    old, new = workload.replica_sets[-2]["metadata"]["name"], workload.replica_sets[-1]["metadata"]["name"]
    steps = [(f"Scaled up replica set {new} from 0 to 1", 0.0), (f"Scaled up replica set {new} from 1 to 2", 8.0)]
    steps += [(f"Scaled down replica set {old} from 2 to 1", 8.0), (f"Scaled down replica set {old} from 1 to 0", 16.0)]
    if workload.history.recreate:
        steps = [(f"Scaled down replica set {old} from 2 to 0", 0.0), (f"Scaled up replica set {new} from 0 to 2", 4.0)]
    return [EventScene("Deployment", name, "ScalingReplicaSet", message, before - after, type="Normal") for message, after in steps]


def _event(scene: EventScene, now: datetime) -> Json:
    """Return an event as the core controllers write it."""
    last = timestamp(ago(now, scene.last_before))
    namespace = "default" if scene.kind == "Node" else NAMESPACE
    api_version = "apps/v1" if scene.kind in ("Deployment", "ReplicaSet") else "v1"
    component = "node-controller" if scene.kind == "Node" else "deployment-controller"
    involved: Json = {"kind": scene.kind, "name": scene.name, "apiVersion": api_version}
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
        "firstTimestamp": last,
        "lastTimestamp": last,
        "eventTime": None,
        "source": {"component": component},
        "reportingComponent": component,
        "reportingInstance": "",
    }
    return existing(document, ago(now, scene.last_before))


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
