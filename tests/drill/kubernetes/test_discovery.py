"""Discovery, version and OpenAPI: what a client asks before it does anything."""

import pytest

from gospel_rollback_tui.drill.kubernetes.catalogue import CATALOGUE
from tests.drill.kubernetes.client import Client

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"


def test_the_version_is_that_of_the_real_peers(client: Client) -> None:
    """`kubectl version` reads this."""
    version = client.get("/version").json
    assert (version["major"], version["minor"], version["gitVersion"]) == ("1", "34", "v1.34.2")


def test_plain_discovery_leads_to_every_resource(client: Client) -> None:
    """Groups, their versions, and every resource of the catalogue with its verbs and subresources."""
    assert client.get("/api").json["versions"] == ["v1"]
    places = ["/api/v1"]
    for group in client.get("/apis").json["groups"]:
        assert client.get(f"/apis/{group['name']}").json["preferredVersion"] == group["preferredVersion"]
        places += [f"/apis/{version['groupVersion']}" for version in group["versions"]]
    found = {(document["groupVersion"], one["name"]) for place in places for document in [client.get(place).json] for one in document["resources"]}
    assert {(resource.api_version, resource.plural) for resource in CATALOGUE} <= found
    assert {("apps/v1", "deployments/scale"), ("v1", "pods/log"), ("apps/v1", "deployments/status")} <= found


def test_aggregated_discovery_says_the_same_at_once(client: Client) -> None:
    """One document a root, of the type that was asked for, which clients may cache."""
    answered = client.send("GET", "/apis", Accept=AGGREGATED + ",application/json")
    assert answered.headers["Content-Type"] == "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert answered.headers["Etag"]
    apps = next(item for item in answered.json["items"] if item["metadata"]["name"] == "apps")
    deployments = next(one for one in apps["versions"][0]["resources"] if one["resource"] == "deployments")
    assert deployments["shortNames"] == ["deploy"]
    scale = next(one for one in deployments["subresources"] if one["subresource"] == "scale")
    assert scale["responseKind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    core = client.send("GET", "/api", Accept=AGGREGATED).json
    assert "name" not in core["items"][0]["metadata"]


def test_openapi_says_that_patches_check_fields(client: Client) -> None:
    """That is all `kubectl apply` needs of it."""
    index = client.get("/openapi/v3").json["paths"]
    document = client.get(index["apis/apps/v1"]["serverRelativeURL"]).json
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"]["kind"] == "Deployment"
    assert "fieldValidation" in [parameter["name"] for parameter in patch["parameters"]]


@pytest.mark.parametrize("path", ["/openapi/v2", "/openapi/v3/apis/bogus/v1", "/apis/bogus", "/api/v2"])
def test_what_is_not_there_is_a_plain_404(client: Client, path: str) -> None:
    """A client falls back on its own knowledge then."""
    assert client.get(path).status == 404


def test_health_is_told_in_a_word_or_in_detail(client: Client) -> None:
    """Checks answer `ok`; single ones and verbose ones too."""
    assert client.get("/livez").text == "ok"
    assert client.get("/readyz/ping").text == "ok"
    assert client.get("/readyz", verbose="").text.endswith("readyz check passed\n")


def test_people_with_a_terminal_get_indented_answers(client: Client) -> None:
    """`curl` is answered readably, programs on one line."""
    assert "\n  " in client.send("GET", "/api/v1/namespaces", User_Agent="curl/8.5").text
    assert "\n  " in client.get("/api/v1/namespaces", pretty="true").text
    assert client.get("/api/v1/namespaces").text.count("\n") == 1
