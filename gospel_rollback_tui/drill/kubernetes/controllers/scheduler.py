"""The scheduler: finds a node for each pod, or says why there is none."""

import itertools

from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.controllers.loop import ControlLoop
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import PODS, condition
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, timestamp
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

COMPONENT = "default-scheduler"
_NODES = by_name("nodes")
_RETRY_SECONDS = 5.0
_BINDING = WriteOptions(manager="kube-scheduler", subresource="binding")
_STATUS = WriteOptions(manager="kube-scheduler", subresource="status")


class Scheduler:
    """Places pods on nodes."""

    def __init__(self, registry: Registry, loop: ControlLoop, recorder: EventRecorder, behaviour: BehaviourSource, speed: float) -> None:
        self._registry = registry
        self._store = registry.store
        self._loop = loop
        self._recorder = recorder
        self._behaviour = behaviour
        self._speed = speed
        self._turns = itertools.count()

    def reconcile(self, namespace: str, name: str) -> None:
        """Place one pod, or note that it cannot be placed and try again later."""
        pod = self._store.get(PODS, namespace, name)
        if pod is None or pod["spec"].get("nodeName") or "deletionTimestamp" in pod["metadata"]:
            return
        hindrance = self._behaviour(pod).unschedulable
        with self._store.lock:
            live = self._store.get(PODS, namespace, name)
            if live is None or live["spec"].get("nodeName"):
                return
            node = None if hindrance else self._chosen_node(live)
            if node is None:
                self._refuse(live, hindrance or self._no_node(live))
                self._loop.enqueue("scheduler", namespace, name, _RETRY_SECONDS / self._speed)
            else:
                self._bind(live, node)

    def _chosen_node(self, pod: Json) -> str | None:
        wanted = pod["spec"].get("nodeSelector", {}).items()
        fitting = [
            node["metadata"]["name"]
            for node in self._store.items(_NODES)
            if not node["spec"].get("unschedulable")
            and (condition(node, "Ready") or {"status": "True"})["status"] == "True"
            and wanted <= node["metadata"].get("labels", {}).items()
        ]
        return fitting[next(self._turns) % len(fitting)] if fitting else None

    def _no_node(self, pod: Json) -> str:
        nodes = self._store.items(_NODES)
        if not nodes:
            return "no nodes available to schedule pods"
        cordoned = sum(1 for node in nodes if node["spec"].get("unschedulable"))
        others = len(nodes) - cordoned
        reasons = [f"{cordoned} node(s) were unschedulable"] if cordoned else []
        if others:
            selects = pod["spec"].get("nodeSelector")
            reasons.append(f"{others} node(s) didn't match Pod's node affinity/selector" if selects else f"{others} node(s) were not ready")
        helpless = f"no new claims to deallocate, preemption: 0/{len(nodes)} nodes are available: {len(nodes)} Preemption is not helpful for scheduling."
        return f"0/{len(nodes)} nodes are available: {', '.join(reasons)}. {helpless}"

    def _refuse(self, pod: Json, message: str) -> None:
        current = condition(pod, "PodScheduled")
        if current is None or current.get("message") != message:
            self._write_condition(pod, {"status": "False", "reason": "Unschedulable", "message": message})
            self._recorder.record_action(pod, "Warning", "FailedScheduling", message, COMPONENT, "Scheduling")

    def _bind(self, pod: Json, node: str) -> None:
        bound: Json = copy_json(pod)
        bound["spec"]["nodeName"] = node
        bound = self._registry.update(bound, _BINDING)
        self._write_condition(bound, {"status": "True"})
        metadata = pod["metadata"]
        text = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
        self._recorder.record_action(pod, "Normal", "Scheduled", text, COMPONENT, "Binding")

    def _write_condition(self, pod: Json, content: Json) -> None:
        current = condition(pod, "PodScheduled")
        now = timestamp(self._registry.now())
        moment = current["lastTransitionTime"] if current is not None and current["status"] == content["status"] else now
        written = {
            "type": "PodScheduled",
            **content,
            "lastProbeTime": None,
            "lastTransitionTime": moment,
            "observedGeneration": pod["metadata"].get("generation", 1),
        }
        others = [one for one in pod["status"].get("conditions", []) if one["type"] != "PodScheduled"]
        self._registry.update(dict(pod, status=dict(pod["status"], conditions=[*others, written])), _STATUS)
