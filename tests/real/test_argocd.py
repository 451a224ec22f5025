"""Argo CD on the real estate: it syncs the estate's repository, heals, refuses and rolls back as the program expects of it."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gospel_rollback_tui.drill.endpoints import NONCE_HEADER
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG, NAMESPACE, OLDER_TAG
from tests.real.conftest import LoadEstate, eventually

GATEWAY = "deployment/gospelib-gateway"
APP = f"/api/v1/applications/{APPLICATION}"
FROZEN = {"spec": {"syncPolicy": {"automated": {"enabled": False}}}}
THAWED = {"spec": {"syncPolicy": {"automated": {"enabled": None}}}}


class Caller:
    """Somebody who calls Argo CD through the estate's door."""

    def __init__(self, estate: RealEstate, account: str = "operator") -> None:
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

    def set_policy(self, change: object) -> None:
        """Merge a change into the Application's spec."""
        status, said = self.call("PATCH", APP, {"name": APPLICATION, "patchType": "merge", "patch": json.dumps(change)})
        assert status == 200, said


def gateway_tag(plane: RealControlPlane) -> str:
    """Return the tag of the image that the gateway's template names."""
    image = plane.kubectl("-n", NAMESPACE, "get", GATEWAY, "-o", "jsonpath={.spec.template.spec.containers[0].image}").stdout
    return image.rpartition(":")[2]


def undo(plane: RealControlPlane) -> None:
    """Undo the gateway's last rollout, as an operator does."""
    plane.kubectl("-n", NAMESPACE, "rollout", "undo", GATEWAY, kubeconfig=plane.kubeconfig)


def ended(caller: Caller, revision: str) -> bool:
    """Whether the operation under way has ended, and was one of that revision."""
    application = caller.application()
    state = application["status"].get("operationState", {})
    return "operation" not in application and state.get("phase") == "Succeeded" and state["operation"]["sync"]["revision"] == revision


def test_the_history_is_that_of_the_repository(estate: LoadEstate) -> None:
    """Each release was synced from its own commit, whose author and tag Argo CD knows; everything is as git says."""
    scene = estate("self-heal")
    caller = Caller(scene)
    application = caller.application("normal")
    assert [entry["revision"] for entry in application["status"]["history"]] == [sha for sha, _ in scene.git.releases]
    assert [entry["id"] for entry in application["status"]["history"]] == [0, 1, 2]
    assert application["status"]["sync"] == application["status"]["sync"] | {"status": "Synced", "revision": scene.git.head}
    status, metadata = caller.call("GET", f"{APP}/revisions/{scene.git.head}/metadata")
    assert status == 200
    assert metadata["tags"] == [f"release/{BAD_TAG}"]
    assert metadata["message"] == f"release {BAD_TAG}"
    status, rendered = caller.call("GET", f"{APP}/manifests?revision={scene.git.releases[1][0]}")
    assert status == 200
    images = [m["spec"]["template"]["spec"]["containers"][0]["image"] for m in map(json.loads, rendered["manifests"]) if m["kind"] == "Deployment"]
    assert {image.rpartition(":")[2] for image in images} == {GOOD_TAG}


def test_self_heal_reverts_an_undo_and_rollback_is_refused(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Under auto-sync the bad release comes back by itself, and a rollback is refused before its id is even looked at."""
    caller = Caller(estate("self-heal"))
    undo(control_plane)
    eventually("the undo is reverted", lambda: gateway_tag(control_plane) == BAD_TAG)
    eventually("it was self-heal", lambda: caller.application()["status"]["operationState"]["operation"]["sync"].get("autoHealAttemptsCount") == 1)
    for entry in (1, 99):
        refused = caller.call("POST", f"{APP}/rollback", {"id": entry})
        message = "rollback cannot be initiated when auto-sync is enabled"
        assert refused == (400, {"error": message, "code": 9, "message": message})


def test_a_rollback_holds_until_auto_sync_is_on_again(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Frozen, the release before runs and git disagrees; once git agrees, auto-sync has nothing to do."""
    scene = estate("self-heal")
    caller = Caller(scene)
    caller.set_policy(FROZEN)
    target = scene.git.releases[1][0]
    status, started = caller.call("POST", f"{APP}/rollback", {"id": 1})
    assert status == 200
    assert started["operation"]["sync"]["revision"] == target
    eventually("the rollback has ended", lambda: ended(caller, target))
    assert gateway_tag(control_plane) == GOOD_TAG
    application = caller.application("normal")
    assert application["status"]["sync"]["status"] == "OutOfSync"
    assert application["status"]["history"][-1]["revision"] == target
    scene.git.write(scene.git.files(target, "infra/k8s"), "roll back")
    eventually("git agrees", lambda: caller.application("normal")["status"]["sync"]["status"] == "Synced")
    caller.set_policy(THAWED)
    assert caller.application("normal")["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert gateway_tag(control_plane) == GOOD_TAG


def test_a_push_is_synced_after_a_refresh(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """What somebody commits to the branch is rolled out as soon as Argo CD is told to look."""
    scene = estate("self-heal")
    caller = Caller(scene)
    sha = scene.git.push("gateway", OLDER_TAG)
    caller.application("normal")
    eventually("the push is synced", lambda: ended(caller, sha))
    assert gateway_tag(control_plane) == OLDER_TAG


@pytest.mark.parametrize(("account", "may"), [("operator", ["yes", "yes", "yes"]), ("syncer", ["yes", "yes", "no"]), ("readonly", ["yes", "no", "no"])])
def test_accounts_may_what_they_are_meant_to(estate: LoadEstate, account: str, may: list[str]) -> None:
    """Argo CD itself says who may read, sync and change the Application."""
    caller = Caller(estate("self-heal"), account)
    assert caller.call("GET", "/api/v1/session/userinfo")[1]["username"] == account
    asked = [caller.call("GET", f"/api/v1/account/can-i/applications/{action}/gospelib/{APPLICATION}")[1]["value"] for action in ("get", "sync", "update")]
    assert asked == may


def test_requests_are_witnessed_with_who_sent_them(estate: LoadEstate, tmp_path: Path) -> None:
    """The door's record holds what was asked, by whom and how it was answered; without a token nobody is asked who it is."""
    scene = estate("self-heal")
    assert Caller(scene, "nobody at all").call("GET", APP) == (401, {"error": "no session information", "code": 16, "message": "no session information"})
    refused = Caller(scene).call("POST", f"{APP}/rollback", {"id": 1}, content_type="text/plain")
    assert refused == (415, "Invalid content type\n")
    Caller(scene).call("POST", f"{APP}/rollback", {"id": 99})
    seen = [(record.method, record.path, record.user, record.status, record.body) for record in scene.argocd.requests.records()]
    assert seen == [
        ("GET", APP, "", 401, None),
        ("POST", f"{APP}/rollback", "operator", 415, {"id": 1}),
        ("POST", f"{APP}/rollback", "operator", 400, {"id": 99}),
    ]
    assert scene.argocd.requests.changes() == ()
    endpoints = scene.describe(tmp_path)
    assert endpoints.argocd_token_file.stat().st_mode & 0o777 == 0o600
    assert endpoints.argocd_token_file.read_text(encoding="utf-8") == scene.plane.argocd.tokens["operator"]
