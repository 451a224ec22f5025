"""The state in which a simulated estate starts."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from gospel_rollback_tui.drill.kubernetes.documents import copy_json, equal_json, parse_timestamp
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.start import opening_scene
from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG, NAMESPACE, SERVICE_PORTS, Script
from gospel_rollback_tui.drill.scripts import SCRIPTS, find_script

NOW = datetime(2026, 11, 27, 3, 13, 3, tzinfo=UTC)
by_id = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.id)


@cache
def opening(script: Script) -> tuple[dict[str, Any], ...]:
    """Return the objects of a script's scene; its repository is gone when this returns."""
    with TemporaryDirectory() as folder:
        return tuple(opening_scene(script, EstateRepository(Path(folder) / "gospelib.git", script, NOW), NOW))


def scene(script: Script) -> dict[str, list[dict[str, Any]]]:
    """Return the objects of a script's scene by kind."""
    objects = defaultdict(list)
    for document in opening(script):
        objects[document["kind"]].append(copy_json(document))
    return objects


def tag(pod_spec: dict[str, Any]) -> str:
    """Return the image tag of a pod spec's first container."""
    return str(pod_spec["containers"][0]["image"].rpartition(":")[2])


@by_id
def test_every_service_has_two_pods_of_its_live_revision(script: Script) -> None:
    """Deployments, ReplicaSets and pods agree on who owns whom and which revision is live."""
    objects = scene(script)
    assert len(objects["Deployment"]) == len(SERVICE_PORTS)
    assert len(objects["Pod"]) == 2 * len(SERVICE_PORTS)
    sets = {rs["metadata"]["uid"]: rs for rs in objects["ReplicaSet"]}
    deployments = {d["metadata"]["uid"]: d for d in objects["Deployment"]}
    for pod in objects["Pod"]:
        owner = sets[pod["metadata"]["ownerReferences"][0]["uid"]]
        deployment = deployments[owner["metadata"]["ownerReferences"][0]["uid"]]
        assert tag(pod["spec"]) == tag(owner["spec"]["template"]["spec"]) == tag(deployment["spec"]["template"]["spec"])
        assert equal_json(owner["spec"]["template"]["spec"], deployment["spec"]["template"]["spec"])


@by_id
def test_revisions_are_numbered_and_the_live_one_is_the_newest(script: Script) -> None:
    """The Deployment's revision is that of its one ReplicaSet with pods, and no number comes twice."""
    objects = scene(script)
    for deployment in objects["Deployment"]:
        sets = [rs for rs in objects["ReplicaSet"] if rs["metadata"]["ownerReferences"][0]["uid"] == deployment["metadata"]["uid"]]
        numbers = [int(rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]) for rs in sets]
        live = [rs for rs in sets if rs["spec"]["replicas"]]
        assert len(set(numbers)) == len(numbers)
        assert len(live) == 1
        assert live[0]["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == str(max(numbers))
        assert deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == str(max(numbers))


@by_id
def test_the_application_owns_every_deployment(script: Script) -> None:
    """There is one Application in `argocd`, and each Deployment carries its tracking annotation."""
    objects = scene(script)
    services = [a for a in objects["Application"] if a["spec"]["destination"]["namespace"] == NAMESPACE]
    assert [(a["metadata"]["namespace"], a["metadata"]["name"]) for a in services] == [("argocd", APPLICATION)]
    for deployment in objects["Deployment"]:
        name = deployment["metadata"]["name"]
        tracking = deployment["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
        assert tracking == f"gospelib-production:apps/Deployment:gospelib-production/{name}"


@by_id
def test_everything_has_a_past(script: Script) -> None:
    """No object is younger than the estate, and none but the second pod of a rollout younger than the incident's cause."""
    objects = scene(script)
    for documents in objects.values():
        assert all(parse_timestamp(d["metadata"]["creationTimestamp"]) <= NOW for d in documents)


def test_the_good_revision_ran_for_three_days_before_the_release() -> None:
    """The default incident: 412 s of failing users, a release 71 s before, a ConfigMap edited ten minutes before."""
    objects = scene(find_script("ready-but-failing"))
    sets = {tag(rs["spec"]["template"]["spec"]): rs for rs in objects["ReplicaSet"] if rs["metadata"]["name"].startswith("gospelib-gateway")}
    released = parse_timestamp(sets[BAD_TAG]["metadata"]["creationTimestamp"])
    assert released == NOW - timedelta(seconds=483)
    assert released - parse_timestamp(sets[GOOD_TAG]["metadata"]["creationTimestamp"]) > timedelta(days=2, hours=23)
    edited = next(m for m in objects["ConfigMap"] if m["metadata"]["name"] == "gateway-env")["metadata"]["managedFields"]
    assert [(e["manager"], parse_timestamp(e["time"])) for e in edited] == [("kubectl-edit", NOW - timedelta(seconds=1012))]


def test_every_pod_of_the_default_incident_is_ready() -> None:
    """`kubectl get pods` is green while users fail."""
    for pod in scene(find_script("ready-but-failing"))["Pod"]:
        assert {c["type"]: c["status"] for c in pod["status"]["conditions"]}["Ready"] == "True"


@pytest.mark.parametrize(("script", "reason"), [("crash-loop", "CrashLoopBackOff"), ("image-pull", "ImagePullBackOff")])
def test_broken_pods_say_why(script: str, reason: str) -> None:
    """The gateway's pods wait with the reason that operators know."""
    pods = [p for p in scene(find_script(script))["Pod"] if p["metadata"]["name"].startswith("gospelib-gateway")]
    assert [p["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] for p in pods] == [reason, reason]


def test_an_undo_that_was_reverted_left_its_traces() -> None:
    """The revisions are renumbered, and the Application tells of one heal."""
    objects = scene(find_script("undone-before"))
    annotations = [rs["metadata"]["annotations"] for rs in objects["ReplicaSet"] if rs["metadata"]["name"].startswith("gospelib-gateway")]
    prefix = "deployment.kubernetes.io/revision"
    assert [(a[prefix], a.get(f"{prefix}-history")) for a in annotations] == [("1", None), ("4", "2"), ("5", "3")]
    assert objects["Application"][0]["status"]["operationState"]["operation"]["sync"]["autoHealAttemptsCount"] == 1


def test_a_lost_node_is_seen_at_the_node() -> None:
    """The infrastructure script has a node whose Ready condition is Unknown, and no pod of content runs there."""
    objects = scene(find_script("node-lost"))
    ready = {n["metadata"]["name"]: next(c["status"] for c in n["status"]["conditions"] if c["type"] == "Ready") for n in objects["Node"]}
    assert sorted(ready.values()) == ["True", "True", "Unknown"]
    lost = next(name for name, status in ready.items() if status == "Unknown")
    assert all(p["spec"]["nodeName"] != lost for p in objects["Pod"])
    assert any(e["reason"] == "NodeNotReady" for e in objects["Event"])


def scaling(script: str) -> list[str]:
    """Return the gateway's scaling events of a script, with revisions for ReplicaSets, oldest first."""
    objects = scene(find_script(script))
    numbers = {rs["metadata"]["name"]: rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"] for rs in objects["ReplicaSet"]}
    events = [e for e in objects["Event"] if e["involvedObject"]["name"] == "gospelib-gateway"]
    words = [e["message"].split() for e in sorted(events, key=lambda e: str(e["lastTimestamp"]))]
    return [f"{numbers[w[4]]} {w[1]} {w[6]}-{w[8]}" for w in words]


def test_events_tell_how_the_last_rollouts_went() -> None:
    """A rolling update steps up and down; one that crashed got one pod, which went when the next release came."""
    assert scaling("ready-but-failing") == ["3 up 0-1", "2 down 2-1", "3 up 1-2", "2 down 1-0"]
    assert scaling("broken-target") == ["2 up 0-1", "3 up 0-1", "2 down 1-0", "1 down 2-1", "3 up 1-2", "1 down 1-0"]
    assert scaling("image-pull") == ["2 down 2-0", "3 up 0-2"]
    assert scaling("undone-before")[-2:] == ["4 up 0-1", "4 down 1-0"]


def test_a_deadline_that_was_missed_shows_in_the_condition() -> None:
    """Progressing has been True for ten days, but since the last rollout only where the one before it never came up."""

    def since(script: str) -> datetime:
        deployment = next(d for d in scene(find_script(script))["Deployment"] if d["metadata"]["name"] == "gospelib-gateway")
        progressing = next(c for c in deployment["status"]["conditions"] if c["type"] == "Progressing")
        assert progressing["status"] == "True"
        return parse_timestamp(progressing["lastTransitionTime"])

    assert since("ready-but-failing") == since("crash-loop") == since("image-pull") == NOW - timedelta(days=10)
    assert since("broken-target") == NOW - timedelta(seconds=483)


@pytest.mark.parametrize(("script", "reasons"), [("crash-loop", {"BackOff"}), ("image-pull", {"Failed", "BackOff"}), ("ready-but-failing", set())])
def test_the_kubelet_complains_of_pods_that_wait(script: str, reasons: set[str]) -> None:
    """Events on the gateway's pods name what `kubectl describe` would show."""
    events = [e for e in scene(find_script(script))["Event"] if e["involvedObject"]["kind"] == "Pod"]
    assert {e["reason"] for e in events} == reasons
    assert all(e["count"] > 1 and e["source"]["component"] == "kubelet" for e in events)


def test_events_name_the_object_they_speak_of() -> None:
    """`kubectl describe` finds events by the uid of what it describes."""
    objects = scene(find_script("crash-loop"))
    uids = {d["metadata"]["name"]: d["metadata"]["uid"] for d in (*objects["Deployment"], *objects["Pod"])}
    assert objects["Event"]
    assert all(e["involvedObject"]["uid"] == uids[e["involvedObject"]["name"]] for e in objects["Event"])


@pytest.mark.parametrize(("script", "service"), [("reversible-migration", "auth"), ("goes-up", "auth"), ("irreversible-migration", "billing")])
def test_code_that_cannot_run_on_the_new_schema_ran_on_the_old_one(script: str, service: str) -> None:
    """No rollout has missed its deadline since the first: what the good release does on a schema of after it says nothing of its own days."""
    deployment = next(one for one in scene(find_script(script))["Deployment"] if one["metadata"]["name"] == f"gospelib-{service}")
    (progressing,) = [one for one in deployment["status"]["conditions"] if one["type"] == "Progressing"]
    assert progressing["lastTransitionTime"] == deployment["metadata"]["creationTimestamp"]
