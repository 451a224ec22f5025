"""Text in full before a screen: diff, evidence, a log line, help. Decides nothing."""

from collections.abc import Sequence

from textual.content import Content

from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Draw, Room, line
from gospel_rollback_tui.ui.screens.prompt import Prompt, key_row
from gospel_rollback_tui.ui.widgets.sheet import Sheet


class Viewer(Prompt[None]):
    """A title, text that scrolls, and the way out."""

    BINDINGS = [keys.OUT, keys.BACK, keys.LEAVE, keys.UP, keys.DOWN, keys.FIRST, keys.LAST, keys.COPY]

    def __init__(self, title: str, draw: Draw) -> None:
        """Shows what `draw` makes under the title."""
        super().__init__(classes="-large")
        self.shown_title = title
        self._draw = draw

    def words(self, room: Room) -> Sequence[Content]:
        """Title and text."""
        return [line((self.shown_title, "strong")), EMPTY, *self._draw(room)]

    def answers(self, room: Room) -> Sequence[Content]:
        """The way out, and that there is more below."""
        more = self.is_mounted and self.query_one("#words", Sheet).max_scroll_y > 0
        row = key_row([("esc", "out"), *([("↑ ↓", "more")] if more else [])], chosen="esc")
        return [row, *([line((f"  {self.said}", "warn"))] if self.said else [])]

    def on_armed(self) -> None:
        """Lets the keys move the text."""

    def action_out(self) -> None:
        """Goes back to the screen behind."""
        self.dismiss(None)

    def action_back(self) -> None:
        """Goes back to the screen behind."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copies the text."""
        self.app.copy_out([self.query_one("#words", Sheet).text])
