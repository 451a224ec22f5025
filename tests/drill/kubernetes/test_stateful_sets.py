"""StatefulSets: one pod after another, revisions that are renumbered, and an undo that does not move a broken pod."""

from typing import Any

from gospel_rollback_tui.drill.kubernetes import Json
from tests.drill.kubernetes.builders import BETTER, CRASHING, NAMESPACE, a_stateful_set, image_patch
from tests.drill.kubernetes.client import STRATEGIC
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


def status(cluster: Cluster) -> Json:
    """Return the status of the StatefulSet."""
    found: Json = cluster.api.registry.get("statefulsets", NAMESPACE, "db")["status"]
    return found


def revisions(cluster: Cluster) -> dict[int, Json]:
    """Return the ControllerRevisions by number."""
    return {one["revision"]: one for one in cluster.api.registry.list("controllerrevisions", NAMESPACE)}


def patch(cluster: Cluster, body: dict[str, Any]) -> None:
    """Patch the StatefulSet strategically."""
    cluster.api.registry.patch("statefulsets", NAMESPACE, "db", body, STRATEGIC)


def images(cluster: Cluster) -> dict[str, str]:
    """Return the image of each pod."""
    return {pod["metadata"]["name"]: pod["spec"]["containers"][0]["image"] for pod in cluster.pods("app=db")}


def ready(cluster: Cluster, pods: int) -> bool:
    """Whether all pods are ready and of the newest revision."""
    now = status(cluster)
    return now.get("readyReplicas", 0) == now.get("updatedReplicas", 0) == now["replicas"] == pods and len(cluster.pods("app=db")) == pods


def test_pods_have_numbers_and_start_one_after_another(cluster: Cluster) -> None:
    """The second pod is made when the first is ready; both carry their names and revision as labels."""
    together: list[int] = []

    def look(_change: object) -> None:
        unready = [p for p in cluster.pods("app=db") if not any(c["type"] == "Ready" and c["status"] == "True" for c in p["status"].get("conditions", []))]
        together.append(len(unready))

    cluster.api.subscribe(look)
    cluster.create(a_stateful_set())
    wait_for(lambda: ready(cluster, 2))
    assert max(together) == 1
    first, second = cluster.pods("app=db")
    assert (first["metadata"]["name"], second["metadata"]["name"]) == ("db-0", "db-1")
    assert second["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] == "db-1"
    assert second["metadata"]["labels"]["controller-revision-hash"] == status(cluster)["updateRevision"]


def test_an_undo_leaves_a_broken_pod_until_it_is_deleted(cluster: Cluster) -> None:
    """The revision is renumbered and current again, but the pod that crashes stays on the bad one."""
    cluster.create(a_stateful_set())
    wait_for(lambda: ready(cluster, 2))
    patch(cluster, image_patch(CRASHING, "db"))
    wait_for(lambda: images(cluster).get("db-1") == CRASHING and cluster.container("statefulset.kubernetes.io/pod-name=db-1", "db") != {})
    assert images(cluster)["db-0"] != CRASHING
    good = revisions(cluster)[1]
    patch(cluster, good["data"])
    wait_for(lambda: status(cluster)["updateRevision"] == good["metadata"]["name"])
    assert sorted(revisions(cluster)) == [2, 3]
    assert revisions(cluster)[3]["metadata"]["name"] == good["metadata"]["name"]
    cluster.api.settle(10)
    assert images(cluster)["db-1"] == CRASHING
    cluster.api.registry.delete("pods", NAMESPACE, "db-1")
    wait_for(lambda: ready(cluster, 2))
    assert images(cluster)["db-1"] != CRASHING


def test_an_update_goes_from_the_last_pod_to_the_first(cluster: Cluster) -> None:
    """Each pod is replaced when the one after it is ready again."""
    cluster.create(a_stateful_set())
    wait_for(lambda: ready(cluster, 2))
    seen: list[dict[str, str]] = []
    cluster.api.subscribe(lambda _change: seen.append(images(cluster)))
    patch(cluster, image_patch(BETTER, "db"))
    wait_for(lambda: ready(cluster, 2) and set(images(cluster).values()) == {BETTER})
    assert not any(one.get("db-0") == BETTER and one.get("db-1") != BETTER for one in seen)
    assert status(cluster)["currentRevision"] == status(cluster)["updateRevision"]


def test_scaling_to_nothing_ends_the_pods_from_the_last(cluster: Cluster) -> None:
    """The graph database is stopped before it is restored."""
    cluster.create(a_stateful_set())
    wait_for(lambda: ready(cluster, 2))
    patch(cluster, {"spec": {"replicas": 0}})
    wait_for(lambda: cluster.pods("app=db") == [] and status(cluster)["replicas"] == 0)
    deleted = [event["message"] for event in cluster.events("SuccessfulDelete")]
    assert deleted == ["delete Pod db-1 in StatefulSet db successful", "delete Pod db-0 in StatefulSet db successful"]
