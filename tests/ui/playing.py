"""Drives the app by keys: stories are coroutines, and every wait is for a condition."""

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot
from textual.widget import Widget

from gospel_rollback_tui.ui.app import RollbackApp
from gospel_rollback_tui.ui.screens.prompt import Prompt
from gospel_rollback_tui.ui.theme import COLOURFUL, Palette
from gospel_rollback_tui.ui.widgets.sheet import Sheet
from tests.ui.builders import NOW
from tests.ui.memory import Ports

PATIENCE = 30.0
"""Seconds a condition may take on a busy machine."""


class Game:
    """One app under test, and the hands on its keys."""

    def __init__(self, app: RollbackApp, pilot: Pilot[int]) -> None:
        """Plays on a running app."""
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Presses keys one by one, as a person does."""
        for key in keys:
            await self.pilot.press(key)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds; fails with what is on the screen when it does not in time."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, f"never came true; on the screen:\n{self.shown()}"
            await self.pilot.pause(0.02)

    async def sees(self, *texts: str) -> None:
        """Waits until every text is on the screen."""
        for text in texts:
            await self.until(lambda text=text: text in self.shown())  # type: ignore[misc] # mypy cannot infer a lambda with a default

    async def armed(self) -> None:
        """Waits until the prompt before the screen can be answered."""
        await self.until(lambda: isinstance(self.app.screen, Prompt) and self.app.screen.armed)

    async def look(self) -> None:
        """Takes a new look at the ports, as the timer does."""
        self.app.look()
        await self.pilot.pause()

    def shown(self) -> str:
        """Returns the text of every sheet on the top screen."""
        return "\n".join(sheet.text for sheet in self.app.screen.query(Sheet) if _visible(sheet))

    def footer(self) -> str:
        """Returns the footer."""
        return self.app.screen.query_one("#footer", Sheet).text


def _visible(widget: Widget) -> bool:
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def app_on(ports: Ports, palette: Palette = COLOURFUL) -> RollbackApp:
    """Returns an app whose first paint was 58 seconds ago."""
    app = RollbackApp(ports.desk(), palette)
    app.sight.first_paint = NOW.wall - 58
    return app


def play(ports: Ports, story: Callable[[Game], Awaitable[None]], size: tuple[int, int] = (120, 36), palette: Palette = COLOURFUL) -> RollbackApp:
    """Plays a story from the first paint; returns the app as it ended."""

    async def _play() -> RollbackApp:
        app = app_on(ports, palette)
        async with app.run_test(size=size) as pilot:
            game = Game(app, pilot)
            await game.until(lambda: bool(app.screen.query(Sheet)))
            await game.look()
            await story(game)
        return app

    return asyncio.run(_play())
