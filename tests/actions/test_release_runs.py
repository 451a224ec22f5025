"""A run whose step asks Argo CD for an operation, killed at every boundary: never asked twice, never taken for done where it was not."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import ROLLBACK, SYNC
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Path as Way
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.ports import Action
from gospel_rollback_tui.engine.process import Process
from gospel_rollback_tui.engine.unknowns import DENY_SECONDS
from tests.actions.release_estate import Release, an_estate
from tests.drill.waiting import wait_for
from tests.engine.bench import Bench
from tests.engine.worlds import VirtualClock, library, world

STEP = "release"
FREEZE, POST_ROLLBACK, POST_SYNC = "PATCH gospelib-production", "POST rollback", "POST sync"
_PAUSE_SECONDS = 0.02


class Killed(BaseException):
    """The process is gone: nothing of the engine runs on."""


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


class ReleaseBench(Bench):
    """An engine whose one step asks the Argo CD of a simulated estate."""

    def __init__(self, release: Release, action: str) -> None:
        """Makes the engine; nothing is open."""
        self.release = release
        self._action = action
        clock = RunningClock()
        self._skew: Callable[[], float] = lambda: -clock.ahead
        step = Step(STEP, "Ask Argo CD", "", action, Danger.REVERSIBLE, 660.0)
        super().__init__(library=library(Way("main", "R", "", (step,))), clock=clock)

    def _actions(self) -> Mapping[str, Action]:
        verification = replace(self.release.verification, skew=self._skew)
        rollback = replace(self.release.rollback, verification=verification, clock=self.clock.now)
        return {ROLLBACK.name: rollback, SYNC.name: replace(self.release.sync, verification=verification)}

    def _engine(self) -> Engine:
        ports = replace(world(self.estate, self.clock), actions=self._actions())
        made = Engine(ports, self.journal, self._library, self.release.environment, process=Process(4711, 1.0), run=self._run, owner=self._owner)
        self.parts = made._parts
        return made

    @property
    def status(self) -> StepStatus:
        """Where the step is."""
        return self.step(STEP).status

    def begin(self) -> None:
        """Opens the run with the estate's own symptom."""
        environment = self.release.environment
        reply = self.open("main", environment.symptoms[0], environment=environment.name)
        assert reply.taken, reply.text

    def rest(self) -> None:
        """Lets the engine work until it has nothing under way."""

        def resting() -> bool:
            self.settle(1)
            return self.status not in (StepStatus.ACTING, StepStatus.VERIFYING, StepStatus.UNKNOWN)

        wait_for(resting)

    def carry_out(self) -> None:
        """Arms the step if need be, confirms it and lets it come to its end."""
        if self.status is not StepStatus.ARMED:
            self.arm(STEP)
        reply = self.confirm(STEP)
        assert reply.taken, reply.text
        self.rest()

    def kill_at(self, when: str, kind: Kind, number: int) -> None:
        """Kills the engine before or after it writes the record of that kind and number, from 1."""

        def kill_after(event: Event) -> None:
            if event.kind is kind and len(self.records(kind)) == number:
                raise Killed

        def kill_before(next_kind: Kind) -> bool:
            if next_kind is kind and len(self.records(kind)) == number - 1:
                raise Killed
            return False

        if when == "after":
            self.journal.on_append = kill_after
        else:
            self.journal.fail_at = kill_before
        with pytest.raises(Killed):
            self.carry_out()

    def asked(self) -> list[str]:
        """Returns what was asked of the estate that changes something, whatever became of it, from its own records: both APIs."""
        argocd = self.release.estate.delivery.server.requests.records()
        cluster = [one for one in self.release.estate._api.requests.changes() if "/applications/" in one.path and one.user == "operator"]
        asked = sorted((one.time, one.method, one.path) for one in (*argocd, *cluster) if one.method != "GET")
        return [f"{method} {path.rpartition('/')[2]}" for _, method, path in asked]

    def comes_back(self, asked: list[str], *, again: bool, denied: Sequence[str] = ()) -> None:
        """Takes the journal up with a new engine, and carries the step out once more where it must be confirmed `again`.

        `denied` are the calls that the new engine must find not to have been made.
        """
        assert self.asked() == asked
        self.restart()
        self.settle(1)
        self.clock.time += DENY_SECONDS
        self.rest()
        self.settle(5)
        assert self.asked() == asked, "sent unasked"
        assert (self.status is not StepStatus.VERIFIED) is again
        assert [event.data["call"] for event in self.records(Kind.CALL_VERIFIED) if not event.data["passed"]] == list(denied)
        if again:
            self.carry_out()
        assert self.status is StepStatus.VERIFIED, [(event.kind.value, event.data) for event in self.journal.events()][-6:]


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    """The default night."""
    with an_estate(tmp_path / "estate") as served:
        yield served


def _entries(release: Release) -> list[int]:
    return [entry["id"] for entry in release.application()["status"]["history"]]


@pytest.mark.parametrize(
    ("when", "kind", "number", "asked"),
    [
        ("after", Kind.CONFIRMED, 1, []),
        ("after", Kind.INTENT, 1, []),
        ("before", Kind.RESULT, 1, [FREEZE]),
        ("after", Kind.RESULT, 1, [FREEZE]),
        ("before", Kind.CALL_VERIFIED, 1, [FREEZE]),
        ("after", Kind.CALL_VERIFIED, 1, [FREEZE]),
        ("after", Kind.INTENT, 2, [FREEZE]),
        ("before", Kind.RESULT, 2, [FREEZE, POST_ROLLBACK]),
        ("after", Kind.RESULT, 2, [FREEZE, POST_ROLLBACK]),
        ("before", Kind.CALL_VERIFIED, 2, [FREEZE, POST_ROLLBACK]),
        ("after", Kind.CALL_VERIFIED, 2, [FREEZE, POST_ROLLBACK]),
        ("before", Kind.VERIFIED, 1, [FREEZE, POST_ROLLBACK]),
    ],
)
def test_a_rollback_killed_at_any_boundary_is_asked_for_exactly_once(release: Release, when: str, kind: Kind, number: int, asked: list[str]) -> None:
    """The new runner asks Argo CD what became of it; what was not sent takes a new confirmation, and nothing is sent twice."""
    bench = ReleaseBench(release, ROLLBACK.name)
    bench.begin()
    bench.kill_at(when, kind, number)
    bench.comes_back(asked, again=POST_ROLLBACK not in asked, denied=["freeze", "rollback"][number - 1 : number] if kind is Kind.INTENT else [])
    assert bench.asked() == [FREEZE, POST_ROLLBACK]
    assert _entries(release) == [0, 1, 2, 3]
    assert release.application()["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert release.image("gateway") == GOOD_TAG
    assert [debt.id for debt in bench.run.open_debts] == ["auto-sync", "git"]


@pytest.mark.parametrize(("when", "kind", "asked"), [("after", Kind.INTENT, []), ("before", Kind.RESULT, [POST_SYNC])])
def test_a_sync_killed_at_its_call_is_asked_for_exactly_once(release: Release, when: str, kind: Kind, asked: list[str]) -> None:
    """Auto-sync is off, so that Argo CD begins none by itself: the attempt's own mark tells whether it was taken."""
    release.change_application({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})
    assert release.image("gateway") == BAD_TAG
    release.estate.delivery.repository.push("gateway", GOOD_TAG)
    bench = ReleaseBench(release, SYNC.name)
    bench.begin()
    bench.kill_at(when, kind, 1)
    bench.comes_back(asked, again=not asked, denied=["sync"] if kind is Kind.INTENT else [])
    assert bench.asked() == [POST_SYNC]
    assert _entries(release) == [0, 1, 2, 3]
    assert release.image("gateway") == GOOD_TAG
