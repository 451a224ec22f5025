"""The last lines of a pod whose log no feed follows: asked for once, when somebody looks at the pod."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gospel_rollback_tui.domain.errors import RollbackError

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.snapshots import PodRow
    from gospel_rollback_tui.ui.ports import EstateView


class AskedLog:
    """What the log said, or why it said nothing, once it has been asked."""

    def __init__(self) -> None:
        """Has not been asked yet."""
        self.lines: tuple[str, ...] = ()
        self.words = "being read …"
        """Where the lines come from, or why there are none."""

    async def ask(self, estate: EstateView, row: PodRow) -> None:
        """Asks for the lines of the container that tells most: the first that is not ready, of its run before this one while it waits to be restarted."""
        states = row.pod.containers if row.pod is not None else ()
        telling = next((state for state in states if not state.ready), states[0] if states else None)
        if telling is None:
            self.words = "no container has run yet"
            return
        previous = telling.restarts > 0 and not telling.is_running
        try:
            self.lines = await asyncio.to_thread(estate.last_log, row.namespace, row.name, telling.name, previous)
        except RollbackError as error:
            self.words = f"not known: {error.text}"
            return
        run = "the run before this one" if previous else "this run"
        self.words = f"container {telling.name}, {run}" if self.lines else f"container {telling.name} wrote nothing in {run}"
