"""What happens later in the simulated account, in its order."""

from collections.abc import Callable
from itertools import count


class Timeline:
    """Things that happen when their time has come and somebody looks."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Begins empty; `now` is wall time."""
        self._now = now
        self._order = count()
        self._coming: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Lets it happen that many seconds from now."""
        self._coming.append((self._now() + seconds, next(self._order), happens))

    def catch_up(self) -> None:
        """Lets happen everything whose time has come, oldest first."""
        due = sorted(one for one in self._coming if one[0] <= self._now())
        self._coming = [one for one in self._coming if one[0] > self._now()]
        for _, _, happens in due:
            happens()
