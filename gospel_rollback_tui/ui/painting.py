"""When and where the live panes are painted: what the app's timer asks."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from textual.screen import Screen

from gospel_rollback_tui.domain.feed import FeedStatus
from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.outflow import Flow
from gospel_rollback_tui.ui.ports import EstateView

EARLY_SECONDS = 0.5
"""How long everything else that is imported waits for a word of the pods: it would take turns with them."""
LISTED_SECONDS = 3.0
"""How long it waits in all while page after page comes: thousands of pods are listed sooner alone."""
EARLY_INTERVAL = 0.02
"""Seconds between two questions whether they are there."""


async def look_early(estate: EstateView, look: Callable[[], None]) -> None:
    """Looks as soon as the first list of pods is whole, rather than when the timer does next."""
    begun = quiet = time.monotonic()
    seen: FeedStatus | None = None
    while (now := time.monotonic()) - quiet < EARLY_SECONDS and now - begun < LISTED_SECONDS:
        snapshot = estate.snapshot()
        status = snapshot.pods.status if snapshot is not None else None
        if status is not None and status.heard is not None:
            look()
            return
        if status != seen:
            seen, quiet = status, now
        await asyncio.sleep(EARLY_INTERVAL)


def paint_is_due(app: BaseApp) -> bool:
    """Returns whether the panes are to be painted now; has everything painted again where frames were left out and the terminal takes them again."""
    flow = app.outflow.look() if app.outflow is not None else Flow()
    due = app.pace.due(time.monotonic(), flow)
    if app.outflow is not None and app.outflow.left_out and not flow.waiting:
        app.outflow.left_out = False
        app.screen.refresh(layout=True, repaint=True)
    return due


def seen(stack: Sequence[Screen[Any]]) -> Iterator[Screen[Any]]:
    """Yields the screens that can be seen: the top one, and what shows behind prompts; the others cost nothing until they come back."""
    for screen in reversed(stack):
        yield screen
        if not screen.is_modal:
            return
