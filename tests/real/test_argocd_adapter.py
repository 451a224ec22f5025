"""The adapter of Argo CD against the real server: what it reads, changes, and makes of each refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.application import Application, application_from, restore_auto_sync, suspend_auto_sync
from gospel_rollback_tui.domain.errors import CredentialsExpired, FactsMoved, Forbidden, NotSent, Refused, ServerDown
from gospel_rollback_tui.domain.estate import ArgoCd
from gospel_rollback_tui.domain.workloads import deployment_from
from gospel_rollback_tui.drill.fault import find_fault
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, BAD_TAG, GOOD_TAG, PROJECT, image_name
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from tests.real.argocd_caller import Caller, gateway_tag
from tests.real.conftest import LoadEstate, eventually


@contextmanager
def speaking(scene: RealEstate, folder: Path, account: str = "operator") -> Iterator[ArgoCdRest]:
    """Yield the adapter with an account's token, as a drill configures it."""
    token = scene.describe(folder).argocd_token_file.with_name(f"{account}.token")
    argocd = ArgoCd(APPLICATION, ARGOCD_NAMESPACE, scene.argocd.url, PROJECT, str(token))
    connection = ArgoCdConnection(argocd, nonce=scene.nonce, environment={})
    try:
        yield ArgoCdRest(connection, argocd)
    finally:
        connection.close()


def read(api: ArgoCdRest) -> Application:
    """Return the Application as it is now."""
    return application_from(api.application(APPLICATION, refresh=True))


def test_a_rollback_by_the_adapter(control_plane: RealControlPlane, estate: LoadEstate, tmp_path: Path) -> None:
    """Read, refused under auto-sync, frozen, rolled back, thawed, synced: each call is taken and answered as it expects."""
    scene = estate("self-heal")
    target = scene.git.releases[1][0]
    with speaking(scene, tmp_path) as api:
        assert api.who() == "operator"
        assert api.version().startswith("v3.2.1")
        assert [api.may(action, PROJECT, APPLICATION) for action in ("get", "update", "sync")] == [True] * 3
        assert api.sync_windows(APPLICATION) == {"canSync": True}
        assert {item["name"] for item in api.managed_resources(APPLICATION)} >= {"gospelib-gateway", "gospelib-release"}
        assert api.revision(APPLICATION, target)["tags"] == [f"release/{GOOD_TAG}"]
        declared = [deployment_from(document) for document in api.manifests(APPLICATION, [target]) if document["kind"] == "Deployment"]
        assert {one.name: dict(one.images) for one in declared}["gospelib-gateway"] == {"gateway": image_name("gateway", GOOD_TAG)}
        with pytest.raises(Refused, match="auto-sync"):
            api.rollback(APPLICATION, 1, prune=False)
        with pytest.raises(Refused):
            api.terminate(APPLICATION)
        before = read(api)
        freeze = suspend_auto_sync(before)
        api.patch(APPLICATION, freeze)
        with pytest.raises(FactsMoved):
            api.patch(APPLICATION, freeze)
        assert not read(api).auto_sync
        with pytest.raises(Refused, match="99"):
            api.rollback(APPLICATION, 99, prune=False)
        api.rollback(APPLICATION, 1, prune=False)
        Caller(scene).await_operation(target)
        assert gateway_tag(control_plane) == GOOD_TAG
        api.sync(APPLICATION, scene.git.head, prune=False, run="run-1/sync/1")
        state = Caller(scene).await_operation(scene.git.head)
        assert state["operation"]["info"] == [{"name": "gospel-rollback", "value": "run-1/sync/1"}]
        assert gateway_tag(control_plane) == BAD_TAG
        assert before.automated is not None
        api.patch(APPLICATION, restore_auto_sync(read(api), before.automated))
        assert read(api).auto_sync


def test_refusals_and_outages_by_the_adapter(estate: LoadEstate, tmp_path: Path) -> None:
    """Rights, tokens, a closed door and a git that is gone: the right error each time, and the freeze goes through without git."""
    scene = estate("git-down")
    with speaking(scene, tmp_path, "readonly") as api:
        assert not api.may("sync", PROJECT, APPLICATION)
        with pytest.raises(Forbidden):
            api.patch(APPLICATION, suspend_auto_sync(read(api)))
    with speaking(scene, tmp_path) as api:
        with pytest.raises(Forbidden, match="not there"):
            api.application("nope")
        scene.troubles.switch_on(find_fault("argocd-token-expired"))
        with pytest.raises(CredentialsExpired):
            api.application(APPLICATION)
        scene.troubles.switch_off(find_fault("argocd-token-expired"))
        scene.troubles.switch_on(find_fault("git-down"))
        api.patch(APPLICATION, suspend_auto_sync(read(api)))
        scene.troubles.switch_off(find_fault("git-down"))
        assert not read(api).auto_sync
        scene.troubles.switch_on(find_fault("argocd-down"))
        eventually("the door is closed", lambda: is_down(api))


def is_down(api: ArgoCdRest) -> bool:
    """Whether nothing answers any more."""
    try:
        api.application(APPLICATION)
    except ServerDown:
        return True
    except NotSent:  # the door closes on a connection that was still open
        return False
    return False
