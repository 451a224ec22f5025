"""Endpoints and EndpointSlices follow the pods behind a service."""

from gospel_rollback_tui.drill.kubernetes import Json
from tests.drill.kubernetes.builders import NAMESPACE, UNREADY, a_deployment, image_patch
from tests.drill.kubernetes.client import STRATEGIC
from tests.drill.kubernetes.conftest import Cluster
from tests.drill.waiting import wait_for


def subset(cluster: Cluster) -> Json:
    """Return the only subset of the service's Endpoints, empty before there is one."""
    found = cluster.api.registry.list("endpoints", NAMESPACE)
    subsets: list[Json] = found[0].get("subsets", []) if found else []
    return subsets[0] if subsets else {}


def test_only_ready_pods_stand_behind_a_service(cluster: Cluster) -> None:
    """Ready pods are addresses, others are not-ready ones; a cluster address is given to the service."""
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    assert cluster.create(service)["spec"]["clusterIP"].startswith("10.96.")
    cluster.create_rolled_out(a_deployment(replicas=2))
    wait_for(lambda: len(subset(cluster).get("addresses", [])) == 2)
    assert subset(cluster)["ports"][0]["port"] == 8080
    cluster.api.registry.patch("deployments", NAMESPACE, "web", image_patch(UNREADY), STRATEGIC)
    wait_for(lambda: len(subset(cluster).get("notReadyAddresses", [])) == 1)
    (endpoint_slice,) = cluster.api.registry.list("endpointslices", NAMESPACE)
    assert sorted(one["conditions"]["ready"] for one in endpoint_slice["endpoints"]) == [False, True, True]
    assert endpoint_slice["metadata"]["labels"]["kubernetes.io/service-name"] == "web"
