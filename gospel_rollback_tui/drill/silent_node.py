"""A node whose kubelet falls silent, as the node lifecycle controller shows it once its grace period is over."""

from threading import Lock

from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, timestamp
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE, deployment_name

SERVICE = "gateway"
"""The node of this service's first pod is the one that falls silent."""
UNREACHABLE = "node.kubernetes.io/unreachable"
MESSAGE = "Kubelet stopped posting node status."


class SilentNode:
    """Silences one node and lets it speak again; safe to use from any thread."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        """Leave every node as it is."""
        self._registry = registry
        self._clock = clock
        self._lock = Lock()
        self._before: Json | None = None
        """The node as it was, while it is silent."""

    def fall_silent(self) -> None:
        """Set the node's conditions to Unknown, taint it, and mark its pods as not ready."""
        with self._lock:
            name = self._chosen()
            if self._before is not None or not name:
                return
            self._before = self._registry.get("nodes", "", name)
            now = timestamp(self._clock.now())
            unknown = {"status": "Unknown", "reason": "NodeStatusUnknown", "message": MESSAGE, "lastTransitionTime": now}
            conditions = [{**one, **unknown} for one in self._before["status"]["conditions"]]
            self._registry.patch("nodes", "", name, {"status": {"conditions": conditions}}, subresource="status")
            taints = [{"key": UNREACHABLE, "effect": effect, "timeAdded": now} for effect in ("NoSchedule", "NoExecute")]
            self._registry.patch("nodes", "", name, {"spec": {"taints": [*self._before["spec"].get("taints", []), *taints]}})
            self._mark_pods(name, "False")

    def speak(self) -> None:
        """Put the node back as it was."""
        with self._lock:
            before, self._before = self._before, None
            if before is None:
                return
            name = before["metadata"]["name"]
            self._registry.patch("nodes", "", name, {"spec": {"taints": before["spec"].get("taints")}})
            now = timestamp(self._clock.now())
            conditions = [{**one, "lastTransitionTime": now, "lastHeartbeatTime": now} for one in before["status"]["conditions"]]
            self._registry.patch("nodes", "", name, {"status": {"conditions": conditions}}, subresource="status")
            self._mark_pods(name, "True")

    def _chosen(self) -> str:
        """Return the node of the service's first pod; empty: it has none."""
        pods = [pod for pod in self._registry.list("pods", NAMESPACE) if pod["metadata"]["name"].startswith(deployment_name(SERVICE))]
        return next((pod["spec"]["nodeName"] for pod in pods if pod["spec"].get("nodeName")), "")

    def _mark_pods(self, node: str, ready: str) -> None:
        """Set the Ready condition of every pod of the node that is or was ready; its kubelet, once it speaks, corrects what is wrong."""
        now = timestamp(self._clock.now())
        for pod in self._registry.list("pods"):
            conditions = pod.get("status", {}).get("conditions", [])
            if pod["spec"].get("nodeName") != node or not any(one["type"] == "ContainersReady" and one["status"] == "True" for one in conditions):
                continue
            changed = [{**one, "status": ready, "lastTransitionTime": now} if one["type"] == "Ready" else one for one in conditions]
            try:
                self._registry.patch("pods", pod["metadata"]["namespace"], pod["metadata"]["name"], {"status": {"conditions": changed}}, subresource="status")
            except ApiError:
                continue  # it has gone meanwhile
