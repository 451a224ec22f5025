"""Documents as clients see them: by group, and as objects, tables or metadata."""

from collections.abc import Sequence
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.endpoints.negotiation import Shape
from gospel_rollback_tui.drill.kubernetes.tables import table

_PARTIAL = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}


def as_seen(resource: ResourceType, document: Json) -> Json:
    """Return a stored document as its group shows it: core events read through `events.k8s.io` are converted."""
    if resource.group == "events.k8s.io":
        return _new_style_event(document)
    return document


def shown(resource: ResourceType, document: Json, shape: Shape, now: datetime) -> Json:
    """Return one object in a shape."""
    seen = as_seen(resource, document)
    if shape is Shape.TABLE:
        return table(resource, [seen], {"resourceVersion": seen["metadata"].get("resourceVersion", "")}, now)
    if shape is Shape.METADATA:
        return {**_PARTIAL, "metadata": seen["metadata"]}
    return seen


def shown_list(resource: ResourceType, documents: Sequence[Json], metadata: Json, shape: Shape, now: datetime) -> Json:
    """Return a list in a shape; items of built-in types carry no `kind` and `apiVersion`."""
    seen = [as_seen(resource, document) for document in documents]
    if shape is Shape.TABLE:
        return table(resource, seen, metadata, now)
    if shape is Shape.METADATA:
        items = [{**_PARTIAL, "metadata": document["metadata"]} for document in seen]
        return {"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1", "metadata": metadata, "items": items or None}
    if not resource.custom:
        seen = [{key: value for key, value in document.items() if key not in ("kind", "apiVersion")} for document in seen]
    return {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata, "items": seen}


def _new_style_event(event: Json) -> Json:
    renamed = {
        "regarding": event.get("involvedObject", {}),
        "note": event.get("message", ""),
        "deprecatedSource": event.get("source", {}),
        "deprecatedFirstTimestamp": event.get("firstTimestamp"),
        "deprecatedLastTimestamp": event.get("lastTimestamp"),
        "reportingController": event.get("reportingComponent", ""),
    }
    if event.get("count"):
        renamed["deprecatedCount"] = event["count"]
    kept = ("metadata", "eventTime", "reportingInstance", "action", "reason", "type")
    return {"kind": "Event", "apiVersion": "events.k8s.io/v1"} | {key: event[key] for key in kept if key in event} | renamed
