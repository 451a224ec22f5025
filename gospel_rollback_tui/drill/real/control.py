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

from dataclasses import asdict

from gospel_rollback_tui.drill.control_requests import ControlRequests, Reads, Writes, answered
from gospel_rollback_tui.drill.loopback_http import Request, Response
from gospel_rollback_tui.drill.real.audit import AuditLog
from gospel_rollback_tui.drill.real.registry import RealRegistry
from gospel_rollback_tui.drill.real.troubles import RealTroubles
from gospel_rollback_tui.drill.repository.bare import EstateRepository


class RealControl:
    """Answers the control endpoint; safe to use from any thread."""

    def __init__(self, registry: RealRegistry, audit: AuditLog, troubles: RealTroubles, git: EstateRepository) -> None:
        """Binds the endpoint to the parts of the estate."""
        self._common = ControlRequests(registry.writing_as("kubectl-edit"), troubles, git)
        self._audit = audit
        self._reads: Reads = {**self._common.reads, "/requests": self._requests}
        self._writes: Writes = {**self._common.writes, "/login": lambda _body: {}}

    def __call__(self, request: Request) -> Response:
        """Answers a request; one that cannot be understood or done gets 400 and a sentence."""
        return answered(request, self._reads, self._writes)

    def close(self) -> None:
        """Ends every churn."""
        self._common.close()

    def _requests(self, query: dict[str, str]) -> object:
        records = self._audit.records()[int(query.get("since", "0")) :]
        return [dict(asdict(record), changes_something=record.changes_something) for record in records]
