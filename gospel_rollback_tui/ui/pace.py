"""How often the live panes are painted: less often while the terminal does not keep up, or this process has too much to do to paint."""

from collections import deque

from gospel_rollback_tui.ui.outflow import Flow

INTERVALS = (0.5, 1.0, 2.0)
"""Seconds between two paints, the usual first (textual.md rule 13)."""
_EARLY = 0.1
"""Seconds by which a timer may come early."""
_SHARE = 0.25
"""Share of the interval that a paint may be on its way: a key finds the line free the other times."""
_STUCK = 2.0
"""Seconds of waiting after which one paint alone says that the link is slow."""
_WINDOW = 6.0
"""Seconds within which a second paint has to be late: one alone may be a screen that was opened."""
_BUSY = 0.5
"""Processors that a process uses which has more to do than to paint, and of a delay the part that is its own."""
_CALM = 15.0
"""Seconds without a paint that would be late at the faster interval, until it is tried again."""


class Pace:
    """Decides when to paint, from the times given; knows no clock."""

    def __init__(self) -> None:
        """Begins at the usual interval."""
        self._level = 0
        self._own: deque[bool] = deque(maxlen=2)
        """Of the last two paints that were late: whether they were by this process's own doing."""
        self._late: list[float] = []
        self._calm_since = 0.0
        self._painted: float | None = None

    @property
    def interval(self) -> float:
        """Seconds between two paints."""
        return INTERVALS[self._level]

    @property
    def words(self) -> str:
        """What the operator is told; empty while the panes are as live as ever. A link is slow where the process was not busy twice."""
        return f"{'busy' if any(self._own) else 'slow link'}: panes every {self.interval:.0f} s" if self._level else ""

    def due(self, now: float, flow: Flow) -> bool:
        """Returns whether the panes are to be painted: never while what was painted before has not arrived."""
        self._judge(now, flow)
        if flow.waiting:
            return False
        if self._painted is not None and now - self._painted < self.interval - _EARLY:
            return False
        self._painted = now
        return True

    def _judge(self, now: float, flow: Flow) -> None:
        if flow.took > _SHARE * self.interval or flow.waiting > _STUCK:
            self._own.append(flow.waiting <= _STUCK and (flow.share >= _BUSY or flow.own >= _BUSY * flow.took))
            self._late = [*(then for then in self._late if now - then < _WINDOW), now]
        if len(self._late) > 1 and self._level + 1 < len(INTERVALS):
            self._level += 1
            self._late, self._calm_since = [], now
        if flow.waiting or not self._level or flow.took > _SHARE * INTERVALS[self._level - 1]:
            self._calm_since = now
        elif now - self._calm_since >= _CALM:
            self._level -= 1
            self._late, self._calm_since = [], now
