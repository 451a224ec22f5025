"""Waiting for conditions, never for times."""

import time
from collections.abc import Callable

DEADLINE = 60.0
"""Seconds after which a condition counts as never coming; generous, since machines are shared."""


def wait_for(condition: Callable[[], bool], deadline: float = DEADLINE) -> None:
    """Ask again and again until the condition holds.

    Raises:
        TimeoutError: It did not within the deadline.
    """
    until = time.monotonic() + deadline
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("the awaited condition did not come")
        time.sleep(0.01)
