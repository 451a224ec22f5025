"""The one widget that shows text: lines made by a draw function, repainted line by line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from textual import getters
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Draw, Room
from gospel_rollback_tui.ui.signs import to_ascii


@dataclass(frozen=True, slots=True)
class Margin:
    """Cells left free at the sides and lines at the top."""

    left: int = 2
    right: int = 2
    top: int = 1


NO_MARGIN = Margin(0, 0, 0)


class Sheet(ScrollView, can_focus=False):
    """Lines of text.

    `redraw` asks the draw function again and repaints the lines that differ from those on the screen; a redraw that
    changes nothing sends nothing. Whatever a line holds is made harmless here once more, as the last gate before the
    terminal: control characters are replaced, nothing is parsed as markup.
    """

    app = getters.app(BaseApp)

    def __init__(self, draw: Draw, *, name: str, margin: Margin = NO_MARGIN, classes: str = "", focusable: bool = False) -> None:
        """Shows what `draw` returns for the room there is; `name` becomes the widget's id."""
        super().__init__(id=name, classes=classes)
        self._draw = draw
        self._margin = margin
        self._lines: tuple[Content, ...] = ()
        self.can_focus = focusable

    @property
    def room(self) -> Room:
        """The space lines are made for."""
        width, height = self.scrollable_content_region.size
        return Room(width - self._margin.left - self._margin.right, height - self._margin.top, self.has_focus)

    @property
    def text(self) -> str:
        """What is on the sheet, without its looks."""
        left = " " * self._margin.left
        return "\n".join(left + row.plain for row in self._lines)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Returns the height its lines take at that width, for sheets that are as high as what they show."""
        reserved = self.styles.scrollbar_size_vertical if self.styles.scrollbar_gutter == "stable" else 0
        room = Room(width - reserved - self._margin.left - self._margin.right, viewport.height, self.has_focus)
        return self._margin.top + len(self._draw(room)) if room.width > 0 else 0

    def on_mount(self) -> None:
        """Draws for the first time."""
        self.redraw()

    def on_resize(self) -> None:
        """Draws anew for the new room."""
        self.redraw()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Shows where the keys move."""
        super().watch_has_focus(_has_focus)
        self.redraw()

    def redraw(self) -> None:
        """Asks the draw function and repaints what changed."""
        room = self.room
        if not self.is_mounted or room.width <= 0 or not self.display:
            return
        before, self._lines = self._lines, self._drawn(room)
        size = Size(room.width + self._margin.left + self._margin.right, len(self._lines))
        if size != self.virtual_size:
            self.virtual_size = size
        for number in range(max(len(before), len(self._lines))):
            if number >= len(before) or number >= len(self._lines) or not self._lines[number].is_same(before[number]):
                self.refresh_line(number)

    def bring_into_view(self, beginning: str, below: int = 2) -> None:
        """Scrolls as little as needed to show the first line that begins with that text, and as many lines below it."""
        number = next((number for number, row in enumerate(self._lines) if row.plain.lstrip().startswith(beginning)), None)
        if number is None:
            return
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        if number < top or number + below >= top + height:
            self.scroll_to(y=number if number < top else number + below - height + 1, animate=False)

    def _drawn(self, room: Room) -> tuple[Content, ...]:
        rows: Sequence[Content] = [_harmless(row) for row in self._draw(room)]
        if self.app.ascii_only:
            rows = [Content(to_ascii(row.plain), list(row.spans)) for row in rows]
        return (*(EMPTY for _ in range(self._margin.top)), *rows)

    def render_line(self, y: int) -> Strip:
        """Returns one line of the visible part."""
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.visual_style
        if number >= len(self._lines):
            return Strip.blank(width, base.rich_style)
        content = self._lines[number]
        segments = [Segment(text, style.rich_style) for text, style in content.render(base, "", self._style)]
        if self._margin.left:  # here, and not in the line, which is made far oftener than it is painted
            segments.insert(0, Segment(" " * self._margin.left, base.rich_style))
        return Strip(segments, self._margin.left + content.cell_length).adjust_cell_length(width, base.rich_style)

    def _style(self, words: str | Style) -> Style:
        if isinstance(words, Style):
            return words
        return Style.parse(self.app.palette.style(words))


def _harmless(row: Content) -> Content:
    """Returns the line, or its text with whatever cannot be printed made visible; that includes joiners, which change widths."""
    if row.plain.isprintable():
        return row
    return Content("".join(char if char.isprintable() else "\ufffd" for char in clean(row.plain)))
