"""What `kubectl get` prints: the cells of each kind, for pods in every state."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.drill.kubernetes.tables.durations import age, short_duration
from gospel_rollback_tui.drill.kubernetes.tables.pods import ready_cell, restarts_cell, status_cell
from tests.drill.kubernetes.builders import APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, PODS, REPLICA_SETS, a_config_map, a_deployment, an_application
from tests.drill.kubernetes.client import TABLE, Client
from tests.drill.kubernetes.conftest import Cluster

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def waiting(reason: str) -> dict[str, Any]:
    """Return the status of a container that waits."""
    return {"name": "web", "ready": False, "restartCount": 0, "state": {"waiting": {"reason": reason}}}


def running(*, ready: bool = True, restarts: int = 0, name: str = "web") -> dict[str, Any]:
    """Return the status of a container that runs."""
    return {"name": name, "ready": ready, "restartCount": restarts, "started": True, "state": {"running": {}}}


def ended(code: int, reason: str = "") -> dict[str, Any]:
    """Return the status of a container that ended."""
    return {"name": "web", "ready": False, "restartCount": 0, "state": {"terminated": {"exitCode": code, "reason": reason}}}


def a_pod(*containers: dict[str, Any], initial: tuple[dict[str, Any], ...] = (), phase: str = "Running", **metadata: str) -> dict[str, Any]:
    """Return a pod with these container statuses."""
    spec = {
        "containers": [{"name": one["name"]} for one in containers] or [{"name": "web"}],
        "initContainers": [{"name": one["name"]} for one in initial],
    }
    status = {"phase": phase, "containerStatuses": list(containers), "initContainerStatuses": list(initial)}
    return {"metadata": {"name": "p", **metadata}, "spec": spec, "status": status}


@pytest.mark.parametrize(
    ("pod", "ready", "word"),
    [
        (a_pod(running()), "1/1", "Running"),
        (a_pod(running(ready=False)), "0/1", "Running"),
        (a_pod(waiting("CrashLoopBackOff")), "0/1", "CrashLoopBackOff"),
        (a_pod(waiting("ImagePullBackOff"), phase="Pending"), "0/1", "ImagePullBackOff"),
        (a_pod(waiting("CreateContainerConfigError"), phase="Pending"), "0/1", "CreateContainerConfigError"),
        (a_pod(ended(137, "OOMKilled")), "0/1", "OOMKilled"),
        (a_pod(ended(3)), "0/1", "ExitCode:3"),
        (a_pod(phase="Pending"), "0/1", "Pending"),
        (a_pod(waiting("PodInitializing"), initial=(waiting("CrashLoopBackOff"),), phase="Pending"), "0/1", "Init:CrashLoopBackOff"),
        (a_pod(waiting("PodInitializing"), initial=(running(ready=False),), phase="Pending"), "0/1", "Init:0/1"),
        (a_pod(running(), initial=(ended(0, "Completed"),)), "1/1", "Running"),
        (a_pod(running(), deletionTimestamp="2026-11-23T06:00:00Z"), "1/1", "Terminating"),
        (a_pod(running(), {**running(name="side"), "ready": False}), "1/2", "Running"),
    ],
)
def test_a_pod_is_told_in_one_word(pod: dict[str, Any], ready: str, word: str) -> None:
    """Readiness and state are what kubectl prints for the real thing."""
    assert (ready_cell(pod, NOW), status_cell(pod, NOW)) == (ready, word)


def test_restarts_are_summed_with_the_age_of_the_last() -> None:
    """`8 (16s ago)` counts all containers."""
    last = {"terminated": {"finishedAt": "2026-11-23T05:59:44Z"}}
    pod = a_pod({**running(restarts=5), "lastState": last}, running(restarts=3, name="side"))
    assert restarts_cell(pod, NOW) == "8 (16s ago)"
    assert restarts_cell(a_pod(running()), NOW) == "0"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (310, "5m10s"),
        (599, "9m59s"),
        (600, "10m"),
        (3 * 3600 - 1, "179m"),
        (3 * 3600, "3h"),
        (3 * 3600 + 60, "3h1m"),
        (8 * 3600, "8h"),
        (47 * 3600, "47h"),
        (49 * 3600, "2d1h"),
        (9 * 86400, "9d"),
        (-5, "0s"),
    ],
)
def test_ages_are_short(seconds: int, text: str) -> None:
    """At most two units, coarser the longer it is."""
    assert short_duration(seconds) == text


@given(seconds=st.integers(0, 10**9))
def test_an_age_never_overstates(seconds: int) -> None:
    """Read back, a short duration is at most the real one and less than an hour or a day behind it."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    number, total = "", 0
    for character in short_duration(seconds):
        if character.isdigit():
            number += character
        else:
            total, number = total + int(number) * units[character], ""
    assert 0 <= seconds - total < units["d"]


def test_an_unknown_time_has_no_age() -> None:
    """`<unknown>` stands for a missing timestamp."""
    assert age(None, NOW) == "<unknown>"
    assert age("2026-11-23T05:59:00Z", NOW + timedelta(seconds=0.9)) == "60s"


def test_workloads_are_printed_with_their_columns(cluster: Cluster, client: Client) -> None:
    """Deployments, ReplicaSets and pods as `kubectl get -o wide` shows them."""
    cluster.create_rolled_out(a_deployment(replicas=2))
    cluster.api.settle(10)
    (deployment,) = client.table(DEPLOYMENTS)
    assert deployment[:4] == ["web", "2/2", 2, 2]
    assert deployment[5:] == ["web", "ecr.test/web:v1", "app=web"]
    (replica_set,) = client.table(REPLICA_SETS)
    assert replica_set[1:4] == [2, 2, 2]
    pods = client.table(PODS)
    assert [pod[1:4] for pod in pods] == [["1/1", "Running", "0"]] * 2
    assert {pod[6] for pod in pods} <= {"node-1", "node-2", "node-3"}
    columns = client.send("GET", PODS, Accept=TABLE).json["columnDefinitions"]
    assert [(column["name"], column["priority"]) for column in columns] == [
        ("Name", 0),
        ("Ready", 0),
        ("Status", 0),
        ("Restarts", 0),
        ("Age", 0),
        ("IP", 1),
        ("Node", 1),
        ("Nominated Node", 1),
        ("Readiness Gates", 1),
    ]


def test_other_kinds_are_printed_too(cluster: Cluster, client: Client) -> None:
    """Nodes, ConfigMaps, Applications, events; each row carries the object's metadata."""
    cluster.create(a_config_map("settings", a="1", b="2"))
    cluster.create(an_application())
    assert [row[:2] for row in client.table("/api/v1/nodes")] == [["node-1", "Ready"], ["node-2", "Ready"], ["node-3", "Ready"]]
    assert client.table(CONFIG_MAPS)[0][:2] == ["settings", 2]
    assert client.table(APPLICATIONS)[0][:3] == ["gw", "Synced", "Healthy"]
    row = client.send("GET", f"{CONFIG_MAPS}/settings", Accept=TABLE).json["rows"][0]
    assert (row["object"]["kind"], row["object"]["metadata"]["name"]) == ("PartialObjectMetadata", "settings")


def test_metadata_alone_can_be_asked_for(cluster: Cluster, client: Client) -> None:
    """`PartialObjectMetadata` leaves the content out."""
    cluster.create(a_config_map("settings", a="1"))
    partial = client.send("GET", f"{CONFIG_MAPS}/settings", Accept="application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json").json
    assert (partial["kind"], "data" in partial) == ("PartialObjectMetadata", False)
