"""The real kubectl against the simulated API server: every command of an on-call engineer."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.kubernetes import LogLine
from gospel_rollback_tui.drill.real.peers import Peers
from tests.drill.kubernetes.builders import BETTER, CRASHING, NAMESPACE, a_container, a_deployment, a_stateful_set, an_application
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for

COMMAND_SECONDS = 120
"""Generous: a command that hangs is broken."""


@dataclass(frozen=True)
class Kubectl:
    """Runs kubectl as one user of a cluster."""

    program: Path
    config: Path

    def run(self, *arguments: str, code: int = 0, stdin: str = "") -> str:
        """Run a command, check its exit code and return what it printed, errors last."""
        command = [str(self.program), "--kubeconfig", str(self.config), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
        printed = done.stdout + done.stderr
        assert done.returncode == code, printed
        return printed


@pytest.fixture
def kubectl(peers: Peers, cluster: Cluster, tmp_path: Path) -> Kubectl:
    """A kubectl to which nothing is forbidden, beside a rolled-out Deployment `web` with a sidecar."""
    cluster.create_rolled_out(a_deployment(replicas=2, containers=[a_container(env=[{"name": "A", "value": "1"}]), a_container("side", "ecr.test/side:v1")]))
    return as_user(cluster, peers.program("kubectl"), tmp_path, "admin")


def as_user(cluster: Cluster, program: Path, folder: Path, user: str) -> Kubectl:
    """Return a kubectl of a user."""
    config = folder / f"{user}.json"
    config.write_text(json.dumps(cluster.api.kubeconfig(user, namespace=NAMESPACE)))
    return Kubectl(program, config)


def wait_rolled_out(cluster: Cluster) -> None:
    """Wait until `web` is rolled out."""
    wait_for(cluster.rolled_out)


def test_get_prints_tables(cluster: Cluster, kubectl: Kubectl) -> None:
    """Pods, Deployments, nodes and custom resources with the columns people know."""
    cluster.create(an_application())
    lines = kubectl.run("get", "pods").splitlines()
    assert lines[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert [line.split()[1:4] for line in lines[1:]] == [["2/2", "Running", "0"]] * 2
    assert "ecr.test/web:v1,ecr.test/side:v1" in kubectl.run("get", "deployment", "web", "-o", "wide")
    assert kubectl.run("get", "nodes").count(" Ready ") == 3
    assert kubectl.run("get", "applications").splitlines()[1].split() == ["gw", "Synced", "Healthy"]
    assert "deployment.apps/web" in kubectl.run("get", "all")
    assert kubectl.run("get", "deploy", "web", "-o", "jsonpath={.spec.replicas}") == "2"
    assert kubectl.run("get", "deploy", "nope", code=1) == 'Error from server (NotFound): deployments.apps "nope" not found\n'
    assert kubectl.run("get", "pods", "-n", "nowhere") == "No resources found in nowhere namespace.\n"


def test_describe_tells_conditions_and_events(cluster: Cluster, kubectl: Kubectl) -> None:
    """A Deployment with its ReplicaSets, a pod with its containers, a node."""
    described = kubectl.run("describe", "deployment", "web")
    assert "2 desired | 2 updated | 2 total | 2 available | 0 unavailable" in described
    assert "NewReplicaSet:   web-" in described
    assert "Scaled up replica set web-" in described
    pod = kubectl.run("describe", "pod", "-l", "app=web")
    assert "Successfully assigned kx/web-" in pod
    assert "Ready                       True" in pod
    assert "KubeletReady" in kubectl.run("describe", "node", "node-1")


def test_logs_are_read_by_pod_and_by_deployment(cluster: Cluster, kubectl: Kubectl) -> None:
    """With several containers kubectl takes the first and says so; a wrong name is refused."""
    for pod in cluster.pods():
        cluster.log(pod["metadata"]["name"], "web", LogLine(datetime.now(UTC), "hello"))
    name = cluster.pods()[0]["metadata"]["name"]
    assert kubectl.run("logs", name, "-c", "web") == "hello\n"
    assert 'Defaulted container "web" out of: web, side' in kubectl.run("logs", name)
    assert "hello" in kubectl.run("logs", "deployment/web", "-c", "web", "--tail=1", "--since=1h", "--timestamps")
    assert kubectl.run("logs", name, "-c", "nope", code=1) == f"error: container nope is not valid for pod {name}\n"


def test_a_bad_image_is_rolled_out_seen_and_undone(cluster: Cluster, kubectl: Kubectl) -> None:
    """Set image, status, history, undo: with kubectl's own words and exit codes."""
    assert kubectl.run("set", "image", "deployment/web", f"web={BETTER}") == "deployment.apps/web image updated\n"
    assert 'deployment "web" successfully rolled out' in kubectl.run("rollout", "status", "deployment/web")
    assert [container["image"] for container in cluster.deployment()["spec"]["template"]["spec"]["containers"]] == [BETTER, "ecr.test/side:v1"]
    kubectl.run("set", "image", "deployment/web", f"web={CRASHING}")
    waiting = kubectl.run("rollout", "status", "deployment/web", "--timeout=2s", code=1)
    assert 'Waiting for deployment "web" rollout to finish: 1 out of 2 new replicas have been updated...' in waiting
    assert waiting.endswith("error: timed out waiting for the condition\n")
    wait_for(lambda: "CrashLoopBackOff" in kubectl.run("get", "pods"))
    assert kubectl.run("rollout", "undo", "deployment/web", "--dry-run=server") == "deployment.apps/web rolled back (server dry run)\n"
    assert kubectl.run("rollout", "undo", "deployment/web") == "deployment.apps/web rolled back\n"
    wait_rolled_out(cluster)
    history = kubectl.run("rollout", "history", "deployment/web").splitlines()
    assert [line.split()[0] for line in history if line[:1].isdigit()] == ["1", "3", "4"]
    assert CRASHING in kubectl.run("rollout", "history", "deployment/web", "--revision=3")


def test_an_undo_that_cannot_be_done_says_why(cluster: Cluster, kubectl: Kubectl) -> None:
    """Unknown revisions, the present one, a paused Deployment, and one without a past."""
    assert kubectl.run("rollout", "undo", "deployment/web", code=1) == 'error: no rollout history found for deployment "web"\n'
    kubectl.run("set", "image", "deployment/web", f"web={BETTER}")
    wait_rolled_out(cluster)
    assert kubectl.run("rollout", "undo", "deployment/web", "--to-revision=99", code=1) == "error: unable to find specified revision 99 in history\n"
    assert "skipped rollback (current template already matches revision 2)" in kubectl.run("rollout", "undo", "deployment/web", "--to-revision=2")
    assert kubectl.run("rollout", "pause", "deployment/web") == "deployment.apps/web paused\n"
    assert "is already paused" in kubectl.run("rollout", "pause", "deployment/web", code=1)
    assert "you cannot rollback a paused deployment" in kubectl.run("rollout", "undo", "deployment/web", code=1)
    assert kubectl.run("rollout", "resume", "deployment/web") == "deployment.apps/web resumed\n"


def test_a_deadline_that_passed_ends_the_status(cluster: Cluster, kubectl: Kubectl) -> None:
    """`rollout status` fails by itself when the rollout has."""
    kubectl.run("patch", "deployment", "web", "-p", '{"spec":{"progressDeadlineSeconds":20}}')
    kubectl.run("set", "image", "deployment/web", f"web={CRASHING}")
    assert kubectl.run("rollout", "status", "deployment/web", code=1).endswith('error: deployment "web" exceeded its progress deadline\n')


def test_restart_scale_and_wait(cluster: Cluster, kubectl: Kubectl) -> None:
    """New pods by a restart, another size by scale, and waiting for conditions and deletions."""
    old = {pod["metadata"]["name"] for pod in cluster.pods()}
    assert kubectl.run("rollout", "restart", "deployment/web") == "deployment.apps/web restarted\n"
    wait_rolled_out(cluster)
    assert not old & {pod["metadata"]["name"] for pod in cluster.pods()}
    assert kubectl.run("scale", "deployment/web", "--replicas=3") == "deployment.apps/web scaled\n"
    assert "condition met" in kubectl.run("wait", "--for=condition=Available", "deployment/web", "--timeout=60s")
    assert kubectl.run("scale", "deployment/web", "--replicas=1", "--current-replicas=9", code=1) == "error: Expected replicas to be 9, was 3\n"
    kubectl.run("scale", "deployment/web", "--replicas=0")
    wait_for(lambda: cluster.pods() == [])
    cluster.create(a_stateful_set(replicas=1))
    wait_for(lambda: len(cluster.pods("app=db")) == 1)
    kubectl.run("scale", "statefulset/db", "--replicas=0")
    kubectl.run("wait", "--for=delete", "pod/db-0", "--timeout=60s")
    assert cluster.pods("app=db") == []


def test_patches_of_every_kind(cluster: Cluster, kubectl: Kubectl) -> None:
    """Strategic by default, merge and JSON by choice; refusals in kubectl's words; a dry run changes nothing."""
    kubectl.run("patch", "deployment", "web", "-p", '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"ecr.test/side:v2"}]}}}}')
    images = [container["image"] for container in cluster.deployment()["spec"]["template"]["spec"]["containers"]]
    assert images == ["ecr.test/web:v1", "ecr.test/side:v2"]
    refused = kubectl.run("patch", "deployment", "web", "--type=json", "-p", '[{"op":"test","path":"/metadata/uid","value":"x"}]', code=1)
    assert refused == "The request is invalid: the server rejected our request due to an error in our request\n"
    invalid = kubectl.run("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"replicas":-1}}', code=1)
    assert invalid == 'The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0\n'
    version = cluster.deployment()["metadata"]["generation"]
    assert "web" in kubectl.run("patch", "deployment", "web", "--dry-run=server", "-p", '{"spec":{"replicas":9}}')
    assert cluster.deployment()["metadata"]["generation"] == version
    assert kubectl.run("annotate", "deployment", "web", "kubernetes.io/change-cause=release 2") == "deployment.apps/web annotated\n"
    wait_for(lambda: "release 2" in kubectl.run("rollout", "history", "deployment/web"))
    assert kubectl.run("label", "deployment", "web", "team=graph") == "deployment.apps/web labeled\n"


MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: applied}
spec:
  replicas: 1
  selector: {matchLabels: {app: applied}}
  template:
    metadata: {labels: {app: applied}}
    spec:
      containers: [{name: web, image: "ecr.test/web:v1"}]
"""


def test_apply_and_diff(cluster: Cluster, kubectl: Kubectl) -> None:
    """Created, configured, unchanged; a difference is shown by a dry run; server-side too."""
    assert kubectl.run("apply", "-f", "-", stdin=MANIFEST) == "deployment.apps/applied created\n"
    changed = MANIFEST.replace("web:v1", "web:v2")
    difference = kubectl.run("diff", "-f", "-", code=1, stdin=changed)
    assert "-      - image: ecr.test/web:v1" in difference
    assert "+      - image: ecr.test/web:v2" in difference
    assert kubectl.run("apply", "-f", "-", stdin=changed) == "deployment.apps/applied configured\n"
    assert kubectl.run("apply", "-f", "-", stdin=changed) == "deployment.apps/applied unchanged\n"
    assert kubectl.run("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=changed) == "deployment.apps/applied serverside-applied\n"
    assert kubectl.run("delete", "-f", "-", stdin=changed).startswith('deployment.apps "applied" deleted')
    wait_for(lambda: cluster.pods("app=applied") == [])


def test_events_and_deletion(cluster: Cluster, kubectl: Kubectl) -> None:
    """Events of an object, and a pod that is deleted and replaced."""
    assert "ScalingReplicaSet" in kubectl.run("events", "--for", "deployment/web")
    assert "Created pod: web-" in kubectl.run("get", "events")
    name = cluster.pods()[0]["metadata"]["name"]
    assert kubectl.run("delete", "pod", name).startswith(f'pod "{name}" deleted')
    wait_rolled_out(cluster)
    assert name not in {pod["metadata"]["name"] for pod in cluster.pods()}


def test_watching_prints_changes(cluster: Cluster, kubectl: Kubectl) -> None:
    """`get -w` goes on until its request times out."""
    printed = kubectl.run("get", "deployment", "web", "-w", "--request-timeout=2s", code=0)
    assert printed.splitlines()[0].split() == ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"]
    assert printed.count("NAME") == 1


def test_a_stateful_set_is_undone(cluster: Cluster, kubectl: Kubectl) -> None:
    """History, undo, and the broken pod that has to be deleted by hand."""
    cluster.create(a_stateful_set())
    wait_for(lambda: cluster.api.registry.get("statefulsets", NAMESPACE, "db")["status"].get("readyReplicas") == 2)
    assert "no last revision to roll back to" in kubectl.run("rollout", "undo", "statefulset/db", code=1)
    kubectl.run("set", "image", "statefulset/db", f"db={CRASHING}")
    wait_for(lambda: cluster.container("statefulset.kubernetes.io/pod-name=db-1", "db").get("image") == CRASHING)
    assert kubectl.run("rollout", "undo", "statefulset/db") == "statefulset.apps/db rolled back\n"
    assert "timed out" in kubectl.run("rollout", "status", "statefulset/db", "--timeout=2s", code=1)
    kubectl.run("delete", "pod", "db-1")
    assert "partitioned roll out complete: 2 new pods have been updated..." in kubectl.run("rollout", "status", "statefulset/db", "--timeout=60s")


def test_rights_are_told_and_refused(cluster: Cluster, kubectl: Kubectl, tmp_path: Path) -> None:
    """Who am I, may I, and what happens when not; an expired login."""
    operator = as_user(cluster, kubectl.program, tmp_path, "operator")
    assert "operators" in operator.run("auth", "whoami")
    assert operator.run("auth", "can-i", "patch", "deployments.apps") == "yes\n"
    assert operator.run("auth", "can-i", "delete", "pods", code=1) == "no\n"
    assert "[get list watch]" in operator.run("auth", "can-i", "--list")
    name = cluster.pods()[0]["metadata"]["name"]
    refused = operator.run("delete", "pod", name, code=1)
    assert refused == (
        f'Error from server (Forbidden): pods "{name}" is forbidden: User "operator" cannot delete resource "pods" in API group "" in the namespace "kx"\n'
    )
    cluster.api.tokens.expire("operator")
    assert operator.run("get", "pods", code=1).endswith("error: You must be logged in to the server (Unauthorized)\n")


def test_a_throttled_kubectl_retries_silently(cluster: Cluster, kubectl: Kubectl, tmp_path: Path) -> None:
    """It waits for the stated delay and then succeeds."""
    operator = as_user(cluster, kubectl.program, tmp_path, "operator")
    operator.run("get", "pods")
    cluster.api.faults.throttle(retry_after=1, requests=1)
    assert "Running" in operator.run("get", "pods")
    assert 429 in [record.status for record in cluster.api.requests.records()]


def test_versions_and_resources(kubectl: Kubectl) -> None:
    """What a client asks first."""
    assert "Server Version: v1.34.2" in kubectl.run("version")
    assert "deployments" in kubectl.run("api-resources")
    assert kubectl.run("get", "--raw", "/readyz") == "ok"
