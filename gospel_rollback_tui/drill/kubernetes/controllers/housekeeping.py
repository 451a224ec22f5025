"""What follows from other changes: owned objects go with their owner, namespaces empty, quotas count."""

from gospel_rollback_tui.drill.kubernetes.catalogue import CATALOGUE, by_name
from gospel_rollback_tui.drill.kubernetes.controllers.pod_sets import PODS, is_ready
from gospel_rollback_tui.drill.kubernetes.deletion import DeleteOptions
from gospel_rollback_tui.drill.kubernetes.documents import Json, equal_json
from gospel_rollback_tui.drill.kubernetes.quota import quota_status
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

_QUOTAS = by_name("resourcequotas")
_SERVICES = by_name("services")
_ENDPOINTS = by_name("endpoints")
_NAMESPACES = by_name("namespaces")
_STATUS = WriteOptions(subresource="status")


class Housekeeping:
    """Small controllers that need no state of their own."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store = registry.store

    def collect_garbage(self, _namespace: str, uid: str) -> None:
        """Delete what an owner that is gone has left behind."""
        with self._store.lock:
            for resource, document in self._store.owned_by(uid):
                metadata = document["metadata"]
                if len(metadata["ownerReferences"]) == 1 and "deletionTimestamp" not in metadata:
                    self._registry.delete(resource, metadata.get("namespace", ""), metadata["name"])

    def empty_namespace(self, _namespace: str, name: str) -> None:
        """Delete everything in a namespace that is to go, and at last the namespace."""
        with self._store.lock:
            namespace = self._store.get(_NAMESPACES, "", name)
            if namespace is None or "deletionTimestamp" not in namespace["metadata"]:
                return
            for resource in CATALOGUE:
                if not resource.namespaced or resource.group == "events.k8s.io":
                    continue
                for document in self._store.items(resource):
                    if document["metadata"].get("namespace") == name:
                        self._registry.delete(resource, name, document["metadata"]["name"], DeleteOptions(grace_seconds=0))
            self._store.remove(_NAMESPACES, "", name)

    def count_quotas(self, namespace: str, _name: str) -> None:
        """Write what the quotas of a namespace see used."""
        with self._store.lock:
            for quota in self._store.items(_QUOTAS):
                if quota["metadata"]["namespace"] != namespace:
                    continue
                status = quota_status(self._store, quota)
                if not equal_json(status, quota.get("status", {})):
                    self._registry.update(dict(quota, status=status), _STATUS)

    def list_endpoints(self, namespace: str, _name: str) -> None:
        """Write which ready pods stand behind the services of a namespace."""
        with self._store.lock:
            for service in self._store.items(_SERVICES):
                if service["metadata"]["namespace"] == namespace and service["spec"].get("selector"):
                    self._write_endpoints(service)

    def _write_endpoints(self, service: Json) -> None:
        metadata = service["metadata"]
        selector = service["spec"]["selector"]
        pods = [
            pod
            for pod in self._store.items(PODS)
            if pod["metadata"]["namespace"] == metadata["namespace"]
            and selector.items() <= pod["metadata"].get("labels", {}).items()
            and pod["status"].get("podIP")
            and "deletionTimestamp" not in pod["metadata"]
        ]
        ports = [_endpoint_port(port) for port in service["spec"].get("ports", [])]
        subset: Json = {}
        for field, ready in (("addresses", True), ("notReadyAddresses", False)):
            if chosen := [_address(pod) for pod in pods if is_ready(pod) is ready]:
                subset[field] = chosen
        document: Json = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": metadata["name"], "namespace": metadata["namespace"]}}
        if subset:
            document["subsets"] = [subset | {"ports": ports}]
        live = self._store.get(_ENDPOINTS, metadata["namespace"], metadata["name"])
        if live is None:
            self._registry.create(document)
        elif not equal_json(live.get("subsets"), document.get("subsets")):
            self._registry.update(document)


def _endpoint_port(port: Json) -> Json:
    target = port.get("targetPort")
    described: Json = {"port": target if isinstance(target, int) else port["port"], "protocol": port.get("protocol", "TCP")}
    return {"name": port["name"], **described} if port.get("name") else described


def _address(pod: Json) -> Json:
    metadata = pod["metadata"]
    target = {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}
    return {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName", ""), "targetRef": target}
