"""What controllers ask about the pods and sets they own."""

from datetime import datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType, by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, parse_timestamp
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore

PODS = by_name("pods")
REPLICA_SETS = by_name("replicasets")
DEPLOYMENTS = by_name("deployments")
STATEFUL_SETS = by_name("statefulsets")
_FINISHED = ("Succeeded", "Failed")


def controller_of(document: Json) -> Json | None:
    """Return the owner reference that controls an object."""
    return next((one for one in document["metadata"].get("ownerReferences", []) if one.get("controller")), None)


def owned(store: ObjectStore, resource: ResourceType, owner: Json) -> list[Json]:
    """Return the objects that an object controls, not to be changed."""
    uid = owner["metadata"]["uid"]
    return [document for kind, document in store.owned_by(uid) if kind is resource and (controller_of(document) or {}).get("uid") == uid]


def owner_reference(owner: Json) -> Json:
    """Return the reference by which an object controls another."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def is_active(pod: Json) -> bool:
    """Whether a pod counts: neither finished nor about to go."""
    return pod["status"].get("phase") not in _FINISHED and "deletionTimestamp" not in pod["metadata"]


def is_ready(pod: Json) -> bool:
    """Whether a pod's Ready condition is true."""
    return any(one["type"] == "Ready" and one["status"] == "True" for one in pod["status"].get("conditions", []))


def available_from(pod: Json, min_ready: timedelta) -> datetime | None:
    """Return when a ready pod is, or was, available; `None` for a pod that is not ready."""
    for one in pod["status"].get("conditions", []):
        if one["type"] == "Ready" and one["status"] == "True":
            return parse_timestamp(one["lastTransitionTime"]) + min_ready
    return None


def pod_from_template(owner: Json, template: Json) -> Json:
    """Return the pod that an owner makes from a template; the name is left to the caller."""
    metadata: Json = {key: copy_json(value) for key, value in template.get("metadata", {}).items() if key in ("labels", "annotations")}
    metadata["namespace"] = owner["metadata"]["namespace"]
    metadata["ownerReferences"] = [owner_reference(owner)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": copy_json(template["spec"])}


def condition(document: Json, kind: str) -> Json | None:
    """Return an object's condition of that type."""
    return next((one for one in document.get("status", {}).get("conditions", []) if one["type"] == kind), None)
