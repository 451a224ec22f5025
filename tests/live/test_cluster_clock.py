"""The cluster's time of day on this host's clocks."""

from threading import Event as Stop

from gospel_rollback_tui.live.ports import ClusterClock
from tests.live.clocks import WALL, LeapingClock


def test_only_the_time_of_day_is_the_clusters() -> None:
    """Ages on this host go on by its own seconds, and waiting is waiting."""
    own = LeapingClock()
    skew = [240.0]
    clock = ClusterClock(own, lambda: skew[0])
    clock.wait(Stop(), 5.0)
    now = clock.now()
    assert (now.monotonic, now.wall) == (5.0, WALL + 245.0)
    skew[0] = 0.0
    assert clock.now().wall == WALL + 5.0
