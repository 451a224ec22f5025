"""Which behaviour the simulated kubelet gives a pod, by the script."""

from collections.abc import Callable

from gospel_rollback_tui.drill.kubernetes.behaviours import BehaviourSource, ContainerBehaviour, Fate, PodBehaviour
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.logs import service_and_tag
from gospel_rollback_tui.drill.neighbours import neighbour_of
from gospel_rollback_tui.drill.script import Behaviour, PodFate, Script

START_SECONDS = 0.2
"""From a pod's turn to its running process: its image is there already."""

CRASH_AFTER = 0.5
CRASH_EXIT_CODE = 2
NO_NODE = "0/3 nodes are available: 3 Insufficient memory. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod."


def behaviour_source(script: Script, versions: Callable[[str], int | None] = lambda _service: None) -> BehaviourSource:
    """Return the function that the kubelet asks about every pod; `versions` tells where a service's schema stands."""

    def choose(pod: Json) -> PodBehaviour:
        """Return how the script says that the pod's service behaves at its tag."""
        service, tag = service_and_tag(pod)
        return pod_behaviour(neighbour_of(service, tag) or script.behaviour(service, tag, versions(service)))

    return choose


def pod_behaviour(behaviour: Behaviour) -> PodBehaviour:
    """Return a behaviour of the script in the kubelet's terms."""
    match behaviour.fate:
        case PodFate.READY:
            return PodBehaviour(ContainerBehaviour(Fate.RUNS, start_seconds=START_SECONDS, ready_seconds=behaviour.ready_after))
        case PodFate.CRASH_LOOP:
            crash = ContainerBehaviour(Fate.CRASHES, start_seconds=START_SECONDS, run_seconds=CRASH_AFTER, exit_code=CRASH_EXIT_CODE, message=behaviour.message)
            return PodBehaviour(crash)
        case PodFate.IMAGE_PULL:
            return PodBehaviour(ContainerBehaviour(Fate.PULL_FAILS, start_seconds=START_SECONDS, message=behaviour.message))
        case PodFate.UNSCHEDULABLE:
            return PodBehaviour(unschedulable=behaviour.message or NO_NODE)
