"""What happens later in the simulated account, in its order."""

from collections.abc import Callable
from itertools import count


class Timeline:
    """Things that happen when their time has come and somebody looks."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Begins empty; `now` is wall time."""
        self._now = now
        self._order = count()
        self._happening: float | None = None
        self._coming: list[tuple[float, int, Callable[[], None]]] = []

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Lets it happen that many seconds from now, or from the moment of what happens just now."""
        self._coming.append((self._moment() + seconds, next(self._order), happens))

    def _moment(self) -> float:
        return self._now() if self._happening is None else self._happening

    def catch_up(self) -> None:
        """Lets happen everything whose time has come, oldest first, with all that follows from it."""
        while self._coming and min(one[0] for one in self._coming) <= self._now():
            first = min(self._coming, key=lambda one: one[:2])
            self._coming.remove(first)
            self._happening = first[0]
            first[2]()
        self._happening = None
