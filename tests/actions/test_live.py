"""A service as it is now: which release was out once another one runs again."""

from gospel_rollback_tui.actions.live import LiveService
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.revisions import Revision
from gospel_rollback_tui.domain.workloads import deployment_from
from tests.diagnosis import scenes

GATEWAY = Service("gateway", "gospelib-gateway", "gateway", "app=gospelib-gateway")


def revision(number: int, replica_set: str, *, current: bool = False) -> Revision:
    """Returns a revision that is of that ReplicaSet."""
    return Revision(number, replica_set, "", {}, 0.0, 0.0, None, "", 2, 2, Truth.TRUE, "", current=current)


def live(*revisions: Revision) -> LiveService:
    """Returns the service with that history, newest first."""
    return LiveService(GATEWAY, deployment_from(scenes.deployment("gateway", "v2.14.0", 4)), revisions, ())


def test_once_the_target_runs_again_the_release_that_was_out_is_the_one_before_it() -> None:
    """Going back renumbers the old ReplicaSet; what it was put in the place of is the one between."""
    service = live(revision(4, "good", current=True), revision(3, "bad"), revision(2, "good"), revision(1, "older"))
    target = service.revision("2")
    left = service.left_for(target)
    assert left is not None
    assert left.number == 3


def test_before_it_goes_back_nothing_was_left_for_the_target() -> None:
    """The running release is the one that is out."""
    service = live(revision(3, "bad", current=True), revision(2, "good"))
    assert service.left_for(service.revision("2")) is None
    assert service.left_for(None) is None
