"""Watches over HTTP: what is sent first, what follows, what ends them."""

import pytest

from tests.drill.kubernetes.builders import CONFIG_MAPS, NAMESPACE, PODS, a_config_map
from tests.drill.kubernetes.client import TABLE, Client, Stream
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


def seen(stream: Stream, count: int) -> list[tuple[str, str]]:
    """Return the kinds and names of the next events."""
    events = [stream.event() for _ in range(count)]
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


@pytest.mark.parametrize("query", [{}, {"resourceVersion": "0"}])
def test_without_a_version_what_is_there_comes_first(cluster: Cluster, client: Client, query: dict[str, str]) -> None:
    """Present objects are sent as ADDED, then each change."""
    cluster.create(a_config_map("a"))
    stream = client.watch(CONFIG_MAPS, **query)
    assert seen(stream, 1) == [("ADDED", "a")]
    cluster.create(a_config_map("b"))
    cluster.api.registry.patch("configmaps", NAMESPACE, "a", {"data": {"k": "v"}})
    cluster.api.registry.delete("configmaps", NAMESPACE, "b")
    assert seen(stream, 3) == [("ADDED", "b"), ("MODIFIED", "a"), ("DELETED", "b")]


def test_from_a_version_only_later_changes_come(cluster: Cluster, client: Client) -> None:
    """A watch resumes where a list or another watch ended, and misses nothing."""
    cluster.create(a_config_map("a"))
    version = client.get(CONFIG_MAPS).json["metadata"]["resourceVersion"]
    cluster.create(a_config_map("b"))
    stream = client.watch(CONFIG_MAPS, resourceVersion=version)
    event = stream.event()
    assert (event["type"], event["object"]["metadata"]["name"], event["object"]["kind"]) == ("ADDED", "b", "ConfigMap")
    stream.close()
    cluster.create(a_config_map("c"))
    assert seen(client.watch(CONFIG_MAPS, resourceVersion=event["object"]["metadata"]["resourceVersion"]), 1) == [("ADDED", "c")]


def test_the_past_that_is_forgotten_is_an_error_event(cluster: Cluster, client: Client) -> None:
    """HTTP 200, one ERROR line with a Status of 410, then the end."""
    version = client.get(CONFIG_MAPS).json["metadata"]["resourceVersion"]
    cluster.create(a_config_map("a"))
    cluster.api.store.compact()
    stream = client.watch(CONFIG_MAPS, resourceVersion=version)
    assert stream.status == 200
    (event,) = list(stream.events())
    assert event["type"] == "ERROR"
    status = event["object"]
    assert (status["kind"], status["reason"], status["code"]) == ("Status", "Expired", 410)
    assert status["message"] == f"too old resource version: {version} ({cluster.api.store.version})"


def test_an_object_that_leaves_the_selection_is_deleted_and_added_when_it_returns(cluster: Cluster, client: Client) -> None:
    """Who watches by label sees its members come and go."""
    cluster.create(a_config_map("a"))
    stream = client.watch(CONFIG_MAPS, labelSelector="chosen")
    for value in ("yes", None, "again"):
        cluster.api.registry.patch("configmaps", NAMESPACE, "a", {"metadata": {"labels": {"chosen": value}}})
    assert seen(stream, 3) == [("ADDED", "a"), ("DELETED", "a"), ("ADDED", "a")]


def test_one_object_is_watched_by_field(cluster: Cluster, client: Client) -> None:
    """Kubectl watches one object by `metadata.name`."""
    stream = client.watch(CONFIG_MAPS, fieldSelector="metadata.name=b")
    cluster.create(a_config_map("a"))
    cluster.create(a_config_map("b"))
    assert seen(stream, 1) == [("ADDED", "b")]


def test_a_watch_ends_cleanly_when_its_time_is_over(client: Client) -> None:
    """After `timeoutSeconds` the body ends without a last event, and the connection stays usable."""
    assert list(client.watch(CONFIG_MAPS, timeoutSeconds="1").lines()) == []


def test_a_bookmark_ends_the_initial_events(cluster: Cluster, client: Client) -> None:
    """With bookmarks allowed, an empty object with the version up to which everything was sent follows the present ones."""
    cluster.create(a_config_map("a"))
    query = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan", "allowWatchBookmarks": "true"}
    stream = client.watch(CONFIG_MAPS, **query)
    assert stream.event()["type"] == "ADDED"
    bookmark = stream.event()
    assert bookmark["type"] == "BOOKMARK"
    assert bookmark["object"] == {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"resourceVersion": str(cluster.api.store.version), "annotations": {"k8s.io/initial-events-end": "true"}},
    }
    pods = client.watch(PODS, resourceVersion="0", allowWatchBookmarks="true").event()["object"]
    assert (pods["kind"], pods["spec"], pods["status"]) == ("Pod", {"containers": None}, {})


def test_a_bookmark_tells_the_version_before_the_time_is_over(cluster: Cluster, client: Client) -> None:
    """Changes elsewhere move the version on, so that a resumed watch need not go back to the start."""
    version = client.get(PODS).json["metadata"]["resourceVersion"]
    stream = client.watch(PODS, resourceVersion=version, allowWatchBookmarks="true", timeoutSeconds="3")
    cluster.create(a_config_map("a"))
    (bookmark,) = list(stream.events())
    assert bookmark["type"] == "BOOKMARK"
    assert int(bookmark["object"]["metadata"]["resourceVersion"]) > int(version)


def test_initial_events_need_a_version_match(client: Client) -> None:
    """`sendInitialEvents` alone is 422."""
    refused = client.get(CONFIG_MAPS, watch="true", sendInitialEvents="true")
    assert (refused.status, refused.message) == (
        422,
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    )


def test_a_version_that_is_no_number_is_a_server_error(client: Client) -> None:
    """The real server answers 500 without a reason here."""
    refused = client.get(CONFIG_MAPS, watch="true", resourceVersion="abc")
    assert (refused.status, "reason" in refused.json) == (500, False)
    assert refused.message == 'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax'


def test_a_table_is_watched_row_by_row(cluster: Cluster, client: Client) -> None:
    """`kubectl get -w` gets the columns once and then one row an event."""
    cluster.create(a_config_map("a", k="v"))
    cluster.create(a_config_map("b"))
    lines = client.send("GET", f"{CONFIG_MAPS}?watch=true&timeoutSeconds=1", Accept=TABLE).text.splitlines()
    assert '"kind":"Table"' in lines[0]
    assert '"columnDefinitions":[{' in lines[0]
    assert '"columnDefinitions":null' in lines[1]


def test_many_watchers_see_every_change_in_order(cluster: Cluster) -> None:
    """Ten watches on their own connections all see the same fifty changes."""
    version = str(cluster.api.store.version)
    streams = [cluster.client().watch(CONFIG_MAPS, resourceVersion=version) for _ in range(10)]
    for number in range(50):
        cluster.create(a_config_map(f"m{number:02}"))
    expected = [("ADDED", f"m{number:02}") for number in range(50)]
    assert all(seen(stream, 50) == expected for stream in streams)


def test_a_watch_of_a_client_that_left_is_let_go(cluster: Cluster) -> None:
    """A closed connection ends its watch on the server; others go on."""
    leaving, staying = cluster.client(), cluster.client()
    leaving.watch(CONFIG_MAPS).close()
    stream = staying.watch(CONFIG_MAPS, resourceVersion=str(cluster.api.store.version))
    wait_for(lambda: cluster.api.connections == 1)
    cluster.create(a_config_map("a"))
    assert seen(stream, 1) == [("ADDED", "a")]
