"""Strategic merge patch: lists of objects are merged by the key their schema declares.

Source of the rules: the patch tags of the published Kubernetes API types, and the
directives `$patch`, `$retainKeys`, `$setElementOrder/…`, `$deleteFromPrimitiveList/…`.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, copy_json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError, bad_request

MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "volumeDevices": "devicePath",
    "imagePullSecrets": "name",
    "secrets": "name",
    "hostAliases": "ip",
    "topologySpreadConstraints": "topologyKey",
    "schedulingGates": "name",
    "resourceClaims": "name",
    "conditions": "type",
    "addresses": "type",
    "ownerReferences": "uid",
    "podIPs": "ip",
}
"""Merge key by field; `ports` depends on its owner."""
MERGED_PRIMITIVES = frozenset({"finalizers"})
_ORDER = "$setElementOrder/"
_DELETE = "$deleteFromPrimitiveList/"


def apply_strategic_patch(document: Json, patch: Json) -> Json:
    """Return the document with the patch merged in.

    Raises:
        ApiError: 400 for a list item without its merge key or an unknown directive.
    """
    return _merge_object(document, patch, document.get("kind") == "Service")


def _merge_object(original: Json, patch: Json, service: bool) -> Json:
    directive = patch.get("$patch", "merge")
    if directive == "replace":
        replacement: Json = _cleaned(patch)
        return replacement
    if directive == "delete":
        return {}
    if directive != "merge":
        raise bad_request(f"unknown patch type found in patch: {directive}")
    result = dict(original)
    if "$retainKeys" in patch:
        result = {key: value for key, value in result.items() if key in patch["$retainKeys"]}
    for key, value in patch.items():
        if key.startswith(_DELETE):
            field = key.removeprefix(_DELETE)
            result[field] = [item for item in result.get(field, []) if item not in value]
        elif not key.startswith("$"):
            _merge_member(result, key, value, patch.get(_ORDER + key), service)
    for key, order in patch.items():
        field = key.removeprefix(_ORDER)
        if key != field and field not in patch and isinstance(result.get(field), list):
            result[field] = _ordered(result[field], order, original.get(field, []), _merge_key(field, service))
    return result


def _merge_member(result: Json, key: str, value: JsonValue, order: JsonValue, service: bool) -> None:
    before = result.get(key)
    if value is None:
        result.pop(key, None)
    elif isinstance(value, dict):
        result[key] = _merge_object(before if isinstance(before, dict) else {}, value, service)
    elif isinstance(value, list) and (merge_key := _merge_key(key, service)) and _are_objects(value):
        result[key] = _merge_objects(before or [], value, order, merge_key, service)
    elif isinstance(value, list) and key in MERGED_PRIMITIVES:
        result[key] = [*(before or []), *(item for item in value if item not in (before or []))]
    else:
        result[key] = _cleaned(value)


def _merge_objects(original: list[Json], patch: list[Json], order: JsonValue, key: str, service: bool) -> list[Json]:
    items = [item for item in patch if item.get("$patch") not in ("delete", "replace") or key in item]
    if any(item.get("$patch") == "replace" and key not in item for item in patch):
        return [_cleaned(item) for item in items]
    merged = {_key_of(item, key): item for item in original}
    for item in items:
        name = _key_of(item, key)
        if item.get("$patch") == "delete":
            merged.pop(name, None)
        else:
            merged[name] = _merge_object(merged.get(name, {}), item, service)
    wanted = order if order is not None else [item for item in items if item.get("$patch") != "delete"]
    return _ordered(list(merged.values()), wanted, original, key)


def _ordered(items: list[JsonValue], wanted: list[JsonValue], live: list[JsonValue], key: str) -> list[JsonValue]:
    """Put the wanted items in their order and let each of the others keep its place before those it preceded."""
    wanted_keys = [_key_of(item, key) for item in wanted]
    live_keys = [_key_of(item, key) for item in live]
    first = sorted((i for i in items if _key_of(i, key) in wanted_keys), key=lambda i: wanted_keys.index(_key_of(i, key)))
    others = [item for item in items if _key_of(item, key) not in wanted_keys]
    result: list[JsonValue] = []
    while first and others:
        other, next_wanted = _key_of(others[0], key), _key_of(first[0], key)
        both_live = other in live_keys and next_wanted in live_keys
        precedes = both_live and live_keys.index(other) < live_keys.index(next_wanted)
        result.append(others.pop(0) if precedes else first.pop(0))
    return result + first + others


def _merge_key(field: str, service: bool) -> str:
    if field == "ports":
        return "port" if service else "containerPort"
    return MERGE_KEYS.get(field, "")


def _key_of(item: JsonValue, key: str) -> JsonValue:
    if not isinstance(item, dict):
        return item
    if key not in item:
        shown = " ".join(f"{name}:{item[name]}" for name in sorted(item))
        raise ApiError(500, "", f"map: map[{shown}] does not contain declared merge key: {key}")
    return item[key]


def _are_objects(items: list[JsonValue]) -> bool:
    return all(isinstance(item, dict) for item in items)


def _cleaned(value: JsonValue) -> JsonValue:
    """Copy what a patch brings in without its directives and its `null` members."""
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items() if item is not None and not key.startswith("$")}
    if isinstance(value, list):
        return [_cleaned(i) for i in value if not (isinstance(i, dict) and i.get("$patch") in ("delete", "replace"))]
    return copy_json(value)
