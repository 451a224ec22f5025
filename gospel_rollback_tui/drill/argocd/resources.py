"""The endpoints that read what an Application manages: declared and live objects side by side, and the tree below them."""

from collections.abc import Iterator
from typing import Any

from gospel_rollback_tui.drill.argocd.answers import good
from gospel_rollback_tui.drill.argocd.exchange import Exchange
from gospel_rollback_tui.drill.argocd.refusals import Code, Refusal
from gospel_rollback_tui.drill.argocd.repo_server import GitError
from gospel_rollback_tui.drill.kubernetes.documents import Json, compact, copy_json
from gospel_rollback_tui.drill.kubernetes.http.messages import Answer
from gospel_rollback_tui.drill.managed_objects import Identity, group_of, identity_of, managed_by
from gospel_rollback_tui.drill.several_sources import sources_of, target_of
from gospel_rollback_tui.drill.sync_rules import deployment_health, is_drifted

_CHILDREN = ("replicasets", "pods")
_REVISION = "deployment.kubernetes.io/revision"


def managed_resources(exchange: Exchange) -> Answer:
    """Return every object that git declares or the Application tracks, with its states as strings of JSON.

    Raises:
        Refusal: Git cannot be asked for what it declares now.
    """
    application, sources = exchange.application("get"), exchange.parts.sources
    try:
        head = sources.head(target_of(sources_of(application["spec"])[0]))
        declared = {identity_of(found): found for found in sources.manifests(head)}
    except GitError as error:
        raise Refusal(Code.UNKNOWN, str(error)) from None
    live = managed_by(exchange.parts.registry, application["metadata"]["name"], declared)
    return good({"items": [_item(identity, declared.get(identity), live.get(identity)) for identity in dict.fromkeys((*declared, *live))]})


def _item(identity: Identity, declared: Json | None, live: Json | None) -> Json:
    normal = copy_json(live)
    if normal is not None:
        normal["metadata"].pop("managedFields", None)
        normal.pop("status", None)
    predicted = normal if declared is None or normal is None else {**normal, **{key: value for key, value in declared.items() if key != "metadata"}}
    states: dict[str, Any] = {
        **({"group": identity.group} if identity.group else {}),
        "kind": identity.kind,
        "namespace": identity.namespace,
        "name": identity.name,
        "targetState": _printed(declared),
        "liveState": _printed(live),
        "normalizedLiveState": _printed(normal),
        "predictedLiveState": _printed(predicted or declared),
        "resourceVersion": live["metadata"]["resourceVersion"] if live else "",
    }
    modified = live is None or (declared is not None and is_drifted(declared, live))
    return {**states, "modified": True} if modified else states


def _printed(document: Json | None) -> str:
    return "null" if document is None else compact(document).decode()


def resource_tree(exchange: Exchange) -> Answer:
    """Return the objects of an Application and what their controllers made of them, each with its health."""
    application = exchange.application("get")
    roots = managed_by(exchange.parts.registry, application["metadata"]["name"], {})
    nodes = [_node(document, None) for document in roots.values()]
    parents = {document["metadata"]["uid"]: document for document in roots.values()}
    for plural in _CHILDREN:
        children = list(_owned(exchange, plural, application["spec"]["destination"].get("namespace", ""), parents))
        nodes += [_node(document, parents[owner]) for document, owner in children]
        parents |= {document["metadata"]["uid"]: document for document, _ in children}
    return good({"nodes": nodes, "hosts": []})


def _owned(exchange: Exchange, plural: str, namespace: str, parents: dict[str, Json]) -> Iterator[tuple[Json, str]]:
    for document in exchange.parts.registry.list(plural, namespace):
        owners = [reference["uid"] for reference in document["metadata"].get("ownerReferences", [])]
        if owners and owners[0] in parents:
            yield document, owners[0]


def _node(document: Json, parent: Json | None) -> Json:
    metadata = document["metadata"]
    node: Json = {**_reference(document), "info": _info(document), "resourceVersion": metadata["resourceVersion"]}
    if parent is not None:
        node["parentRefs"] = [_reference(parent)]
    spec = document.get("spec", {})
    containers = (spec if document["kind"] == "Pod" else spec.get("template", {}).get("spec", {})).get("containers", [])
    if containers:
        node["images"] = [container["image"] for container in containers]
    if document["kind"] == "Deployment":
        node["health"] = {"status": deployment_health(document)}
    return {**node, "createdAt": metadata.get("creationTimestamp")}


def _reference(document: Json) -> Json:
    """Return the names of an object as a tree holds them; the core group is left out."""
    group, metadata = group_of(document), document["metadata"]
    named = {"version": document["apiVersion"].rpartition("/")[2], "kind": document["kind"], "namespace": metadata.get("namespace", "")}
    return {**({"group": group} if group else {}), **named, "name": metadata["name"], "uid": metadata["uid"]}


def _info(document: Json) -> list[Json]:
    """Return the facts that the tree shows beside an object."""
    if document["kind"] == "Pod":
        statuses = document.get("status", {}).get("containerStatuses", [])
        ready = f"{sum(bool(status.get('ready')) for status in statuses)}/{len(document['spec']['containers'])}"
        facts = {
            "Status Reason": _reason(document, statuses),
            "Node": document["spec"].get("nodeName", ""),
            "Containers": ready,
            "Restart Count": str(sum(status.get("restartCount", 0) for status in statuses)),
        }
        return [{"name": name, "value": value} for name, value in facts.items()]
    revision = document["metadata"].get("annotations", {}).get(_REVISION)
    return [{"name": "Revision", "value": f"Rev:{revision}"}] if revision else []


def _reason(pod: Json, statuses: list[Json]) -> str:
    waiting = [status["state"]["waiting"]["reason"] for status in statuses if "waiting" in status.get("state", {})]
    return str(waiting[0] if waiting else pod.get("status", {}).get("phase", "Pending"))
