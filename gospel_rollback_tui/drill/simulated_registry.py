"""The simulated cluster's objects behind the protocol that the parts of an estate share."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.kubernetes.registry import Registry, WriteOptions
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError

NOT_FOUND = 404


class SimulatedRegistry:
    """Reads and writes in process, under a field manager's name; raises `ApiError` where the API would refuse."""

    def __init__(self, registry: Registry, manager: str) -> None:
        """Write to that registry, as that manager."""
        self._registry = registry
        self._manager = manager

    def create(self, document: Json) -> Json:
        """Store a new object and return it with its defaults."""
        return self._registry.create(document, options=self._options())

    def get(self, resource: str, namespace: str, name: str) -> Json:
        """Return an object, not to be changed."""
        return self._registry.get(resource, namespace, name)

    def list(self, resource: str, namespace: str = "") -> list[Json]:
        """Return the objects of a namespace, of all when none is named."""
        return self._registry.list(resource, namespace)

    def patch(self, resource: str, namespace: str, name: str, patch: Json, *, subresource: str = "") -> Json:
        """Merge a patch into an object and return it."""
        return self._registry.patch(resource, namespace, name, patch, options=self._options(subresource))

    def update(self, document: Json) -> Json:
        """Replace an object; refused with 409 when its resourceVersion has moved."""
        return self._registry.update(document, self._options())

    def apply(self, document: Json) -> Json:
        """Create an object, or make what the document declares what it says: of a spec each field, of everything else the whole."""
        metadata = document["metadata"]
        resource = f"{document['kind'].lower()}s"
        with self._registry.store.lock:
            try:
                live = copy_json(self._registry.get(resource, metadata.get("namespace", ""), metadata["name"]))
            except ApiError as error:
                if error.code != NOT_FOUND:
                    raise
                return self.create(document)
            for field, value in document.items():
                if field not in ("apiVersion", "kind", "metadata", "status"):
                    live[field] = {**live.get(field, {}), **copy_json(value)} if field == "spec" else copy_json(value)
            for field in ("labels", "annotations"):
                live["metadata"][field] = {**live["metadata"].get(field, {}), **metadata.get(field, {})}
            return self.update(live)

    def delete(self, resource: str, namespace: str, name: str) -> Json:
        """Delete an object and return what the API answers."""
        return self._registry.delete(resource, namespace, name)

    def _options(self, subresource: str = "") -> WriteOptions:
        return WriteOptions(manager=self._manager, subresource=subresource)
