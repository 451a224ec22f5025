"""A run whose step pushes to a real remote, killed at every boundary: never two pushes, never none that was taken for one."""

from functools import partial
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_PIN, GIT_RESTORE, GIT_REVERT
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import ActionSpec, Step
from tests.actions.git_places import Place
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.diagnosis import scenes
from tests.infra.repository.remotes import KUSTOMIZATION, kustomization

STEP = "git-back"
RESTORED = "Roll production back to v2.14.0"
WAYS: dict[str, tuple[ActionSpec, str]] = {
    "restore": (GIT_RESTORE, RESTORED),
    "revert": (GIT_REVERT, 'Revert "Release v2.15.0"'),
    "pin": (GIT_PIN, "Pin gateway v2.14.0 in production"),
}
"""Name → (action, subject of its commit)."""


class GitBench(ActionBench):
    """An engine whose one step changes what git says."""

    def __init__(self, place: Place, spec: ActionSpec = GIT_RESTORE) -> None:
        """Makes the engine and opens the run; the bad release is what goes."""
        self.place = place
        step = Step(STEP, "Put git back", "", spec.name, Danger.REVERSIBLE, 600.0)
        inputs: dict[str, dict[str, str]] = {
            GIT_REVERT.name: {"commits": place.remote.head()},
            GIT_PIN.name: {"services": "gateway", "image:gateway": "v2.14.0"},
        }
        asked = partial(_pushed, place)
        super().__init__(lambda: {spec.name: self.place.action(spec)}, scenes.ENVIRONMENT, (step,), asked, inputs=inputs.get(spec.name))
        self.begin()

    def restart(self) -> None:
        """Kills the engine; the new one has a view of the remote of its own."""
        self.place.repository = self.place.remote.repository(self.place.folder)
        super().restart()


def _pushed(place: Place) -> list[str]:
    """Returns the subjects that came to the branch since the bad release, oldest first."""
    return place.remote.log()[-4::-1]


@pytest.mark.parametrize("at", boundaries(1), ids=str)
@pytest.mark.parametrize("way", WAYS)
def test_killed_at_any_boundary_of_the_push_it_is_made_exactly_once(tmp_path: Path, way: str, at: Boundary) -> None:
    """The new runner asks the remote; where nothing is there, a new confirmation sends it, and only then: never two pushes, never two reverts."""
    spec, subject = WAYS[way]
    place = Place.make(tmp_path)
    bench = GitBench(place, spec)
    bench.dies_and_comes_back(at, subject)
    assert place.remote.log() == [subject, "Release v2.15.0", "Release v2.14.0", "Base"]
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")
    assert len(place.remote.trailers()) == 1


def test_a_second_attempt_has_a_trailer_of_its_own(tmp_path: Path) -> None:
    """The first attempt was put back: its commit on the remote must not stand for the second."""
    place = Place.make(tmp_path)
    bench = GitBench(place)
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
    place.remote.commit("Hotfix", {"README.md": "hot\n"})
    bench.confirm(STEP)
    step = bench.step(STEP)
    assert step.status is StepStatus.ARMED
    assert step.moved[0][0].startswith("branch main of ")
    assert place.remote.log()[0] == "Hotfix"
    bench.confirm(STEP)
    assert place.remote.log()[:2] == [RESTORED, "Hotfix"]
