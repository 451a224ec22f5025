"""Applies a JSON Patch to an object that was read, for the one call that takes a whole specification instead of a patch."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

from gospel_rollback_tui.domain.change import Operation
from gospel_rollback_tui.domain.raw import JsonObject


def patched(document: JsonObject, operations: Sequence[Operation]) -> dict[str, Any]:
    """Returns the document with the operations carried out; tests are left to `domain.change.moved_facts`.

    Raises:
        KeyError: A path leads through something that is no object, or not there.
    """
    result: dict[str, Any] = deepcopy(dict(document))
    for operation in operations:
        if operation["op"] == "test":
            continue
        *parents, last = [part.replace("~1", "/").replace("~0", "~") for part in str(operation["path"]).split("/")[1:]]
        place = result
        for name in parents:
            place = place[name]
            if not isinstance(place, dict):
                raise KeyError(operation["path"])
        if operation["op"] == "remove":
            del place[last]
        else:
            place[last] = deepcopy(operation["value"])
    return result
