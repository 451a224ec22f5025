"""The one way through the screens: triage or wizard, confirmation, runbook, stability, summary, exit code."""

import asyncio

from textual.screen import Screen

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.ports import RunView
from gospel_rollback_tui.ui.presentation.meanwhile import meanwhile
from gospel_rollback_tui.ui.run_wishes import RunWishes
from gospel_rollback_tui.ui.screens.run_room import RunRoom, Wish, Wished
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.stability import StabilityScreen
from gospel_rollback_tui.ui.screens.summary import SummaryScreen
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.sight import Sight
from gospel_rollback_tui.ui.way_back import WayBack


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
        view = await asyncio.to_thread(self.sight.desk.runs.current)
        news, step = "", ""
        if view is None:
            found = await WayBack(self.app, self.sight, triage).find()
            view, step = found.view, found.by_hand
        else:
            news = self._meanwhile(view)
        self.sight.follow(view)
        await self._follow(view, news, step)

    def _meanwhile(self, view: RunView) -> str:
        run = view.run()
        if run is None:
            return ""
        titles = {step.id: step.title for step in run.steps}
        return meanwhile(run.id, view.events(), view.left_at(), self.sight.desk.clock.now().wall, titles)

    async def _follow(self, view: RunView, news: str, by_hand: str) -> None:
        """Moves between the rooms of a run until it is closed and looked at."""
        room = self._first_room(news)
        await self._show(room)
        wishes = RunWishes(self.app, self.sight, view)
        if by_hand:
            await wishes.by_hand(room, by_hand)
        while True:
            wished = await room.chosen()
            room.tell("")
            if wished.wish is Wish.ENDED:
                await self._summary()
                return
            room = await self._room_for(room, wished)
            await wishes.grant(room, wished)
            self.app.look()

    def _first_room(self, news: str) -> RunRoom:
        run = self.sight.glance.run
        watching = run is not None and run.watch is not None and not run.watch.over
        return StabilityScreen(self.sight, news) if watching else RunbookScreen(self.sight, news)

    async def _room_for(self, room: RunRoom, wished: Wished) -> RunRoom:
        """Returns the room in which the wish is granted, after showing it."""
        if wished.wish is Wish.OTHER_ROOM:
            other: RunRoom = RunbookScreen(self.sight) if isinstance(room, StabilityScreen) else StabilityScreen(self.sight)
            await self._show(other)
            return other
        if wished.wish is Wish.TAKE and wished.step and isinstance(room, StabilityScreen):
            runbook = RunbookScreen(self.sight)
            await self._show(runbook)
            runbook.select(wished.step)
            return runbook
        if isinstance(room, RunbookScreen) and wished.step:
            room.select(wished.step)
        return room

    async def _summary(self) -> None:
        self.sight.look()
        summary = SummaryScreen(self.sight)
        await self._show(summary)
        await summary.chosen()

    async def _show(self, screen: Screen[None]) -> None:
        await self.app.switch_screen(screen)
