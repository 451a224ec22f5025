"""What going to a commit changes, object by object."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.applying import applied
from gospel_rollback_tui.domain.manifests import ObjectKey, hooks_of, images_run, key_of, workload_images
from gospel_rollback_tui.domain.release_diff import LAST_APPLIED, managed_from, object_diff, release_diff
from gospel_rollback_tui.domain.sync_status import sync_status_from

NAMESPACE = "shop"


def a_deployment(name: str, tag: str, *, replicas: int = 2, env: dict[str, str] | None = None, live: bool = False) -> dict[str, Any]:
    """Returns a Deployment as git declares it, or with the defaults that a server fills in."""
    container: dict[str, Any] = {
        "name": name,
        "image": f"ecr.test/{name}:{tag}",
        "ports": [{"containerPort": 8080}],
        "resources": {"limits": {"cpu": "1000m", "memory": "1Gi"}},
        "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
    }
    manifest: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}},
        },
    }
    if live:
        container |= {"imagePullPolicy": "IfNotPresent", "terminationMessagePath": "/dev/termination-log"}
        container["ports"] = [{"containerPort": 8080, "protocol": "TCP"}]
        container["resources"] = {"limits": {"cpu": "1", "memory": "1Gi"}}
        manifest["spec"] |= {"progressDeadlineSeconds": 600, "revisionHistoryLimit": 10}
        manifest["spec"]["template"]["spec"] |= {"restartPolicy": "Always", "dnsPolicy": "ClusterFirst"}
        manifest["metadata"] |= {"uid": f"uid-{name}", "resourceVersion": "7", "annotations": {"deployment.kubernetes.io/revision": "3"}}
        manifest["status"] = {"readyReplicas": 1}
    return manifest


def a_config_map(name: str, content: dict[str, str], kind: str = "ConfigMap") -> dict[str, Any]:
    """Returns a ConfigMap, or something like it."""
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, "data": content}


def an_item(live: dict[str, Any] | None, last: dict[str, Any] | None = None, *, annotated: bool = False, **more: object) -> dict[str, Any]:
    """Returns an item of `managed-resources`: the last applied manifest is known by an annotation, or is what git declares now."""
    live = copy.deepcopy(live)
    if live and last and annotated:
        live["metadata"].setdefault("annotations", {})[LAST_APPLIED] = json.dumps(last)
    named = live or last or {}
    key = key_of(named, NAMESPACE)
    states = {"liveState": json.dumps(live), "targetState": json.dumps(None if annotated else last)}
    return {"group": key.group, "kind": key.kind, "namespace": key.namespace, "name": key.name, **states, **more}


def words(manifests: list[dict[str, Any]], items: list[dict[str, Any]]) -> list[str]:
    """Returns every change as an operator reads it."""
    diff = release_diff(manifests, managed_from(items), NAMESPACE)
    return [f"{change.key.name}: {one.words}" for change in diff.changed for one in change.changes]


@pytest.mark.parametrize("annotated", [True, False])
def test_a_release_is_told_per_service(annotated: bool) -> None:
    """Image, replicas, what the bad release added goes away; defaults and rewritten quantities are no changes."""
    bad = a_deployment("gw", "v2", replicas=3, env={"KEEP": "1", "FEATURE": "on"})
    live = a_deployment("gw", "v2", replicas=3, env={"KEEP": "1", "FEATURE": "on"}, live=True)
    found = words([a_deployment("gw", "v1", env={"KEEP": "1"})], [an_item(live, bad, annotated=annotated)])
    assert found == ["gw: gw image v2 → v1", "gw: gw env FEATURE removed: on", "gw: replicas 3 → 2"]


def test_the_same_release_changes_nothing() -> None:
    """However much the server and controllers have filled in."""
    good = a_deployment("gw", "v1", env={"A": "1"})
    assert words([good], [an_item(a_deployment("gw", "v1", env={"A": "1"}, live=True), good)]) == []


def test_a_drift_from_git_is_a_change_too() -> None:
    """What somebody changed by hand is put back by a rollback as well."""
    good = a_deployment("gw", "v1")
    assert words([good], [an_item(a_deployment("gw", "v9", live=True), good)]) == ["gw: gw image v9 → v1"]


def test_what_nobody_declared_stays() -> None:
    """An autoscaler's replicas where git has none, an injected container, and annotations of controllers."""
    declared = a_deployment("gw", "v1")
    del declared["spec"]["replicas"]
    live = a_deployment("gw", "v1", replicas=7, live=True)
    live["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "mesh:1"})
    assert words([declared], [an_item(live, declared)]) == []


def test_objects_that_come_and_go() -> None:
    """What is missing is made; what the release does not have stays, since nothing is pruned unasked."""
    items = [an_item(a_config_map("extra", {"A": "1"}), None), an_item(None, a_deployment("gw", "v2"))]
    diff = release_diff([a_deployment("gw", "v1"), a_config_map("env", {"A": "1"})], managed_from(items), NAMESPACE)
    assert [(change.key.words, change.made) for change in diff.changed] == [("Deployment gw", True), ("ConfigMap env", True)]
    assert [key.words for key in diff.left] == ["ConfigMap extra"]


def test_configuration_is_told_by_its_keys_and_a_secret_by_nothing_else() -> None:
    """Values of a Secret are never compared in words."""
    old, new = {"A": "1", "B": "2"}, {"A": "1", "B": "3", "C": "4"}
    assert [one.words for one in object_diff(a_config_map("env", old), a_config_map("env", new))[0]] == ["B 2 → 3", "C added: 4"]
    told = [one.words for one in object_diff(a_config_map("s", old, "Secret"), a_config_map("s", new, "Secret"))[0]]
    assert told == ["key B as it is → another value", "key C added: another value"]


def test_hooks_are_named_and_are_no_part_of_what_is_compared() -> None:
    """A rollback runs none of them."""
    hook = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "migrate", "annotations": {"argocd.argoproj.io/hook": "PreSync"}}, "spec": {}}
    helm = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "smoke", "annotations": {"helm.sh/hook": "test"}}}
    diff = release_diff([hook, helm], (), NAMESPACE)
    assert (diff.hooks, diff.changed) == (("Job migrate (PreSync)", "Pod smoke (test)"), ())
    assert hooks_of([a_deployment("gw", "v1")]) == ()
    assert managed_from([{**an_item(None, hook), "hook": True}]) == ()


def test_images_of_every_kind_of_workload() -> None:
    """Init containers count; a CronJob has its template one level deeper."""
    pod = {"spec": {"initContainers": [{"name": "i", "image": "x:1"}], "containers": [{"name": "c", "image": "y:1"}]}}
    cron = {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "n"}, "spec": {"jobTemplate": {"spec": {"template": pod}}}}
    found = workload_images([cron, a_deployment("gw", "v1"), a_config_map("env", {})], NAMESPACE)
    assert found[ObjectKey("CronJob", "n", NAMESPACE, "batch")] == {"i": "x:1", "c": "y:1"}
    assert images_run(found) >= {("Deployment/gw/gw", "ecr.test/gw:v1"), ("CronJob/n/i", "x:1")}


def test_objects_of_the_cluster_are_found_though_they_name_no_namespace() -> None:
    """A manifest without a namespace is given the release's, which objects of the cluster do not have."""
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "r"}, "rules": []}
    item = {**an_item(role, role), "namespace": ""}
    diff = release_diff([role], managed_from([item]), NAMESPACE)
    assert (diff.changed, diff.left) == ((), ())


def test_states_that_cannot_be_read_hide_nothing_else() -> None:
    """One broken item is an object that is not there."""
    broken = {"kind": "ConfigMap", "name": "broken", "liveState": "{", "targetState": "null"}
    assert next(one.live for one in managed_from([broken, an_item(a_config_map("env", {}))])) == {}


def test_a_large_release_is_compared_whole() -> None:
    """Six services with two hundred configuration objects; how long it takes is the benchmarks' business."""
    manifests = [a_deployment(f"s{n}", "v1", env={f"K{k}": str(k) for k in range(60)}) for n in range(6)]
    manifests += [a_config_map(f"c{n}", {f"K{k}": "x" * 200 for k in range(50)}) for n in range(200)]
    items = [an_item(a_deployment(f"s{n}", "v2", env={f"K{k}": str(k + 1) for k in range(60)}, live=True), a_deployment(f"s{n}", "v2")) for n in range(6)]
    items += [an_item(a_config_map(f"c{n}", {f"K{k}": "y" * 200 for k in range(50)}), None) for n in range(200)]
    diff = release_diff(manifests, managed_from(items), NAMESPACE)
    assert len(diff.changed) == 206
    assert [change.key.kind for change in diff.changed[:7]] == ["Deployment"] * 6 + ["ConfigMap"]
    assert [line.text for line in diff.changed[-1].lines[-1:]] == ["and 44 more"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3), lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(st.sampled_from("abcd"), JSON, max_size=4)


@given(live=OBJECTS, declared=OBJECTS, last=OBJECTS)
def test_applying_twice_is_applying_once(live: dict[str, Any], declared: dict[str, Any], last: dict[str, Any]) -> None:
    """What was applied is there, and applying it again changes nothing."""
    once = applied(live, declared, last)
    assert applied(once, declared, declared) == once


def test_what_is_left_over_does_not_hide_that_git_equals_what_runs() -> None:
    """Argo CD says `OutOfSync` for an object that only waits to be pruned."""

    def status(word: str, *resources: dict[str, Any]) -> dict[str, Any]:
        return {"status": {"sync": {"status": word, "revision": "V1"}, "resources": list(resources)}}

    left = {"kind": "ConfigMap", "name": "extra", "status": "OutOfSync", "requiresPruning": True}
    other = {"kind": "Deployment", "name": "gw", "status": "OutOfSync"}
    assert sync_status_from(status("Synced")).equals_git
    assert sync_status_from(status("OutOfSync", left)).equals_git
    assert not sync_status_from(status("OutOfSync", left, other)).equals_git
    assert not sync_status_from(status("OutOfSync")).equals_git
    assert not sync_status_from(status("Unknown")).equals_git
    assert "Deployment gw" in sync_status_from(status("OutOfSync", left, other)).words
