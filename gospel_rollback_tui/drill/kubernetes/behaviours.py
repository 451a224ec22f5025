"""What becomes of a pod: the values by which a script decides how its containers fare.

All durations are seconds at speed 1; the kubelet divides them by the drill's speed.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gospel_rollback_tui.drill.kubernetes.documents import Json


class Fate(enum.Enum):
    """How one container fares once its pod is on a node."""

    RUNS = "runs"
    """Starts and becomes ready."""
    NEVER_READY = "never-ready"
    """Starts, keeps running, fails its readiness probe."""
    CRASHES = "crashes"
    """Starts, exits, is started again with growing back-off."""
    PULL_FAILS = "pull-fails"
    """Its image cannot be pulled: ErrImagePull, then ImagePullBackOff."""
    CONFIG_MISSING = "config-missing"
    """A ConfigMap or Secret it needs is absent: CreateContainerConfigError."""


@dataclass(frozen=True, slots=True)
class ContainerBehaviour:
    """How one container, by its image or its environment, fares."""

    fate: Fate = Fate.RUNS
    start_seconds: float = 0.3
    """From the pod's turn to the running process: pulling and creating."""
    ready_seconds: float = 0.7
    """From the running process to the first good readiness probe."""
    run_seconds: float = 0.3
    """From the running process to its exit, of a crashing or an init container."""
    exit_code: int = 1
    """Exit status of a crash."""
    exit_reason: str = "Error"
    """`Error`, or `OOMKilled` with exit code 137."""
    message: str = ""
    """Termination message of a crash, text of a pull failure or of a missing configuration."""
    probe_message: str = "HTTP probe failed with statuscode: 503"
    """What the event of a failed readiness probe says after `Readiness probe failed: `."""


@dataclass(frozen=True, slots=True)
class PodBehaviour:
    """How a pod fares: one behaviour a container, and what concerns the whole pod."""

    otherwise: ContainerBehaviour = ContainerBehaviour()
    """The behaviour of every container that `containers` does not name."""
    containers: Mapping[str, ContainerBehaviour] = field(default_factory=dict)
    """Behaviour by container name, init containers and sidecars included."""
    unschedulable: str | None = None
    """The scheduler's message when no node can take the pod, `None` when one can."""
    termination_seconds: float = 0.8
    """How long a deleted pod stays in `Terminating`; its grace period bounds it."""

    def of(self, container: str) -> ContainerBehaviour:
        """Return the behaviour of the container of that name."""
        return self.containers.get(container, self.otherwise)


BehaviourSource: TypeAlias = Callable[[Json], PodBehaviour]
"""Chooses the behaviour of a pod from its document.

It is asked again at every step of the pod's life, so an answer that changes (a
dependency is back, a node breaks) takes effect on running pods at the next step;
`KubernetesApi.resync_pods()` makes that step come at once. It must be quick, must not
block, and must not change the document.
"""


def always_well(_pod: Json) -> PodBehaviour:
    """Let every pod run and become ready."""
    return PodBehaviour()
