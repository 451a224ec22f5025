"""Judges one pod: what its state is called, whether it serves, and which revision of its Deployment it belongs to.

The names are those of kubectl's STATUS column (kubernetes/kubernetes `pkg/printers/internalversion`, `printPod`), so
that what the pane says and what an operator types agree.
"""

from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.pod_state import ContainerState, PodState
from gospel_rollback_tui.domain.workloads import ReplicaSetState

_INITIALIZING = "PodInitializing"
_TERMINAL = ("Succeeded", "Failed")

STUCK_REASONS = frozenset(
    {
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "RegistryUnavailable",
        "ImageInspectError",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
    }
)
"""Waiting reasons that seldom end by waiting: the kubelet tries again and again."""

UNSCHEDULABLE = "Unschedulable"


class Vintage(Enum):
    """Which revision of its Deployment a pod belongs to."""

    NEW = "new"
    """The current template."""
    OLD = "old"
    """An earlier revision of the same Deployment."""
    FOREIGN = "foreign"
    """Another owner's, or nobody's."""
    UNKNOWN = "unknown"
    """The Deployment's ReplicaSets are not known yet."""


@dataclass(frozen=True, slots=True)
class PodVerdict:
    """One pod as a line of a table, judged."""

    name: str
    uid: str
    reason: str
    """As kubectl prints it, e.g. `Running`, `Init:CrashLoopBackOff`, `Terminating`."""
    ready: int
    """Containers that are ready; sidecars count."""
    containers: int
    serving: bool
    """Its Ready condition is True and it is not going away."""
    restarts: int
    """As kubectl counts them."""
    restarted: float | None
    """When a container last ended to be started again; None: never, or not known."""
    trouble: str = ""
    """A reason that seldom ends by waiting, e.g. `ImagePullBackOff`, `Unschedulable`; empty: none."""
    message: str = ""
    """What the kubelet or scheduler says about the trouble."""
    template_hash: str = ""
    created: float | None = None

    @property
    def counts(self) -> str:
        """Ready of all containers, e.g. `1/2`."""
        return f"{self.ready}/{self.containers}"


def judge_pod(pod: PodState) -> PodVerdict:
    """Returns what a pod's state is called and whether it serves."""
    opening = _initialising(pod)
    began = opening is None or _is_true(pod, "Initialized")
    main_reason, main_ready = _main_containers(pod, opening or pod.reason or _gated(pod) or pod.phase or "Unknown")
    reason = main_reason if began else opening or ""
    trouble, message = trouble_of(pod)
    return PodVerdict(
        name=pod.name,
        uid=pod.uid,
        reason=_leaving(pod, reason),
        ready=(main_ready if began else 0) + sum(state.ready and state.started for state in pod.init_containers if state.sidecar),
        containers=(len(pod.declared) or len(pod.containers)) + len(pod.sidecars),
        serving=_is_true(pod, "Ready") and not pod.deleting,
        restarts=sum(state.restarts for state in _counted(pod, began=began)),
        restarted=max((state.last_ended for state in _counted(pod, began=began) if state.last_ended is not None), default=None),
        trouble=trouble,
        message=message,
        template_hash=pod.template_hash,
        created=pod.created,
    )


def _is_true(pod: PodState, kind: str) -> bool:
    condition = pod.condition(kind)
    return condition is not None and condition.status == "True"


def _gated(pod: PodState) -> str:
    scheduled = pod.condition("PodScheduled")
    return "SchedulingGated" if scheduled is not None and scheduled.reason == "SchedulingGated" else ""


def _initialising(pod: PodState) -> str | None:
    """Returns `Init:…` while an init container is not through, or None."""
    for index, state in enumerate(pod.init_containers):
        if state.is_terminated and state.exit_code == 0:
            continue
        if state.sidecar and state.started:
            continue
        if state.is_terminated:
            return "Init:" + (state.ended or _exit_words(state))
        if state.is_waiting and state.waiting not in {"", _INITIALIZING}:
            return "Init:" + state.waiting
        return f"Init:{index}/{len(pod.declared_init) or len(pod.init_containers)}"
    return None


def _exit_words(state: ContainerState) -> str:
    return f"Signal:{state.signal}" if state.signal else f"ExitCode:{state.exit_code}"


def _main_containers(pod: PodState, reason: str) -> tuple[str, int]:
    """Returns the reason that the main containers give (the first one counts most) and how many are ready."""
    running = False
    ready = 0
    for state in reversed(pod.containers):
        if state.is_waiting and state.waiting:
            reason = state.waiting
        elif state.is_terminated:
            reason = state.ended or _exit_words(state)
        elif state.ready and state.is_running:
            running = True
            ready += 1
    if reason == "Completed" and running:
        reason = "Running" if _is_true(pod, "Ready") else "NotReady"
    return reason, ready


def _leaving(pod: PodState, reason: str) -> str:
    if not pod.deleting:
        return reason
    if pod.reason == "NodeLost":
        return "Unknown"
    return reason if pod.phase in _TERMINAL else "Terminating"


def _counted(pod: PodState, *, began: bool) -> tuple[ContainerState, ...]:
    """Returns the containers whose restarts kubectl adds up: while initialising the init ones, afterwards the others and the sidecars."""
    if not began:
        return pod.init_containers
    return tuple(state for state in pod.init_containers if state.sidecar) + pod.containers


def trouble_of(pod: PodState) -> tuple[str, str]:
    """Returns a reason that seldom ends by waiting and the message to it, or two empty texts.

    A container that ended with an error counts once it has been restarted: between two back-offs a crash loop reads
    `Error`, `OOMKilled` or even `Running`.
    """
    if pod.deleting:
        return "", ""
    for state in pod.init_containers + pod.containers:
        if state.waiting in STUCK_REASONS:
            return state.waiting, state.message or _ended_words(state)
        if state.is_terminated and (state.exit_code != 0 or state.signal) and state.restarts > 0:
            return state.ended or _exit_words(state), state.message or _ended_words(state)
    scheduled = pod.condition("PodScheduled")
    if scheduled is not None and scheduled.status == "False" and scheduled.reason == UNSCHEDULABLE:
        return UNSCHEDULABLE, scheduled.message
    if pod.phase == "Failed":
        return pod.reason or "Failed", pod.message
    return "", ""


def _ended_words(state: ContainerState) -> str:
    code = state.exit_code or state.last_exit_code
    return f"{state.name} ended with {state.ended or state.last_reason or 'an error'}" + (f" (exit code {code})" if code else "")


def vintage(pod: PodState, current_hash: str, replica_sets: tuple[ReplicaSetState, ...]) -> Vintage:
    """Returns which revision of a Deployment a pod belongs to.

    `replica_sets` are those the Deployment controls, `current_hash` the template hash of its newest; empty: not known.
    """
    if not current_hash:
        return Vintage.UNKNOWN
    if pod.owner not in {replica_set.uid for replica_set in replica_sets}:
        return Vintage.FOREIGN
    return Vintage.NEW if pod.template_hash == current_hash else Vintage.OLD
