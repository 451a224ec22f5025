"""The patch formats of the Kubernetes API, applied to documents.

Rule: pure functions; the document that is patched is never changed, a new one is returned.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from gospel_rollback_tui.drill.kubernetes.patches.json_patch import apply_json_patch
from gospel_rollback_tui.drill.kubernetes.patches.merge_patch import apply_merge_patch
from gospel_rollback_tui.drill.kubernetes.patches.strategic_patch import apply_strategic_patch
from gospel_rollback_tui.drill.kubernetes.statuses import bad_request, unsupported_media_type

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"
PATCHES = (JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH)
CUSTOM_RESOURCE_PATCHES = (JSON_PATCH, MERGE_PATCH, APPLY_PATCH)


def apply_patch(document: Json, patch: JsonValue, content_type: str, *, custom: bool) -> Json:
    """Return the document with a patch of that content type applied.

    Raises:
        ApiError: 400 for a patch of the wrong shape, 415 for a format that the resource does
            not take, 422 for a JSON Patch that cannot be applied.
    """
    check_format(content_type, custom=custom)
    if content_type == JSON_PATCH:
        return apply_json_patch(document, patch)
    if not isinstance(patch, dict):
        raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")
    if content_type == MERGE_PATCH or custom:
        return apply_merge_patch(document, patch)
    return apply_strategic_patch(document, patch)


def check_format(content_type: str, *, custom: bool) -> None:
    """Refuse a patch of a format that the resource does not take, whatever it says.

    Raises:
        ApiError: 415.
    """
    if content_type not in PATCHES:
        raise unsupported_media_type()
    if custom and content_type not in CUSTOM_RESOURCE_PATCHES:
        accepted = ", ".join(CUSTOM_RESOURCE_PATCHES)
        raise unsupported_media_type(f"the body of the request was in an unknown format - accepted media types include: {accepted}")


__all__ = ["APPLY_PATCH", "JSON_PATCH", "MERGE_PATCH", "STRATEGIC_PATCH", "apply_merge_patch", "apply_patch", "check_format"]
