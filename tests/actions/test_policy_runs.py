"""Freezes and what puts them back, killed at every boundary: each policy goes off once, and comes back once as it was."""

import copy

import pytest

from gospel_rollback_tui.actions.argocd_freeze import SwitchAutoSyncOff
from gospel_rollback_tui.actions.catalogue import FREEZE, RESUME
from gospel_rollback_tui.actions.resuming import ResumeAutoSync
from gospel_rollback_tui.domain.application import IMAGES_FOLLOWED
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.incident import captured
from gospel_rollback_tui.engine.ports import Action
from tests.actions.cluster import MemoryCluster, bad_release
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.actions.test_freezing import NAME, older
from tests.diagnosis import scenes

OWNER = "root"


@pytest.fixture
def cluster() -> MemoryCluster:
    """An older Argo CD, which does not know `enabled: false`, whose Application is healed by another one; git equals what runs."""
    made = older(syncPolicy={"automated": {"selfHeal": True}})
    made.apps[NAME]["status"]["sync"]["status"] = "Synced"
    return made


def _bench(cluster: MemoryCluster, *actions: str) -> ActionBench:
    made: dict[str, Action] = {FREEZE.name: SwitchAutoSyncOff(cluster, cluster, cluster), RESUME.name: ResumeAutoSync(cluster, cluster, cluster)}
    pays = {RESUME.name: ("auto-sync",)}
    steps = [Step(f"step-{n}", "Change the policies", "", action, Danger.REVERSIBLE, 60.0, pays=pays.get(action, ())) for n, action in enumerate(actions)]
    bench = ActionBench(lambda: made, scenes.ENVIRONMENT, steps, lambda: list(cluster.asked))
    bench.begin()
    return bench


@pytest.mark.parametrize("at", boundaries(2, debts=(1, 2)), ids=str)
def test_owner_and_owned_are_frozen_once_each(cluster: MemoryCluster, at: Boundary) -> None:
    """The owner first; each leaves its own debt."""
    bench = _bench(cluster, FREEZE.name)
    bench.dies_and_comes_back(at, OWNER, NAME)
    assert all("automated" not in app["spec"]["syncPolicy"] for app in cluster.apps.values())
    assert [debt.id for debt in bench.run.open_debts] == ["owner", "auto-sync"]


@pytest.mark.parametrize("at", boundaries(2, debts=(1, 2)), ids=str)
def test_image_updater_is_stopped_once_and_auto_sync_is_off_once(at: Boundary) -> None:
    """What each call took away is kept for the step that puts it back, however often the runner died."""
    cluster = bad_release()
    cluster.apps[NAME]["metadata"]["annotations"] = {IMAGES_FOLLOWED: "gateway=registry.test/gospelib-gateway"}
    bench = _bench(cluster, FREEZE.name)
    bench.dies_and_comes_back(at, NAME, NAME)
    assert cluster.apps[NAME]["metadata"]["annotations"] == {}
    assert cluster.apps[NAME]["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert [debt.id for debt in bench.run.open_debts] == ["image-updater", "auto-sync"]
    assert set(captured(bench.run)) == {"captured:image-updater", "captured:auto-sync"}


@pytest.mark.parametrize("at", boundaries(1), ids=str)
def test_auto_sync_comes_back_once_exactly_as_it_was(at: Boundary) -> None:
    """The captured policy is what decides whether it is back, and the debt is paid only by what was seen."""
    cluster = bad_release()
    cluster.apps[NAME]["status"]["sync"]["status"] = "Synced"
    before = copy.deepcopy(cluster.apps)
    bench = _bench(cluster, FREEZE.name, RESUME.name)
    bench.dies_and_comes_back(at, NAME)
    assert cluster.apps == before
    assert bench.run.open_debts == ()


@pytest.mark.parametrize("at", boundaries(2), ids=str)
def test_owned_and_owner_come_back_once_each_exactly_as_they_were(cluster: MemoryCluster, at: Boundary) -> None:
    """What was captured before the first freeze is what comes back, and both debts are paid by it."""
    before = copy.deepcopy(cluster.apps)
    bench = _bench(cluster, FREEZE.name, RESUME.name)
    bench.dies_and_comes_back(at, NAME, OWNER)
    assert cluster.apps == before
    assert bench.run.open_debts == ()


def test_putting_the_resume_back_freezes_both_again_and_owes_again(cluster: MemoryCluster) -> None:
    """The undo is seen in both policies, not taken for done."""
    bench = _bench(cluster, FREEZE.name, RESUME.name)
    bench.carry_out()
    bench.parts.arming.arm_undo(bench.tested)
    bench.carry_out()
    assert bench.status is StepStatus.UNDONE, bench.told()
    assert all("automated" not in app["spec"]["syncPolicy"] for app in cluster.apps.values())
    assert {debt.id for debt in bench.run.open_debts} == {"owner", "auto-sync"}
