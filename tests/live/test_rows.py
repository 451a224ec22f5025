"""Rows of the panes, joined from objects as the API writes them."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.snapshots import PodRow, RolloutRow
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from gospel_rollback_tui.live.pods import PodTable, seen_pod
from gospel_rollback_tui.live.rollouts import rollout_rows, workloads
from tests.live.documents import Document, a_deployment, a_pod, a_replica_set

SERVICES = (Service("gateway", "gospelib-gateway", "gateway", "app=gospelib-gateway"), Service("auth", "gospelib-auth", "auth", "app=gospelib-auth"))
OLD, NEW = a_replica_set("rs-1", 1), a_replica_set("rs-2", 2, template_hash="new")
G, B, U = Verdict.GOOD, Verdict.BAD, Verdict.UNKNOWN


def rows_of(*pods: Document, deployment: Document | None = None, sets: tuple[Document, ...] = (OLD, NEW)) -> tuple[PodRow, ...]:
    """Returns the rows of those pods beside the gateway's Deployment, at revision 2."""
    deployments = [deployment_from(deployment or a_deployment(revision=2))]
    known = workloads(SERVICES, deployments, [replica_set_from(raw) for raw in sets])
    return PodTable(SERVICES).rows([seen_pod(raw) for raw in pods], known)


def waiting(reason: str, *, restarts: int = 0, **more: Any) -> Document:  # noqa: ANN401 - any JSON
    """Returns a status whose container waits."""
    state = {"name": "gateway", "ready": False, "restartCount": restarts, "state": {"waiting": {"reason": reason, "message": "because"}}, **more}
    return {"containerStatuses": [state]}


def test_old_and_new_are_told_apart_by_the_replica_set() -> None:
    """Revision and newest come from the owner, not from ages."""
    first, second = rows_of(a_pod("x", owner="rs-1"), a_pod("y", owner="rs-2"))
    assert (first.short, first.revision, first.newest, first.image) == ("x", 1, False, "gateway:1")
    assert (second.short, second.revision, second.newest) == ("y", 2, True)


def test_before_the_controller_saw_a_change_nothing_is_called_newest() -> None:
    """The template in the Deployment may not have a ReplicaSet yet."""
    (row,) = rows_of(a_pod("x", owner="rs-2"), deployment=a_deployment(revision=2, generation=3, observed=2))
    assert (row.newest, row.revision) == (None, 2)


def test_without_replica_sets_pods_are_found_by_label_and_their_age_is_unknown() -> None:
    """The right to read ReplicaSets may be missing."""
    (row,) = rows_of(a_pod("x", owner="rs-2"), sets=())
    assert (row.service, row.newest, row.revision) == ("gateway", None, None)


def test_pods_of_nobody_are_left_out() -> None:
    """A job's pod in the namespace is no row."""
    stranger = a_pod("x", owner="job-1")
    stranger["metadata"]["labels"] = {"app": "ingest"}
    assert rows_of(stranger) == ()


@pytest.mark.parametrize(
    ("status", "state", "verdict"),
    [
        ({}, "Ready", G),
        (waiting("ContainerCreating"), "ContainerCreating", U),
        (waiting("CrashLoopBackOff", restarts=4), "CrashLoopBackOff", B),
        (waiting("ImagePullBackOff"), "ImagePullBackOff", B),
        ({"phase": "Pending", "containerStatuses": [], "conditions": []}, "Pending", U),
        (
            {
                "phase": "Pending",
                "containerStatuses": [],
                "conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available"}],
            },
            "Unschedulable",
            B,
        ),
        ({"phase": "Failed", "reason": "Evicted", "containerStatuses": [], "conditions": []}, "Evicted", B),
    ],
)
def test_the_state_of_a_pod_is_its_reason_not_its_phase(status: Document, state: str, verdict: Verdict) -> None:
    """What will not end by waiting is bad, what is on its way is not known."""
    ready = not status
    pod = a_pod("x", owner="rs-2", ready=ready)
    pod["status"] |= {**({} if ready else {"conditions": []}), **status}
    (row,) = rows_of(pod)
    assert (row.state, row.verdict, row.ready) == (state, verdict, ready)


@pytest.mark.parametrize(
    ("transition", "restarts", "state"), [("2026-11-23T03:00:04Z", 0, "Starting"), ("2026-11-23T03:09:00Z", 0, "Not ready"), (None, 2, "Not ready")]
)
def test_a_running_pod_that_is_not_ready_is_starting_only_if_it_never_was(transition: str | None, restarts: int, state: str) -> None:
    """The Ready condition moved after the container had started: it was ready once."""
    condition = [{"type": "Ready", "status": "False", "lastTransitionTime": transition}]
    (row,) = rows_of(a_pod("x", owner="rs-2", ready=False, restarts=restarts, conditions=condition))
    assert (row.state, row.verdict) == (state, B if state == "Not ready" else U)


def test_a_pod_that_leaves_is_neither_good_nor_bad() -> None:
    """Terminating, whatever its containers say."""
    pod = a_pod("x", owner="rs-1")
    pod["metadata"]["deletionTimestamp"] = "2026-11-23T03:12:00Z"
    (row,) = rows_of(pod)
    assert (row.state, row.verdict, row.leaving, row.ready) == ("Terminating", U, True, False)


def test_failing_pods_come_first() -> None:
    """Then the oldest."""
    rows = rows_of(a_pod("b", owner="rs-2"), a_pod("z", owner="rs-2", ready=False, **waiting("CrashLoopBackOff", restarts=3)), a_pod("a", owner="rs-2"))
    assert [row.short for row in rows] == ["z", "a", "b"]


def test_only_rows_of_pods_that_changed_or_moved_are_made_anew() -> None:
    """Thousands of quiet pods cost next to nothing."""
    table = PodTable(SERVICES)
    sets = [replica_set_from(raw) for raw in (OLD, NEW)]
    quiet, busy = seen_pod(a_pod("x", owner="rs-1")), seen_pod(a_pod("y", owner="rs-2"))
    first = table.rows([quiet, busy], workloads(SERVICES, [deployment_from(a_deployment(revision=2))], sets))
    touched = seen_pod(a_pod("y", owner="rs-2", restarts=1))
    second = table.rows([quiet, touched], workloads(SERVICES, [deployment_from(a_deployment(revision=2))], sets))
    assert second[0] is first[0]
    assert (first[1].restarts, second[1].restarts) == (0, 1)
    undone = table.rows([quiet, touched], workloads(SERVICES, [deployment_from(a_deployment(revision=1))], sets))
    assert [row.newest for row in undone] == [True, False]
    assert table.rows([], ()) == ()


def rollout_of(deployment: Document, *pods: Document, events: tuple[Document, ...] = ()) -> RolloutRow:
    """Returns the gateway's rollout."""
    known = workloads(SERVICES, [deployment_from(deployment)], [replica_set_from(raw) for raw in (OLD, NEW)])
    (row,) = rollout_rows(known, [pod_from(raw) for raw in pods], tuple(event_from(raw) for raw in events), SERVICES)
    return row


def test_a_rollout_that_is_done() -> None:
    """By kubectl's own rules, with its revision and image."""
    row = rollout_of(a_deployment(revision=2), a_pod("x", owner="rs-2"))
    assert (row.progress, row.words, row.revision, row.template_hash, row.image) == (G, "2 pods rolled out", 2, "new", "gateway:1")


def test_a_rollout_under_way_is_not_known_yet_and_says_what_it_waits_for() -> None:
    """Old pods are counted."""
    deployment = a_deployment(revision=2, ready=1)
    deployment["status"] |= {"replicas": 3, "updatedReplicas": 2, "availableReplicas": 2}
    row = rollout_of(deployment, a_pod("x", owner="rs-2"))
    assert (row.progress, row.words, row.old) == (U, "1 old pod still terminating", 1)


def test_a_rollout_that_will_hardly_get_done_is_bad_before_its_deadline() -> None:
    """The reason is named, and on how many pods."""
    deployment = a_deployment(revision=2)
    deployment["status"] |= {"updatedReplicas": 1, "availableReplicas": 1}
    crashing = [a_pod(uid, owner="rs-2", ready=False, **waiting("CrashLoopBackOff", restarts=2)) for uid in ("x", "y")]
    row = rollout_of(deployment, *crashing)
    assert (row.progress, row.words) == (B, "1 of 2 pods updated: CrashLoopBackOff on 2 pods")
    assert rollout_of(deployment, crashing[0]).words == "1 of 2 pods updated: CrashLoopBackOff on gospelib-gateway-abc-x"
