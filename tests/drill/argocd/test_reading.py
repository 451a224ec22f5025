"""What Argo CD shows of an Application, of its objects and of git."""

import json
from typing import Any

import pytest

from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG, NAMESPACE, image_name
from tests.drill.argocd.bench import APP, Bench, MakeBench
from tests.drill.waiting import wait_for


def images(documents: list[dict[str, Any]]) -> dict[str, str]:
    """Return the image of each Deployment, by name."""
    found = [one for one in documents if one["kind"] == "Deployment"]
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"]["containers"][0]["image"] for one in found}


def test_lists_can_be_trimmed(automated: Bench) -> None:
    """`fields` names what is wanted."""
    answered = automated.call("GET", "/api/v1/applications?fields=items.metadata.name,items.operation")
    assert answered.json == {"items": [{"metadata": {"name": APPLICATION}}]}
    assert automated.call("GET", "/api/v1/applications?name=nope").json["items"] is None
    assert automated.call("GET", "/api/v1/applications?projects=gospelib").json["metadata"]["resourceVersion"]


@pytest.mark.parametrize("name", ["sha", "short sha", "main", "tag"])
def test_manifests_of_a_revision(automated: Bench, name: str) -> None:
    """Each object is a string, with the annotation that says whose it is; every way to name the commit will do."""
    head = automated.repository.head
    revision = {"sha": head, "short sha": head[:8], "main": "main", "tag": f"release/{BAD_TAG}"}[name]
    found = [json.loads(text) for text in automated.call("GET", f"{APP}/manifests?revision={revision}").json["manifests"]]
    assert images(found)["gospelib-gateway"] == image_name("gateway", BAD_TAG)
    tracking = {one["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] for one in found if one["kind"] == "Deployment"}
    assert f"{APPLICATION}:apps/Deployment:{NAMESPACE}/gospelib-gateway" in tracking


def test_manifests_of_another_release(automated: Bench) -> None:
    """The release before has the good image."""
    good = automated.repository.releases[1][0]
    found = [json.loads(text) for text in automated.call("GET", f"{APP}/manifests?revision={good}").json["manifests"]]
    assert images(found)["gospelib-gateway"] == image_name("gateway", GOOD_TAG)


def test_manifests_of_nothing(automated: Bench) -> None:
    """An unknown branch cannot be resolved, an unknown commit not be fetched."""
    assert automated.call("GET", f"{APP}/manifests?revision=nobranch").refusal == (500, 2, "unable to resolve 'nobranch' to a commit SHA")
    unknown = "f" * 40
    status, code, message = automated.call("GET", f"{APP}/manifests?revision={unknown}").refusal
    assert (status, code) == (500, 2)
    assert f"not our ref {unknown}" in message


def test_metadata_of_a_commit(automated: Bench) -> None:
    """Author, date, message, and tags where there are any; a branch's name is refused."""
    head = automated.repository.head
    found = automated.call("GET", f"{APP}/revisions/{head}/metadata").json
    assert found["message"] == f"release {BAD_TAG}"
    assert found["tags"] == [f"release/{BAD_TAG}"]
    assert found["author"].endswith(">")
    assert found["date"].endswith("Z")
    assert automated.call("GET", f"{APP}/revisions/main/metadata").refusal == (500, 2, "revision main must be resolved")
    assert automated.call("GET", f"{APP}/revisions/{'f' * 40}/metadata").status == 500


def test_managed_resources_show_both_sides(automated: Bench) -> None:
    """States are strings of JSON, and what differs is marked."""
    automated.freeze()
    automated.rollback(1)
    automated.ended()
    items = {(one["kind"], one["name"]): one for one in automated.call("GET", f"{APP}/managed-resources").json["items"]}
    gateway, auth = items["Deployment", "gospelib-gateway"], items["Deployment", "gospelib-auth"]
    assert (gateway["group"], gateway["modified"], "modified" in auth) == ("apps", True, False)
    shown = {state: images([json.loads(gateway[state])])["gospelib-gateway"] for state in ("targetState", "liveState", "normalizedLiveState")}
    assert shown == {
        "targetState": image_name("gateway", BAD_TAG),
        "liveState": image_name("gateway", GOOD_TAG),
        "normalizedLiveState": image_name("gateway", GOOD_TAG),
    }


def test_the_tree_reaches_from_deployments_to_pods(automated: Bench) -> None:
    """Each node names its parent; a Deployment tells its revision and a pod its restarts."""
    tree = automated.call("GET", f"{APP}/resource-tree").json
    nodes = {(node["kind"], node["name"]): node for node in tree["nodes"]}
    gateway = nodes["Deployment", "gospelib-gateway"]
    assert {"name": "Revision", "value": "Rev:3"} in gateway["info"]
    assert gateway["health"]["status"] == "Healthy"
    pods = [node for (kind, _), node in nodes.items() if kind == "Pod"]
    parents = {nodes[reference["kind"], reference["name"]]["kind"] for pod in pods for reference in pod["parentRefs"]}
    assert parents == {"ReplicaSet"}
    assert {fact["name"] for fact in pods[0]["info"]} == {"Status Reason", "Node", "Containers", "Restart Count"}


def test_a_push_is_seen_on_a_refresh(automated: Bench) -> None:
    """When the refresh is answered, the operation of auto-sync is set already."""
    pushed = automated.repository.push("gateway", GOOD_TAG)
    shown = automated.refresh()
    assert shown["status"]["sync"] | {"comparedTo": None} == {"status": "OutOfSync", "revision": pushed, "comparedTo": None}
    assert shown["operation"]["sync"]["revision"] == pushed
    assert shown["operation"]["initiatedBy"] == {"automated": True}
    wait_for(lambda: automated.image() == image_name("gateway", GOOD_TAG))


def test_a_push_is_not_seen_by_a_look_at_the_cluster(manual: Bench) -> None:
    """The controller compares with the commit that it knows: a drift shows, a push does not."""
    known = manual.repository.head
    manual.repository.push("gateway", GOOD_TAG)
    manual.registry.patch("deployments", NAMESPACE, "gospelib-billing", {"spec": {"replicas": 3}})
    wait_for(lambda: manual.application()["status"]["sync"]["status"] == "OutOfSync")
    assert manual.application()["status"]["sync"]["revision"] == known


def test_polling_sees_a_push_after_minutes(make: MakeBench) -> None:
    """Of the estate's clock, which this test runs faster."""
    bench = make(speed=500.0)
    bench.repository.push("gateway", GOOD_TAG)
    wait_for(lambda: bench.image() == image_name("gateway", GOOD_TAG))


def test_the_version_is_told_to_everybody_and_the_build_to_the_known(automated: Bench) -> None:
    """So is the health."""
    assert automated.call("GET", "/healthz", token="").text == "ok"
    assert set(automated.call("GET", "/api/version", token="").json) == {"Version"}
    assert "KustomizeVersion" in automated.call("GET", "/api/version").json
