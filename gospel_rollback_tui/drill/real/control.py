"""The real estate's control endpoint: the requests of the simulated one that make sense where the API server is real.

| request | does |
|---|---|
| GET /requests?since=N | the API server's record of requests from number N on |
| GET /argocd-requests?since=N | those of Argo CD's API, as its door saw them |
| GET /git | {head, branches} of the repository |
| GET /objects?resource=R&namespace=NS[&name=N] | objects as stored |
| POST /fault {name, on, seconds} | switches a fault on or off; some are refused |
| POST /edit {resource, namespace, name, patch} | merges a patch into an object, as somebody else |
| POST /churn {deployment, every} | rewrites a Deployment's status every so many seconds; 0 ends it |
| POST /push {service, tag} | commits another tag to the Application's branch, and lets Argo CD know as a webhook does |
| POST /commit {path, text, message} | commits a file to the branch, and lets nobody know |
| POST /login {} | accepts the expired token of Argo CD again; no other expires here |
"""

from typing import Any

from gospel_rollback_tui.drill.control_requests import ControlRequests, Reads, Writes, answered, records_since
from gospel_rollback_tui.drill.loopback_http import Request, Response
from gospel_rollback_tui.drill.real.audit import AuditLog
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.real.troubles import Delivery, RealTroubles


class RealControl:
    """Answers the control endpoint; safe to use from any thread."""

    def __init__(self, registry: RealRegistry, audit: AuditLog, troubles: RealTroubles, delivery: Delivery) -> None:
        """Binds the endpoint to the parts of the estate."""
        self._common = ControlRequests(registry.writing_as("kubectl-edit"), troubles, delivery.repository)
        self._delivery = delivery
        self._audit = audit
        self._reads: Reads = {**self._common.reads, "/requests": self._requests, "/argocd-requests": self._argocd_requests}
        self._writes: Writes = {**self._common.writes, "/login": self._login}

    def __call__(self, request: Request) -> Response:
        """Answers a request; one that cannot be understood or done gets 400 and a sentence."""
        return answered(request, self._reads, self._writes)

    def close(self) -> None:
        """Ends every churn."""
        self._common.close()

    def _login(self, _body: dict[str, Any]) -> object:
        self._delivery.door.renew()
        return {}

    def _argocd_requests(self, query: dict[str, str]) -> object:
        return records_since(self._delivery.door.requests, query)

    def _requests(self, query: dict[str, str]) -> object:
        return records_since(self._audit, query)
