"""What a pod's state is called, and whether it serves."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.pods import PodVerdict, Vintage, judge_pod, vintage
from gospel_rollback_tui.domain.workloads import replica_set_from
from tests.domain.cluster_objects import T0, a_condition, a_pod, a_replica_set, stamp, waiting


def _judged(status: dict[str, Any], spec: dict[str, Any] | None = None, metadata: dict[str, Any] | None = None) -> PodVerdict:
    raw = a_pod(status=status, metadata=metadata)
    raw["spec"] |= spec or {}
    return judge_pod(pod_from(raw))


def _container(state: dict[str, Any], *, ready: bool = False, restarts: int = 0, name: str = "web") -> dict[str, Any]:
    return {"name": name, "ready": ready, "started": ready, "restartCount": restarts, "state": state}


_RUNNING = {"running": {"startedAt": stamp(T0)}}
_NOT_READY = a_condition("Ready", "False", "ContainersNotReady")
_INIT = {"initContainers": [{"name": "a", "image": "i"}, {"name": "b", "image": "i"}]}


@pytest.mark.parametrize(
    ("status", "spec", "reason"),
    [
        ({"phase": "Pending"}, None, "Pending"),
        ({"phase": "Failed", "reason": "Evicted"}, None, "Evicted"),
        ({"phase": "Pending", "conditions": [a_condition("PodScheduled", "False", "SchedulingGated")]}, None, "SchedulingGated"),
        ({"phase": "Pending", "containerStatuses": [waiting("ContainerCreating")]}, None, "ContainerCreating"),
        ({"phase": "Pending", "containerStatuses": [waiting("ImagePullBackOff")]}, None, "ImagePullBackOff"),
        ({"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=4)]}, None, "CrashLoopBackOff"),
        ({"phase": "Running", "containerStatuses": [_container({"terminated": {"reason": "OOMKilled", "exitCode": 137}})]}, None, "OOMKilled"),
        ({"phase": "Running", "containerStatuses": [_container({"terminated": {"exitCode": 3}})]}, None, "ExitCode:3"),
        ({"phase": "Running", "containerStatuses": [_container({"terminated": {"exitCode": 137, "signal": 9}})]}, None, "Signal:9"),
        ({"phase": "Succeeded", "containerStatuses": [_container({"terminated": {"reason": "Completed", "exitCode": 0}})]}, None, "Completed"),
        ({"phase": "Pending", "initContainerStatuses": [_container(_RUNNING, name="a")]}, _INIT, "Init:0/2"),
        ({"phase": "Pending", "initContainerStatuses": [waiting("CrashLoopBackOff", name="a")]}, _INIT, "Init:CrashLoopBackOff"),
        ({"phase": "Pending", "initContainerStatuses": [waiting("PodInitializing", name="a")]}, _INIT, "Init:0/2"),
        ({"phase": "Pending", "initContainerStatuses": [_container({"terminated": {"exitCode": 1}}, name="a")]}, _INIT, "Init:ExitCode:1"),
        ({"phase": "Pending", "initContainerStatuses": [_container({"terminated": {"exitCode": 1, "reason": "Error"}}, name="a")]}, _INIT, "Init:Error"),
        (
            {
                "phase": "Pending",
                "initContainerStatuses": [_container({"terminated": {"exitCode": 0}}, name="a"), _container(_RUNNING, name="b")],
            },
            _INIT,
            "Init:1/2",
        ),
    ],
)
def test_states_are_called_as_kubectl_calls_them(status: dict[str, Any], spec: dict[str, Any] | None, reason: str) -> None:
    """Each state has the name of kubectl's STATUS column."""
    assert _judged(status, spec).reason == reason


@pytest.mark.parametrize(("ready", "reason"), [("True", "Running"), ("False", "NotReady")])
def test_one_completed_container_beside_a_running_one(ready: str, reason: str) -> None:
    """A pod of which one container has completed is Running or NotReady, never Completed."""
    status = {
        "phase": "Running",
        "conditions": [a_condition("Ready", ready)],
        "containerStatuses": [
            _container({"terminated": {"reason": "Completed", "exitCode": 0}}),
            _container(_RUNNING, ready=True, name="side"),
        ],
    }
    assert _judged(status).reason == reason


def test_a_pod_that_goes_away_is_terminating_and_serves_no_more() -> None:
    """Deletion shows before anything else, though phase and Ready stay as they were."""
    verdict = judge_pod(pod_from(a_pod(metadata={"deletionTimestamp": stamp(T0)})))
    assert (verdict.reason, verdict.serving, verdict.trouble) == ("Terminating", False, "")


def test_a_completed_pod_that_goes_away_stays_completed() -> None:
    """A pod that has ended is not called Terminating."""
    status = {"phase": "Succeeded", "containerStatuses": [_container({"terminated": {"reason": "Completed", "exitCode": 0}})]}
    assert _judged(status, metadata={"deletionTimestamp": stamp(T0)}).reason == "Completed"


def test_a_lost_node_makes_a_deleted_pod_unknown() -> None:
    """A pod whose node is lost is Unknown while it is being deleted."""
    assert _judged({"phase": "Running", "reason": "NodeLost"}, metadata={"deletionTimestamp": stamp(T0)}).reason == "Unknown"


def test_restarts_are_added_up_and_dated() -> None:
    """Restarts of all containers are summed, and the last end of any of them is when it restarted."""
    status = {
        "phase": "Running",
        "conditions": [_NOT_READY],
        "containerStatuses": [
            waiting("CrashLoopBackOff", restarts=5, ended={"exitCode": 2, "reason": "Error", "finishedAt": stamp(T0 + 60)}),
            waiting("CrashLoopBackOff", restarts=3, name="side", ended={"exitCode": 1, "reason": "Error", "finishedAt": stamp(T0 + 90)}),
        ],
    }
    verdict = _judged(status, {"containers": [{"name": "web"}, {"name": "side"}]})
    assert (verdict.restarts, verdict.restarted, verdict.counts) == (8, T0 + 90, "0/2")


def test_a_sidecar_counts_among_the_containers() -> None:
    """An init container that keeps running is counted in READY, and does not hold the pod in Init."""
    status = {
        "phase": "Running",
        "conditions": [a_condition("Initialized"), a_condition("Ready")],
        "initContainerStatuses": [_container(_RUNNING, ready=True, restarts=1, name="proxy")],
        "containerStatuses": [_container(_RUNNING, ready=True)],
    }
    verdict = _judged(status, {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}]})
    assert (verdict.reason, verdict.counts, verdict.restarts) == ("Running", "2/2", 1)


@pytest.mark.parametrize(
    ("status", "trouble", "message"),
    [
        ({"phase": "Pending", "containerStatuses": [waiting("ContainerCreating")]}, "", ""),
        ({"phase": "Pending", "containerStatuses": [waiting("ErrImagePull", message="not found")]}, "ErrImagePull", "not found"),
        (
            {"phase": "Pending", "containerStatuses": [waiting("CreateContainerConfigError", message='configmap "x" not found')]},
            "CreateContainerConfigError",
            'configmap "x" not found',
        ),
        (
            {"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=2, ended={"exitCode": 2, "reason": "Error"})]},
            "CrashLoopBackOff",
            "web ended with Error (exit code 2)",
        ),
        ({"phase": "Running", "containerStatuses": [_container({"terminated": {"reason": "Error", "exitCode": 1}})]}, "", ""),
        (
            {"phase": "Running", "containerStatuses": [_container({"terminated": {"reason": "OOMKilled", "exitCode": 137}}, restarts=1)]},
            "OOMKilled",
            "web ended with OOMKilled (exit code 137)",
        ),
        (
            {"phase": "Pending", "conditions": [a_condition("PodScheduled", "False", "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu.")]},
            "Unschedulable",
            "0/3 nodes are available: 3 Insufficient cpu.",
        ),
        ({"phase": "Failed", "reason": "Evicted", "message": "low on memory"}, "Evicted", "low on memory"),
    ],
)
def test_trouble_is_what_seldom_ends_by_waiting(status: dict[str, Any], trouble: str, message: str) -> None:
    """A stuck pod says why; one that has only just begun, or ended once, does not count."""
    verdict = _judged(status)
    assert (verdict.trouble, verdict.message) == (trouble, message)


@pytest.mark.parametrize(
    ("revision", "current", "expected"),
    [(2, "hash2", Vintage.NEW), (1, "hash2", Vintage.OLD), (7, "hash2", Vintage.FOREIGN), (2, "", Vintage.UNKNOWN)],
)
def test_vintage_tells_new_from_old(revision: int, current: str, expected: Vintage) -> None:
    """A pod is new or old by its ReplicaSet, and foreign if the Deployment does not control that one."""
    owned = (replica_set_from(a_replica_set(1)), replica_set_from(a_replica_set(2)))
    assert vintage(pod_from(a_pod(revision=revision)), current, owned) is expected


def test_messages_are_harmless_text() -> None:
    """What a kubelet reports cannot move the cursor."""
    verdict = _judged({"phase": "Pending", "containerStatuses": [waiting("ErrImagePull", message="bad\x1b[2Jname\nnext")]})
    assert verdict.message == "badname next"
