"""JSON merge patch (RFC 7386)."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, copy_json


def apply_merge_patch(document: Json, patch: Json) -> Json:
    """Return the document with objects merged, `null` members removed and all else replaced."""
    merged: Json = _merge(document, patch)
    return merged


def _merge(target: JsonValue, patch: JsonValue) -> JsonValue:
    if not isinstance(patch, dict):
        return copy_json(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge(result.get(key), value)
    return result
