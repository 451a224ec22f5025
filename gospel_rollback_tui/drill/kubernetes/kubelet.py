"""The kubelet of every node: starts, restarts and ends pods, and reports how they are."""

import itertools
from dataclasses import dataclass, field

from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource, PodBehaviour
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.container_recovery import resume
from gospel_rollback_tui.drill.kubernetes.container_status import container_status, phase_of, unready_names
from gospel_rollback_tui.drill.kubernetes.containers import Container, Moment
from gospel_rollback_tui.drill.kubernetes.controllers.loop import ControlLoop
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import PODS, condition
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, equal_json, timestamp
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

_NODES = by_name("nodes")
_STATUS = WriteOptions(manager="kubelet", subresource="status")
_COMPONENT = "kubelet"


@dataclass(slots=True)
class _PodRun:
    """What a node knows of a pod."""

    address: str
    started: str
    initial: list[Container]
    usual: list[Container]
    restarts: bool
    end: float | None = None
    """Monotonic second at which a deleted pod is gone."""

    @property
    def containers(self) -> list[Container]:
        """All containers, init containers first."""
        return [*self.initial, *self.usual]

    def begin(self, now: Moment) -> None:
        """Let those containers start whose turn has come."""
        for container in self.initial:
            container.begin(now)
            if not container.is_done:
                return
        for container in self.usual:
            container.begin(now)


@dataclass(slots=True)
class Kubelet:
    """Runs the pods of all nodes."""

    registry: Registry
    loop: ControlLoop
    recorder: EventRecorder
    behaviour: BehaviourSource
    clock: Clock
    speed: float
    _runs: dict[str, _PodRun] = field(default_factory=dict)
    _addresses: "itertools.count[int]" = field(default_factory=lambda: itertools.count(2))

    def reconcile(self, namespace: str, name: str) -> None:
        """Take one pod through whatever is due, report it, and come back when more is."""
        pod = self.registry.store.get(PODS, namespace, name)
        if pod is None or not pod["spec"].get("nodeName") or self._is_silent(pod["spec"]["nodeName"]):
            return
        behaviour = self.behaviour(pod)
        with self.registry.store.lock:
            live = self.registry.store.get(PODS, namespace, name)
            if live is None or live["metadata"]["uid"] != pod["metadata"]["uid"]:
                return
            if "deletionTimestamp" in live["metadata"]:
                self._end(live, behaviour)
            elif live["status"].get("phase") not in ("Succeeded", "Failed"):
                self._advance(live, behaviour)

    def _is_silent(self, node: str) -> bool:
        """Whether a node's kubelet does not speak: its Ready is Unknown."""
        found = self.registry.store.get(_NODES, "", node) or {}
        return any(one["type"] == "Ready" and one["status"] == "Unknown" for one in found.get("status", {}).get("conditions", []))

    def forget(self, uid: str) -> None:
        """Drop what is known of a pod that is gone."""
        self._runs.pop(uid, None)

    def _advance(self, pod: Json, behaviour: PodBehaviour) -> None:
        run = self._runs.get(pod["metadata"]["uid"]) or self._started(pod)
        now = self._now()
        run.begin(now)
        for container in run.containers:
            for happening in container.advance(behaviour.of(container.name), now):
                part = "initContainers" if container in run.initial else "containers"
                path = f"spec.{part}{{{container.name}}}"
                host = pod["spec"]["nodeName"]
                self.recorder.record(pod, happening.kind, happening.reason, happening.message, _COMPONENT, field_path=path, host=host)
            run.begin(now)
        status = self._status(pod, run, behaviour)
        if not equal_json(status, pod["status"]):
            self.registry.update(dict(pod, status=status), _STATUS)
        due = min(container.due(behaviour.of(container.name)) for container in run.containers)
        if due != float("inf"):
            metadata = pod["metadata"]
            self.loop.enqueue("kubelet", metadata["namespace"], metadata["name"], max(0.0, due - now.seconds) / self.speed)

    def _started(self, pod: Json) -> _PodRun:
        metadata, spec = pod["metadata"], pod["spec"]
        label = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        restarts = spec.get("restartPolicy", "Always") != "Never"
        initial = [
            Container(one["name"], one["image"], label, runs_once=one.get("restartPolicy") != "Always", restarts=restarts)
            for one in spec.get("initContainers", [])
        ]
        usual = [Container(one["name"], one["image"], label, runs_once=False, restarts=restarts) for one in spec["containers"]]
        self._resume(pod, [*initial, *usual])
        status = pod["status"]
        run = _PodRun(
            address=status.get("podIP") or self._next_address(),
            started=status.get("startTime") or timestamp(self.clock.now()),
            initial=initial,
            usual=usual,
            restarts=restarts,
        )
        self._runs[metadata["uid"]] = run
        return run

    def _resume(self, pod: Json, containers: list[Container]) -> None:
        """Take up the containers of a pod that ran before this kubelet did."""
        status = pod["status"]
        known = {one["name"]: one for one in [*status.get("initContainerStatuses", []), *status.get("containerStatuses", [])]}
        now = self._now()
        for container in containers:
            if container.name in known:
                resume(container, known[container.name], now)

    def _now(self) -> Moment:
        return Moment(self.clock.monotonic() * self.speed, self.clock.now())

    def _next_address(self) -> str:
        number = next(self._addresses)
        return f"10.244.{number // 250 % 250}.{number % 250 + 2}"

    def _end(self, pod: Json, behaviour: PodBehaviour) -> None:
        metadata = pod["metadata"]
        run = self._runs.get(metadata["uid"]) or self._started(pod)
        now = self.clock.monotonic()
        if run.end is None:
            grace = metadata.get("deletionGracePeriodSeconds", 30)
            run.end = now + min(behaviour.termination_seconds, grace) / self.speed
            for container in run.usual:
                path = f"spec.containers{{{container.name}}}"
                text = f"Stopping container {container.name}"
                self.recorder.record(pod, "Normal", "Killing", text, _COMPONENT, field_path=path, host=pod["spec"]["nodeName"])
        if now < run.end:
            self.loop.enqueue("kubelet", metadata["namespace"], metadata["name"], run.end - now)
        elif not metadata.get("finalizers"):
            self.registry.store.remove(PODS, metadata["namespace"], metadata["name"])

    def _status(self, pod: Json, run: _PodRun, behaviour: PodBehaviour) -> Json:
        initialised = all(one.is_done for one in run.initial)
        status: Json = {
            "observedGeneration": pod["metadata"].get("generation", 1),
            "phase": phase_of(run.initial, run.usual, restarts=run.restarts),
            "conditions": self._conditions(pod, run, initialised=initialised),
            "hostIP": self._host_address(pod),
            "podIP": run.address,
            "podIPs": [{"ip": run.address}],
            "startTime": run.started,
            "qosClass": pod["status"].get("qosClass", "BestEffort"),
        }
        status["hostIPs"] = [{"ip": status["hostIP"]}]
        reason = "ContainerCreating" if initialised and not run.initial else "PodInitializing"
        if run.initial:
            status["initContainerStatuses"] = [container_status(one, behaviour.of(one.name), "PodInitializing") for one in run.initial]
        status["containerStatuses"] = [container_status(one, behaviour.of(one.name), reason) for one in run.usual]
        return status

    def _conditions(self, pod: Json, run: _PodRun, *, initialised: bool) -> list[Json]:
        unready = unready_names([one for one in run.initial if not one.runs_once] + run.usual)
        incomplete = " ".join(one.name for one in run.initial if not one.is_done)
        unready_why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{unready}]"} if unready else {}
        initial_why = {"reason": "ContainersNotInitialized", "message": f"containers with incomplete status: [{incomplete}]"} if incomplete else {}
        wanted: list[tuple[str, bool, Json]] = [
            ("PodReadyToStartContainers", True, {}),
            ("Initialized", initialised, initial_why),
            ("Ready", not unready, unready_why),
            ("ContainersReady", not unready, unready_why),
        ]
        conditions = [self._condition(pod, kind, "True" if holds else "False", why) for kind, holds, why in wanted]
        scheduled = condition(pod, "PodScheduled")
        return [*conditions, scheduled] if scheduled else conditions

    def _condition(self, pod: Json, kind: str, status: str, why: Json) -> Json:
        current = condition(pod, kind)
        now = timestamp(self.clock.now())
        moment = current["lastTransitionTime"] if current is not None and current["status"] == status else now
        return {
            "type": kind,
            "status": status,
            **why,
            "lastProbeTime": None,
            "lastTransitionTime": moment,
            "observedGeneration": pod["metadata"].get("generation", 1),
        }

    def _host_address(self, pod: Json) -> str:
        node = self.registry.store.get(_NODES, "", pod["spec"]["nodeName"])
        addresses = (node or {}).get("status", {}).get("addresses", [])
        known = pod["status"].get("hostIP", "127.0.0.1")
        return next((str(one["address"]) for one in addresses if one["type"] == "InternalIP"), str(known))
