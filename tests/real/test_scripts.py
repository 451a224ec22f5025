"""Each script of scenario 1 reaches on the real cluster the state that its story tells."""

import json
import urllib.error
import urllib.request
from typing import Any

from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, NAMESPACE, OLDER_TAG
from tests.real.conftest import LoadEstate, eventually

GATEWAY = "deployment/gospelib-gateway"
VERSES = "/v1/verses/gen.1.1"


def status_of(estate: RealEstate, path: str) -> int:
    """Returns the status code that the estate's public API answers with."""
    try:
        with urllib.request.urlopen(estate.public_url + path) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def kubectl(plane: RealControlPlane, *arguments: str) -> str:
    """Runs kubectl as the operator in the estate's namespace and returns its output."""
    return plane.kubectl("-n", NAMESPACE, *arguments, kubeconfig=plane.kubeconfig).stdout


def gateway_pods(plane: RealControlPlane) -> list[dict[str, Any]]:
    """Returns the gateway's pods that are not on their way out."""
    items: list[dict[str, Any]] = json.loads(kubectl(plane, "get", "pods", "-l", "app=gospelib-gateway", "-o", "json"))["items"]
    return [pod for pod in items if "deletionTimestamp" not in pod["metadata"]]


def waiting_reasons(plane: RealControlPlane) -> set[str]:
    """Returns the reasons for which the gateway's containers wait."""
    statuses = [status for pod in gateway_pods(plane) for status in pod["status"].get("containerStatuses", [])]
    return {status["state"].get("waiting", {}).get("reason", "") for status in statuses}


def gateway_tag(plane: RealControlPlane) -> str:
    """Returns the tag of the image that the gateway's template names."""
    return kubectl(plane, "get", GATEWAY, "-o", "jsonpath={.spec.template.spec.containers[0].image}").rpartition(":")[2]


def revisions(plane: RealControlPlane) -> list[str]:
    """Returns the numbers of the gateway's revisions, oldest first."""
    lines = kubectl(plane, "rollout", "history", GATEWAY).splitlines()[2:]
    return [line.split()[0] for line in lines if line]


def test_ready_but_failing(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Every pod is Ready, users get 500, and the log says why; an undo brings the verses back and the freeze keeps them."""
    scene = estate("ready-but-failing")
    assert [status["ready"] for pod in gateway_pods(control_plane) for status in pod["status"]["containerStatuses"]] == [True, True]
    eventually("users get 500", lambda: status_of(scene, VERSES) == 500)
    assert status_of(scene, "/services/gateway/ready") == 200
    eventually("the log says why", lambda: "panic: nil map in route table" in kubectl(control_plane, "logs", GATEWAY))
    freeze = '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}'
    control_plane.kubectl("-n", "argocd", "patch", "application", "gospelib-production", "--type=merge", "-p", freeze, kubeconfig=control_plane.kubeconfig)
    kubectl(control_plane, "rollout", "undo", GATEWAY)
    kubectl(control_plane, "rollout", "status", GATEWAY, "--timeout=120s")
    assert gateway_tag(control_plane) == GOOD_TAG
    eventually("users are served", lambda: {status_of(scene, VERSES) for _ in range(4)} == {200})
    assert gateway_tag(control_plane) == GOOD_TAG


def test_crash_loop(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """No pod of the gateway serves; each has crashed with exit code 2, restarted, and waits to start again."""
    scene = estate("crash-loop")
    eventually("the gateway waits to restart", lambda: waiting_reasons(control_plane) == {"CrashLoopBackOff"})
    eventually("it has restarted", lambda: all(pod["status"]["containerStatuses"][0]["restartCount"] >= 1 for pod in gateway_pods(control_plane)))
    eventually("nobody answers", lambda: status_of(scene, VERSES) == 503)
    last = [pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] for pod in gateway_pods(control_plane)]
    assert last == [2, 2]
    eventually("the crash is in the log", lambda: "panic: assignment to entry in nil map" in kubectl(control_plane, "logs", GATEWAY))
    assert "Back-off restarting failed container" in kubectl(control_plane, "get", "events")
    pod = gateway_pods(control_plane)[0]["metadata"]["name"]
    eventually("the run before has a log", lambda: "gateway starting" in control_plane.kubectl("-n", NAMESPACE, "logs", "--previous", pod, check=False).stdout)


def test_image_pull(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """The old pods are gone and the new ones wait for an image that the registry does not have."""
    scene = estate("image-pull")
    eventually("the image cannot be pulled", lambda: waiting_reasons(control_plane) == {"ImagePullBackOff"})
    eventually("nobody answers", lambda: status_of(scene, VERSES) == 503)
    assert {pod["status"]["phase"] for pod in gateway_pods(control_plane)} == {"Pending"}


def test_slow_start(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """The release to go back to runs for a while before it is Ready, and serves then."""
    scene = estate("slow-start")
    eventually("users get 500", lambda: status_of(scene, VERSES) == 500)
    kubectl(control_plane, "rollout", "undo", GATEWAY)

    def is_slow() -> bool:
        new = [pod for pod in gateway_pods(control_plane) if pod["spec"]["containers"][0]["image"].endswith(GOOD_TAG)]
        return any(status["started"] and not status["ready"] for pod in new for status in pod["status"].get("containerStatuses", []))

    eventually("a pod runs and is not Ready", is_slow)
    kubectl(control_plane, "rollout", "status", GATEWAY, "--timeout=180s")
    eventually("users are served", lambda: {status_of(scene, VERSES) for _ in range(4)} == {200})


def test_broken_target(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """The revision before the bad one crashes; the one before that serves."""
    scene = estate("broken-target")
    assert revisions(control_plane) == ["1", "2", "3"]
    kubectl(control_plane, "rollout", "undo", GATEWAY)
    assert gateway_tag(control_plane) == GOOD_TAG
    eventually("the target crashes", lambda: "CrashLoopBackOff" in waiting_reasons(control_plane))
    kubectl(control_plane, "rollout", "undo", GATEWAY, "--to-revision=1")
    kubectl(control_plane, "rollout", "status", GATEWAY, "--timeout=120s")
    assert gateway_tag(control_plane) == OLDER_TAG
    eventually("users are served", lambda: {status_of(scene, VERSES) for _ in range(4)} == {200})


def test_self_heal(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """An undo is reverted by the owner of the Deployment; with auto-sync frozen it stays."""
    scene = estate("self-heal")
    assert revisions(control_plane) == ["1", "2", "3"]
    kubectl(control_plane, "rollout", "undo", GATEWAY)
    eventually("the undo is reverted", lambda: revisions(control_plane) == ["1", "4", "5"])
    assert gateway_tag(control_plane) == BAD_TAG
    freeze = '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}'
    control_plane.kubectl("-n", "argocd", "patch", "application", "gospelib-production", "--type=merge", "-p", freeze, kubeconfig=control_plane.kubeconfig)
    kubectl(control_plane, "rollout", "undo", GATEWAY)
    kubectl(control_plane, "rollout", "status", GATEWAY, "--timeout=120s")
    eventually("users are served", lambda: {status_of(scene, VERSES) for _ in range(4)} == {200})
    eventually("the owner sees the difference and lets it be", lambda: _sync_status(control_plane) == "OutOfSync")
    assert gateway_tag(control_plane) == GOOD_TAG


def _sync_status(plane: RealControlPlane) -> str:
    return plane.kubectl("-n", "argocd", "get", "application", "gospelib-production", "-o", "jsonpath={.status.sync.status}").stdout


def test_undone_before(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """The revisions show that somebody has undone the release and that it came back."""
    scene = estate("undone-before")
    assert revisions(control_plane) == ["1", "4", "5"]
    assert gateway_tag(control_plane) == BAD_TAG
    eventually("users get 500", lambda: status_of(scene, VERSES) == 500)


def test_a_viewer_changes_nothing(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Somebody with the viewer's token sees the gateway and is refused when changing it."""
    estate("ready-but-failing")
    control_plane.kubectl("-n", NAMESPACE, "get", GATEWAY, kubeconfig=control_plane.restricted_kubeconfig)
    for verb, *arguments in (("patch", "-p", '{"spec":{"replicas":1}}'), ("delete",)):
        refused = control_plane.kubectl("-n", NAMESPACE, verb, GATEWAY, *arguments, kubeconfig=control_plane.restricted_kubeconfig, check=False)
        assert refused.returncode == 1
        assert f'User "viewer" cannot {verb} resource "deployments"' in refused.stderr
