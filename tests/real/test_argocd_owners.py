"""What works against an operator on the real Argo CD: stuck operations, an app-of-apps parent, an ApplicationSet."""

from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.script import GOOD_TAG
from tests.real.argocd_caller import APP, Caller, gateway_tag
from tests.real.conftest import LoadEstate, eventually

ON = {"prune": True, "selfHeal": True}


def automated(caller: Caller) -> object:
    """Return the Application's policy of automated syncs."""
    return caller.application()["spec"]["syncPolicy"].get("automated")


def test_a_stuck_operation_lets_nothing_else_happen_until_it_is_terminated(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """The sync of the release waits for its hook: a rollback is refused, and taken once the operation has ended."""
    scene = estate("stuck-operation")
    caller = Caller(scene)
    busy = "another operation is already in progress"
    assert caller.call("POST", f"{APP}/rollback", {"id": 1}) == (400, {"error": busy, "code": 9, "message": busy})
    assert caller.call("DELETE", f"{APP}/operation") == (200, {})
    state = caller.await_operation(scene.git.head, "Failed")
    assert state["message"] == "Operation terminated"
    target = scene.git.releases[1][0]
    assert caller.call("POST", f"{APP}/rollback", {"id": 1})[0] == 200
    caller.await_operation(target)
    assert gateway_tag(control_plane) == GOOD_TAG


def test_a_parent_puts_back_what_it_declares_and_nothing_else(estate: LoadEstate) -> None:
    """Taken out, auto-sync is on again in a moment; switched off by a field of its own, it stays off."""
    caller = Caller(estate("parent-enables"))
    caller.set_automated(None)
    eventually("the parent has put auto-sync back", lambda: automated(caller) == ON)
    caller.set_automated({"enabled": False})
    for _ in range(3):
        parent = caller.call("GET", "/api/v1/applications/gospelib-apps?refresh=normal")[1]
        assert parent["status"]["sync"]["status"] == "Synced"
    assert automated(caller) == ON | {"enabled": False}


def test_an_application_set_puts_everything_back(estate: LoadEstate) -> None:
    """Whichever way auto-sync is switched off, the generator has it on again."""
    caller = Caller(estate("applicationset"))
    for change in (None, {"enabled": False}):
        caller.set_automated(change)
        eventually("the ApplicationSet has put auto-sync back", lambda: automated(caller) == ON)
