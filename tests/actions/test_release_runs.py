"""A run whose step asks Argo CD for an operation, killed at every boundary: never asked twice, never taken for done where it was not."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import APPLY, ROLLBACK, SYNC, TERMINATE
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG
from gospel_rollback_tui.drill.script_delivery import SyncScene
from gospel_rollback_tui.engine.ports import Action
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.actions.release_estate import Release, an_estate, script_of
from tests.engine.worlds import VirtualClock

STEP = "release"
FREEZE, APPLY_GATEWAY = "PATCH gospelib-production", "PATCH gospelib-gateway"
POST_ROLLBACK, POST_SYNC, TERMINATE_IT = "POST rollback", "POST sync", "DELETE operation"
_PAUSE_SECONDS = 0.02


class RunningClock(VirtualClock):
    """The real time, ahead of it by all that was waited: the estate beside it lives by the real one."""

    def __init__(self) -> None:
        """Begins now."""
        self.ahead = 0.0
        self.on_wait: Callable[[], None] = lambda: None

    @property
    def time(self) -> float:
        """The time by this clock."""
        return time.time() + self.ahead

    @time.setter
    def time(self, at: float) -> None:
        self.ahead += at - self.time
        time.sleep(_PAUSE_SECONDS)  # the estate works in threads of its own: a second waited here gives it a moment there


class ReleaseBench(ActionBench):
    """An engine whose one step asks a simulated estate: its Argo CD, or its cluster."""

    def __init__(self, release: Release, action: str, inputs: Mapping[str, str] | None = None) -> None:
        """Makes the engine and opens the run."""
        self.release = release
        clock = RunningClock()
        self._skew: Callable[[], float] = lambda: -clock.ahead
        step = Step(STEP, "Ask the estate", "", action, Danger.REVERSIBLE, 660.0)
        super().__init__(self._made, release.environment, (step,), self._reached, inputs=inputs, clock=clock)
        self.begin()

    def _made(self) -> Mapping[str, Action]:
        release, verification = self.release, replace(self.release.verification, skew=self._skew)
        rollback = replace(release.rollback, verification=verification, clock=self.clock.now)
        sync, apply = replace(release.sync, verification=verification), replace(release.apply, verification=verification)
        return {one.spec.name: one for one in (rollback, sync, apply, release.terminate)}

    def _reached(self) -> list[str]:
        """Returns what was asked of the estate that changes something, whatever became of it, from its own records: both APIs."""
        argocd = self.release.estate.delivery.server.requests.records()
        kinds = ("/applications/", "/deployments/")
        cluster = [one for one in self.release.estate._api.requests.records() if one.user == "operator" and not one.dry_run]
        cluster = [one for one in cluster if one.method != "GET" and any(kind in one.path for kind in kinds)]
        asked = sorted((one.time, one.method, one.path) for one in (*argocd, *cluster) if one.method != "GET")
        return [f"{method} {path.rpartition('/')[2]}" for _, method, path in asked]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    """The default night."""
    with an_estate(tmp_path / "estate") as served:
        yield served


def _entries(release: Release) -> list[int]:
    return [entry["id"] for entry in release.application()["status"]["history"]]


def _frozen(release: Release) -> bool:
    return release.application()["spec"]["syncPolicy"]["automated"].get("enabled") is False


@pytest.mark.parametrize("at", boundaries(2, debts=(1, 2)), ids=str)
def test_a_rollback_killed_at_any_boundary_is_asked_for_exactly_once(release: Release, at: Boundary) -> None:
    """The new runner asks Argo CD what became of it; what was not sent takes a new confirmation, and nothing is sent twice."""
    bench = ReleaseBench(release, ROLLBACK.name)
    bench.dies_and_comes_back(at, FREEZE, POST_ROLLBACK)
    assert _entries(release) == [0, 1, 2, 3]
    assert _frozen(release)
    assert release.image("gateway") == GOOD_TAG
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync", "git"]


@pytest.mark.parametrize("at", [one for one in boundaries(2) if one.kind is not Kind.CONFIRMED and one.number == 1 and one.kind is not Kind.VERIFIED], ids=str)
def test_a_rollback_that_first_stops_a_stuck_operation_stops_it_once(tmp_path: Path, at: Boundary) -> None:
    """Its end is looked for in Argo CD before anything is asked again, and the rollback behind it is asked for once."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(automated=False, stuck="waiting for a hook"))) as release:
        bench = ReleaseBench(release, ROLLBACK.name)
        bench.dies_and_comes_back(at, TERMINATE_IT, POST_ROLLBACK)
        assert release.image("gateway") == GOOD_TAG


@pytest.mark.parametrize("at", boundaries(1), ids=str)
def test_a_stuck_operation_is_asked_to_end_exactly_once(tmp_path: Path, at: Boundary) -> None:
    """Only the operation that was confirmed counts: it is over, or it is asked again with a new confirmation."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(automated=False, stuck="waiting for a hook"))) as release:
        ReleaseBench(release, TERMINATE.name).dies_and_comes_back(at, TERMINATE_IT)
        assert release.application()["status"]["operationState"]["phase"] == "Failed"


@pytest.mark.parametrize("at", [one for one in boundaries(1) if one.kind in (Kind.INTENT, Kind.RESULT)], ids=str)
def test_a_sync_killed_at_its_call_is_asked_for_exactly_once(release: Release, at: Boundary) -> None:
    """Auto-sync is off, so that Argo CD begins none by itself: the attempt's own mark tells whether it was taken."""
    release.change_application({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})
    assert release.image("gateway") == BAD_TAG
    release.estate.delivery.repository.push("gateway", GOOD_TAG)
    ReleaseBench(release, SYNC.name).dies_and_comes_back(at, POST_SYNC)
    assert _entries(release) == [0, 1, 2, 3]
    assert release.image("gateway") == GOOD_TAG


@pytest.mark.parametrize("at", boundaries(2, debts=(1, 2)), ids=str)
def test_an_apply_killed_at_any_boundary_is_made_exactly_once(release: Release, at: Boundary) -> None:
    """Auto-sync off and one server-side apply: the live object tells whether it was made, and a new confirmation sends only what was not."""
    bench = ReleaseBench(release, APPLY.name, inputs={"services": "gateway", "image:gateway": GOOD_TAG, "conflicts": "take"})
    bench.dies_and_comes_back(at, FREEZE, APPLY_GATEWAY)
    assert _frozen(release)
    assert release.image("gateway") == GOOD_TAG
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync", "git"]
