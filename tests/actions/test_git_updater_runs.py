"""A run that stops Image Updater and then pushes, killed at every boundary: stopped once, pushed once, and owed until it follows again."""

from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_RESTORE
from gospel_rollback_tui.domain.application import IMAGES_FOLLOWED
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.run import StepStatus
from gospel_rollback_tui.domain.runbook import Step
from tests.actions.git_places import Place
from tests.actions.killing import ActionBench, Boundary, boundaries
from tests.diagnosis import scenes

NAME = "gospelib-production"
RESTORED = "Roll production back to v2.14.0"
FOLLOWED = {IMAGES_FOLLOWED: "gateway=registry.test/gospelib-gateway"}


class UpdaterBench(ActionBench):
    """An engine whose one step goes by git while Image Updater follows the Application."""

    def __init__(self, place: Place) -> None:
        """Makes the engine and opens the run."""
        self.place = place
        place.cluster.apps[NAME]["metadata"]["annotations"] = dict(FOLLOWED)
        step = Step("git-back", "Put git back", "", GIT_RESTORE.name, Danger.REVERSIBLE, 600.0)
        super().__init__(lambda: {GIT_RESTORE.name: place.action(GIT_RESTORE)}, scenes.ENVIRONMENT, (step,), self._changes)
        self.begin()

    def _changes(self) -> list[str]:
        """Returns the Applications that were patched, then the commits that came to the branch: the order in which both must have been made."""
        return [*self.place.cluster.asked, *self.place.remote.log()[-4::-1]]

    def restart(self) -> None:
        """Kills the engine; the new one has a view of the remote of its own."""
        self.place.repository = self.place.remote.repository(self.place.folder)
        super().restart()


@pytest.mark.parametrize("at", boundaries(2, debts=(1,)), ids=str)
def test_image_updater_is_stopped_once_and_pushed_once(tmp_path: Path, at: Boundary) -> None:
    """Nothing is pushed while it follows; what it followed is kept for the step that lets it follow again."""
    bench = UpdaterBench(Place.make(tmp_path))
    bench.dies_and_comes_back(at, NAME, RESTORED)
    assert bench.place.cluster.apps[NAME]["metadata"]["annotations"] == {}
    assert len(bench.place.remote.trailers()) == 1
    assert [debt.id for debt in bench.run.open_debts] == ["image-updater"]


def test_putting_the_step_back_lets_it_follow_and_owes_nothing(tmp_path: Path) -> None:
    """The push is taken back, and the annotation is what it was."""
    bench = UpdaterBench(Place.make(tmp_path))
    bench.carry_out()
    bench.parts.arming.arm_undo(bench.tested)
    bench.carry_out()
    assert bench.status is StepStatus.UNDONE, bench.told()
    assert bench.place.cluster.apps[NAME]["metadata"]["annotations"] == FOLLOWED
    assert len(bench.place.remote.trailers()) == 2
    assert bench.run.open_debts == ()
