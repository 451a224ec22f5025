"""Events: recorded by controllers, counted when they repeat, combined when they swarm."""

import time
from dataclasses import dataclass, field

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json, micro_timestamp, timestamp
from gospel_rollback_tui.drill.kubernetes.registry import Registry

_EVENTS = by_name("events")
_SWARM = 10
"""So many different messages of one kind about one object are written; later ones are combined."""
_COMBINED = "(combined from similar events): "


@dataclass(slots=True)
class _Similar:
    messages: set[str] = field(default_factory=set)


class EventRecorder:
    """Writes events about objects; safe to use from any thread."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._names: dict[tuple[str, ...], str] = {}
        self._similar: dict[tuple[str, ...], _Similar] = {}

    def record(self, document: Json, kind: str, reason: str, message: str, component: str, *, field_path: str = "", host: str = "") -> None:
        """Record an event (`Normal` or `Warning`) about an object, in the style of most controllers."""
        about = _reference(document, field_path)
        series = (about["uid"], field_path, kind, reason, component)
        with self._registry.store.lock:
            similar = self._similar.setdefault(series, _Similar())
            similar.messages.add(message)
            combined = len(similar.messages) > _SWARM
            key = series if combined else (*series, message)
            text = _COMBINED + message if combined else message
            now = timestamp(self._registry.now())
            known = self._known(document, key)
            if known is not None:
                again: Json = copy_json(known)
                again |= {"count": known.get("count", 1) + 1, "lastTimestamp": now, "message": text}
                self._registry.update(again)
                return
            source = {"component": component, "host": host} if host else {"component": component}
            event = _event(document, about, kind, reason, text) | {
                "count": 1,
                "firstTimestamp": now,
                "lastTimestamp": now,
                "eventTime": None,
                "source": source,
                "reportingComponent": component,
                "reportingInstance": host,
            }
            self._names[key] = self._registry.create(event, _namespace(document))["metadata"]["name"]

    def record_action(self, document: Json, kind: str, reason: str, message: str, component: str, action: str) -> None:
        """Record an event in the newer style, which the scheduler uses: `eventTime`, no count."""
        event = _event(document, _reference(document, ""), kind, reason, message) | {
            "eventTime": micro_timestamp(self._registry.now()),
            "firstTimestamp": None,
            "lastTimestamp": None,
            "source": {},
            "action": action,
            "reportingComponent": component,
            "reportingInstance": f"{component}-drill",
        }
        self._registry.create(event, _namespace(document))

    def _known(self, document: Json, key: tuple[str, ...]) -> Json | None:
        name = self._names.get(key)
        return self._registry.store.get(_EVENTS, _namespace(document), name) if name else None


def _namespace(document: Json) -> str:
    return str(document["metadata"].get("namespace", "default"))


def _reference(document: Json, field_path: str) -> Json:
    metadata = document["metadata"]
    about: Json = {"kind": document["kind"], "apiVersion": document["apiVersion"], "name": metadata["name"], "uid": metadata["uid"]}
    about |= {key: metadata[key] for key in ("namespace", "resourceVersion") if key in metadata}
    if field_path:
        about["fieldPath"] = field_path
    return about


def _event(document: Json, about: Json, kind: str, reason: str, message: str) -> Json:
    name = f"{document['metadata']['name']}.{time.time_ns():x}"
    return {
        "kind": "Event",
        "apiVersion": "v1",
        "metadata": {"name": name, "namespace": _namespace(document)},
        "involvedObject": about,
        "reason": reason,
        "message": message,
        "type": kind,
    }
