"""The real estate's control endpoint: the requests of the simulated one that make sense where the API server is real.

| request | does |
|---|---|
| GET /requests?since=N | the API server's record of requests from number N on |
| GET /objects?resource=R&namespace=NS[&name=N] | objects as stored |
| POST /fault {name, on, seconds} | switches a fault on or off; some are refused |
| POST /edit {resource, namespace, name, patch} | merges a patch into an object, as somebody else |
| POST /churn {deployment, every} | rewrites a Deployment's status every so many seconds; 0 ends it |
| POST /push {service, tag} | commits another tag to the Application's branch |
| POST /login {} | does nothing: no token expires here |
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from threading import Lock
from typing import Any

from gospel_rollback_tui.drill.churn import StatusChurn
from gospel_rollback_tui.drill.fault import UnknownFaultError, find_fault
from gospel_rollback_tui.drill.gitops import REFRESH_ANNOTATION
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.loopback_http import Request, Response, json_response
from gospel_rollback_tui.drill.real.audit import AuditLog
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.real.troubles import FaultRefusedError, RealTroubles
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE


class RealControl:
    """Answers the control endpoint; safe to use from any thread."""

    def __init__(self, registry: RealRegistry, audit: AuditLog, troubles: RealTroubles, git: EstateRepository) -> None:
        """Binds the endpoint to the parts of the estate."""
        self._registry = registry.writing_as("kubectl-edit")
        self._audit = audit
        self._troubles = troubles
        self._git = git
        self._churns: dict[str, StatusChurn] = {}
        self._lock = Lock()
        self._reads: dict[str, Callable[[dict[str, str]], object]] = {"/requests": self._requests, "/objects": self._objects}
        self._writes: dict[str, Callable[[dict[str, Any]], object]] = {
            "/fault": self._fault,
            "/edit": self._edit,
            "/churn": self._churn,
            "/push": self._push,
            "/login": lambda _body: {},
        }

    def __call__(self, request: Request) -> Response:
        """Answers a request; one that cannot be understood or done gets 400 and a sentence."""
        try:
            if request.method == "GET" and request.path in self._reads:
                return json_response(self._reads[request.path](request.query))
            if request.method == "POST" and request.path in self._writes:
                return json_response(self._writes[request.path](json.loads(request.body or b"{}")))
        except ApiError as error:
            return json_response({"error": error.message}, error.code or 502)
        except (KeyError, TypeError, ValueError, UnknownFaultError, FaultRefusedError) as error:
            return json_response({"error": f"{type(error).__name__}: {error}"}, 400)
        return json_response({"error": f"the real estate answers no {request.method} {request.path}"}, 404)

    def close(self) -> None:
        """Ends every churn."""
        with self._lock:
            churns, self._churns = list(self._churns.values()), {}
        for churn in churns:
            churn.close()

    def _requests(self, query: dict[str, str]) -> object:
        records = self._audit.records()[int(query.get("since", "0")) :]
        return [dict(asdict(record), changes_something=record.changes_something) for record in records]

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

    def _push(self, body: dict[str, Any]) -> object:
        revision = self._git.push(body["service"], body["tag"])
        self._registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, {"metadata": {"annotations": {REFRESH_ANNOTATION: "normal"}}})
        return {"revision": revision}
