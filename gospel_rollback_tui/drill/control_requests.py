"""What the control endpoints of both estates answer alike: objects, faults, edits, churn and pushes."""

import json
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, Protocol

from gospel_rollback_tui.drill.churn import StatusChurn
from gospel_rollback_tui.drill.fault import Fault, find_fault
from gospel_rollback_tui.drill.gitops import REFRESH_ANNOTATION
from gospel_rollback_tui.drill.kubernetes.request_log import RequestRecord
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.loopback_http import Request, Response, json_response
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE

Reads = Mapping[str, Callable[[dict[str, str]], object]]
"""Path → what answers a GET, by its query."""
Writes = Mapping[str, Callable[[dict[str, Any]], object]]
"""Path → what answers a POST, by its JSON body."""
BAD_GATEWAY = 502


class Switches(Protocol):
    """Faults that can be switched on and off."""

    def switch_on(self, fault: Fault, seconds: float | None = None) -> None:
        """Switch a fault on, for so many seconds or for good."""

    def switch_off(self, fault: Fault) -> None:
        """Switch a fault off."""


class ControlRequests:
    """Answers what both estates answer alike; safe to use from any thread."""

    def __init__(self, registry: Registry, troubles: Switches, git: EstateRepository) -> None:
        """Bind the requests to the parts of an estate."""
        self._registry = registry
        self._troubles = troubles
        self._git = git
        self._churns: dict[str, StatusChurn] = {}
        self._lock = Lock()
        self.reads: Reads = {"/objects": self._objects, "/git": self._repository}
        self.writes: Writes = {
            "/fault": self._fault,
            "/edit": self._edit,
            "/churn": self._churn,
            "/push": self._push,
            "/commit": self._commit,
        }

    def close(self) -> None:
        """End every churn."""
        with self._lock:
            churns, self._churns = list(self._churns.values()), {}
        for churn in churns:
            churn.close()

    def _objects(self, query: dict[str, str]) -> object:
        namespace = query.get("namespace", "")
        if "name" in query:
            return self._registry.get(query["resource"], namespace, query["name"])
        return self._registry.list(query["resource"], namespace)

    def _fault(self, body: dict[str, Any]) -> object:
        fault = find_fault(body["name"])
        if body.get("on", True):
            self._troubles.switch_on(fault, body.get("seconds"))
        else:
            self._troubles.switch_off(fault)
        return {}

    def _edit(self, body: dict[str, Any]) -> object:
        return self._registry.patch(body["resource"], body["namespace"], body["name"], body["patch"], subresource=body.get("subresource", ""))

    def _churn(self, body: dict[str, Any]) -> object:
        name, every = body["deployment"], float(body.get("every", 0.2))
        with self._lock:
            running = self._churns.pop(name, None)
        if running is not None:
            running.close()
        if every > 0:
            churn = StatusChurn(self._registry, name, every)
            churn.start()
            with self._lock:
                self._churns[name] = churn
        return {}

    def _repository(self, _query: dict[str, str]) -> object:
        return {"head": self._git.head, "branches": self._git.branches()}

    def _commit(self, body: dict[str, Any]) -> object:
        return {"revision": self._git.write({body["path"]: body["text"]}, body["message"])}

    def _push(self, body: dict[str, Any]) -> object:
        revision = self._git.push(body["service"], body["tag"])
        self._registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, {"metadata": {"annotations": {REFRESH_ANNOTATION: "normal"}}})
        return {"revision": revision}


class Witness(Protocol):
    """What saw the requests to a server."""

    def records(self) -> tuple[RequestRecord, ...]:
        """Return what was seen, oldest first."""


def records_since(log: Witness, query: dict[str, str]) -> object:
    """Return the records of a log from the number that is asked for."""
    records = log.records()[int(query.get("since", "0")) :]
    return [{**record.to_json(), "changes_something": record.changes_something} for record in records]


def answered(request: Request, reads: Reads, writes: Writes) -> Response:
    """Return the answer to a request; one that cannot be understood or done gets 400 and a sentence."""
    try:
        if request.method == "GET" and request.path in reads:
            return json_response(reads[request.path](request.query))
        if request.method == "POST" and request.path in writes:
            return json_response(writes[request.path](json.loads(request.body or b"{}")))
    except ApiError as error:
        return json_response({"error": error.message}, error.code or BAD_GATEWAY)
    except (LookupError, TypeError, ValueError) as error:
        return json_response({"error": f"{type(error).__name__}: {error}"}, 400)
    return json_response({"error": f"nothing answers {request.method} {request.path}"}, 404)
