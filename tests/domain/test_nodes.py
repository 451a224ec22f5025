"""What a node is worth, by the rules of the controller that writes its conditions."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.nodes import NodeHealth, judge_node, node_from

UNREACHABLE = "node.kubernetes.io/unreachable"
SINCE = "2026-11-23T03:06:00Z"


def a_node(ready: str | None = "True", *, pressure: str = "", taints: tuple[tuple[str, str], ...] = (), cordoned: bool = False) -> dict[str, Any]:
    """Returns a node as the API writes one; `ready` is the status of its Ready condition, None: it has none."""
    message = {"True": "kubelet is posting ready status", "False": "container runtime is down"}.get(ready or "", "Kubelet stopped posting node status.")
    conditions = [{"type": kind, "status": str(kind == pressure)} for kind in ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")]
    if ready is not None:
        conditions.append({"type": "Ready", "status": ready, "message": message, "lastTransitionTime": SINCE, "lastHeartbeatTime": "2026-11-23T03:09:00Z"})
    spec: dict[str, Any] = {"taints": [{"key": key, "effect": effect} for key, effect in taints]}
    return {
        "metadata": {"name": "n1", "uid": "u1"},
        "spec": {**spec, **({"unschedulable": True} if cordoned else {})},
        "status": {"conditions": conditions, "nodeInfo": {"kubeletVersion": "v1.34.2"}, "images": [{"names": ["a"]}]},
    }


@pytest.mark.parametrize(
    ("raw", "health", "words", "serves"),
    [
        (a_node(), NodeHealth.READY, "ready", True),
        (a_node("False"), NodeHealth.NOT_READY, "not ready", False),
        (a_node("Unknown"), NodeHealth.SILENT, "its kubelet is silent", False),
        (a_node(None), NodeHealth.UNKNOWN, "it has no Ready condition", False),
        ({"metadata": {"name": "n1"}}, NodeHealth.UNKNOWN, "it has no Ready condition", False),
        ({"metadata": {"name": "n1"}, "spec": None, "status": {"conditions": "odd"}}, NodeHealth.UNKNOWN, "it has no Ready condition", False),
        (a_node(cordoned=True), NodeHealth.CORDONED, "cordoned", True),
        (a_node(pressure="MemoryPressure"), NodeHealth.PRESSURE, "memory pressure", True),
        (a_node(pressure="DiskPressure", cordoned=True), NodeHealth.PRESSURE, "disk pressure, cordoned", True),
        (a_node(pressure="PIDPressure"), NodeHealth.PRESSURE, "too many processes", True),
        (a_node(pressure="NetworkUnavailable"), NodeHealth.PRESSURE, "no network", True),
        (a_node(taints=(("spot/reclaim", "NoExecute"),)), NodeHealth.EVICTING, "drives pods away (spot/reclaim)", True),
        (a_node(taints=(("team", "NoSchedule"),)), NodeHealth.READY, "ready", True),
        (
            a_node("Unknown", taints=(("node.kubernetes.io/unreachable", "NoExecute"),), cordoned=True),
            NodeHealth.SILENT,
            "its kubelet is silent, cordoned",
            False,
        ),
        (a_node("False", taints=(("node.kubernetes.io/not-ready", "NoExecute"),)), NodeHealth.NOT_READY, "not ready", False),
    ],
)
def test_a_node_is_what_is_worst_about_it(raw: dict[str, Any], health: NodeHealth, words: str, serves: bool) -> None:
    """Ready says whether its pods can be; pressure and cordons are said beside it; the controller's own taints say nothing twice."""
    verdict = judge_node(node_from(raw))
    assert (verdict.health, verdict.words, verdict.serves) == (health, words, serves)


def test_a_silent_kubelet_is_told_with_since_when_and_by_whom() -> None:
    """The transition's time, and the controller's own words."""
    verdict = judge_node(node_from(a_node("Unknown")))
    assert (verdict.message, verdict.since) == ("Kubelet stopped posting node status.", 1795403160.0)
    assert judge_node(node_from(a_node())).message == ""


def test_a_heartbeat_is_no_change() -> None:
    """A cluster of a thousand quiet nodes makes nothing anew."""
    later = a_node()
    later["status"]["conditions"][-1]["lastHeartbeatTime"] = "2026-11-23T03:14:00Z"
    assert node_from(later) == node_from(a_node())
