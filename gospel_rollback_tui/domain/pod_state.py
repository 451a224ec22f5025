"""Pods and their containers as frozen values, read from what the Kubernetes API answers.

Tolerant as `workloads` is: null, missing and mistyped fields become empty values.
"""

from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, moment, number, pairs, text
from gospel_rollback_tui.domain.workloads import TEMPLATE_HASH, Condition, conditions_from, controller_of


@dataclass(frozen=True, slots=True)
class ContainerState:
    """What one container of a pod does and did."""

    name: str
    image: str = ""
    image_id: str = ""
    ready: bool = False
    started: bool = False
    restarts: int = 0
    running_since: float | None = None
    waiting: str = ""
    """Reason it waits; empty: it does not, or gives none."""
    is_waiting: bool = False
    is_running: bool = False
    is_terminated: bool = False
    ended: str = ""
    """Reason it ended; empty: it did not, or gives none."""
    exit_code: int = 0
    signal: int = 0
    message: str = ""
    """What the kubelet says about the present state."""
    last_reason: str = ""
    """Reason its run before this one ended."""
    last_exit_code: int = 0
    last_ended: float | None = None
    """When its run before this one ended."""
    sidecar: bool = False
    """An init container that keeps running (`restartPolicy: Always`)."""


@dataclass(frozen=True, slots=True)
class PodState:
    """A pod as the API server knows it."""

    name: str
    uid: str
    namespace: str = ""
    phase: str = ""
    reason: str = ""
    """`status.reason`, e.g. `Evicted`."""
    message: str = ""
    node: str = ""
    owner: str = ""
    """uid of its ReplicaSet."""
    owner_name: str = ""
    template_hash: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    created: float | None = None
    deleting: bool = False
    conditions: tuple[Condition, ...] = ()
    containers: tuple[ContainerState, ...] = ()
    init_containers: tuple[ContainerState, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()
    """(container, image) as the pod's specification names them."""
    declared_init: tuple[str, ...] = ()
    """Names of its init containers, sidecars included."""
    sidecars: tuple[str, ...] = ()

    def condition(self, kind: str) -> Condition | None:
        """Returns the condition of that type, if it has one."""
        return next((condition for condition in self.conditions if condition.type == kind), None)


def _container_from(raw: JsonObject) -> ContainerState:
    state, last = child(raw, "state"), child(raw, "lastState", "terminated")
    waiting, running, ended = child(state, "waiting"), child(state, "running"), child(state, "terminated")
    return ContainerState(
        name=text(raw.get("name")),
        image=text(raw.get("image")),
        image_id=text(raw.get("imageID")),
        ready=flag(raw.get("ready")),
        started=flag(raw.get("started")),
        restarts=number(raw.get("restartCount")),
        running_since=moment(running.get("startedAt")),
        waiting=text(waiting.get("reason")),
        is_waiting=isinstance(state.get("waiting"), dict),
        is_running=isinstance(state.get("running"), dict),
        is_terminated=isinstance(state.get("terminated"), dict),
        ended=text(ended.get("reason")),
        exit_code=number(ended.get("exitCode")),
        signal=number(ended.get("signal")),
        message=text(waiting.get("message")) or text(ended.get("message")),
        last_reason=text(last.get("reason")),
        last_exit_code=number(last.get("exitCode")),
        last_ended=moment(last.get("finishedAt")),
    )


def pod_from(raw: JsonObject) -> PodState:
    """Reads a pod."""
    metadata, spec, status = child(raw, "metadata"), child(raw, "spec"), child(raw, "status")
    owner = controller_of(metadata)
    labels = pairs(metadata, "labels")
    declared_init = children(spec, "initContainers")
    sidecars = tuple(text(item.get("name")) for item in declared_init if item.get("restartPolicy") == "Always")
    states = (_container_from(item) for item in children(status, "initContainerStatuses"))
    return PodState(
        name=text(metadata.get("name")),
        uid=text(metadata.get("uid")),
        namespace=text(metadata.get("namespace")),
        phase=text(status.get("phase")),
        reason=text(status.get("reason")),
        message=text(status.get("message")),
        node=text(spec.get("nodeName")),
        owner=text(owner.get("uid")),
        owner_name=text(owner.get("name")),
        template_hash=dict(labels).get(TEMPLATE_HASH, ""),
        labels=labels,
        created=moment(metadata.get("creationTimestamp")),
        deleting=isinstance(metadata.get("deletionTimestamp"), str),
        conditions=conditions_from(status),
        containers=tuple(_container_from(item) for item in children(status, "containerStatuses")),
        init_containers=tuple(replace(state, sidecar=state.name in sidecars) for state in states),
        declared=tuple((text(item.get("name")), text(item.get("image"))) for item in children(spec, "containers")),
        declared_init=tuple(text(item.get("name")) for item in declared_init),
        sidecars=sidecars,
    )
