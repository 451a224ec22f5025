"""What the API server makes of a document before it stores it: metadata, defaults, generation.

Rule: functions from documents to documents; nothing is stored here.
"""

import secrets
import uuid
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.catalogue import Generation, ResourceType
from gospel_rollback_tui.drill.kubernetes.defaults import fill_in_defaults
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, equal_json, timestamp
from gospel_rollback_tui.drill.kubernetes.known_fields import drop_unknown_fields, drop_unknown_members
from gospel_rollback_tui.drill.kubernetes.normal_form import normal_document
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, FieldError, bad_request, conflict, invalid, missing_version
from gospel_rollback_tui.drill.kubernetes.validation import validate

SAFE_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""What generated names are made of: no vowels, nothing that looks like another."""
_AUTHORS_OF_STATUS = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "Service"})
"""Kinds whose status is never taken from who creates them."""
_SERVER_METADATA = ("uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "generateName")


def random_suffix() -> str:
    """Return five characters for a generated name."""
    return "".join(secrets.choice(SAFE_ALPHABET) for _ in range(5))


def cluster_address() -> str:
    """Return an address for a new service."""
    return f"10.96.{secrets.randbelow(250)}.{1 + secrets.randbelow(250)}"


def prepare_new(resource: ResourceType, document: Json, namespace: str, now: datetime, unknown: list[str] | None = None) -> Json:
    """Return the document as it is stored at its creation; the paths of fields that its type lacks go to `unknown`.

    Raises:
        ApiError: 400 or 422, it is not acceptable.
    """
    new = _typed(resource, copy_json(document))
    metadata = new["metadata"]
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = metadata["generateName"] + random_suffix()
    if resource.namespaced:
        if metadata.get("namespace", namespace) != namespace:
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        metadata["namespace"] = namespace
    if resource.kind in _AUTHORS_OF_STATUS:
        new.pop("status", None)
    if metadata.get("resourceVersion"):
        raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
    metadata.pop("resourceVersion", None)
    metadata["uid"] = str(uuid.uuid4())
    metadata["creationTimestamp"] = timestamp(now)
    metadata.pop("managedFields", None)
    if resource.generation is not Generation.NEVER:
        metadata["generation"] = 1
    new = _completed(resource, new, None, unknown)
    validate(resource, new, None)
    return new


def prepare_update(resource: ResourceType, old: Json, document: Json, subresource: str, *, patched: bool = False, unknown: list[str] | None = None) -> Json:
    """Return the document as it is stored in place of an old one; `old` itself when nothing differs. `unknown` is as for a new one.

    Raises:
        ApiError: 400, 409 (stale version, another uid) or 422.
    """
    new = _typed(resource, copy_json(document))
    _check_identity(resource, old, new, patched=patched)
    for field in _SERVER_METADATA:
        if field in old["metadata"]:
            new["metadata"][field] = old["metadata"][field]
        else:
            new["metadata"].pop(field, None)
    new["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
    if resource.has_status:
        _keep_other_half(old, new, subresource)
    new = _completed(resource, new, old, unknown)
    if equal_json(old, new):
        return old
    validate(resource, new, old)
    if resource.kind == "Pod" and subresource == "":
        _check_pod_update(resource, old, new)
    if _raises_generation(resource.generation, old, new, subresource):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
    return new


def _typed(resource: ResourceType, document: Json) -> Json:
    if document.setdefault("kind", resource.kind) != resource.kind or document.setdefault("apiVersion", resource.api_version) != resource.api_version:
        given, wanted = document.get("apiVersion"), f"{resource.api_version}, Kind={resource.kind}"
        raise bad_request(f"the object provided is unrecognized: {given}, Kind={document.get('kind')} is not {wanted}")
    if not isinstance(document.setdefault("metadata", {}), dict):
        raise bad_request("json: cannot unmarshal into Go struct field .metadata of type v1.ObjectMeta")
    return document


def _completed(resource: ResourceType, document: Json, old: Json | None, unknown: list[str] | None) -> Json:
    if resource.custom:
        drop_unknown_members(document)
        return document
    normal = normal_document(document)
    dropped = drop_unknown_fields(normal)
    if unknown is not None:
        unknown += dropped
    if "metadata" in (normal.get("spec", {}) if isinstance(normal.get("spec"), dict) else {}).get("template", {}):
        normal["spec"]["template"]["metadata"].pop("creationTimestamp", None)
    fill_in_defaults(normal)
    if resource.kind == "Service":
        address = (old or {}).get("spec", {}).get("clusterIP") or cluster_address()
        normal["spec"].setdefault("clusterIP", address)
        normal["spec"].setdefault("clusterIPs", [normal["spec"]["clusterIP"]])
    return normal


def _check_identity(resource: ResourceType, old: Json, new: Json, *, patched: bool) -> None:
    subject = resource.subject(old["metadata"]["name"])
    name = new["metadata"].setdefault("name", subject.name)
    if name != subject.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({subject.name})")
    if resource.namespaced:
        new["metadata"]["namespace"] = old["metadata"]["namespace"]
    version = new["metadata"].get("resourceVersion")
    if not version and not resource.unconditional_update:
        raise missing_version(subject)
    if version and version != old["metadata"]["resourceVersion"]:
        raise conflict(subject)
    uid, stored_uid = new["metadata"].get("uid"), old["metadata"]["uid"]
    if uid and uid != stored_uid:
        if patched:
            fault = FieldError("metadata.uid", "Invalid value", "field is immutable", uid)
            raise invalid(subject, [fault])
        text = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {stored_uid}"
        raise ApiError(409, "Conflict", f'Operation cannot be fulfilled on {subject.qualified} "{subject.name}": {text}', subject.details())


def _keep_other_half(old: Json, new: Json, subresource: str) -> None:
    """Let a write of the status change no more than that, and any other write not the status."""
    if subresource != "status":
        _take(old, new, "status")
        return
    _take(old, new, "spec")
    _take(old["metadata"], new["metadata"], "labels")


def _take(source: Json, target: Json, field: str) -> None:
    if field in source:
        target[field] = source[field]
    else:
        target.pop(field, None)


def _raises_generation(rule: Generation, old: Json, new: Json, subresource: str) -> bool:
    if rule is Generation.NEVER or subresource in ("status", "binding"):
        return False
    if rule is Generation.BODY:
        return any(not equal_json(old.get(key), new.get(key)) for key in (old.keys() | new.keys()) - {"metadata"})
    if rule is Generation.SPEC_AND_ANNOTATIONS and old["metadata"].get("annotations") != new["metadata"].get("annotations"):
        return True
    return not equal_json(old.get("spec"), new.get("spec"))


def _check_pod_update(resource: ResourceType, old: Json, new: Json) -> None:
    if not equal_json(_fixed_part(old["spec"]), _fixed_part(new["spec"])):
        text = (
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
            "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` "
            "(allow it to be set to 1 if it was previously negative)"
        )
        raise invalid(resource.subject(old["metadata"]["name"]), [FieldError("spec", "Forbidden", text)])


def _fixed_part(spec: Json) -> Json:
    fixed = {key: value for key, value in spec.items() if key not in ("tolerations", "activeDeadlineSeconds")}
    for field in ("containers", "initContainers"):
        fixed[field] = [{key: value for key, value in container.items() if key != "image"} for container in spec.get(field, [])]
    return fixed
