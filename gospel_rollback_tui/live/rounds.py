"""How the thread of a feed goes on: round after round, until it is told to end."""

from collections.abc import Callable
from threading import Event as Stop

from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.live.ports import Clock
from gospel_rollback_tui.live.status import StatusBoard


def take_rounds(take: Callable[[], float], halt: Stop, awake: Stop, clock: Clock, board: StatusBoard) -> None:
    """Takes rounds until `halt` is set, each after the seconds that the one before returned, or once `awake` is set; a thread's body."""
    while not halt.is_set():
        delay = take()
        if delay and not halt.is_set():
            clock.wait(awake, delay)
        awake.clear()
    board.enter(FeedState.STOPPED)
