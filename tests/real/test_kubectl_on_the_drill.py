"""Every kubectl command that an engineer would use runs against `drill --serve`, and ends as it does against a real cluster.

Each test that changes something has a service of its own. Output and exit codes are those recorded of kubectl against a
real API server; Argo CD's auto-sync is off in this script, so that nothing is put back under the tests' hands.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import image_name
from tests.real.conftest import eventually
from tests.real.kubectl import Kubectl, Told, columns, refused, said, served_to_kubectl

GATEWAY, CONTENT, AUTH, BILLING, AI, NOTES = (f"deployment/gospelib-{name}" for name in ("gateway", "content", "auth", "billing", "ai", "notifications"))


@pytest.fixture(scope="module")
def kubectl(peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """A drill that the installed verb serves, and kubectl beside it."""
    with served_to_kubectl(peers, tmp_path_factory.mktemp("home"), "slow-start") as found:
        yield found


def a_pod(kubectl: Kubectl, service: str) -> str:
    """Returns the name of one of a service's pods, with its kind."""
    return kubectl("get", "pods", "-l", f"app=gospelib-{service}", "-o", "name").lines[0]


def test_get_prints_the_columns_of_a_real_cluster(kubectl: Kubectl) -> None:
    """Pods, Deployments, ReplicaSets, nodes and the Application, narrow and wide."""
    pods = columns(kubectl("get", "pods"))
    assert pods[0] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert {tuple(row[1:4]) for row in pods[1:]} == {("1/1", "Running", "0")}
    assert columns(kubectl("get", "pods", "-o", "wide"))[0] == [*pods[0], "IP", "NODE", "NOMINATED NODE", "READINESS GATES"]
    assert columns(kubectl("get", GATEWAY))[1][:4] == ["gospelib-gateway", "2/2", "2", "2"]
    assert columns(kubectl("get", GATEWAY, "-o", "wide"))[0][-3:] == ["CONTAINERS", "IMAGES", "SELECTOR"]
    assert columns(kubectl("get", "rs", "-l", "app=gospelib-gateway"))[0] == ["NAME", "DESIRED", "CURRENT", "READY", "AGE"]
    assert [row[1] for row in columns(kubectl("get", "nodes"))] == ["STATUS", "Ready", "Ready", "Ready"]
    application = columns(kubectl("-n", "argocd", "get", "applications.argoproj.io"))
    assert application[0] == ["NAME", "SYNC STATUS", "HEALTH STATUS"]


def test_get_prints_objects(kubectl: Kubectl) -> None:
    """YAML, JSON, names and JSONPath, of one object and of several kinds at once."""
    whole = json.loads(kubectl("get", GATEWAY, "-o", "json").out)
    assert (whole["kind"], whole["apiVersion"]) == ("Deployment", "apps/v1")
    assert kubectl("get", GATEWAY, "-o", "yaml").lines[:2] == ["apiVersion: apps/v1", "kind: Deployment"]
    assert kubectl("get", GATEWAY, "-o", "jsonpath={.spec.template.spec.containers[0].image}").out == image_name("gateway", "v2.15.0")
    names = kubectl("get", "deployments,configmaps", "-o", "name").lines
    assert {"deployment.apps/gospelib-gateway", "configmap/gateway-env"} <= set(names)


def test_get_of_what_is_not_there_says_so(kubectl: Kubectl) -> None:
    """An unknown object, an unknown kind, and what the operator may not see."""
    refused(kubectl("get", "deployment", "nope"), 'Error from server (NotFound): deployments.apps "nope" not found')
    refused(kubectl("get", "nonsenses"), 'error: the server doesn\'t have a resource type "nonsenses"')
    place = 'in API group "" in the namespace "gospelib-production"'
    refused(kubectl("get", "secrets"), f'Error from server (Forbidden): secrets is forbidden: User "operator" cannot list resource "secrets" {place}')


def test_get_watches(kubectl: Kubectl) -> None:
    """`-w` shows what is there, then each change as it comes."""
    with kubectl.lines("get", NOTES, "-w", "-o", 'jsonpath={.metadata.labels.seen}{"\\n"}') as lines:
        assert next(lines) == ""
        assert kubectl("label", NOTES, "seen=once").code == 0
        assert next(line for line in lines if line) == "once"


def test_describe_tells_the_story(kubectl: Kubectl) -> None:
    """A Deployment, a pod, a ReplicaSet and a node; ConfigMaps that a container reads, conditions, events."""
    deployment = kubectl("describe", GATEWAY)
    assert deployment.code == 0
    for text in ("kubernetes.io/change-cause: release v2.15.0", "2 desired | 2 updated | 2 total | 2 available | 0 unavailable", "gateway-env  ConfigMap"):
        assert text in deployment.out
    assert re.search(r"NewReplicaSet: +gospelib-gateway-\w+ \(2/2 replicas created\)", deployment.out)
    pod = kubectl("describe", a_pod(kubectl, "gateway"))
    assert pod.code == 0
    assert re.search(r"Controlled By: +ReplicaSet/gospelib-gateway-", pod.out)
    assert kubectl("describe", "rs", "-l", "app=gospelib-gateway").code == 0
    assert "KubeletReady" in kubectl("describe", "node", "ip-10-0-11-24.ec2.internal").out


def test_logs(kubectl: Kubectl) -> None:
    """Tail, times, by Deployment, and the sentences for a wrong container and for no earlier run."""
    pod = a_pod(kubectl, "gateway")
    name = pod.partition("/")[2]
    assert len(kubectl("logs", pod, "--tail=3").lines) == 3
    assert re.match(r"^20\d\d-\d\d-\d\dT[\d:.]+Z (ERROR|INFO) ", kubectl("logs", pod, "-c", "gateway", "--tail=1", "--timestamps").out)
    by_deployment = kubectl("logs", GATEWAY, "--tail=1")
    assert (by_deployment.code, len(by_deployment.lines)) == (0, 1)
    assert by_deployment.err.startswith("Found 2 pods, using pod/gospelib-gateway-")
    assert any("ERROR panic" in line for line in kubectl("logs", pod, "--since=10m").lines)
    refused(kubectl("logs", pod, "-c", "nope"), f"error: container nope is not valid for pod {name}")
    words = f'previous terminated container "gateway" in pod "{name}" not found'
    refused(kubectl("logs", pod, "--previous"), f"Error from server (BadRequest): {words}")
    refused(kubectl("logs", "nope"), 'error: error from server (NotFound): pods "nope" not found in namespace "gospelib-production"')


def test_logs_are_followed(kubectl: Kubectl) -> None:
    """`-f` goes on with what is written after it began."""
    with kubectl.lines("logs", "-f", a_pod(kubectl, "gateway"), "--tail=1") as lines:
        assert [next(lines)[:4] for _ in range(3)]


def test_the_history_is_told(kubectl: Kubectl) -> None:
    """Revisions with their causes, one of them whole, one that never was."""
    history = columns(kubectl("rollout", "history", GATEWAY))
    assert history[1:5] == [["REVISION", "CHANGE-CAUSE"], ["1", "release v2.13.2"], ["2", "release v2.14.0"], ["3", "release v2.15.0"]]
    whole = kubectl("rollout", "history", GATEWAY, "--revision=2")
    assert whole.code == 0
    assert image_name("gateway", "v2.14.0") in whole.out
    refused(kubectl("rollout", "history", GATEWAY, "--revision=99"), "error: unable to find the specified revision")


def test_undo_goes_back_and_says_what_it_will_not_do(kubectl: Kubectl) -> None:
    """Dry runs change nothing; an undo renumbers; one to what runs is skipped; one to what never was is refused."""
    said(kubectl("rollout", "undo", AUTH, "--dry-run=server"), "deployment.apps/gospelib-auth rolled back (server dry run)")
    assert "v2.13.2" in kubectl("rollout", "undo", AUTH, "--dry-run=client").out
    assert kubectl("get", AUTH, "-o", "jsonpath={.metadata.generation}").out == kubectl("get", AUTH, "-o", "jsonpath={.status.observedGeneration}").out
    refused(kubectl("rollout", "undo", AUTH, "--to-revision=99"), "error: unable to find specified revision 99 in history")
    same = "deployment.apps/gospelib-auth skipped rollback (current template already matches revision 2)"
    said(kubectl("rollout", "undo", AUTH, "--to-revision=2"), same)
    said(kubectl("rollout", "undo", AUTH), "deployment.apps/gospelib-auth rolled back")
    told = kubectl("rollout", "status", AUTH)
    assert (told.code, told.lines[-1]) == (0, 'deployment "gospelib-auth" successfully rolled out')
    assert kubectl("get", AUTH, "-o", "jsonpath={.spec.template.spec.containers[0].image}").out == image_name("auth", "v2.13.2")
    assert columns(kubectl("rollout", "history", AUTH))[2:4] == [["2", "release v2.14.0"], ["3", "release v2.13.2"]]
    refused(kubectl("rollout", "status", AUTH, "--revision=1"), "error: desired revision (1) is different from the running revision (3)")


def test_one_revision_has_nothing_to_go_back_to(kubectl: Kubectl) -> None:
    """A Deployment that was never changed."""
    solo = json.loads(manifest(kubectl, replicas=0))
    solo["metadata"]["name"] = "solo"
    assert kubectl.as_administrator("create", "-f", "-", stdin=json.dumps(solo)).out == "deployment.apps/solo created\n"
    refused(kubectl("rollout", "undo", "deployment/solo"), 'error: no rollout history found for deployment "solo"')
    said(kubectl("rollout", "status", "deployment/solo"), 'deployment "solo" successfully rolled out')
    said(kubectl.as_administrator("delete", "deployment", "solo"), 'deployment.apps "solo" deleted from gospelib-production namespace')


def test_pause_and_resume(kubectl: Kubectl) -> None:
    """Each once; while paused, no undo and no end of a rollout."""
    said(kubectl("rollout", "pause", CONTENT), "deployment.apps/gospelib-content paused")
    refused(kubectl("rollout", "pause", CONTENT), 'error: deployments.apps "gospelib-content" is already paused')
    advice = "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"
    refused(kubectl("rollout", "undo", CONTENT), f"error: {advice}")
    paused = "can't restart paused deployment (run rollout resume first)"
    refused(kubectl("rollout", "restart", CONTENT), f'error: deployments.apps "gospelib-content" {paused}')
    said(kubectl("set", "image", CONTENT, "content=" + image_name("content", "v3.0.0")), "deployment.apps/gospelib-content image updated")
    waiting = kubectl("rollout", "status", CONTENT, "--timeout=2s")
    assert (waiting.code, waiting.err) == (1, "error: timed out waiting for the condition\n")
    assert waiting.lines == ['Waiting for deployment "gospelib-content" rollout to finish: 0 out of 2 new replicas have been updated...']
    said(kubectl("rollout", "resume", CONTENT), "deployment.apps/gospelib-content resumed")
    refused(kubectl("rollout", "resume", CONTENT), 'error: deployments.apps "gospelib-content" is not paused')
    assert kubectl("rollout", "status", CONTENT).lines[-1] == 'deployment "gospelib-content" successfully rolled out'


def test_restart_replaces_every_pod(kubectl: Kubectl) -> None:
    """And the status tells the rollout as it goes."""
    before = set(kubectl("get", "pods", "-l", "app=gospelib-ai", "-o", "name").lines)
    said(kubectl("rollout", "restart", AI), "deployment.apps/gospelib-ai restarted")
    told = kubectl("rollout", "status", AI)
    assert (told.code, told.lines[-1]) == (0, 'deployment "gospelib-ai" successfully rolled out')
    eventually("the old pods are gone", lambda: not before & set(kubectl("get", "pods", "-l", "app=gospelib-ai", "-o", "name").lines))


def test_set_image(kubectl: Kubectl) -> None:
    """By the container's name; the same again is no change, an unknown name is refused; a deadline that passes is told."""
    image = image_name("billing", "v3.0.0")
    said(kubectl("set", "image", BILLING, f"billing={image}"), "deployment.apps/gospelib-billing image updated")
    assert kubectl("rollout", "status", BILLING).code == 0
    assert kubectl("set", "image", BILLING, f"billing={image}") == Told(0, "", "")
    refused(kubectl("set", "image", BILLING, "nope=x"), 'error: unable to find container named "nope"')
    stuck = '{"spec":{"progressDeadlineSeconds":2,"template":{"spec":{"nodeSelector":{"no":"such-node"}}}}}'
    said(kubectl("patch", BILLING, "-p", stuck), "deployment.apps/gospelib-billing patched")
    told = kubectl("rollout", "status", BILLING)
    assert (told.code, told.err) == (1, 'error: deployment "gospelib-billing" exceeded its progress deadline\n')
    assert "FailedScheduling" in kubectl("get", "events").out


def test_scale_and_wait(kubectl: Kubectl) -> None:
    """Up, waited for by condition and by JSONPath; not where the number is another; down to nothing."""
    said(kubectl("scale", NOTES, "--replicas=3"), "deployment.apps/gospelib-notifications scaled")
    said(kubectl("wait", NOTES, "--for=jsonpath={.status.readyReplicas}=3", "--timeout=60s"), "deployment.apps/gospelib-notifications condition met")
    said(kubectl("wait", NOTES, "--for=condition=Available", "--timeout=60s"), "deployment.apps/gospelib-notifications condition met")
    late = "error: timed out waiting for the condition on deployments/gospelib-notifications"
    refused(kubectl("wait", NOTES, "--for=condition=Nonsense", "--timeout=1s"), late)
    refused(kubectl("scale", NOTES, "--replicas=1", "--current-replicas=9"), "error: Expected replicas to be 9, was 3")
    said(kubectl("scale", NOTES, "--replicas=0"), "deployment.apps/gospelib-notifications scaled")
    said(kubectl("rollout", "status", NOTES), 'deployment "gospelib-notifications" successfully rolled out')


def test_patch_in_three_formats(kubectl: Kubectl) -> None:
    """Strategic, merge and JSON; a test that fails says only that the request is invalid; no change is told as such."""
    strategic = '{"spec":{"template":{"spec":{"containers":[{"name":"gateway","env":[{"name":"X","value":"1"}]}]}}}}'
    said(kubectl("patch", GATEWAY, "--dry-run=server", "-p", strategic), "deployment.apps/gospelib-gateway patched")
    said(kubectl("patch", GATEWAY, "--type=merge", "-p", '{"metadata":{"annotations":{"a":"b"}}}'), "deployment.apps/gospelib-gateway patched")
    said(kubectl("patch", GATEWAY, "--type=merge", "-p", '{"metadata":{"annotations":{"a":"b"}}}'), "deployment.apps/gospelib-gateway patched (no change)")
    test = '[{"op":"test","path":"/metadata/uid","value":"other"}]'
    refused(kubectl("patch", GATEWAY, "--type=json", "-p", test), "The request is invalid: the server rejected our request due to an error in our request")
    added = '[{"op":"test","path":"/spec/replicas","value":2},{"op":"add","path":"/metadata/annotations/c","value":"d"}]'
    said(kubectl("patch", GATEWAY, "--type=json", "-p", added), "deployment.apps/gospelib-gateway patched")
    assert kubectl("get", GATEWAY, "-o", "jsonpath={.metadata.annotations.a}{.metadata.annotations.c}").out == "bd"
    invalid = kubectl("patch", GATEWAY, "-p", '{"spec":{"replicas":-1}}')
    assert (invalid.code, invalid.err.splitlines()[0]) == (
        1,
        'The Deployment "gospelib-gateway" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    frozen = '{"spec":{"syncPolicy":{"automated":{"enabled":false}}}}'
    said(
        kubectl("-n", "argocd", "patch", "applications.argoproj.io", "gospelib-production", "--type=merge", "--dry-run=server", "-p", frozen),
        "application.argoproj.io/gospelib-production patched",
    )


def manifest(kubectl: Kubectl, **spec: object) -> str:
    """Returns what would be kept in git of the gateway, with some of its specification changed."""
    live = json.loads(kubectl("get", GATEWAY, "-o", "json").out)
    metadata = {"name": live["metadata"]["name"], "namespace": live["metadata"]["namespace"], "labels": live["metadata"]["labels"]}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {**live["spec"], **spec}})


def test_apply_and_diff(kubectl: Kubectl) -> None:
    """Dry runs on both sides of the wire; the exit code of diff tells a difference from none and from an error."""
    same, other = manifest(kubectl), manifest(kubectl, replicas=5)
    dry = kubectl("apply", "--dry-run=server", "-f", "-", stdin=other)
    assert (dry.code, dry.out) == (0, "deployment.apps/gospelib-gateway configured (server dry run)\n")
    by_server = kubectl("apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-", stdin=other)
    assert (by_server.code, by_server.out) == (0, "deployment.apps/gospelib-gateway serverside-applied (server dry run)\n")
    unchanged = kubectl("diff", "--server-side", "--force-conflicts", "-f", "-", stdin=same)
    changed = kubectl("diff", "-f", "-", stdin=other)
    assert (unchanged.code, unchanged.out) == (0, "")
    assert (changed.code, "+  replicas: 5" in changed.out) == (1, True)
    assert kubectl("diff", "-f", "nowhere.yaml").code > 1
    assert kubectl("get", GATEWAY, "-o", "jsonpath={.spec.replicas}").out == "2"
    misspelt = kubectl("apply", "--dry-run=server", "-f", "-", stdin=manifest(kubectl, replica=5))
    assert misspelt.code == 1
    assert 'unknown field "spec.replica"' in misspelt.err


def test_who_am_i_and_what_may_i(kubectl: Kubectl) -> None:
    """whoami, can-i with its exit codes, and what a wrong token gets."""
    who = columns(kubectl("auth", "whoami"))
    assert who[1:] == [["Username", "operator"], ["UID", "operator"], ["Groups", "[operators system:authenticated]"]]
    assert kubectl("auth", "can-i", "patch", "deployments.apps") == Told(0, "yes\n", "")
    assert kubectl("auth", "can-i", "get", "secrets") == Told(1, "no\n", "")
    assert columns(kubectl("auth", "can-i", "--list"))[0] == ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"]
    forbidden = kubectl("delete", a_pod(kubectl, "gateway"))
    assert (forbidden.code, "(Forbidden)" in forbidden.err) == (1, True)


def test_a_wrong_token_is_told_as_such(kubectl: Kubectl, tmp_path: Path) -> None:
    """The sentence that everybody knows."""
    wrong = json.loads(kubectl.kubeconfig.read_text())
    wrong["users"][0]["user"]["token"] = "nobody-issued-this"
    (tmp_path / "kubeconfig").write_text(json.dumps(wrong))
    refused(kubectl("get", "pods", kubeconfig=tmp_path / "kubeconfig"), "error: You must be logged in to the server (Unauthorized)")


def test_events(kubectl: Kubectl) -> None:
    """Of the namespace and of one object, oldest first."""
    assert kubectl("annotate", CONTENT, "note=seen").code == 0
    assert kubectl("rollout", "restart", CONTENT).code == 0
    assert kubectl("rollout", "status", CONTENT).code == 0
    told = kubectl("events", "--for", CONTENT)
    assert columns(told)[0] == ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"]
    assert re.search(r"ScalingReplicaSet +Deployment/gospelib-content +.*Scaled up replica set gospelib-content-\w+ from 0 to 1", told.out)
    selected = kubectl("get", "events", "--field-selector", "involvedObject.name=gospelib-content")
    assert {row[2] for row in columns(selected)[1:]} == {"ScalingReplicaSet"}


def test_the_rest(kubectl: Kubectl) -> None:
    """Versions, resources, labels; `explain` needs a schema that the simulated server does not have, and says so."""
    assert "Server Version: v1.34.2" in kubectl("version").out
    assert columns(kubectl("api-resources", "--api-group=apps"))[0] == ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]
    said(kubectl("label", GATEWAY, "seen=yes"), "deployment.apps/gospelib-gateway labeled")
    said(kubectl("annotate", GATEWAY, "seen=yes"), "deployment.apps/gospelib-gateway annotated")
    explained = kubectl("explain", "deployment.spec")
    assert explained.code == 1
    assert "not found in OpenAPI schema" in explained.err


def test_what_was_changed_is_in_the_request_log(kubectl: Kubectl) -> None:
    """The estate's own record tells kubectl's changes apart from its dry runs."""
    before = len(kubectl.control.requests())
    assert kubectl("annotate", GATEWAY, "x=1", "--dry-run=server").code == 0
    assert kubectl("annotate", GATEWAY, "x=1").code == 0
    sent = [record for record in kubectl.control.requests(before) if record["method"] == "PATCH"]
    assert [(record["dry_run"], record["changes_something"], record["user"]) for record in sent] == [(True, False, "operator"), (False, True, "operator")]
