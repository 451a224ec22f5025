"""Python's way to the control endpoint of an estate, for tests and for the drill itself."""

import json
import time
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue

DEADLINE = 10.0
"""Seconds that one call to the control endpoint may take."""


class ControlError(RuntimeError):
    """The endpoint refused, or what answered is not the estate."""


class ControlClient:
    """Calls the control endpoint of one estate; each call has a connection of its own."""

    def __init__(self, control_url: str, nonce: str) -> None:
        """Bind the client to an estate's `control_url` and nonce."""
        self._netloc = urlsplit(control_url).netloc
        self._nonce = nonce

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the API's request log from a number on."""
        records: list[dict[str, Any]] = self._call("GET", f"/requests?since={since}")
        return records

    def argocd_requests(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the request log of Argo CD's API from a number on."""
        records: list[dict[str, Any]] = self._call("GET", f"/argocd-requests?since={since}")
        return records

    def aws_requests(self) -> list[dict[str, str]]:
        """Return {change, code} of the changes that the AWS account was asked for, oldest first; the code is that of a refusal."""
        records: list[dict[str, str]] = self._call("GET", "/aws-requests")
        return records

    def trouble_aws(self, **troubles: str | bool | int) -> None:
        """Set trouble of the AWS account, by the names of `AwsTroubles`."""
        self._call("POST", "/aws", troubles)

    def repository(self) -> dict[str, Any]:
        """Return `head` and `branches` of the Application's repository."""
        found: dict[str, Any] = self._call("GET", "/git")
        return found

    def changes(self) -> list[dict[str, Any]]:
        """Return the logged requests that changed something."""
        return [record for record in self.requests() if record["changes_something"]]

    def objects(self, resource: str, namespace: str = "") -> list[dict[str, Any]]:
        """Return the stored objects of a resource."""
        found: list[dict[str, Any]] = self._call("GET", "/objects?" + urlencode({"resource": resource, "namespace": namespace}))
        return found

    def object(self, resource: str, namespace: str, name: str) -> dict[str, Any]:
        """Return one stored object."""
        query = urlencode({"resource": resource, "namespace": namespace, "name": name})
        found: dict[str, Any] = self._call("GET", f"/objects?{query}")
        return found

    def fault(self, name: str, on: bool = True, seconds: float | None = None) -> None:
        """Switch a fault on or off."""
        self._call("POST", "/fault", {"name": name, "on": on, "seconds": seconds})

    def hold(self, method: str, path: str) -> int:
        """Keep back the answer of the next change of that method and path pattern, and return the hold's number."""
        number: int = self._call("POST", "/hold", {"method": method, "path": path})["id"]
        return number

    def has_arrived(self, hold: int) -> bool:
        """Return whether the held request has come and its change is stored."""
        arrived: bool = self._call("GET", f"/hold?id={quote(str(hold))}")["arrived"]
        return arrived

    def release(self, hold: int, drop: bool = False) -> None:
        """Let a held answer go, or reset its connection."""
        self._call("POST", "/release", {"id": hold, "drop": drop})

    def edit(self, resource: str, namespace: str, name: str, patch: dict[str, Any]) -> dict[str, Any]:
        """Merge a patch into an object as somebody else would, and return the object."""
        edited: dict[str, Any] = self._call("POST", "/edit", {"resource": resource, "namespace": namespace, "name": name, "patch": patch})
        return edited

    def churn(self, deployment: str, every: float = 0.2) -> None:
        """Rewrite the status of a Deployment every so many seconds; 0 ends it."""
        self._call("POST", "/churn", {"deployment": deployment, "every": every})

    def push(self, service: str, tag: str) -> str:
        """Commit another tag to the Application's branch, let Argo CD know, and return the commit's sha."""
        revision: str = self._call("POST", "/push", {"service": service, "tag": tag})["revision"]
        return revision

    def commit(self, path: str, text: str, message: str) -> str:
        """Commit a file to the Application's branch, let nobody know, and return the commit's sha."""
        revision: str = self._call("POST", "/commit", {"path": path, "text": text, "message": message})["revision"]
        return revision

    def renew_login(self) -> None:
        """Accept the operator's expired token again."""
        self._call("POST", "/login", {})

    def name_runner(self, pid: int) -> None:
        """Name the process that the fault `kill` ends."""
        self._call("POST", "/runner", {"pid": pid})

    def wait_until(self, condition: Callable[["ControlClient"], bool], deadline: float = 30.0) -> None:
        """Ask a condition of this client again and again until it holds.

        Raises:
            ControlError: It did not hold within `deadline` seconds.
        """
        until = time.monotonic() + deadline
        while not condition(self):
            if time.monotonic() > until:
                raise ControlError(f"the estate did not come to the awaited state within {deadline:.0f} s")
            time.sleep(0.02)

    def _call(self, method: str, target: str, body: dict[str, Any] | None = None) -> JsonValue:
        """Send a request and return the JSON value of its answer."""
        connection = HTTPConnection(self._netloc, timeout=DEADLINE)
        try:
            connection.request(method, target, None if body is None else json.dumps(body))
            response = connection.getresponse()
            answer = json.loads(response.read() or b"null")
        except (OSError, ValueError) as error:
            raise ControlError(f"{method} {target}: {error}") from error
        finally:
            connection.close()
        if response.headers.get(NONCE_HEADER) != self._nonce:
            raise ControlError(f"what answers at {self._netloc} is not this estate")
        if response.status != 200:
            raise ControlError(f"{method} {target}: {response.status} {answer.get('error')}")
        return answer
