"""What follows from other changes: owned objects go with their owner, namespaces empty, quotas count."""

from gospel_rollback_tui.drill.kubernetes.catalogue import CATALOGUE, by_name
from gospel_rollback_tui.drill.kubernetes.deletion import DeleteOptions
from gospel_rollback_tui.drill.kubernetes.documents import equal_json
from gospel_rollback_tui.drill.kubernetes.quota import quota_status
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions

_QUOTAS = by_name("resourcequotas")
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
