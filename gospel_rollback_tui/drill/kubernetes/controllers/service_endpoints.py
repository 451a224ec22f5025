"""Which pods stand behind a service: Endpoints and EndpointSlices."""

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import PODS, is_ready, owner_reference
from gospel_rollback_tui.drill.kubernetes.documents import Json, equal_json
from gospel_rollback_tui.drill.kubernetes.registry import Registry

_SERVICES = by_name("services")
_ENDPOINTS = by_name("endpoints")
_SLICES = by_name("endpointslices")


class ServiceEndpoints:
    """Keeps the endpoints of services up to date."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store = registry.store

    def reconcile(self, namespace: str, _name: str) -> None:
        """Write the endpoints of every service of a namespace that selects pods."""
        with self._store.lock:
            for service in self._store.items(_SERVICES):
                if service["metadata"]["namespace"] == namespace and service["spec"].get("selector"):
                    pods = self._pods_of(service)
                    self._write_endpoints(service, pods)
                    self._write_slice(service, pods)

    def _pods_of(self, service: Json) -> list[Json]:
        namespace, selector = service["metadata"]["namespace"], service["spec"]["selector"]
        return [
            pod
            for pod in self._store.items(PODS)
            if pod["metadata"]["namespace"] == namespace
            and selector.items() <= pod["metadata"].get("labels", {}).items()
            and pod["status"].get("podIP")
            and "deletionTimestamp" not in pod["metadata"]
        ]

    def _write_endpoints(self, service: Json, pods: list[Json]) -> None:
        metadata = service["metadata"]
        subset: Json = {}
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            if chosen := [_address(pod) for pod in pods if is_ready(pod) is ready]:
                subset[field] = chosen
        document: Json = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]}}
        if subset:
            document["subsets"] = [subset | {"ports": _ports(service)}]
        live = self._store.get(_ENDPOINTS, metadata["namespace"], metadata["name"])
        if live is None:
            self._registry.create(document)
        elif not equal_json(live.get("subsets"), document.get("subsets")):
            self._registry.update(document)

    def _write_slice(self, service: Json, pods: list[Json]) -> None:
        metadata = service["metadata"]
        document: Json = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": f"{metadata['name']}-drill",
                "namespace": metadata["namespace"],
                "labels": {"kubernetes.io/service-name": metadata["name"]},
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": [_endpoint(pod) for pod in pods],
            "ports": _ports(service),
        }
        live = self._store.get(_SLICES, metadata["namespace"], document["metadata"]["name"])
        if live is None:
            self._registry.create(document)
        elif not equal_json(live["endpoints"], document["endpoints"]):
            self._registry.update(document)


def _ports(service: Json) -> list[Json]:
    ports = []
    for port in service["spec"].get("ports", []):
        target = port.get("targetPort")
        described: Json = {"port": target if isinstance(target, int) else port["port"], "protocol": port.get("protocol", "TCP")}
        ports.append({"name": port.get("name", ""), **described})
    return ports


def _target(pod: Json) -> Json:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _address(pod: Json) -> Json:
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName", ""), "targetRef": _target(pod)}


def _endpoint(pod: Json) -> Json:
    ready = is_ready(pod)
    conditions = {"ready": ready, "serving": ready, "terminating": False}
    return {"addresses": [pod["status"]["podIP"]], "conditions": conditions, "nodeName": pod["spec"].get("nodeName", ""), "targetRef": _target(pod)}
