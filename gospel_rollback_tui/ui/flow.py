"""The one way through the screens: triage or wizard, confirmation, runbook, stability, summary, exit code."""

from textual.app import App

from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.sight import Sight


class Flow:
    """Follows one incident; screens say what was chosen, this says what comes next."""

    def __init__(self, app: App[int], sight: Sight) -> None:
        """Shows screens on `app`."""
        self.app = app
        self.sight = sight

    async def run(self) -> int:
        """Returns the exit code (DESIGN §10)."""
        screen = TriageScreen(self.sight)
        await self.app.push_screen(screen)
        while True:
            await screen.chosen()
