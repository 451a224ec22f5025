"""Who wrote an object last: `metadata.managedFields`, without the fields themselves."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp


def noted_write(document: Json, manager: str, operation: str, subresource: str, now: datetime) -> Json:
    """Return the document with its entry of this manager renewed.

    `manager` empty leaves the document as it is. `fieldsV1` stays empty: this server
    judges no ownership of fields.
    """
    if not manager:
        return document
    entry: Json = {
        "manager": manager,
        "operation": operation,
        "apiVersion": document["apiVersion"],
        "time": timestamp(now),
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    }
    if subresource:
        entry["subresource"] = subresource
    identity = _identity(entry)
    others = [one for one in document["metadata"].get("managedFields", []) if _identity(one) != identity]
    return dict(document, metadata=dict(document["metadata"], managedFields=[*others, entry]))


def _identity(entry: Json) -> tuple[str, str, str]:
    return entry["manager"], entry["operation"], entry.get("subresource", "")
