"""The machine's own clock."""

import time
from threading import Event as Stop


class SystemClock:
    """Wall time and waiting, as the operating system gives them."""

    def now(self) -> float:
        """Returns wall time in seconds since the epoch."""
        return time.time()

    def wait(self, stop: Stop, seconds: float) -> bool:
        """Waits until `stop` is set (True) or the seconds are over (False)."""
        return stop.wait(max(0.0, seconds))
