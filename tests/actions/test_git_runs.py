"""A run whose step pushes to a real remote, killed at every boundary: never two pushes, never none that was taken for one."""

from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_RESTORE
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Path as Way
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.engine.engine import Engine
from gospel_rollback_tui.engine.process import Process
from tests.actions.git_places import Place
from tests.diagnosis import scenes
from tests.engine.bench import Bench
from tests.engine.worlds import library, world
from tests.infra.repository.remotes import KUSTOMIZATION, kustomization

STEP = "git-back"


class Killed(BaseException):
    """The process is gone: nothing of the engine runs on."""


class GitBench(Bench):
    """An engine whose one step restores the manifests in git."""

    def __init__(self, place: Place) -> None:
        """Makes the engine; nothing is open."""
        self.place = place
        step = Step(STEP, "Put git back", "", GIT_RESTORE.name, Danger.REVERSIBLE, 600.0)
        super().__init__(library=library(Way("main", "G", "", (step,))))

    def _engine(self) -> Engine:
        ports = replace(world(self.estate, self.clock), actions={GIT_RESTORE.name: self.place.action(GIT_RESTORE)})
        made = Engine(ports, self.journal, self._library, scenes.ENVIRONMENT, process=Process(4711, 1.0), run=self._run, owner=self._owner)
        self.parts = made._parts
        return made

    def restart(self) -> None:
        """Kills the engine; the new one has a view of the remote of its own."""
        self.place.repository = self.place.remote.repository(self.place.folder)
        super().restart()


@pytest.mark.parametrize(
    ("when", "kind", "pushed"),
    [
        ("after", Kind.CONFIRMED, False),
        ("after", Kind.INTENT, False),
        ("before", Kind.RESULT, True),
        ("after", Kind.RESULT, True),
        ("before", Kind.CALL_VERIFIED, True),
        ("after", Kind.CALL_VERIFIED, True),
        ("before", Kind.VERIFIED, True),
    ],
)
def test_killed_at_any_boundary_of_the_push_it_is_made_exactly_once(tmp_path: Path, when: str, kind: Kind, *, pushed: bool) -> None:
    """The new runner asks the remote; where nothing is there, a new confirmation sends it, and only then."""
    place = Place.make(tmp_path)
    bench = GitBench(place)
    bench.open()

    def kill_after(event: Event) -> None:
        if event.kind is kind:
            raise Killed

    def kill_before(next_kind: Kind) -> bool:
        if next_kind is kind:
            raise Killed
        return False

    if when == "after":
        bench.journal.on_append = kill_after
    else:
        bench.journal.fail_at = kill_before
    with pytest.raises(Killed):
        bench.confirm(STEP)
    assert len(place.remote.log()) == 3 + pushed
    bench.restart()
    bench.settle(70)
    assert len(place.remote.log()) == 3 + pushed, "sent unasked"
    if not bench.step(STEP).status.over:
        if bench.step(STEP).status is not StepStatus.ARMED:
            bench.arm(STEP)
        bench.confirm(STEP, 10)
    assert bench.step(STEP).status is StepStatus.VERIFIED
    assert place.remote.log() == ["Roll production back to v2.14.0", "Release v2.15.0", "Release v2.14.0", "Base"]
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")


def test_a_second_attempt_has_a_trailer_of_its_own(tmp_path: Path) -> None:
    """The first attempt was put back: its commit on the remote must not stand for the second."""
    place = Place.make(tmp_path)
    bench = GitBench(place)
    bench.open()
    bench.confirm(STEP)
    assert bench.step(STEP).status is StepStatus.VERIFIED
    assert bench.parts.arming.refusal(STEP, undo=True) == ""
    bench.parts.arming.arm_undo(STEP)
    bench.confirm(STEP)
    assert bench.step(STEP).status is StepStatus.UNDONE
    bench.do(STEP)
    assert bench.step(STEP).status is StepStatus.VERIFIED
    trailers = place.remote.trailers()
    assert trailers == ["0312-k7/git-back/3", "0312-k7/git-back/2", "0312-k7/git-back/1"]


def test_somebody_who_pushes_first_makes_it_a_new_preview(tmp_path: Path) -> None:
    """Seen at the gate: nothing is sent, what moved is shown, and it is armed again."""
    place = Place.make(tmp_path)
    bench = GitBench(place)
    bench.open()
    place.remote.commit("Hotfix", {"README.md": "hot\n"})
    bench.confirm(STEP)
    step = bench.step(STEP)
    assert step.status is StepStatus.ARMED
    assert step.moved[0][0].startswith("branch main of ")
    assert place.remote.log()[0] == "Hotfix"
    bench.confirm(STEP)
    assert place.remote.log()[:2] == ["Roll production back to v2.14.0", "Hotfix"]
