"""Argo CD on the real estate: it syncs the estate's repository, heals, refuses and rolls back as the program expects of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.fault import find_fault
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate, load_estate
from gospel_rollback_tui.drill.script import APPLICATION, BAD_TAG, GOOD_TAG, OLDER_TAG
from tests.real.argocd_caller import APP, Caller, gateway_tag, undo
from tests.real.conftest import LoadEstate, eventually

REFUSED_BY_AUTO_SYNC = "rollback cannot be initiated when auto-sync is enabled"


def is_down(caller: Caller) -> bool:
    """Whether nothing answers any more."""
    try:
        caller.application()
    except OSError:
        return True
    return False


class TestReading:
    """What only looks at an estate shares one."""

    @pytest.fixture(scope="class")
    def scene(self, control_plane: RealControlPlane) -> Iterator[RealEstate]:
        """An estate in which auto-sync and self-heal are on."""
        with load_estate(control_plane, "self-heal") as estate:
            yield estate

    def test_the_history_is_that_of_the_repository(self, scene: RealEstate) -> None:
        """Each release was synced from its own commit, whose author and tag Argo CD knows; everything is as git says."""
        caller = Caller(scene)
        application = caller.application("normal")
        assert [entry["revision"] for entry in application["status"]["history"]] == [sha for sha, _ in scene.git.releases]
        assert [entry["id"] for entry in application["status"]["history"]] == [0, 1, 2]
        assert (application["status"]["sync"]["status"], application["status"]["sync"]["revision"]) == ("Synced", scene.git.head)
        status, metadata = caller.call("GET", f"{APP}/revisions/{scene.git.head}/metadata")
        assert status == 200
        assert (metadata["tags"], metadata["message"]) == ([f"release/{BAD_TAG}"], f"release {BAD_TAG}")
        status, rendered = caller.call("GET", f"{APP}/manifests?revision={scene.git.releases[1][0]}")
        assert status == 200
        images = [m["spec"]["template"]["spec"]["containers"][0]["image"] for m in map(json.loads, rendered["manifests"]) if m["kind"] == "Deployment"]
        assert {image.rpartition(":")[2] for image in images} == {GOOD_TAG}

    @pytest.mark.parametrize(("account", "may"), [("operator", ["yes", "yes", "yes"]), ("syncer", ["yes", "yes", "no"]), ("readonly", ["yes", "no", "no"])])
    def test_accounts_may_what_they_are_meant_to(self, scene: RealEstate, account: str, may: list[str]) -> None:
        """Argo CD itself says who may read, sync and change the Application."""
        caller = Caller(scene, account)
        assert caller.call("GET", "/api/v1/session/userinfo")[1]["username"] == account
        asked = [caller.call("GET", f"/api/v1/account/can-i/applications/{action}/gospelib/{APPLICATION}")[1]["value"] for action in ("get", "sync", "update")]
        assert asked == may

    def test_requests_are_witnessed_with_who_sent_them(self, scene: RealEstate, tmp_path: Path) -> None:
        """The door's record holds what was asked, by whom and how it was answered."""
        before = len(scene.argocd.requests.records())
        unauthenticated = {"error": "no session information", "code": 16, "message": "no session information"}
        assert Caller(scene, "nobody at all").call("GET", APP) == (401, unauthenticated)
        assert Caller(scene).call("POST", f"{APP}/rollback", {"id": 1}, content_type="text/plain") == (415, "Invalid content type\n")
        Caller(scene).call("POST", f"{APP}/rollback", {"id": 99})
        seen = [(record.method, record.path, record.user, record.status, record.body) for record in scene.argocd.requests.records()[before:]]
        path = f"{APP}/rollback"
        assert seen == [("GET", APP, "", 401, None), ("POST", path, "operator", 415, {"id": 1}), ("POST", path, "operator", 400, {"id": 99})]
        assert scene.argocd.requests.changes() == ()
        endpoints = scene.describe(tmp_path)
        assert endpoints.argocd_token_file.stat().st_mode & 0o777 == 0o600
        assert endpoints.argocd_token_file.read_text(encoding="utf-8") == scene.plane.argocd.tokens["operator"]

    def test_a_token_expires_and_a_door_closes(self, scene: RealEstate) -> None:
        """The faults of Argo CD's API are the real server's own words, or no connection, and both can be mended."""
        caller = Caller(scene)
        scene.troubles.switch_on(find_fault("argocd-token-expired"))
        message = "invalid session: token has invalid claims: token is expired"
        assert caller.call("GET", APP) == (401, {"error": message, "code": 16, "message": message})
        scene.troubles.switch_off(find_fault("argocd-token-expired"))
        scene.troubles.switch_on(find_fault("argocd-down"))
        eventually("the door is closed", lambda: is_down(caller))
        scene.troubles.switch_off(find_fault("argocd-down"))
        assert caller.application()["metadata"]["name"] == APPLICATION


def test_self_heal_reverts_an_undo_and_a_rollback_holds_while_frozen(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Healed, refused; then frozen, rolled back, made equal in git, thawed: the same release everywhere, and a push is synced again."""
    scene = estate("self-heal")
    caller = Caller(scene)
    undo(control_plane)
    eventually("the undo is reverted", lambda: gateway_tag(control_plane) == BAD_TAG)
    eventually("it was self-heal", lambda: caller.application()["status"]["operationState"]["operation"]["sync"].get("autoHealAttemptsCount") == 1)
    for entry in (1, 99):
        refused = caller.call("POST", f"{APP}/rollback", {"id": entry})
        assert refused == (400, {"error": REFUSED_BY_AUTO_SYNC, "code": 9, "message": REFUSED_BY_AUTO_SYNC})
    caller.set_automated({"enabled": False})
    target = scene.git.releases[1][0]
    status, started = caller.call("POST", f"{APP}/rollback", {"id": 1})
    assert (status, started["operation"]["sync"]["revision"]) == (200, target)
    caller.await_operation(target)
    assert gateway_tag(control_plane) == GOOD_TAG
    application = caller.application("normal")
    assert (application["status"]["sync"]["status"], application["status"]["history"][-1]["revision"]) == ("OutOfSync", target)
    scene.git.write(scene.git.files(target, "infra/k8s"), "roll back")
    eventually("git agrees", lambda: caller.application("normal")["status"]["sync"]["status"] == "Synced")
    caller.set_automated({"enabled": None})
    assert caller.application("normal")["spec"]["syncPolicy"]["automated"] == {"prune": True, "selfHeal": True}
    assert gateway_tag(control_plane) == GOOD_TAG
    pushed = scene.git.push("gateway", OLDER_TAG)
    caller.application("normal")
    caller.await_operation(pushed)
    assert gateway_tag(control_plane) == OLDER_TAG
