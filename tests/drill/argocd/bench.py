"""The GitOps side of an estate without anything that runs pods, and a client of Argo CD's API for each account."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gospel_rollback_tui.drill.delivery_side import DeliveryPlace, DeliverySide
from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.gitops import REFRESH_ANNOTATION
from gospel_rollback_tui.drill.kubernetes import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.catalogue import by_object
from gospel_rollback_tui.drill.kubernetes.documents import SystemClock
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.scene.start import opening_scene
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, Script
from gospel_rollback_tui.drill.script_delivery import GitScene, SyncScene
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry
from tests.drill.waiting import wait_for

NONCE = "the-nonce"
APP = f"/api/v1/applications/{APPLICATION}"
FREEZE = json.dumps({"spec": {"syncPolicy": {"automated": None}}})
MANUAL = SyncScene(automated=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> dict[str, Any]:
        """The decoded body."""
        decoded: dict[str, Any] = json.loads(self.text)
        return decoded

    @property
    def refusal(self) -> tuple[int, int, str]:
        """HTTP status, gRPC code and message; the body says the message twice."""
        body = self.json
        assert body["error"] == body["message"]
        return self.status, body["code"], body["message"]


class Bench:
    """Argo CD over a cluster in memory, between `start` and `close`."""

    def __init__(self, directory: Path, script: Script, speed: float = 1.0) -> None:
        """Lay the opening scene of a script out; nothing acts yet."""
        clock = SystemClock()
        now = datetime.now(UTC)
        self.repository = EstateRepository(directory / "git" / "gospelib.git", script, now)
        store = ObjectStore()
        for document in opening_scene(script, self.repository, now):
            store.put(by_object(document), document)
        self.kubernetes = KubernetesApi(directory=directory / "cluster", nonce=NONCE, store=store)
        self.registry = SimulatedRegistry(self.kubernetes.registry, "tests")
        self.delivery = DeliverySide(DeliveryPlace(script, directory, self.kubernetes, self.repository, clock, speed))
        store.subscribe(lambda _change: self.delivery.wake())
        self.token_folder = self.delivery.token_file.parent

    def start(self) -> None:
        """Let everybody act."""
        self.delivery.start()

    def close(self) -> None:
        """End every thread."""
        self.delivery.close()
        self.kubernetes.close()

    def token(self, account: str) -> str:
        """Return the API token of an account."""
        return (self.token_folder / f"{account}.token").read_text(encoding="utf-8")

    def call(
        self, method: str, path: str, body: object = None, *, account: str = "operator", token: str | None = None, content_type: str | None = "application/json"
    ) -> Answered:
        """Send a request; a body that is no text is sent as JSON. An empty `token` sends none."""
        sent = self.token(account) if token is None else token
        headers = {"Authorization": f"Bearer {sent}"} if sent else {}
        if content_type and method != "GET":
            headers["Content-Type"] = content_type
        encoded = body if body is None or isinstance(body, str) else json.dumps(body)
        connection = HTTPConnection(urlsplit(self.delivery.server.url).netloc, timeout=60)
        try:
            connection.request(method, path, encoded, headers)
            response = connection.getresponse()
            answered = Answered(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()
        assert answered.headers[NONCE_HEADER] == NONCE
        return answered

    def rollback(self, entry: object, **fields: object) -> Answered:
        """Ask for a rollback to an entry of the history."""
        return self.call("POST", f"{APP}/rollback", {"name": APPLICATION, "id": entry, **fields})

    def patch(self, patch: str, kind: str = "merge", **fields: object) -> Answered:
        """Send a PATCH of the Application."""
        return self.call("PATCH", APP, {"name": APPLICATION, "patchType": kind, "patch": patch, **fields})

    def freeze(self) -> None:
        """Switch auto-sync off."""
        assert self.patch(FREEZE).status == 200

    def application(self) -> dict[str, Any]:
        """Return the Application as stored."""
        return self.registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)

    def merge(self, patch: dict[str, Any], resource: str = "applications", name: str = APPLICATION) -> None:
        """Merge into an object of Argo CD's namespace past its API."""
        self.registry.patch(resource, ARGOCD_NAMESPACE, name, patch)

    def refresh(self) -> dict[str, Any]:
        """Have the controller look at git again, and return what the API shows then."""
        answered = self.call("GET", f"{APP}?refresh=normal")
        assert answered.status == 200
        assert REFRESH_ANNOTATION not in answered.json["metadata"].get("annotations", {})
        return answered.json

    def ended(self) -> dict[str, Any]:
        """Wait until no operation is under way and return the state of the last one."""
        wait_for(lambda: "operation" not in self.application() and "finishedAt" in self.application()["status"].get("operationState", {}))
        state: dict[str, Any] = self.application()["status"]["operationState"]
        return state

    def image(self, service: str = "gateway") -> str:
        """Return the image in a service's Deployment."""
        deployment = self.registry.get("deployments", NAMESPACE, f"gospelib-{service}")
        return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"])


def scripted(sync: SyncScene | None = None, git: GitScene | None = None) -> Script:
    """Return the drill's first script with another delivery."""
    script = find_script("ready-but-failing")
    return replace(script, sync=sync or script.sync, git=git or script.git)


MakeBench = Callable[..., Bench]
