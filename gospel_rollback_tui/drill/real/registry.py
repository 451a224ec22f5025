"""The real cluster's objects behind the same protocol as the simulated one's, for the parts that both estates share."""

from dataclasses import dataclass, replace

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.manifests import CHANGE_CAUSE_ANNOTATION
from gospel_rollback_tui.drill.real.api import JSON_PATCH, STRATEGIC_PATCH, DrillApi

_ROOTS = {
    "nodes": "/api/v1",
    "namespaces": "/api/v1",
    "configmaps": "/api/v1",
    "services": "/api/v1",
    "events": "/api/v1",
    "pods": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "jobs": "/apis/batch/v1",
    "cronjobs": "/apis/batch/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "applications": "/apis/argoproj.io/v1alpha1",
    "appprojects": "/apis/argoproj.io/v1alpha1",
    "applicationsets": "/apis/argoproj.io/v1alpha1",
    "logs": "/apis/kwok.x-k8s.io/v1alpha1",
    "stages": "/apis/kwok.x-k8s.io/v1alpha1",
    "customresourcedefinitions": "/apis/apiextensions.k8s.io/v1",
    "clusterroles": "/apis/rbac.authorization.k8s.io/v1",
    "clusterrolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
}
NOT_FOUND = 404
CONFLICT = 409


def collection_path(resource: str, namespace: str = "") -> str:
    """Returns the path of a collection; without a namespace that of a cluster-wide one."""
    middle = f"/namespaces/{namespace}" if namespace else ""
    return f"{_ROOTS[resource]}{middle}/{resource}"


def plural(kind: str) -> str:
    """Returns the resource name of a kind that the estate uses."""
    lower = kind.lower()
    return lower if lower in _ROOTS else f"{lower}s"


@dataclass(frozen=True, slots=True)
class RealRegistry:
    """Reads and writes objects by the drill's own token; raises `ApiError` where the API server refuses."""

    api: DrillApi
    manager: str
    """The field manager that what is written is recorded under."""

    def create(self, document: Json) -> Json:
        """Creates an object and returns it with its defaults."""
        return self.api.create(_collection_of(document), document, self.manager)

    def get(self, resource: str, namespace: str, name: str) -> Json:
        """Returns an object."""
        return self.api.get(f"{collection_path(resource, namespace)}/{name}")

    def list(self, resource: str, namespace: str = "") -> list[Json]:
        """Returns the objects of a collection."""
        items = self.api.get(collection_path(resource, namespace))["items"]
        assert isinstance(items, list)
        return items

    def patch(self, resource: str, namespace: str, name: str, patch: Json, *, subresource: str = "") -> Json:
        """Merges a patch into an object and returns it; the Application keeps its status in the object itself."""
        tail = f"/{subresource}" if subresource and resource != "applications" else ""
        return self.api.patch(f"{collection_path(resource, namespace)}/{name}{tail}", patch, self.manager)

    def update(self, document: Json) -> Json:
        """Replaces an object; 409 when its resourceVersion has moved."""
        return self.api.replace(f"{_collection_of(document)}/{document['metadata']['name']}", document, self.manager)

    def apply(self, document: Json) -> Json:
        """Creates an object, or makes the one there is what the document says; a Deployment's template is replaced whole."""
        path = f"{_collection_of(document)}/{document['metadata']['name']}"
        try:
            live = self.api.get(path)
        except ApiError as error:
            if error.code != NOT_FOUND:
                raise
            return self.create(document)
        if document["kind"] != "Deployment":
            return self.api.patch(path, document, self.manager)
        return self.api.patch(path, _deployment_change(live, document), self.manager, JSON_PATCH)

    def writing_as(self, manager: str) -> "RealRegistry":
        """Returns the same registry, writing in another field manager's name."""
        return replace(self, manager=manager)

    def patch_status(self, resource: str, namespace: str, name: str, status: Json) -> Json:
        """Merges a status into an object as kubelets do: lists of conditions by their type."""
        return self.api.patch(f"{collection_path(resource, namespace)}/{name}/status", {"status": status}, self.manager, STRATEGIC_PATCH)

    def delete(self, resource: str, namespace: str, name: str) -> None:
        """Deletes an object; one that is not there is fine."""
        try:
            self.api.delete(f"{collection_path(resource, namespace)}/{name}")
        except ApiError as error:
            if error.code != NOT_FOUND:
                raise


def _collection_of(document: Json) -> str:
    """Returns the path of the collection that a document belongs to."""
    return collection_path(plural(document["kind"]), document["metadata"].get("namespace", ""))


def _deployment_change(live: Json, document: Json) -> list[Json]:
    """Returns the JSON Patch that makes a Deployment's spec what the document says, and notes its change cause."""
    change = [{"op": "replace", "path": f"/spec/{field}", "value": value} for field, value in document["spec"].items() if field != "selector"]
    annotations = {**live["metadata"].get("annotations", {}), **document["metadata"].get("annotations", {})}
    if CHANGE_CAUSE_ANNOTATION in annotations:
        change.append({"op": "add", "path": "/metadata/annotations", "value": annotations})
    return change
