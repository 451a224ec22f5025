"""Deletion: preconditions, grace, finalizers, and what becomes of the objects an object owns."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, timestamp
from gospel_rollback_tui.drill.kubernetes.statuses import not_found, precondition_failed
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore

_ANSWERED_WITH_OBJECT = frozenset({"Pod", "Service", "ServiceAccount", "ResourceQuota", "PersistentVolumeClaim", "PersistentVolume"})
"""Kinds whose deletion is answered with the object that is gone instead of a Status."""
_FINISHED = ("Succeeded", "Failed")


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """What a `DeleteOptions` body or query asks for."""

    grace_seconds: int | None = None
    """Grace of a pod; `None` is the pod's own."""
    uid: str = ""
    resource_version: str = ""
    propagation: str = "Background"
    dry_run: bool = False

    @classmethod
    def read(cls, body: Json, query: dict[str, str]) -> "DeleteOptions":
        """Read the options of a request; the query fills what the body leaves open."""
        preconditions = body.get("preconditions") or {}
        grace = body.get("gracePeriodSeconds", query.get("gracePeriodSeconds"))
        orphan = body.get("orphanDependents", query.get("orphanDependents") == "true")
        propagation = body.get("propagationPolicy") or query.get("propagationPolicy") or ("Orphan" if orphan else "Background")
        return cls(
            grace_seconds=None if grace is None else int(grace),
            uid=preconditions.get("uid") or "",
            resource_version=preconditions.get("resourceVersion") or "",
            propagation=propagation,
            dry_run=bool(body.get("dryRun")) or query.get("dryRun") == "All",
        )


def delete_object(store: ObjectStore, resource: ResourceType, namespace: str, name: str, options: DeleteOptions, now: datetime) -> Json:
    """Delete an object, or begin to, and return what the API answers.

    That is a Status `Success` for an object that is gone, the object itself when it
    lingers: a pod in its grace period, an object with finalizers, a namespace with content.

    Raises:
        ApiError: 404, or 409 when a precondition does not hold.
    """
    with store.lock:
        live = store.get(resource, namespace, name)
        if live is None:
            raise not_found(resource.subject(name))
        _check_preconditions(resource, live, options)
        grace = _grace(resource, live, options)
        if options.propagation == "Orphan" and not options.dry_run:
            _orphan(store, live["metadata"]["uid"])
        if grace is None:
            if not options.dry_run:
                store.remove(resource, namespace, name)
            if resource.kind == "Pod":
                return _marked(live, 0, now)
            return live if resource.kind in _ANSWERED_WITH_OBJECT else _success(resource, live)
        marked = _marked(live, grace, now)
        if options.dry_run or marked is live:
            return marked
        return store.put(resource, marked)


def _check_preconditions(resource: ResourceType, live: Json, options: DeleteOptions) -> None:
    metadata = live["metadata"]
    subject = resource.subject(metadata["name"])
    if options.uid and options.uid != metadata["uid"]:
        text = f"the UID in the precondition ({options.uid}) does not match the UID in record ({metadata['uid']})"
        raise precondition_failed(subject, f"{text}. The object might have been deleted and then recreated")
    if options.resource_version and options.resource_version != metadata["resourceVersion"]:
        text = f"the ResourceVersion in the precondition ({options.resource_version}) does not match the ResourceVersion in record"
        raise precondition_failed(subject, f"{text} ({metadata['resourceVersion']}). The object might have been modified")


def _grace(resource: ResourceType, live: Json, options: DeleteOptions) -> int | None:
    """Return the seconds an object lingers, `None` when it goes at once."""
    if resource.kind == "Pod" and live["spec"].get("nodeName") and live["status"].get("phase") not in _FINISHED:
        own = live["spec"].get("terminationGracePeriodSeconds", 30)
        grace = own if options.grace_seconds is None else options.grace_seconds
        if grace > 0:
            return int(grace)
    if live["metadata"].get("finalizers") or resource.kind == "Namespace":
        return 0
    return None


def _marked(live: Json, grace: int, now: datetime) -> Json:
    before = live["metadata"].get("deletionGracePeriodSeconds", 0)
    if "deletionTimestamp" in live["metadata"] and before <= grace:
        return live
    marked: Json = copy_json(live)
    marked["metadata"]["deletionTimestamp"] = timestamp(now + timedelta(seconds=grace))
    if marked["kind"] != "Namespace":
        marked["metadata"]["deletionGracePeriodSeconds"] = grace
    if "generation" in marked["metadata"]:
        marked["metadata"]["generation"] += 1
    if marked["kind"] == "Namespace":
        marked["status"] = {"phase": "Terminating"}
    return marked


def _success(resource: ResourceType, gone: Json) -> Json:
    details: Json = {"name": gone["metadata"]["name"]}
    if resource.group:
        details["group"] = resource.group
    details |= {"kind": resource.plural, "uid": gone["metadata"]["uid"]}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _orphan(store: ObjectStore, uid: str) -> None:
    for resource, document in store.owned_by(uid):
        orphan: Json = copy_json(document)
        orphan["metadata"]["ownerReferences"] = [one for one in orphan["metadata"]["ownerReferences"] if one.get("uid") != uid]
        store.put(resource, orphan)
