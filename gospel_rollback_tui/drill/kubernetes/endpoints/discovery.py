"""Discovery: which groups, versions and resources there are, plain and aggregated; and the version."""

import hashlib
from collections.abc import Iterable

from gospel_rollback_tui.drill.kubernetes.catalogue import CATALOGUE, GROUP_VERSIONS, ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, compact
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer

VERSION: Json = {
    "major": "1",
    "minor": "34",
    "emulationMajor": "1",
    "emulationMinor": "34",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "33",
    "gitVersion": "v1.34.2",
    "gitCommit": "0000000000000000000000000000000000000000",
    "gitTreeState": "clean",
    "buildDate": "2025-11-11T19:00:00Z",
    "goVersion": "go1.24.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}
_AGGREGATED = "APIGroupDiscoveryList"
_SCALE_VERBS = ["get", "patch", "update"]
_LOG_VERBS = ["get"]


def aggregated_version(accept: str) -> str:
    """Return the version (`v2` first) of aggregated discovery that an Accept header takes; empty for none."""
    for alternative in accept.split(","):
        if f"as={_AGGREGATED}" in alternative:
            for version in ("v2", "v2beta1"):
                if f"v={version};" in f"{alternative.strip()};":
                    return version
        elif alternative.strip().startswith("application/json"):
            return ""
    return ""


def discovery_answer(document: Json, accept: str) -> Answer:
    """Return a discovery document with the headers that let clients cache it."""
    body = compact(document) + b"\n"
    version = aggregated_version(accept) if document["kind"] == _AGGREGATED else ""
    content_type = f"application/json;g=apidiscovery.k8s.io;v={version};as={_AGGREGATED}" if version else "application/json"
    tag = hashlib.sha256(body).hexdigest().upper()
    return Answer(200, body, content_type, {"Cache-Control": "public", "Etag": f'"{tag}"', "Vary": "Accept"})


def root(path: str, accept: str, address: str) -> Json:
    """Return the document of `/api` or `/apis`."""
    core = path == "/api"
    if version := aggregated_version(accept):
        groups = [""] if core else _groups()
        return {"kind": _AGGREGATED, "apiVersion": f"apidiscovery.k8s.io/{version}", "metadata": {}, "items": [_aggregated(group) for group in groups]}
    if core:
        return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}]}
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(group) for group in _groups()]}


def group_document(group: str) -> Json | None:
    """Return the document of `/apis/GROUP`, `None` for a group that does not exist."""
    return {"kind": "APIGroup", "apiVersion": "v1", **_group(group)} if group in _groups() else None


def version_document(group: str, version: str) -> Json | None:
    """Return the resources of a group's version, `None` when there is none."""
    if (group, version) not in GROUP_VERSIONS:
        return None
    resources: list[Json] = []
    for resource in _resources(group, version):
        resources.append(_listed(resource))
        resources += [_listed_subresource(resource, name) for name in resource.subresources]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{group}/{version}".lstrip("/"), "resources": resources}


def _groups() -> list[str]:
    return list(dict.fromkeys(group for group, _ in GROUP_VERSIONS if group))


def _group(group: str) -> Json:
    versions = [{"groupVersion": f"{group}/{version}", "version": version} for name, version in GROUP_VERSIONS if name == group]
    return {"name": group, "versions": versions, "preferredVersion": versions[0]}


def _resources(group: str, version: str) -> Iterable[ResourceType]:
    return (resource for resource in CATALOGUE if (resource.group, resource.version) == (group, version))


def _listed(resource: ResourceType) -> Json:
    listed: Json = {
        "name": resource.plural,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        listed["shortNames"] = list(resource.short_names)
    if resource.categories:
        listed["categories"] = list(resource.categories)
    return listed


def _listed_subresource(resource: ResourceType, name: str) -> Json:
    listed: Json = {"name": f"{resource.plural}/{name}", "singularName": "", "namespaced": resource.namespaced}
    if name == "scale":
        listed |= {"group": "autoscaling", "version": "v1"}
    return listed | {"kind": "Scale" if name == "scale" else resource.kind, "verbs": _LOG_VERBS if name == "log" else _SCALE_VERBS}


def _aggregated(group: str) -> Json:
    metadata = {"name": group, "creationTimestamp": None} if group else {"creationTimestamp": None}
    versions = [
        {"version": version, "resources": [_aggregated_resource(one) for one in _resources(group, version)], "freshness": "Current"}
        for name, version in GROUP_VERSIONS
        if name == group
    ]
    return {"metadata": metadata, "versions": versions}


def _aggregated_resource(resource: ResourceType) -> Json:
    document: Json = {
        "resource": resource.plural,
        "responseKind": {"group": resource.group, "version": resource.version, "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        document["shortNames"] = list(resource.short_names)
    if resource.categories:
        document["categories"] = list(resource.categories)
    if resource.subresources:
        document["subresources"] = [_aggregated_subresource(resource, name) for name in resource.subresources]
    return document


def _aggregated_subresource(resource: ResourceType, name: str) -> Json:
    if name == "scale":
        return {"subresource": name, "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}, "verbs": _SCALE_VERBS}
    kind = {"group": resource.group, "version": resource.version, "kind": resource.kind}
    return {"subresource": name, "responseKind": kind, "verbs": _LOG_VERBS if name == "log" else _SCALE_VERBS}
