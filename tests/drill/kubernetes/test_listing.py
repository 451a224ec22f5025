"""Lists over HTTP: selectors, pages, versions."""

import base64
import json

import pytest

from tests.drill.kubernetes.builders import APPLICATIONS, CONFIG_MAPS, DEPLOYMENTS, NAMESPACE, PODS, a_config_map, a_deployment, an_application
from tests.drill.kubernetes.client import Client
from tests.drill.kubernetes.conftest import Cluster


@pytest.fixture
def five_maps(cluster: Cluster) -> None:
    """ConfigMaps `m0` to `m4`; every second one has the label `even`."""
    for number in range(5):
        document = a_config_map(f"m{number}", number=str(number))
        document["metadata"]["labels"] = {"even": "yes"} if number % 2 == 0 else {"odd": "yes"}
        cluster.create(document)


def names(listed: dict[str, list[dict[str, dict[str, str]]]]) -> list[str]:
    """Return the names of the items of a list."""
    return [item["metadata"]["name"] for item in listed["items"]]


def test_items_carry_no_kind_but_the_list_does(cluster: Cluster, client: Client, five_maps: None) -> None:
    """Typed lists name the kind once; lists of custom resources on each item too."""
    listed = client.get(CONFIG_MAPS).json
    assert (listed["kind"], listed["apiVersion"]) == ("ConfigMapList", "v1")
    assert "kind" not in listed["items"][0]
    cluster.create(an_application())
    assert client.get(APPLICATIONS).json["items"][0]["kind"] == "Application"


def test_selectors_narrow_a_list(client: Client, five_maps: None) -> None:
    """Label and field selectors are applied together, in one namespace or across all."""
    assert names(client.get(CONFIG_MAPS, labelSelector="even").json) == ["m0", "m2", "m4"]
    assert names(client.get("/api/v1/configmaps", labelSelector="even", fieldSelector="metadata.name!=m2").json) == ["m0", "m4"]


@pytest.mark.parametrize(
    ("path", "fields", "message"),
    [
        (PODS, "spec.bogus=1", "field label not supported: spec.bogus"),
        (DEPLOYMENTS, "status.phase=Running", '"status.phase" is not a known field selector: only "metadata.name", "metadata.namespace"'),
    ],
)
def test_a_field_that_cannot_be_selected_by_is_refused(client: Client, path: str, fields: str, message: str) -> None:
    """Each resource has its own selectable fields."""
    refused = client.get(path, fieldSelector=fields)
    assert (refused.status, refused.message) == (400, message)


def test_a_namespace_that_does_not_exist_is_empty(client: Client) -> None:
    """Listing is 200 with nothing, never 404."""
    listed = client.get("/api/v1/namespaces/nowhere/pods")
    assert (listed.status, listed.json["items"]) == (200, [])


def test_pages_show_one_moment(cluster: Cluster, client: Client, five_maps: None) -> None:
    """Later pages keep the first one's version and do not see what was created between."""
    first = client.get(CONFIG_MAPS, limit="2").json
    assert first["metadata"]["remainingItemCount"] == 3
    cluster.create(a_config_map("m3a"))
    second = client.get(CONFIG_MAPS, limit="2", **{"continue": first["metadata"]["continue"]}).json
    third = client.get(CONFIG_MAPS, limit="2", **{"continue": second["metadata"]["continue"]}).json
    assert names(first) + names(second) + names(third) == ["m0", "m1", "m2", "m3", "m4"]
    assert first["metadata"]["resourceVersion"] == third["metadata"]["resourceVersion"]
    assert "continue" not in third["metadata"]
    token = json.loads(base64.urlsafe_b64decode(first["metadata"]["continue"] + "=="))
    assert token == {"v": "meta.k8s.io/v1", "rv": int(first["metadata"]["resourceVersion"]), "start": f"{NAMESPACE}/m1\u0000"}


def test_an_expired_page_offers_an_inconsistent_rest(cluster: Cluster, client: Client, five_maps: None) -> None:
    """410 holds a token with which the rest can still be had, of the present moment."""
    first = client.get(CONFIG_MAPS, limit="2").json
    cluster.create(a_config_map("m3a"))
    cluster.api.store.compact()
    expired = client.get(CONFIG_MAPS, limit="9", **{"continue": first["metadata"]["continue"]})
    assert (expired.status, expired.json["reason"]) == (410, "Expired")
    assert expired.message.startswith("The provided continue parameter is too old to display a consistent list result.")
    rest = client.get(CONFIG_MAPS, limit="9", **{"continue": expired.json["metadata"]["continue"]}).json
    assert names(rest) == ["m2", "m3", "m3a", "m4"]


def test_what_is_asked_wrongly_is_refused(client: Client, five_maps: None) -> None:
    """A garbled token, a token with a version, and a version that is no number are 400."""
    token = client.get(CONFIG_MAPS, limit="2").json["metadata"]["continue"]
    assert client.get(CONFIG_MAPS, **{"continue": "garbage"}).message.startswith("invalid continue token: continue key is not valid: ")
    refused = client.get(CONFIG_MAPS, resourceVersion="5", **{"continue": token})
    assert (refused.status, refused.message) == (400, "specifying resource version is not allowed when using continue")
    assert client.get(CONFIG_MAPS, resourceVersion="abc").message.startswith("invalid resource version: ")
    assert client.get(CONFIG_MAPS, limit="many").status == 400


def test_the_past_can_be_listed_exactly_while_it_is_known(cluster: Cluster, client: Client) -> None:
    """`resourceVersionMatch=Exact` shows that version, or is 410 when it is forgotten."""
    cluster.create(a_config_map("old"))
    version = client.get(CONFIG_MAPS).json["metadata"]["resourceVersion"]
    cluster.create(a_config_map("new"))
    exact = {"resourceVersion": version, "resourceVersionMatch": "Exact"}
    assert names(client.get(CONFIG_MAPS, **exact).json) == ["old"]
    cluster.api.store.compact()
    forgotten = client.get(CONFIG_MAPS, **exact)
    assert (forgotten.status, forgotten.message) == (410, "The resourceVersion for the provided list is too old.")


def test_a_version_of_the_future_is_waited_for_and_then_given_up(client: Client) -> None:
    """504 tells the wanted and the current version and when to come back."""
    future = client.get(CONFIG_MAPS, resourceVersion="99999999")
    assert (future.status, future.json["reason"]) == (504, "Timeout")
    assert future.message.startswith("Timeout: Too large resource version: 99999999, current: ")
    assert future.json["details"]["retryAfterSeconds"] == 1


def test_a_collection_is_deleted_by_selector(client: Client, five_maps: None) -> None:
    """DELETE on a collection deletes what the selectors match."""
    assert names(client.send("DELETE", f"{CONFIG_MAPS}?labelSelector=even").json) == ["m0", "m2", "m4"]
    assert names(client.get(CONFIG_MAPS).json) == ["m1", "m3"]


def test_events_are_seen_through_both_groups(cluster: Cluster, client: Client) -> None:
    """`events.k8s.io` shows the same events with the newer names."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    path = f"/apis/events.k8s.io/v1/namespaces/{NAMESPACE}/events"
    (event,) = [one for one in client.get(path).json["items"] if one["reason"] == "ScalingReplicaSet"]
    assert event["regarding"]["kind"] == "Deployment"
    assert event["note"].startswith("Scaled up replica set web-")
    assert event["deprecatedCount"] == 1
