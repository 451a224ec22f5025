"""Nodes as frozen values, and what each one's conditions are worth to the pods on it.

A kubelet that falls silent is not seen at once: the node lifecycle controller sets its node's Ready to Unknown after its
grace period (`--node-monitor-grace-period`, 50 s; 40 s before Kubernetes 1.32). Until then nothing but its lease tells.
"""

from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, text
from gospel_rollback_tui.domain.workloads import conditions_from

_PRESSURES = {
    "MemoryPressure": "memory pressure",
    "DiskPressure": "disk pressure",
    "PIDPressure": "too many processes",
    "NetworkUnavailable": "no network",
}
"""Conditions that are wrong when they are True, and their words."""
_SAY_THE_SAME = frozenset({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
"""Taints that the controller sets for what the Ready condition says already."""


class NodeHealth(Enum):
    """What a node is, the worst first; the value is the word shown."""

    SILENT = "silent"
    """Its kubelet has told nothing for longer than the grace period: whether its pods run is not known."""
    NOT_READY = "not ready"
    """Its kubelet itself says so."""
    UNKNOWN = "not known"
    """It has no Ready condition yet."""
    EVICTING = "evicting"
    """A NoExecute taint drives pods away."""
    PRESSURE = "pressure"
    """It runs out of something, and may evict pods."""
    CORDONED = "cordoned"
    """Pods run on, new ones do not come."""
    READY = "ready"


@dataclass(frozen=True, slots=True)
class NodeState:
    """A node, and since when it is what it is; only what is judged of it is kept."""

    name: str
    ready: bool
    since: float | None
    """Wall time of the last transition of its Ready condition."""
    message: str = ""
    status: str = ""
    """Of its Ready condition: `True`, `False` or `Unknown`; empty: it has none."""
    unschedulable: bool = False
    """Cordoned: by a person, or by what drains it."""
    pressures: tuple[str, ...] = ()
    """In words, e.g. `memory pressure`."""
    evicting: tuple[str, ...] = ()
    """Keys of taints that drive pods away and say more than Ready does."""
    kubelet: str = ""
    """Version of its kubelet, e.g. `v1.34.2`."""


@dataclass(frozen=True, slots=True)
class NodeVerdict:
    """A node, judged."""

    name: str
    health: NodeHealth
    words: str
    """Everything that is wrong, e.g. `memory pressure, cordoned`; of a good node `ready`."""
    since: float | None = None
    """Wall time since when Ready is what it is."""
    message: str = ""
    """What the kubelet or the controller says about it."""

    @property
    def serves(self) -> bool:
        """Whether pods on it can be ready as far as the node is concerned."""
        return self.health not in (NodeHealth.SILENT, NodeHealth.NOT_READY, NodeHealth.UNKNOWN)


def node_from(raw: JsonObject) -> NodeState:
    """Reads a node; heartbeats are left out, so that a node to which nothing happens does not change."""
    conditions = conditions_from(child(raw, "status"))
    ready = next((one for one in conditions if one.type == "Ready"), None)
    evicting = [text(taint.get("key")) for taint in children(raw, "spec", "taints") if taint.get("effect") == "NoExecute"]
    return NodeState(
        name=text(child(raw, "metadata").get("name")),
        ready=ready is not None and ready.status == "True",
        since=ready.changed if ready else None,
        message=ready.message if ready else "no Ready condition",
        status=ready.status if ready else "",
        unschedulable=flag(child(raw, "spec").get("unschedulable")),
        pressures=tuple(_PRESSURES[one.type] for one in conditions if one.status == "True" and one.type in _PRESSURES),
        evicting=tuple(key for key in evicting if key not in _SAY_THE_SAME),
        kubelet=text(child(raw, "status", "nodeInfo").get("kubeletVersion")),
    )


def judge_node(node: NodeState) -> NodeVerdict:
    """Returns what a node is worth, by the worst that is wrong with it."""
    found: list[tuple[NodeHealth, str]] = []
    if node.status == "Unknown":
        found.append((NodeHealth.SILENT, "its kubelet is silent"))
    elif not node.ready:
        health = NodeHealth.NOT_READY if node.status == "False" else NodeHealth.UNKNOWN
        found.append((health, "not ready" if node.status == "False" else "it has no Ready condition"))
    if node.evicting:
        found.append((NodeHealth.EVICTING, f"drives pods away ({', '.join(node.evicting)})"))
    if node.pressures:
        found.append((NodeHealth.PRESSURE, ", ".join(node.pressures)))
    if node.unschedulable:
        found.append((NodeHealth.CORDONED, "cordoned"))
    if not found:
        return NodeVerdict(node.name, NodeHealth.READY, "ready", node.since)
    return NodeVerdict(node.name, found[0][0], ", ".join(words for _, words in found), node.since, "" if node.ready else node.message)
