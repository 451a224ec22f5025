"""An open run on the screen: runbook and stability watch, until it is closed and its summary was seen."""

from textual.screen import Screen

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.ports import RunView
from gospel_rollback_tui.ui.presentation.meanwhile import meanwhile
from gospel_rollback_tui.ui.run_wishes import RunWishes
from gospel_rollback_tui.ui.screens.run_room import RunRoom, Wish, Wished
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.stability import StabilityScreen
from gospel_rollback_tui.ui.screens.summary import SummaryScreen
from gospel_rollback_tui.ui.sight import Sight


class Following:
    """Follows one run."""

    def __init__(self, app: BaseApp, sight: Sight, view: RunView) -> None:
        """Makes the run the one that is seen."""
        self.app = app
        self.sight = sight
        self.view = view
        sight.follow(view)

    def _meanwhile(self) -> str:
        run = self.view.run()
        if run is None:
            return ""
        titles = {step.id: step.title for step in run.steps}
        return meanwhile(run.id, self.view.events(), self.view.left_at(), self.sight.desk.clock.now().wall, titles)

    async def run(self, *, news: bool = False, by_hand: str = "") -> None:
        """Moves between the rooms of the run until it is closed and looked at.

        `news` says first what happened while no screen was open; `by_hand` is the step to do by hand at once.
        """
        room = self._first_room(self._meanwhile() if news else "")
        await self._show(room)
        wishes = RunWishes(self.app, self.sight, self.view)
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
