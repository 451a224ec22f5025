"""Nodes as a drill has them: ready, all alike."""

import uuid
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, digest, timestamp
from gospel_rollback_tui.drill.kubernetes.endpoints.discovery import VERSION


def ready_node(number: int, now: datetime) -> Json:
    """Return the node `node-NUMBER`, ready since now."""
    name = f"node-{number}"
    size = {"cpu": "4", "memory": "16Gi", "pods": "110"}
    moment = timestamp(now)
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"},
        },
        "spec": {"podCIDR": f"10.244.{number}.0/24"},
        "status": {
            "capacity": size,
            "allocatable": size,
            "addresses": [{"type": "InternalIP", "address": f"10.0.0.{number}"}, {"type": "Hostname", "address": name}],
            "conditions": [
                _condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available", moment),
                _condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", moment),
                _condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", moment),
                _condition("Ready", "True", "KubeletReady", "kubelet is posting ready status", moment),
            ],
            "nodeInfo": {
                "machineID": digest(name)[:32],
                "systemUUID": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
                "bootID": str(uuid.uuid4()),
                "kubeletVersion": VERSION["gitVersion"],
                "kubeProxyVersion": "",
                "osImage": "Drill Linux",
                "kernelVersion": "6.1.0",
                "containerRuntimeVersion": "containerd://2.0.0",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }


def _condition(kind: str, status: str, reason: str, message: str, moment: str) -> Json:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": moment, "lastTransitionTime": moment}
