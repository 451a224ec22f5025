"""Lists: versions, selectors and pages, as `ListOptions` asks for them."""

import base64
import binascii
import json
import time
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, compact
from gospel_rollback_tui.drill.kubernetes.endpoints.field_labels import check_field_labels
from gospel_rollback_tui.drill.kubernetes.selectors import selection
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, bad_request, expired, too_large_version
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore, key_of

_PATIENCE_SECONDS = 3.0
_TOO_OLD_CONTINUE = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue "
    "parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token "
    "results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and "
    "now may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    items: list[Json]
    metadata: Json
    """`resourceVersion`, and `continue` and `remainingItemCount` when there is more."""


def list_page(store: ObjectStore, resource: ResourceType, namespace: str, query: dict[str, str], name: str = "") -> Page:
    """Return the page of a list that a query asks for.

    Raises:
        ApiError: 400, 410 (the version or the token is too old) or 504 (the version is yet to come).
    """
    fields = ",".join(part for part in (query.get("fieldSelector", ""), f"metadata.name={name}" if name else "") if part)
    check_field_labels(resource, fields)
    selected = selection(query.get("labelSelector", ""), fields, namespace)
    limit = _number(query.get("limit", ""))
    token = query.get("continue", "")
    if token:
        if query.get("resourceVersion", "0") not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        documents, version, start = _continued(store, resource, token)
    else:
        documents, version = _documents(store, resource, query)
        start = ""
    found = [document for document in documents if _position(document) > start and selected(document)]
    metadata: Json = {"continue": "", "resourceVersion": str(version)} if resource.custom else {"resourceVersion": str(version)}
    if 0 < limit < len(found):
        metadata["continue"] = _token(version, _position(found[limit - 1]))
        if not query.get("labelSelector") and not fields:
            metadata["remainingItemCount"] = len(found) - limit
        found = found[:limit]
    return Page(found, metadata)


def _documents(store: ObjectStore, resource: ResourceType, query: dict[str, str]) -> tuple[list[Json], int]:
    wanted = wanted_version(query.get("resourceVersion", ""))
    if wanted > store.version:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while wanted > store.version and (left := deadline - time.monotonic()) > 0:
            store.wait(store.version, left)
        if wanted > store.version:
            raise too_large_version(wanted, store.version)
    with store.lock:
        if query.get("resourceVersionMatch") == "Exact":
            documents = store.items_at(resource, wanted)
            if documents is None:
                raise expired("The resourceVersion for the provided list is too old.")
            return documents, wanted
        return store.items(resource), store.version


def _continued(store: ObjectStore, resource: ResourceType, token: str) -> tuple[list[Json], int, str]:
    version, start = _read_token(token)
    with store.lock:
        if version < 0:
            return store.items(resource), store.version, start
        documents = store.items_at(resource, version)
    if documents is None:
        raise expired(_TOO_OLD_CONTINUE, continue_token=_token(-1, start))
    return documents, version, start


def wanted_version(text: str) -> int:
    """Read the `resourceVersion` of a list; 0 when none is asked for.

    Raises:
        ApiError: 400, it is no number.
    """
    if not text:
        return 0
    if not text.isdecimal():
        raise bad_request(f'invalid resource version: resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax')
    return int(text)


def _number(text: str) -> int:
    try:
        return int(text or "0")
    except ValueError:
        raise ApiError(400, "BadRequest", f'strconv.ParseInt: parsing "{text}": invalid syntax') from None


def _position(document: Json) -> str:
    namespace, name = key_of(document)
    return f"{namespace}/{name}\u0000"


def _token(version: int, start: str) -> str:
    return base64.urlsafe_b64encode(compact({"v": "meta.k8s.io/v1", "rv": version, "start": start})).decode().rstrip("=")


def _read_token(token: str) -> tuple[int, str]:
    try:
        content = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        version = int(content["rv"])
    except (binascii.Error, ValueError) as fault:
        raise bad_request(f"invalid continue token: continue key is not valid: {fault}") from None
    except (KeyError, TypeError):
        text = "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"
        raise bad_request(f"invalid continue token: continue key is not valid: {text}") from None
    return version, str(content.get("start", ""))
