"""Deployments rolled out as the real controller does it: order of writes, revisions, limits, conditions, events."""

from collections.abc import Callable
from typing import Any

import pytest

from gospel_rollback_tui.drill.kubernetes import Json
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition
from tests.drill.kubernetes.builders import (
    BETTER,
    CRASHING,
    NAMESPACE,
    UNPLACEABLE,
    UNREADY,
    a_deployment,
    image_patch,
)
from tests.drill.kubernetes.client import JSON_PATCH, STRATEGIC
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for

REVISION = "deployment.kubernetes.io/revision"
HISTORY = "deployment.kubernetes.io/revision-history"


def reason(deployment: Json, kind: str = "Progressing") -> str:
    """Return the reason of a condition, empty when there is none."""
    return str((find_condition(deployment["status"], kind) or {}).get("reason", ""))


def writes(cluster: Cluster, since: int) -> list[tuple[str, str, str, tuple[int, ...], str]]:
    """Return each version of the Deployment: generations, revision, counters, Progressing and Available."""
    newer = cluster.api.store.changes_since(since, by_name("deployments"))
    assert newer is not None
    seen = []
    for change in newer[0]:
        document = change.last
        status = document["status"]
        counters = tuple(status.get(name, 0) for name in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas"))
        generations = f"{document['metadata']['generation']}/{status.get('observedGeneration', 0)}"
        seen.append((generations, document["metadata"].get("annotations", {}).get(REVISION, ""), reason(document), counters, reason(document, "Available")))
    return seen


def set_image(cluster: Cluster, image: str) -> None:
    """Set the image of `web`."""
    cluster.api.registry.patch("deployments", NAMESPACE, "web", image_patch(image), STRATEGIC)


def roll(cluster: Cluster, image: str) -> None:
    """Set the image and wait until it is rolled out."""
    set_image(cluster, image)
    wait_for(cluster.rolled_out)


def patch_spec(cluster: Cluster, **spec: Any) -> None:  # noqa: ANN401 - fields of a Deployment's spec
    """Merge fields into the spec of `web`."""
    cluster.api.registry.patch("deployments", NAMESPACE, "web", {"spec": spec})


def replica_sets(cluster: Cluster) -> dict[str, Json]:
    """Return the ReplicaSets by the image of their first container."""
    found = cluster.api.registry.list("replicasets", NAMESPACE)
    return {one["spec"]["template"]["spec"]["containers"][0]["image"]: one for one in found}


def revisions(cluster: Cluster) -> list[int]:
    """Return the revisions in the history, lowest first."""
    return sorted(int(one["metadata"]["annotations"][REVISION]) for one in replica_sets(cluster).values())


def test_a_creation_is_written_in_the_recorded_order(cluster: Cluster) -> None:
    """Revision and Progressing first, then the observed generation, then counters, at last both conditions good."""
    since = cluster.api.store.version
    cluster.create_rolled_out(a_deployment(replicas=1))
    assert writes(cluster, since) == [
        ("1/0", "", "", (0, 0, 0, 0, 0), ""),
        ("1/0", "1", "NewReplicaSetCreated", (0, 0, 0, 0, 0), ""),
        ("1/1", "1", "NewReplicaSetCreated", (0, 0, 0, 0, 1), "MinimumReplicasUnavailable"),
        ("1/1", "1", "ReplicaSetUpdated", (1, 1, 0, 0, 1), "MinimumReplicasUnavailable"),
        ("1/1", "1", "NewReplicaSetAvailable", (1, 1, 1, 1, 0), "MinimumReplicasAvailable"),
    ]


def test_an_update_is_written_in_the_recorded_order(cluster: Cluster) -> None:
    """The revision changes before the observed generation, and the old pods count until the new ones are there."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    since = cluster.api.store.version
    roll(cluster, BETTER)
    good = "MinimumReplicasAvailable"
    assert writes(cluster, since) == [
        ("2/1", "1", "NewReplicaSetAvailable", (1, 1, 1, 1, 0), good),
        ("2/1", "2", "NewReplicaSetCreated", (1, 1, 1, 1, 0), good),
        ("2/2", "2", "NewReplicaSetCreated", (1, 0, 1, 1, 1), good),
        ("2/2", "2", "ReplicaSetUpdated", (2, 1, 1, 1, 1), good),
        ("2/2", "2", "ReplicaSetUpdated", (2, 1, 2, 2, 0), good),
        ("2/2", "2", "NewReplicaSetAvailable", (1, 1, 1, 1, 0), good),
    ]


def test_a_return_to_an_old_template_numbers_its_revision_anew(cluster: Cluster) -> None:
    """The good ReplicaSet gets the next revision before the Deployment names it, and remembers the one it had."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    roll(cluster, BETTER)
    cluster.api.registry.patch("deployments", NAMESPACE, "web", {"metadata": {"annotations": {"kubernetes.io/change-cause": "back"}}})
    cluster.api.settle(10)
    since = cluster.api.store.version
    roll(cluster, "ecr.test/web:v1")
    assert [(generations, revision) for generations, revision, *_ in writes(cluster, since)][:3] == [("4/3", "2"), ("4/3", "3"), ("4/4", "3")]
    assert revisions(cluster) == [2, 3]
    annotations = replica_sets(cluster)["ecr.test/web:v1"]["metadata"]["annotations"]
    assert (annotations[REVISION], annotations[HISTORY], annotations["kubernetes.io/change-cause"]) == ("3", "1", "back")
    roll(cluster, BETTER)
    assert replica_sets(cluster)[BETTER]["metadata"]["annotations"][HISTORY] == "2"


def test_replica_sets_and_pods_carry_hash_and_owner(cluster: Cluster) -> None:
    """Names, labels, selectors and owner references lead from pod to ReplicaSet to Deployment."""
    deployment = cluster.create_rolled_out(a_deployment(replicas=1))
    (replica_set,) = replica_sets(cluster).values()
    short_hash = replica_set["metadata"]["labels"]["pod-template-hash"]
    assert replica_set["metadata"]["name"] == f"web-{short_hash}"
    assert replica_set["spec"]["selector"]["matchLabels"] == {"app": "web", "pod-template-hash": short_hash}
    assert replica_set["metadata"]["ownerReferences"] == [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": "web",
            "uid": deployment["metadata"]["uid"],
            "controller": True,
            "blockOwnerDeletion": True,
        }
    ]
    annotations = replica_set["metadata"]["annotations"]
    assert (annotations["deployment.kubernetes.io/desired-replicas"], annotations["deployment.kubernetes.io/max-replicas"]) == ("1", "2")
    (pod,) = cluster.pods()
    assert pod["metadata"]["labels"]["pod-template-hash"] == short_hash
    assert pod["metadata"]["name"].startswith(f"web-{short_hash}-")
    assert pod["metadata"]["ownerReferences"][0]["uid"] == replica_set["metadata"]["uid"]


@pytest.mark.parametrize(
    ("surge", "unavailable", "most", "least"),
    [("25%", "25%", 5, 3), (1, 0, 5, 4), (0, 1, 4, 3), ("50%", "50%", 6, 2), ("100%", 0, 8, 4)],
)
def test_a_rolling_update_keeps_its_limits(cluster: Cluster, surge: int | str, unavailable: int | str, most: int, least: int) -> None:
    """There are never more pods than the surge allows, nor fewer available ones than the update may leave."""
    limits = {"maxSurge": surge, "maxUnavailable": unavailable}
    cluster.create_rolled_out(a_deployment(replicas=4, strategy={"type": "RollingUpdate", "rollingUpdate": limits}))
    cluster.api.settle(10)
    since = cluster.api.store.version
    roll(cluster, BETTER)
    counters = [one[3] for one in writes(cluster, since)]
    assert max(replicas for replicas, *_ in counters) <= most
    assert min(available for _, _, _, available, _ in counters) >= least


def test_recreate_ends_the_old_pods_before_it_starts_new_ones(cluster: Cluster) -> None:
    """At no time do pods of both templates exist."""
    cluster.create_rolled_out(a_deployment(replicas=2, strategy={"type": "Recreate"}))
    images: list[set[str]] = []

    def look(_change: object) -> None:
        images.append({pod["spec"]["containers"][0]["image"] for pod in cluster.pods()})

    cluster.api.subscribe(look)
    roll(cluster, BETTER)
    assert all(len(one) <= 1 for one in images)
    assert set() in images
    assert {BETTER} in images


def test_a_stuck_rollout_keeps_the_old_pods_and_passes_its_deadline(cluster: Cluster) -> None:
    """The bad pod is one more; Available stays True; after the deadline Progressing is False, and an undo at once mends it."""
    good = cluster.create_rolled_out(a_deployment(replicas=3, progressDeadlineSeconds=20))
    set_image(cluster, CRASHING)
    wait_for(lambda: reason(cluster.deployment()) == "ProgressDeadlineExceeded")
    stuck = cluster.deployment()["status"]
    assert (stuck["replicas"], stuck["updatedReplicas"], stuck["availableReplicas"], stuck["unavailableReplicas"]) == (4, 1, 3, 1)
    progressing = find_condition(stuck, "Progressing")
    assert progressing is not None
    assert progressing["status"] == "False"
    assert progressing["message"] == f'ReplicaSet "{replica_sets(cluster)[CRASHING]["metadata"]["name"]}" has timed out progressing.'
    before = {pod["metadata"]["name"] for pod in cluster.pods() if pod["spec"]["containers"][0]["image"] != CRASHING}
    undo = [{"op": "replace", "path": "/spec/template", "value": good["spec"]["template"]}]
    cluster.api.registry.patch("deployments", NAMESPACE, "web", undo, JSON_PATCH)
    wait_for(cluster.rolled_out)
    assert {pod["metadata"]["name"] for pod in cluster.pods()} == before
    assert reason(cluster.deployment()) == "NewReplicaSetAvailable"
    assert revisions(cluster) == [2, 3]


def test_a_paused_deployment_follows_scale_but_not_template(cluster: Cluster) -> None:
    """Pausing is a reason of Progressing; a new template waits for the resume; scaling does not."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    patch_spec(cluster, paused=True)
    wait_for(lambda: reason(cluster.deployment()) == "DeploymentPaused")
    set_image(cluster, BETTER)
    patch_spec(cluster, replicas=2)
    wait_for(lambda: cluster.deployment()["status"].get("availableReplicas") == 2)
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {"ecr.test/web:v1"}
    assert "updatedReplicas" not in cluster.deployment()["status"]
    patch_spec(cluster, paused=None)
    wait_for(cluster.rolled_out)
    assert {pod["spec"]["containers"][0]["image"] for pod in cluster.pods()} == {BETTER}


def test_scaled_to_nothing_a_deployment_is_content(cluster: Cluster) -> None:
    """Only the observed generation is left of the counters, both conditions stay True, even with a bad image."""
    cluster.create_rolled_out(a_deployment(replicas=2))
    patch_spec(cluster, replicas=0)
    wait_for(cluster.rolled_out)
    wait_for(lambda: "replicas" not in cluster.deployment()["status"])
    status = cluster.deployment()["status"]
    assert {condition["status"] for condition in status["conditions"]} == {"True"}
    assert set(status) == {"observedGeneration", "conditions"}
    set_image(cluster, CRASHING)
    wait_for(cluster.rolled_out)
    assert cluster.pods() == []


def test_scaling_a_stuck_rollout_keeps_its_proportions(cluster: Cluster) -> None:
    """Old and new ReplicaSets grow and shrink together, within surge and availability."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 2, "maxUnavailable": 1}}
    cluster.create_rolled_out(a_deployment(replicas=3, strategy=strategy))
    set_image(cluster, UNREADY)

    def sizes() -> tuple[int, int]:
        sets = replica_sets(cluster)
        return sets["ecr.test/web:v1"]["spec"]["replicas"], sets[UNREADY]["spec"]["replicas"] if UNREADY in sets else 0

    wait_for(lambda: sizes() == (2, 3))
    patch_spec(cluster, replicas=8)
    wait_for(lambda: sizes() == (4, 6))
    wait_for(lambda: cluster.deployment()["status"].get("availableReplicas") == 4)
    patch_spec(cluster, replicas=2)
    wait_for(lambda: sizes() == (1, 2))
    assert cluster.deployment()["status"]["availableReplicas"] >= 1


def test_min_ready_seconds_hold_each_step(cluster: Cluster) -> None:
    """Ready pods count as available only after the wait."""
    cluster.create(a_deployment(replicas=2, minReadySeconds=20))
    wait_for(lambda: cluster.deployment()["status"].get("readyReplicas") == 2)
    wait_for(cluster.rolled_out)
    history = [(one[3][2], one[3][3]) for one in writes(cluster, 1)]
    assert (2, 0) in history


def test_history_is_limited(cluster: Cluster) -> None:
    """Of the old ReplicaSets only the newest stay."""
    cluster.create_rolled_out(a_deployment(replicas=1, revisionHistoryLimit=2))
    for number in range(2, 7):
        roll(cluster, f"ecr.test/web:v{number}")
    wait_for(lambda: revisions(cluster) == [4, 5, 6])


def test_a_quota_that_is_used_up_stops_a_rollout(cluster: Cluster) -> None:
    """ReplicaFailure on ReplicaSet and Deployment, an event with the quota's words, and more pods when there is room again."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "q", "namespace": NAMESPACE}, "spec": {"hard": {"pods": "2"}}}
    cluster.create(quota)
    cluster.create(a_deployment(replicas=3))
    wait_for(lambda: reason(cluster.deployment(), "ReplicaFailure") == "FailedCreate")
    condition = find_condition(cluster.deployment()["status"], "ReplicaFailure")
    assert condition is not None
    assert condition["message"].endswith("is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2")
    (event,) = cluster.events("FailedCreate")[:1]
    assert (event["type"], event["involvedObject"]["kind"]) == ("Warning", "ReplicaSet")
    assert event["message"].startswith('Error creating: pods "web-')
    wait_for(lambda: cluster.api.registry.get("resourcequotas", NAMESPACE, "q")["status"].get("used") == {"pods": "2"})
    cluster.api.registry.patch("resourcequotas", NAMESPACE, "q", {"spec": {"hard": {"pods": "9"}}})
    wait_for(cluster.rolled_out)
    wait_for(lambda: find_condition(cluster.deployment()["status"], "ReplicaFailure") is None)


def test_scaling_is_told_by_events(cluster: Cluster) -> None:
    """Each change of size is an event of the Deployment, each pod one of its ReplicaSet; repeated ones are counted."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    roll(cluster, BETTER)
    names = {image: one["metadata"]["name"] for image, one in replica_sets(cluster).items()}
    assert {event["message"] for event in cluster.events("ScalingReplicaSet")} == {
        f"Scaled up replica set {names['ecr.test/web:v1']} from 0 to 1",
        f"Scaled up replica set {names[BETTER]} from 0 to 1",
        f"Scaled down replica set {names['ecr.test/web:v1']} from 1 to 0",
    }
    (first, *_) = cluster.events("ScalingReplicaSet")
    assert (first["source"], first["count"], first["eventTime"]) == ({"component": "deployment-controller"}, 1, None)
    roll(cluster, "ecr.test/web:v1")
    counts = {event["message"]: event["count"] for event in cluster.events("ScalingReplicaSet")}
    assert counts[f"Scaled up replica set {names['ecr.test/web:v1']} from 0 to 1"] == 2
    assert all(event["message"].startswith("Created pod: web-") for event in cluster.events("SuccessfulCreate"))
    (scheduled, *_) = cluster.events("Scheduled")
    assert (scheduled["source"], scheduled["action"], scheduled["firstTimestamp"], "count" in scheduled) == ({}, "Binding", None, False)


def test_swarming_events_are_combined(cluster: Cluster) -> None:
    """After ten different texts about one object, later ones become one counted event."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    for number in range(2, 14):
        patch_spec(cluster, replicas=number)
        wait_for(cluster.rolled_out)
    combined = [event for event in cluster.events("ScalingReplicaSet") if event["message"].startswith("(combined from similar events): ")]
    assert len(combined) == 1
    assert combined[0]["count"] > 1


def test_a_pod_that_no_node_can_take_stays_pending(cluster: Cluster) -> None:
    """The condition and the event have the scheduler's words; there are no container statuses."""
    cluster.create(a_deployment(image=UNPLACEABLE, replicas=1))
    wait_for(lambda: len(cluster.events("FailedScheduling")) == 1)
    (pod,) = cluster.pods()
    scheduled = find_condition(pod["status"], "PodScheduled")
    assert scheduled is not None
    assert (scheduled["status"], scheduled["reason"], scheduled["message"]) == ("False", "Unschedulable", "0/3 nodes are available: 3 Insufficient cpu.")
    assert (pod["status"]["phase"], "containerStatuses" in pod["status"]) == ("Pending", False)


def test_pods_avoid_nodes_that_are_cordoned_or_not_ready(make_cluster: Callable[..., Cluster]) -> None:
    """With no node left pods wait, and run when one comes back."""
    cluster = make_cluster()
    for number in (1, 2, 3):
        cluster.api.registry.patch("nodes", "", f"node-{number}", {"spec": {"unschedulable": True}})
    cluster.create(a_deployment(replicas=1))
    wait_for(lambda: len(cluster.events("FailedScheduling")) == 1)
    assert cluster.events("FailedScheduling")[0]["message"].startswith("0/3 nodes are available: 3 node(s) were unschedulable.")
    cluster.api.registry.patch("nodes", "", "node-2", {"spec": {"unschedulable": None}})
    wait_for(cluster.rolled_out)
    assert cluster.pods()[0]["spec"]["nodeName"] == "node-2"
