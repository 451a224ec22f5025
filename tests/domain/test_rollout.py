"""kubectl's rollout rules, in their order, and the early signs of failure."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.rollout import RolloutState, judge_rollout, rollout_deadline, rollout_status
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from tests.domain.cluster_objects import T0, a_condition, a_deployment, a_pod, a_replica_set, stamp, waiting

_EXCEEDED = a_condition("Progressing", "False", "ProgressDeadlineExceeded", 'ReplicaSet "web-r2" has timed out progressing.')


@pytest.mark.parametrize(
    ("parts", "state", "reason"),
    [
        ({}, RolloutState.DONE, "Complete"),
        ({"metadata": {"generation": 2}}, RolloutState.WAITING, "NotObserved"),
        # The old template's missed deadline is still written there until the change is observed.
        ({"metadata": {"generation": 2}, "status": {"conditions": [_EXCEEDED]}}, RolloutState.WAITING, "NotObserved"),
        ({"status": {"conditions": [_EXCEEDED]}}, RolloutState.FAILED, "ProgressDeadlineExceeded"),
        ({"status": {"conditions": [_EXCEEDED], "updatedReplicas": 1}}, RolloutState.FAILED, "ProgressDeadlineExceeded"),
        ({"status": {"updatedReplicas": 1, "replicas": 4, "availableReplicas": 3}}, RolloutState.WAITING, "Updating"),
        ({"status": {"updatedReplicas": 0}, "spec": {"paused": True}}, RolloutState.WAITING, "Paused"),
        ({"status": {"replicas": 4, "availableReplicas": 2}}, RolloutState.WAITING, "Terminating"),
        ({"status": {"availableReplicas": 2}}, RolloutState.WAITING, "Unavailable"),
        ({"spec": {"replicas": 0}, "status": {"replicas": 0, "updatedReplicas": 0, "availableReplicas": 0}}, RolloutState.DONE, "NoReplicas"),
        ({"spec": {"replicas": None}, "status": {"replicas": 1, "updatedReplicas": 1, "availableReplicas": 1}}, RolloutState.DONE, "Complete"),
    ],
)
def test_rules_in_kubectls_order(parts: dict[str, Any], state: RolloutState, reason: str) -> None:
    """The first rule that holds decides."""
    verdict = rollout_status(deployment_from(a_deployment(**parts)))
    assert (verdict.state, verdict.reason) == (state, reason)


def test_a_condition_older_than_the_change_is_ignored() -> None:
    """A deadline missed before the change is not this change's failure; one missed in the same second may be."""
    deployment = deployment_from(a_deployment(status={"conditions": [_EXCEEDED]}))
    assert rollout_status(deployment, since=T0 + 1).state is RolloutState.DONE
    assert rollout_status(deployment, since=T0 + 0.9).state is RolloutState.FAILED


def test_scaled_to_zero_is_done_and_flagged() -> None:
    """Nothing runs, so being rolled out proves nothing."""
    empty = {"replicas": 0, "updatedReplicas": 0, "availableReplicas": 0}
    assert rollout_status(deployment_from(a_deployment(spec={"replicas": 0}, status=empty))).flagged


def test_words_count_pods() -> None:
    """What is waited for is said in numbers."""
    assert rollout_status(deployment_from(a_deployment(status={"updatedReplicas": 1}))).words == "1 of 3 pods updated"
    assert rollout_status(deployment_from(a_deployment(status={"replicas": 4}))).words == "1 old pod still terminating"


_UNDER_WAY = {"replicas": 4, "updatedReplicas": 1, "availableReplicas": 3}


def _judged(pods: tuple[dict[str, Any], ...], events: tuple[dict[str, Any], ...] = (), since: float | None = None) -> tuple[str, ...]:
    deployment = deployment_from(a_deployment(status=_UNDER_WAY))
    replica_set = replica_set_from(a_replica_set(2, wanted=1))
    verdict = judge_rollout(deployment, replica_set, tuple(map(pod_from, pods)), tuple(map(event_from, events)), since)
    assert verdict.state is RolloutState.WAITING
    assert verdict.failing is bool(verdict.failures)
    return tuple(failure.reason for failure in verdict.failures)


def test_a_crash_loop_of_the_newest_pods_is_said_early() -> None:
    """The controller still waits, but the pods say why it will not get done."""
    stuck = a_pod(revision=2, status={"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=2)]})
    assert _judged((stuck,)) == ("CrashLoopBackOff",)


def test_trouble_of_old_pods_is_not_the_rollouts() -> None:
    """Pods of the revision that is being replaced may crash as they like."""
    stuck = a_pod(revision=1, status={"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=2)]})
    assert _judged((stuck,)) == ()


def test_the_commonest_trouble_comes_first() -> None:
    """Several pods with one reason are one failure with a count."""
    pull = {"phase": "Pending", "containerStatuses": [waiting("ImagePullBackOff")]}
    crash = {"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=2)]}
    pods = (a_pod("a", revision=2, status=crash), a_pod("b", revision=2, status=pull), a_pod("c", revision=2, status=pull))
    assert _judged(pods) == ("ImagePullBackOff", "CrashLoopBackOff")


def _refusal(at: float) -> dict[str, Any]:
    return {
        "type": "Warning",
        "reason": "FailedCreate",
        "message": 'Error creating: pods "web-x" is forbidden: exceeded quota: q',
        "involvedObject": {"kind": "ReplicaSet", "name": "web-r2"},
        "lastTimestamp": stamp(at),
    }


def test_a_quota_that_stops_pods_from_being_made_is_said() -> None:
    """Pods that are missing because the API refuses them show in an event, or in a condition."""
    assert _judged((), (_refusal(T0 + 5),), since=T0) == ()
    replica_set = a_replica_set(2, wanted=1)
    replica_set["status"]["replicas"] = 0
    deployment = deployment_from(a_deployment(status=_UNDER_WAY))
    newest = replica_set_from(replica_set)
    assert [f.reason for f in judge_rollout(deployment, newest, (), (event_from(_refusal(T0 + 5)),), since=T0).failures] == ["FailedCreate"]
    assert judge_rollout(deployment, newest, (), (event_from(_refusal(T0 - 5)),), since=T0).failures == ()
    replica_set["status"]["conditions"] = [a_condition("ReplicaFailure", "True", "FailedCreate", "exceeded quota", at=T0 + 5)]
    assert [f.words for f in judge_rollout(deployment, replica_set_from(replica_set), (), (), since=T0).failures] == ["exceeded quota"]


def test_nothing_is_said_before_the_change_is_observed() -> None:
    """Until then the newest ReplicaSet is the old one."""
    deployment = deployment_from(a_deployment(metadata={"generation": 2}))
    stuck = pod_from(a_pod(revision=2, status={"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff")]}))
    assert judge_rollout(deployment, replica_set_from(a_replica_set(2)), (stuck,)).failures == ()


def test_own_deadline_is_a_minute_behind_the_controllers() -> None:
    """The tool waits until the controller must have said it."""
    assert rollout_deadline(deployment_from(a_deployment(spec={"progressDeadlineSeconds": 120}))) == 180
    assert rollout_deadline(deployment_from(a_deployment())) == 660
