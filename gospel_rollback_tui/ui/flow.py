"""The one way through the screens: triage or wizard, confirmation, runbook, stability, summary.

Only the first screen is imported with this module: the first paint waits for no other. `later` imports the rest.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace
from importlib import import_module

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.ports import RunView
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.sight import Sight


def later() -> None:
    """Imports what the screens behind the first one need, in whatever thread calls it."""
    for name in ("way_back", "following"):
        import_module(f"gospel_rollback_tui.ui.{name}")


class Flow:
    """Follows one incident; screens say what was chosen, this says what comes next."""

    def __init__(self, app: BaseApp, sight: Sight) -> None:
        """Shows screens on `app`."""
        self.app = app
        self.sight = sight

    async def run(self) -> None:
        """Returns once there is nothing left to show."""
        triage = TriageScreen(self.sight)
        await self.app.push_screen(triage)
        await self.app.painted()  # what comes next imports in a thread, and would take turns with the first paint
        view = await self._current()
        from gospel_rollback_tui.ui.following import Following

        if view is not None:
            await Following(self.app, self.sight, view).run(news=True)
            return
        await self._owed()
        from gospel_rollback_tui.ui.way_back import WayBack

        found = await WayBack(self.app, self.sight, triage).find()
        await Following(self.app, self.sight, found.view).run(by_hand=found.by_hand)

    async def _owed(self) -> None:
        """Shows on the first screen what earlier runs have left behind; a folder that cannot be read is said by `_current`."""
        with suppress(RollbackError):
            self.sight.owed = await asyncio.to_thread(self.sight.desk.runs.owed)

    async def _current(self) -> RunView | None:
        """Returns the open run, if there is one; a record that cannot be read is said on the first screen."""
        try:
            return await asyncio.to_thread(self.sight.desk.runs.current)
        except RollbackError as error:
            desk = self.sight.desk
            self.sight.desk = replace(desk, said_at_start=(*desk.said_at_start, error.sentences()))
            return None
