"""What the API server refuses with 422, and its words."""

import re
from collections.abc import Iterator

from gospel_rollback_tui.drill.kubernetes.catalogue import ResourceType
from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, equal_json
from gospel_rollback_tui.drill.kubernetes.selectors import label_requirements, labels_match
from gospel_rollback_tui.drill.kubernetes.statuses import FieldError, UndecodableError, invalid

_NAME = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$")
_NAME_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL = re.compile(r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
    "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_PERCENT = re.compile(r"^[0-9]+%$")
_PERCENT_RULE = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"
_MICRO_TIME = re.compile(r"\.\d{6}(Z|[+-]\d\d:\d\d)$")
_SECONDS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")


def validate(resource: ResourceType, document: Json, old: Json | None) -> None:
    """Check an object that is to be stored, against the one it replaces if any.

    Raises:
        ApiError: 422 with every fault found; 400 for a value of the wrong type.
    """
    check_types(document)
    faults = list(_metadata_faults(document))
    if resource.kind in _WORKLOADS:
        faults += _workload_faults(resource.kind, document["spec"], old)
    elif resource.kind == "Pod":
        faults += _pod_faults(document["spec"], "spec")
    elif resource.kind == "Lease":
        faults += _lease_faults(document.get("spec", {}))
    elif resource.kind == "Application":
        faults += _application_faults(document)
    if faults:
        raise invalid(resource.subject(document["metadata"].get("name", "")), faults)


def check_types(document: Json) -> None:
    """Check the types of the fields that clients most often get wrong.

    Raises:
        ApiError: 400, as the decoder of the body words it.
    """
    kind = document.get("kind", "")
    spec = document.get("spec", {})
    for field in ("labels", "annotations"):
        for value in (document["metadata"].get(field) or {}).values():
            if not isinstance(value, str):
                raise _undecodable(document, f"json: cannot unmarshal {_json_type(value)} into Go struct field ObjectMeta.metadata.{field} of type string")
    if not isinstance(spec, dict) and kind != "Application":
        raise _undecodable(document, f"json: cannot unmarshal {_json_type(spec)} into Go struct field {kind}.spec of type v1.{kind}Spec")
    if not isinstance(spec, dict):
        return
    for field in ("replicas", "minReadySeconds", "progressDeadlineSeconds", "revisionHistoryLimit", "leaseDurationSeconds"):
        value = spec.get(field, 0)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _undecodable(document, f"json: cannot unmarshal {_json_type(value)} into Go struct field {kind}Spec.spec.{field} of type int32")
    if kind == "Lease":
        for field in ("acquireTime", "renewTime"):
            text = spec.get(field)
            if text is not None and not _MICRO_TIME.search(str(text)):
                layout = "2006-01-02T15:04:05.000000Z07:00"
                rest, expected = (str(text)[19:], ".000000") if _SECONDS.match(str(text)) else (text, "2006")
                raise _undecodable(document, f'parsing time "{text}" as "{layout}": cannot parse "{rest}" as "{expected}"')


def _undecodable(document: Json, cause: str) -> UndecodableError:
    return UndecodableError(document.get("kind", ""), str(document.get("apiVersion", "")).rpartition("/")[2], cause)


def _json_type(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _metadata_faults(document: Json) -> Iterator[FieldError]:
    name = document["metadata"].get("name", "")
    if not name:
        yield FieldError("metadata.name", "Required value", "name or generateName is required")
    elif not _NAME.match(name) and document.get("kind") != "Event":
        yield FieldError("metadata.name", "Invalid value", _NAME_RULE, name)


def _workload_faults(kind: str, spec: Json, old: Json | None) -> Iterator[FieldError]:
    yield from _not_negative(spec, ("replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"))
    selector = spec.get("selector")
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    if not selector:
        yield FieldError("spec.selector", "Required value", "")
    if not selector or not labels_match(label_requirements(selector), {"metadata": {"labels": labels}}):
        yield FieldError("spec.template.metadata.labels", "Invalid value", "`selector` does not match template `labels`", labels or None)
    if old is not None and not equal_json(old["spec"].get("selector"), selector):
        yield FieldError("spec.selector", "Invalid value", "field is immutable", selector)
    yield from _pod_faults(template.get("spec") or {}, "spec.template.spec")
    policy = (template.get("spec") or {}).get("restartPolicy", "Always")
    if policy != "Always":
        yield FieldError("spec.template.spec.restartPolicy", "Unsupported value", 'supported values: "Always"', policy)
    if kind == "Deployment":
        yield from _deployment_faults(spec)


def _deployment_faults(spec: Json) -> Iterator[FieldError]:
    limits = spec["strategy"].get("rollingUpdate")
    malformed = list(_limit_faults(limits or {}))
    if malformed:
        yield from malformed
        return
    if spec["strategy"].get("type") == "Recreate" and limits is not None:
        yield FieldError("spec.strategy.rollingUpdate", "Forbidden", "may not be specified when strategy `type` is 'Recreate'")
    elif limits is not None and _is_nothing(limits.get("maxSurge")) and _is_nothing(limits.get("maxUnavailable")):
        unavailable = limits.get("maxUnavailable")
        yield FieldError("spec.strategy.rollingUpdate.maxUnavailable", "Invalid value", "may not be 0 when `maxSurge` is 0", unavailable)
    if spec.get("progressDeadlineSeconds", 600) <= spec.get("minReadySeconds", 0):
        yield FieldError("spec.progressDeadlineSeconds", "Invalid value", "must be greater than minReadySeconds", spec["progressDeadlineSeconds"])


def _limit_faults(limits: Json) -> Iterator[FieldError]:
    for field in ("maxUnavailable", "maxSurge"):
        amount, path = limits.get(field, 0), f"spec.strategy.rollingUpdate.{field}"
        if isinstance(amount, int):
            if amount < 0:
                yield FieldError(path, "Invalid value", "must be greater than or equal to 0", amount)
        elif not _PERCENT.match(amount):
            yield FieldError(path, "Invalid value", _PERCENT_RULE, amount)
        elif field == "maxUnavailable" and int(amount[:-1]) > 100:
            yield FieldError(path, "Invalid value", "must not be greater than 100%", amount)


def _is_nothing(amount: JsonValue) -> bool:
    return amount in (0, "0", "0%")


def _not_negative(spec: Json, fields: tuple[str, ...]) -> Iterator[FieldError]:
    for field in fields:
        if spec.get(field, 0) < 0:
            yield FieldError(f"spec.{field}", "Invalid value", "must be greater than or equal to 0", spec[field])


def _pod_faults(spec: Json, path: str) -> Iterator[FieldError]:
    if not spec.get("containers"):
        yield FieldError(f"{path}.containers", "Required value", "")
    seen: set[str] = set()
    for field in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(field) or []):
            place = f"{path}.{field}[{index}]"
            name = container.get("name", "")
            if not name:
                yield FieldError(f"{place}.name", "Required value", "")
            elif not _LABEL.match(name):
                yield FieldError(f"{place}.name", "Invalid value", _LABEL_RULE, name)
            elif name in seen:
                yield FieldError(f"{place}.name", "Duplicate value", "", name)
            seen.add(name)
            if not container.get("image"):
                yield FieldError(f"{place}.image", "Required value", "")
            elif container["image"] != container["image"].strip() and path == "spec":
                # A template may say so; only its pods are refused.
                yield FieldError(f"{place}.image", "Invalid value", "must not have leading or trailing whitespace", container["image"])


def _application_faults(document: Json) -> Iterator[FieldError]:
    if "spec" not in document:
        yield FieldError("spec", "Required value", "")
    for part in ("spec", "status", "operation"):
        if part in document and not isinstance(document[part], dict):
            found = _json_type(document[part])
            yield FieldError(part, "Invalid value", f'{part} in body must be of type object: "{found}"', found, "FieldValueTypeInvalid")


def _lease_faults(spec: Json) -> Iterator[FieldError]:
    if spec.get("leaseDurationSeconds", 1) <= 0:
        yield FieldError("spec.leaseDurationSeconds", "Invalid value", "must be greater than 0", spec["leaseDurationSeconds"])
    if spec.get("leaseTransitions", 0) < 0:
        yield FieldError("spec.leaseTransitions", "Invalid value", "must be greater than or equal to 0", spec["leaseTransitions"])
