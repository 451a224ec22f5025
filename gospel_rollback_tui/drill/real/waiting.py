"""Waiting for a condition of the estate, with a deadline that only a broken estate reaches."""

import time
from collections.abc import Callable
from typing import TypeVar

from gospel_rollback_tui.drill.real.processes import EstateError

_PAUSE_SECONDS = 0.1
DEADLINE_SECONDS = 120.0
"""Twenty times what an idle machine needs for the slowest condition."""

T = TypeVar("T")


def wait_until(what: str, holds: Callable[[], bool], *, alive: Callable[[], None] | None = None, deadline: float = DEADLINE_SECONDS) -> None:
    """Returns once `holds` does; `alive` is asked before each try and may raise.

    Raises:
        EstateError: The deadline (seconds) has passed; the error says what was waited for.
    """
    end = time.monotonic() + deadline
    while True:
        if alive is not None:
            alive()
        if holds():
            return
        if time.monotonic() > end:
            raise EstateError(f"Waited {deadline:.0f} s in vain: {what}.")
        time.sleep(_PAUSE_SECONDS)


def once_more(attempt: Callable[[], T], mend: Callable[[], None]) -> T:
    """Returns what the attempt brings; one that waited in vain is mended and made a second time, whose error counts."""
    try:
        return attempt()
    except EstateError:
        mend()
        return attempt()
