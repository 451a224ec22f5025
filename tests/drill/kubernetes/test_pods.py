"""Pods on their nodes: phases, conditions, init containers, sidecars, ends, and scenes that were there before."""

from collections.abc import Callable

import pytest

from gospel_rollback_tui.drill.kubernetes import ContainerBehaviour, Fate, Json, PodBehaviour
from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition
from gospel_rollback_tui.drill.kubernetes.documents import copy_json
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore
from tests.drill.kubernetes.builders import CRASHING, PODS, UNCONFIGURED, UNPULLABLE, UNREADY, a_container, a_deployment, a_stateful_set
from tests.drill.kubernetes.client import Client
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


def the_pod(cluster: Cluster) -> Json:
    """Return the only pod of `web`."""
    (pod,) = cluster.pods()
    return pod


def reason(cluster: Cluster) -> str:
    """Return why the container `web` waits."""
    return str(cluster.container().get("state", {}).get("waiting", {}).get("reason", ""))


def test_a_good_pod_runs_and_is_ready(cluster: Cluster) -> None:
    """Phase, addresses, conditions and container status are those of a pod that serves."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    status = the_pod(cluster)["status"]
    assert (status["phase"], status["qosClass"], status["podIPs"]) == ("Running", "BestEffort", [{"ip": status["podIP"]}])
    assert [(one["type"], one["status"]) for one in status["conditions"]] == [
        ("PodReadyToStartContainers", "True"),
        ("Initialized", "True"),
        ("Ready", "True"),
        ("ContainersReady", "True"),
        ("PodScheduled", "True"),
    ]
    (container,) = status["containerStatuses"]
    assert (container["ready"], container["started"], container["restartCount"], list(container["state"])) == (True, True, 0, ["running"])
    assert container["imageID"].startswith("ecr.test/web@sha256:")


def test_a_crash_loop_is_seen_from_outside(cluster: Cluster, client: Client) -> None:
    """Phase Running, not ready, CrashLoopBackOff, restarts, and the exit of the last run."""
    cluster.create(a_deployment(image=CRASHING, replicas=1))
    wait_for(lambda: cluster.container().get("restartCount", 0) >= 2 and reason(cluster) == "CrashLoopBackOff")
    pod = the_pod(cluster)
    ready = find_condition(pod["status"], "Ready")
    assert ready is not None
    assert (pod["status"]["phase"], ready["status"], ready["reason"], ready["message"]) == (
        "Running",
        "False",
        "ContainersNotReady",
        "containers with unready status: [web]",
    )
    assert cluster.container()["lastState"]["terminated"]["exitCode"] == 3
    assert client.table(PODS)[0][1:3] == ["0/1", "CrashLoopBackOff"]
    (back_off, *_) = cluster.events("BackOff")
    assert back_off["message"].startswith("Back-off restarting failed container web in pod web-")
    assert back_off["involvedObject"]["fieldPath"] == "spec.containers{web}"


@pytest.mark.parametrize(
    ("image", "waits", "event"),
    [(UNPULLABLE, "ImagePullBackOff", "Failed to pull image"), (UNCONFIGURED, "CreateContainerConfigError", 'Error: configmap "settings" not found')],
)
def test_a_pod_that_cannot_start_stays_pending(cluster: Cluster, image: str, waits: str, event: str) -> None:
    """The waiting reason and a warning say why."""
    cluster.create(a_deployment(image=image, replicas=1))
    wait_for(lambda: reason(cluster) == waits)
    assert the_pod(cluster)["status"]["phase"] == "Pending"
    assert any(one["message"].startswith(event) for one in cluster.events("Failed"))


def test_a_pod_that_is_never_ready_keeps_running(cluster: Cluster) -> None:
    """Its probe fails again and again."""
    cluster.create(a_deployment(image=UNREADY, replicas=1))
    wait_for(lambda: any(event["count"] > 1 for event in cluster.events("Unhealthy")))
    assert (the_pod(cluster)["status"]["phase"], cluster.container()["ready"]) == ("Running", False)


def test_init_containers_and_sidecars_come_first(cluster: Cluster) -> None:
    """A sidecar runs on, an init container ends, then the others start; readiness counts sidecars."""
    deployment = a_deployment(replicas=1, containers=[a_container(), a_container("side")])
    deployment["spec"]["template"]["spec"]["initContainers"] = [a_container("proxy", restartPolicy="Always"), a_container("migrate")]
    cluster.create_rolled_out(deployment)
    pod = the_pod(cluster)
    states = {one["name"]: list(one["state"]) for one in pod["status"]["initContainerStatuses"] + pod["status"]["containerStatuses"]}
    assert states == {"proxy": ["running"], "migrate": ["terminated"], "web": ["running"], "side": ["running"]}


def test_an_init_container_that_crashes_keeps_the_others_waiting(cluster: Cluster, client: Client) -> None:
    """`Init:CrashLoopBackOff`, and the main container has not begun."""
    deployment = a_deployment(replicas=1)
    deployment["spec"]["template"]["spec"]["initContainers"] = [a_container("migrate", CRASHING)]
    cluster.create(deployment)
    wait_for(lambda: bool(client.table(PODS)) and client.table(PODS)[0][2] == "Init:CrashLoopBackOff")
    assert (the_pod(cluster)["status"]["phase"], reason(cluster)) == ("Pending", "PodInitializing")
    initialized = find_condition(the_pod(cluster)["status"], "Initialized")
    assert initialized is not None
    assert initialized["message"] == "containers with incomplete status: [migrate]"


def test_one_container_of_several_may_fail(cluster: Cluster, client: Client) -> None:
    """The sidecar is well while the main container crashes."""
    cluster.create(a_deployment(replicas=1, containers=[a_container(image=CRASHING), a_container("side")]))
    wait_for(lambda: bool(client.table(PODS)) and client.table(PODS)[0][1:3] == ["1/2", "CrashLoopBackOff"])


def test_a_deleted_pod_is_terminating_and_then_replaced(cluster: Cluster, client: Client) -> None:
    """It lingers, is not counted any more, and goes; its ReplicaSet has made another."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    name = the_pod(cluster)["metadata"]["name"]
    client.send("DELETE", f"{PODS}/{name}")
    wait_for(lambda: len(cluster.pods()) == 2 or name not in {pod["metadata"]["name"] for pod in cluster.pods()})
    wait_for(cluster.rolled_out)
    assert the_pod(cluster)["metadata"]["name"] != name
    assert [event["message"] for event in cluster.events("Killing")] == ["Stopping container web"]


def test_a_behaviour_that_changes_reaches_running_pods(make_cluster: Callable[..., Cluster]) -> None:
    """After a resync a ready pod turns unready, and back."""
    fate = {"web": Fate.RUNS}
    cluster = make_cluster(behaviour=lambda _pod: PodBehaviour(ContainerBehaviour(fate["web"])))
    cluster.create_rolled_out(a_deployment(replicas=1))
    fate["web"] = Fate.NEVER_READY
    cluster.api.resync_pods()
    wait_for(lambda: cluster.container()["ready"] is False)
    wait_for(lambda: "availableReplicas" not in cluster.deployment()["status"])
    fate["web"] = Fate.RUNS
    cluster.api.resync_pods()
    wait_for(cluster.rolled_out)


def test_a_behaviour_that_fails_stops_nobody_else(make_cluster: Callable[..., Cluster], capsys: pytest.CaptureFixture[str]) -> None:
    """A script's fault is reported on stderr, and other pods run."""

    def choose(pod: Json) -> PodBehaviour:
        if pod["metadata"]["labels"]["app"] == "bad":
            raise RuntimeError("the script is broken")
        return PodBehaviour()

    cluster = make_cluster(behaviour=choose)
    cluster.create(a_deployment("bad", replicas=1))
    cluster.create_rolled_out(a_deployment(replicas=1))
    assert "the script is broken" in capsys.readouterr().err


def test_a_scene_that_was_there_before_is_left_as_it_is(make_cluster: Callable[..., Cluster]) -> None:
    """Started on the objects of another cluster, the controllers find nothing to do, and a crash loop goes on counting."""
    origin = make_cluster()
    origin.create_rolled_out(a_deployment(replicas=2))
    origin.create(a_stateful_set(replicas=1))
    origin.create(a_deployment("loop", CRASHING, replicas=1))
    wait_for(lambda: origin.container("app=loop").get("restartCount", 0) >= 2 and bool(origin.container("app=db", "db").get("ready")))
    origin.api.settle(30)
    store = ObjectStore()
    with origin.api.store.lock:
        for name in ("namespaces", "nodes", "deployments", "replicasets", "statefulsets", "controllerrevisions", "pods"):
            for document in origin.api.registry.list(name):
                store.put(by_name(name), copy_json(document))
    origin.api.close()
    restarts = origin.container("app=loop")["restartCount"]
    put_before = store.version
    cluster = make_cluster(store=store)
    wait_for(lambda: cluster.container("app=loop")["restartCount"] > restarts)
    newer = [store.changes_since(put_before, by_name(name)) for name in ("deployments", "replicasets", "statefulsets", "controllerrevisions", "pods")]
    changed = {change.last["metadata"].get("labels", {}).get("app") for one in newer if one is not None for change in one[0]}
    assert changed == {"loop"}
