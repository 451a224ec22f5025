"""All controllers together, and which of them looks at what after a change."""

from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource
from gospel_rollback_tui.drill.kubernetes.controllers.deployments import DeploymentController
from gospel_rollback_tui.drill.kubernetes.controllers.housekeeping import Housekeeping
from gospel_rollback_tui.drill.kubernetes.controllers.loop import ControlLoop
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import DEPLOYMENTS, PODS, REPLICA_SETS, STATEFUL_SETS, controller_of
from gospel_rollback_tui.drill.kubernetes.controllers.progress_clock import ProgressClock
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.controllers.replica_sets import ReplicaSetController
from gospel_rollback_tui.drill.kubernetes.controllers.scheduler import Scheduler
from gospel_rollback_tui.drill.kubernetes.controllers.service_endpoints import ServiceEndpoints
from gospel_rollback_tui.drill.kubernetes.controllers.stateful_sets import StatefulSetController
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json
from gospel_rollback_tui.drill.kubernetes.kubelet import Kubelet
from gospel_rollback_tui.drill.kubernetes.registry import Registry
from gospel_rollback_tui.drill.kubernetes.store import Change

_OWN_CONTROLLERS = {"Deployment": "deployments", "ReplicaSet": "replicasets", "StatefulSet": "statefulsets"}
_COALESCING_SECONDS = 0.05


class ControlPlane:
    """Starts the controllers and tells them what changed."""

    def __init__(self, registry: Registry, events: EventRecorder, behaviour: BehaviourSource, clock: Clock, speed: float) -> None:
        self._store = registry.store
        self.loop = ControlLoop(clock)
        self._kubelet = Kubelet(registry, self.loop, events, behaviour, clock, speed)
        housekeeping = Housekeeping(registry)
        self.loop.register("deployments", DeploymentController(registry, self.loop, events, ProgressClock(clock, speed)).reconcile)
        self.loop.register("replicasets", ReplicaSetController(registry, self.loop, events, speed).reconcile)
        self.loop.register("statefulsets", StatefulSetController(registry, events).reconcile)
        self.loop.register("scheduler", Scheduler(registry, self.loop, events, behaviour, speed).reconcile)
        self.loop.register("kubelet", self._kubelet.reconcile)
        self.loop.register("garbage", housekeeping.collect_garbage)
        self.loop.register("namespaces", housekeeping.empty_namespace)
        self.loop.register("quotas", housekeeping.count_quotas)
        self.loop.register("endpoints", ServiceEndpoints(registry).reconcile)
        self._store.subscribe(self._noticed)

    def start(self) -> None:
        """Begin to work, with everything that is stored already."""
        for resource in (DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS):
            for document in self._store.items(resource):
                metadata = document["metadata"]
                self.loop.enqueue(resource.plural, metadata["namespace"], metadata["name"])
        self.resync_pods()
        self.loop.start()

    def resync_pods(self) -> None:
        """Let the kubelet and the scheduler look at every pod now."""
        for pod in self._store.items(PODS):
            self._enqueue_pod(pod)

    def _noticed(self, change: Change) -> None:
        """Queue what a change concerns; called while the store is locked, so nothing is done here."""
        metadata = change.last["metadata"]
        namespace, name, kind = metadata.get("namespace", ""), metadata["name"], change.resource.kind
        if kind == "Event":
            return
        if change.new is None:
            self.loop.enqueue("garbage", "", metadata["uid"])
        if kind in _OWN_CONTROLLERS:
            self.loop.enqueue(_OWN_CONTROLLERS[kind], namespace, name)
        owner = controller_of(change.last)
        if owner is not None and owner["kind"] in _OWN_CONTROLLERS:
            self.loop.enqueue(_OWN_CONTROLLERS[owner["kind"]], namespace, owner["name"])
        match kind:
            case "Pod":
                self._noticed_pod(change, namespace)
            case "Node":
                self._retry_placing()
            case "Namespace":
                self.loop.enqueue("namespaces", "", name)
            case "ResourceQuota":
                self.loop.enqueue("quotas", namespace, "", _COALESCING_SECONDS)
            case "Service":
                self.loop.enqueue("endpoints", namespace, "", _COALESCING_SECONDS)

    def _noticed_pod(self, change: Change, namespace: str) -> None:
        pod = change.last
        self.loop.enqueue("quotas", namespace, "", _COALESCING_SECONDS)
        self.loop.enqueue("endpoints", namespace, "", _COALESCING_SECONDS)
        if change.new is not None:
            self._enqueue_pod(pod)
            return
        self._kubelet.forget(pod["metadata"]["uid"])
        # A Deployment that recreates waits for the last old pod, which its ReplicaSet no longer counts.
        owner = controller_of(pod)
        replica_set = self._store.get(REPLICA_SETS, namespace, owner["name"]) if owner else None
        grand_owner = controller_of(replica_set) if replica_set else None
        if grand_owner is not None:
            self.loop.enqueue("deployments", namespace, grand_owner["name"])

    def _enqueue_pod(self, pod: Json) -> None:
        metadata = pod["metadata"]
        controller = "kubelet" if pod["spec"].get("nodeName") else "scheduler"
        self.loop.enqueue(controller, metadata["namespace"], metadata["name"])

    def _retry_placing(self) -> None:
        for pod in self._store.items(PODS):
            if not pod["spec"].get("nodeName"):
                self._enqueue_pod(pod)
