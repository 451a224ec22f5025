"""The estate's control endpoint: what tests and the drill do to the estate, and what they see of it.

| request | does |
|---|---|
| GET /requests?since=N | the Kubernetes API's request log from number N on |
| GET /argocd-requests?since=N | that of Argo CD's API |
| GET /git | {head, branches} of the repository |
| GET /objects?resource=R&namespace=NS[&name=N] | objects as stored |
| POST /fault {name, on, seconds} | switches a fault on or off |
| POST /hold {method, path} → {id} | keeps back the answer of the next such change |
| GET /hold?id=N | {arrived, finished} |
| POST /release {id, drop} | lets the answer go, or resets its connection |
| POST /edit {resource, namespace, name, patch} | merges a patch into an object, as somebody else |
| POST /churn {deployment, every} | rewrites a Deployment's status every so many seconds; 0 ends it |
| POST /push {service, tag} | commits another tag to the Application's branch, and lets Argo CD know as a webhook does |
| POST /commit {path, text, message} | commits a file to the branch, and lets nobody know |
| GET /aws-requests | the changes that the AWS account was asked for |
| POST /aws {name: value} | sets trouble of the AWS account, by the names of `AwsTroubles` |
| POST /login {} | accepts the expired token again |
| POST /runner {pid} | names the process that the fault `kill` ends |
"""

from threading import Lock
from typing import Any

from gospel_rollback_tui.drill.aws_side import AwsSide
from gospel_rollback_tui.drill.control_requests import ControlRequests, Reads, Writes, answered, records_since
from gospel_rollback_tui.drill.delivery_side import DeliverySide
from gospel_rollback_tui.drill.kubernetes.faults import Faults, Hold
from gospel_rollback_tui.drill.kubernetes.request_log import RequestLog
from gospel_rollback_tui.drill.loopback_http import Request, Response
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.troubles import Troubles


class Control:
    """Answers the control endpoint; safe to use from any thread."""

    def __init__(self, registry: Registry, faults: Faults, requests: RequestLog, troubles: Troubles, delivery: DeliverySide, aws: AwsSide) -> None:
        """Bind the endpoint to the parts of the estate."""
        self._common = ControlRequests(registry, troubles, delivery.repository)
        self._faults = faults
        self._requests = requests
        self._troubles = troubles
        self._delivery = delivery
        self._aws = aws
        self._holds: list[Hold] = []
        self._lock = Lock()
        self._reads: Reads = {
            **self._common.reads,
            "/requests": lambda query: records_since(self._requests, query),
            "/argocd-requests": lambda query: records_since(self._delivery.server.requests, query),
            "/aws-requests": lambda _: self._aws.requests(),
            "/hold": self._hold_state,
        }
        self._writes: Writes = {
            **self._common.writes,
            "/hold": self._hold,
            "/release": self._release,
            "/aws": self._aws_trouble,
            "/login": self._login,
            "/runner": self._runner,
        }

    def __call__(self, request: Request) -> Response:
        """Answer a request; one that cannot be understood or done gets 400 and a sentence."""
        return answered(request, self._reads, self._writes)

    def close(self) -> None:
        """End every churn and let every held answer go."""
        self._common.close()
        for hold in self._holds:
            hold.release()

    def _aws_trouble(self, body: dict[str, Any]) -> object:
        for name, value in body.items():
            setattr(self._aws.troubles, name, value)
        return {}

    def _hold(self, body: dict[str, Any]) -> object:
        with self._lock:
            self._holds.append(self._faults.hold(body["method"], body["path"]))
            return {"id": len(self._holds) - 1}

    def _hold_state(self, query: dict[str, str]) -> object:
        hold = self._holds[int(query["id"])]
        return {"arrived": hold.arrived.is_set(), "finished": hold.finished.is_set()}

    def _release(self, body: dict[str, Any]) -> object:
        hold = self._holds[int(body["id"])]
        if body.get("drop"):
            hold.drop()
        else:
            hold.release()
        return {}

    def _login(self, _body: dict[str, Any]) -> object:
        self._troubles.renew_login()
        return {}

    def _runner(self, body: dict[str, Any]) -> object:
        self._troubles.name_runner(int(body["pid"]))
        return {}
