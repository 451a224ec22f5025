"""What came of a run; leaving it ends the app with the run's exit code."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.content import Content

from gospel_rollback_tui.domain.run import Run
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.summary import summary
from gospel_rollback_tui.ui.screens.room import Choice, RoomScreen
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet

_CODES = {"clean": 0, "debts": 3, "": 4}


@dataclass(frozen=True, slots=True)
class Seen(Choice):
    """The summary was looked at."""


def exit_code(run: Run | None) -> int:
    """Returns the exit code of a run (DESIGN §10): 0 clean, 3 with debts, 4 left open, 1 ended otherwise; 0 without a run."""
    return 0 if run is None else _CODES.get(run.closed, 1)


class SummaryScreen(RoomScreen[Seen]):
    """The end of a run."""

    CSS_PATH = ["room.tcss", "verdict.tcss"]
    BINDINGS = [keys.LEAVE, keys.OUT]

    def compose_rooms(self) -> ComposeResult:
        """One room."""
        yield Sheet(self._summary, name="story", margin=Margin(3, 2, 1), focusable=True)

    def _summary(self, room: Room) -> Sequence[Content]:
        return summary(self.glance.run, self.glance.events, room)

    def action_out(self) -> None:
        """Leaves."""
        self.choose(Seen())
