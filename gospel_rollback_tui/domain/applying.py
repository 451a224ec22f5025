"""What an object will be once a manifest was applied to it: the three-way merge of a client-side apply.

Fields that the manifest declares win, fields that the last applied one declared and this one does not go away, and all
else, such as defaults and what controllers wrote, stays. Lists of named things merge by their names, others are replaced.
"""

import re
from collections.abc import Mapping
from typing import Any

from gospel_rollback_tui.domain.raw import JsonObject

_KEYS = ("name", "mountPath", "containerPort", "port", "ip", "topologyKey", "uid")
"""Merge keys of Kubernetes' lists, the first that all members have."""
_ABSENT = object()
_QUANTITY = re.compile(r"([0-9.]+)(m|k|Ki|M|Mi|G|Gi|T|Ti)?")
_UNITS = {"m": 1e-3, "": 1.0, "k": 1e3, "Ki": 2.0**10, "M": 1e6, "Mi": 2.0**20, "G": 1e9, "Gi": 2.0**30, "T": 1e12, "Ti": 2.0**40}


def applied(live: JsonObject, declared: JsonObject, last: JsonObject) -> dict[str, Any]:
    """Returns the live object as it will be.

    Args:
        live: As it is now, defaults filled in.
        declared: What is going to be applied.
        last: What was applied before; empty: not known, and then nothing goes away.
    """
    return _object(live, declared, last)


def _object(live: Mapping[str, Any], declared: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    result = {name: value for name, value in live.items() if name in declared or name not in last}
    for name, value in declared.items():
        if value is None:
            result.pop(name, None)
            continue
        result[name] = _value(live.get(name, _ABSENT), value, last.get(name, _ABSENT))
    return result


def _value(live: Any, declared: Any, last: Any) -> Any:  # noqa: ANN401  (JSON values)
    if isinstance(declared, Mapping):
        return _object(live if isinstance(live, Mapping) else {}, declared, last if isinstance(last, Mapping) else {})
    if isinstance(declared, list) and isinstance(live, list):
        return _list(live, declared, last if isinstance(last, list) else [])
    return live if _same(live, declared) else declared


def _list(live: list[Any], declared: list[Any], last: list[Any]) -> list[Any]:
    key = next((key for key in _KEYS if all(isinstance(item, Mapping) and key in item for item in (*live, *declared, *last)) and (live or declared)), "")
    if not key:
        # Replaced as a whole; members that only gained defaults are the same.
        same = len(live) == len(declared) and all(_covers(one, other) for one, other in zip(declared, live, strict=True))
        return live if same else declared
    before = {item[key]: item for item in live}
    gone = {item[key] for item in last} - {item[key] for item in declared}
    wanted = {item[key]: item for item in declared}
    earlier = {item[key]: item for item in last}
    kept = [_value(item, wanted[item[key]], earlier.get(item[key], {})) if item[key] in wanted else item for item in live if item[key] not in gone]
    return kept + [item for item in declared if item[key] not in before]


def _covers(declared: Any, live: Any) -> bool:  # noqa: ANN401  (JSON values)
    """Whether the live value holds everything that the declared one says."""
    if isinstance(declared, Mapping) and isinstance(live, Mapping):
        return all(name in live and _covers(value, live[name]) for name, value in declared.items())
    if isinstance(declared, list) and isinstance(live, list):
        return len(declared) == len(live) and all(_covers(one, other) for one, other in zip(declared, live, strict=True))
    return _same(live, declared)


def _same(live: Any, declared: Any) -> bool:  # noqa: ANN401  (JSON values)
    """Whether two leaves are the same to the server, which rewrites quantities: `1000m` is `1`."""
    if live == declared:
        return True
    if isinstance(live, str | int | float) and isinstance(declared, str | int | float) and not isinstance(live, bool) and not isinstance(declared, bool):
        one, other = _quantity(live), _quantity(declared)
        return one is not None and one == other
    return False


def _quantity(value: str | float) -> float | None:
    match = _QUANTITY.fullmatch(str(value))
    try:
        return round(float(match[1]) * _UNITS[match[2] or ""], 6) if match else None
    except ValueError:
        return None
