"""OpenAPI v3, as little of it as `kubectl apply` needs: that patches take `fieldValidation`.

Schemas are left out: kubectl then merges by the types it was built with.
"""

from gospel_rollback_tui.drill.kubernetes.catalogue import CATALOGUE, GROUP_VERSIONS, ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, digest

ROOT = "/openapi/v3"


def openapi_document(path: str) -> Json | None:
    """Return the index or the document of one group version; `None` for any other path."""
    if path == ROOT:
        entries = {_place(group, version): _group_document(group, version) for group, version in GROUP_VERSIONS}
        return {"paths": {place: {"serverRelativeURL": f"{ROOT}/{place}?hash={digest(document).upper()}"} for place, document in entries.items()}}
    for group, version in GROUP_VERSIONS:
        if path == f"{ROOT}/{_place(group, version)}":
            return _group_document(group, version)
    return None


def _place(group: str, version: str) -> str:
    return f"apis/{group}/{version}" if group else f"api/{version}"


def _group_document(group: str, version: str) -> Json:
    paths: Json = {}
    for resource in CATALOGUE:
        if (resource.group, resource.version) == (group, version) and "patch" in resource.verbs:
            scope = "namespaces/{namespace}/" if resource.namespaced else ""
            paths[f"/{_place(group, version)}/{scope}{resource.plural}/{{name}}"] = {"patch": _patch_operation(resource)}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.34.2"}, "paths": paths, "components": {"schemas": {}}}


def _patch_operation(resource: ResourceType) -> Json:
    names = ("dryRun", "fieldManager", "fieldValidation", "force")
    return {
        "operationId": f"patch{resource.kind}",
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "parameters": [{"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": True}} for name in names],
        "responses": {"200": {"description": "OK"}},
    }
