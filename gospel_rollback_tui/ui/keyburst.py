"""Tells typed keys from pasted ones by their times: a paste without bracketed paste arrives as a burst of keys."""

from collections import deque

BURST_KEYS = 4
"""Keys that make a burst (textual.md R-1.25)."""
BURST_SECONDS = 0.030
"""Time within which they arrive."""
QUIET_SECONDS = 0.150
"""Silence that ends a burst: a long paste arrives in several reads."""
ALONE_SECONDS = 0.050
"""Silence before and after a key that makes it a key of its own."""


class KeyBurst:
    """Watches the times of keys."""

    def __init__(self) -> None:
        """Has seen no key yet."""
        self.count = 0
        """Keys seen so far."""
        self._times: deque[float] = deque(maxlen=BURST_KEYS)
        self._in_burst = False

    def drops(self, at: float) -> bool:
        """Notes a key at monotonic time `at`; returns whether it belongs to a burst and is to be dropped."""
        self.count += 1
        if self._in_burst and at - self._times[-1] > QUIET_SECONDS:
            self._in_burst = False
            self._times.clear()
        self._times.append(at)
        if len(self._times) == BURST_KEYS and at - self._times[0] <= BURST_SECONDS:
            self._in_burst = True
        return self._in_burst

    @property
    def alone_so_far(self) -> bool:
        """Whether the newest key came after a silence of its own."""
        return not self._in_burst and (len(self._times) < 2 or self._times[-1] - self._times[-2] > ALONE_SECONDS)
