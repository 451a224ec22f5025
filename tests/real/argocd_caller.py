"""Somebody who calls the real Argo CD through the estate's door, and what both say of the gateway."""

import json
import urllib.error
import urllib.request
from typing import Any

from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import APPLICATION, NAMESPACE
from tests.real.conftest import eventually

GATEWAY = "deployment/gospelib-gateway"
APP = f"/api/v1/applications/{APPLICATION}"


class Caller:
    """An account of Argo CD, by its API token."""

    def __init__(self, estate: RealEstate, account: str = "operator") -> None:
        """An account that is not there has no token."""
        self.estate = estate
        self.token = estate.plane.argocd.tokens.get(account, "")

    def call(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> tuple[int, Any]:
        """Return status and decoded body; every answer must be this estate's."""
        headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        request = urllib.request.Request(self.estate.argocd.url + path, None if body is None else json.dumps(body).encode(), headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                status, text, nonce = answer.status, answer.read(), answer.headers[NONCE_HEADER]
        except urllib.error.HTTPError as error:
            with error:
                status, text, nonce = error.code, error.read(), error.headers[NONCE_HEADER]
        assert nonce == self.estate.nonce
        try:
            return status, json.loads(text)
        except ValueError:
            return status, text.decode()

    def application(self, refresh: str = "") -> dict[str, Any]:
        """Return the Application as Argo CD shows it."""
        status, application = self.call("GET", APP + (f"?refresh={refresh}" if refresh else ""))
        assert status == 200, application
        assert isinstance(application, dict)
        return application

    def set_automated(self, automated: object) -> None:
        """Merge into the Application's policy of automated syncs."""
        change = json.dumps({"spec": {"syncPolicy": {"automated": automated}}})
        status, said = self.call("PATCH", APP, {"name": APPLICATION, "patchType": "merge", "patch": change})
        assert status == 200, said

    def await_operation(self, revision: str, phase: str = "Succeeded") -> dict[str, Any]:
        """Wait until an operation of that revision has ended in that phase, and return its state."""
        eventually(f"an operation of {revision[:7]} has {phase}", lambda: self._ended(revision, phase))
        state: dict[str, Any] = self.application()["status"]["operationState"]
        return state

    def _ended(self, revision: str, phase: str) -> bool:
        application = self.application()
        state = application["status"].get("operationState", {})
        return "operation" not in application and state.get("phase") == phase and state["operation"]["sync"]["revision"] == revision


def gateway_tag(plane: RealControlPlane) -> str:
    """Return the tag of the image that the gateway's template names."""
    image = plane.kubectl("-n", NAMESPACE, "get", GATEWAY, "-o", "jsonpath={.spec.template.spec.containers[0].image}").stdout
    return image.rpartition(":")[2]


def undo(plane: RealControlPlane) -> None:
    """Undo the gateway's last rollout, as an operator does."""
    plane.kubectl("-n", NAMESPACE, "rollout", "undo", GATEWAY, kubeconfig=plane.kubeconfig)
