"""The witness of what was really sent."""

import json

from tests.drill.kubernetes.builders import CONFIG_MAPS, PODS, WEB, a_config_map, a_deployment
from tests.drill.kubernetes.client import JSON_PATCH, Client
from tests.drill.kubernetes.conftest import Cluster

PATCH = [{"op": "replace", "path": "/spec/replicas", "value": 2}]


def test_every_request_is_on_disk_before_its_answer(cluster: Cluster, operator: Client) -> None:
    """One JSON line a request, with everything that tells what was asked by whom and how it was answered."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    operator.send("PATCH", f"{WEB}?fieldManager=me", PATCH, content_type=JSON_PATCH, Accept="application/json", User_Agent="tester/1")
    line = json.loads(cluster.api.requests.path.read_text().splitlines()[-1])
    assert line.pop("time").endswith("Z")
    assert line == {
        "method": "PATCH",
        "path": WEB,
        "query": {"fieldManager": "me"},
        "content_type": JSON_PATCH,
        "accept": "application/json",
        "user": "operator",
        "user_agent": "tester/1",
        "status": 200,
        "dry_run": False,
        "body": PATCH,
    }


def test_only_what_changed_something_counts_as_a_change(cluster: Cluster, client: Client, operator: Client) -> None:
    """Reads, dry runs, refusals and reviews are logged but are no changes."""
    client.get(PODS)
    client.send("POST", f"{CONFIG_MAPS}?dryRun=All", a_config_map("a"))
    operator.post(CONFIG_MAPS, a_config_map("a"))
    cluster.client("unknown").get(PODS)
    client.post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {"spec": {"nonResourceAttributes": {"verb": "get", "path": "/"}}})
    client.watch(PODS)
    assert [(record.method, record.status, record.user) for record in cluster.api.requests.records()] == [
        ("GET", 200, "admin"),
        ("POST", 201, "admin"),
        ("POST", 403, "operator"),
        ("GET", 401, ""),
        ("POST", 201, "admin"),
        ("GET", 200, "admin"),
    ]
    assert [record.dry_run for record in cluster.api.requests.records()].count(True) == 1
    assert cluster.api.requests.changes() == ()
    client.post(CONFIG_MAPS, a_config_map("a"))
    client.send("DELETE", f"{CONFIG_MAPS}/a")
    assert [record.method for record in cluster.api.requests.changes()] == ["POST", "DELETE"]


def test_a_body_that_is_no_json_is_logged_as_text(cluster: Cluster, client: Client) -> None:
    """Whatever was sent can be read afterwards."""
    client.send("POST", CONFIG_MAPS, b"{{")
    assert cluster.api.requests.records()[-1].body == "{{"
