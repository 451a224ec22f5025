"""The official Python client against the simulated API server, raw as the tool uses it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from tests.drill.kubernetes.builders import BETTER, NAMESPACE, a_deployment, an_application
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


@pytest.fixture
def connection(cluster: Cluster) -> Iterator[client.ApiClient]:
    """A client of the operator, by kubeconfig."""
    configuration = client.Configuration()
    loader: Any = config
    loader.load_kube_config_from_dict(cluster.api.kubeconfig("operator", namespace=NAMESPACE), client_configuration=configuration)
    configuration.proxy = None
    with client.ApiClient(configuration) as opened:
        yield opened


def test_lists_patches_and_watches_work_raw(cluster: Cluster, connection: client.ApiClient) -> None:
    """List, watch from its version, JSON Patch, and the change seen by the watch."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    apps: Any = client.AppsV1Api(connection)
    listed: Any = json.loads(apps.list_namespaced_deployment(NAMESPACE, _preload_content=False).data)
    version = listed["metadata"]["resourceVersion"]
    watch = apps.list_namespaced_deployment(
        NAMESPACE, watch=True, resource_version=version, allow_watch_bookmarks=True, timeout_seconds=30, _preload_content=False, _request_timeout=(5, 60)
    )
    template = listed["items"][0]["spec"]["template"]
    body = [
        {"op": "test", "path": "/spec/template", "value": template},
        {"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": BETTER},
    ]
    apps.patch_namespaced_deployment("web", NAMESPACE, body, _content_type="application/json-patch+json")
    event: Any = json.loads(next(iter(watch.stream())).splitlines()[0])
    watch.close()
    assert event["type"] == "MODIFIED"
    assert event["object"]["spec"]["template"]["spec"]["containers"][0]["image"] == BETTER
    wait_for(cluster.rolled_out)


def test_typed_objects_are_accepted(cluster: Cluster, connection: client.ApiClient) -> None:
    """The client's own models take every answer: pods, events, nodes, logs."""
    cluster.create_rolled_out(a_deployment(replicas=1))
    core = client.CoreV1Api(connection)
    (pod,) = core.list_namespaced_pod(NAMESPACE).items
    assert pod.status is not None
    assert pod.status.phase == "Running"
    assert core.list_namespaced_event(NAMESPACE).items
    assert len(core.list_node().items) == 3
    assert pod.metadata is not None
    assert core.read_namespaced_pod_log(str(pod.metadata.name), NAMESPACE) == ""
    custom: Any = client.CustomObjectsApi(connection)
    cluster.create(an_application())
    assert custom.get_namespaced_custom_object("argoproj.io", "v1alpha1", NAMESPACE, "applications", "gw")["spec"]["project"] == "gospelib"


def test_refusals_carry_their_status(cluster: Cluster, connection: client.ApiClient) -> None:
    """The exception's body is the Status object."""
    with pytest.raises(ApiException) as refusal:
        client.AppsV1Api(connection).delete_namespaced_deployment("web", NAMESPACE)
    assert refusal.value.status == 403
    assert json.loads(str(refusal.value.body))["reason"] == "Forbidden"
