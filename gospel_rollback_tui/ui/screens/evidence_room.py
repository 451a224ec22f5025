"""What triage and wizard have in common: a story beside the six rows, above the live strip."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content

from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room
from gospel_rollback_tui.ui.presentation.rows import rows_panel, rows_strip
from gospel_rollback_tui.ui.presentation.strip import headlines, live_strip
from gospel_rollback_tui.ui.screens.room import Choice, RoomScreen
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet


class EvidenceRoom(RoomScreen[Choice]):
    """The story on the left, the rows on the right, the estate below; on a narrow screen all in one column."""

    CSS_PATH = ["room.tcss", "evidence_room.tcss"]

    def compose_rooms(self) -> ComposeResult:
        """Story and rows above, the live strip below."""
        yield Sheet(self.story, name="story", margin=Margin(3, 1, 1), focusable=True)
        yield Sheet(self._rows, name="rows", classes="aside", margin=Margin(2, 2, 1), focusable=True)
        yield Sheet(lambda room: live_strip(self.glance, room), name="strip", classes="aside", margin=Margin(3, 2, 1), focusable=True)

    def story(self, room: Room) -> Sequence[Content]:
        """The screen's own words."""
        raise NotImplementedError

    def below(self, room: Room) -> Sequence[Content]:
        """What a narrow screen shows below the story instead of beside it."""
        if self.wide:
            return ()
        picture = self.glance.picture
        rows = rows_strip(self.sight.desk.library.matrix, picture.weighing if picture else None, room.width)
        return (EMPTY, rows, EMPTY, headlines(self.glance, room.width))

    def _rows(self, room: Room) -> Sequence[Content]:
        picture = self.glance.picture
        return rows_panel(self.sight.desk.library.matrix, picture.weighing if picture else None, room)
