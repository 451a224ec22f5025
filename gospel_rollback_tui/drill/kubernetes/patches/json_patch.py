"""JSON Patch (RFC 6902), refused the way the API server refuses it.

Whatever cannot be applied (a `test` that fails, a path that is missing) is one and the
same 422 that does not say which operation it was.
"""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue, copy_json, equal_json
from gospel_rollback_tui.drill.kubernetes.statuses import bad_request, unusable_patch

_ABSENT = object()


def apply_json_patch(document: Json, operations: JsonValue) -> Json:
    """Return the document after all operations.

    Raises:
        ApiError: 400 when the patch is no list of operations, 422 when one cannot be applied.
    """
    if not isinstance(operations, list):
        found = {dict: "object", str: "string", bool: "bool"}.get(type(operations), "number")
        raise bad_request(f"error decoding patch: json: cannot unmarshal {found} into Go value of type []handlers.jsonPatchOp")
    root: Json = copy_json(document)
    for operation in operations:
        if not isinstance(operation, dict):
            raise bad_request("error decoding patch: json: cannot unmarshal array into Go value of type handlers.jsonPatchOp")
        try:
            _apply(root, operation)
        except (KeyError, IndexError, ValueError, TypeError):
            raise unusable_patch() from None
    return root


def _apply(root: Json, operation: Json) -> None:
    path = _tokens(operation["path"])
    match operation["op"]:
        case "test":
            if not equal_json(_find(root, path, absent=None), operation.get("value")):
                raise ValueError("test failed")
        case "add":
            _add(root, path, copy_json(operation.get("value")))
        case "replace":
            _replace(root, path, copy_json(operation.get("value")))
        case "remove":
            _remove(root, path)
        case "move":
            _add(root, path, _remove(root, _tokens(operation["from"])))
        case "copy":
            _add(root, path, copy_json(_find(root, _tokens(operation["from"]))))
        case unknown:
            raise ValueError(unknown)


def _tokens(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise ValueError(pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/")]


def _step(value: JsonValue, token: str) -> JsonValue:
    if isinstance(value, list):
        return value[_index(token, len(value) - 1)]
    return value[token]


def _find(root: JsonValue, tokens: list[str], absent: object = _ABSENT) -> JsonValue:
    """Follow a pointer; a missing last member is `absent` when that is given."""
    value = root
    for token in tokens[:-1]:
        value = _step(value, token)
    if absent is not _ABSENT and isinstance(value, dict):
        return value.get(tokens[-1], absent)
    return _step(value, tokens[-1])


def _add(root: JsonValue, tokens: list[str], new: JsonValue) -> None:
    parent = root
    for token in tokens[:-1]:
        parent = _step(parent, token)
    if isinstance(parent, list):
        at = len(parent) if tokens[-1] == "-" else _index(tokens[-1], len(parent))
        parent.insert(at, new)
    elif isinstance(parent, dict):
        parent[tokens[-1]] = new
    else:
        raise TypeError(tokens[-1])


def _replace(root: JsonValue, tokens: list[str], new: JsonValue) -> None:
    """Put a value in another's place; a member that an object lacks is added, as the API server's library does."""
    parent = root
    for token in tokens[:-1]:
        parent = _step(parent, token)
    if isinstance(parent, list):
        parent[_index(tokens[-1], len(parent) - 1)] = new
    elif isinstance(parent, dict):
        parent[tokens[-1]] = new
    else:
        raise TypeError(tokens[-1])


def _remove(root: JsonValue, tokens: list[str]) -> JsonValue:
    parent = root
    for token in tokens[:-1]:
        parent = _step(parent, token)
    if isinstance(parent, list):
        return parent.pop(_index(tokens[-1], len(parent) - 1))
    return parent.pop(tokens[-1])


def _index(token: str, highest: int) -> int:
    index = int(token)
    if not 0 <= index <= highest:
        raise IndexError(token)
    return index
