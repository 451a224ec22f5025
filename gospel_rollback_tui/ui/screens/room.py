"""What every full screen has: header, footer, the present glance, and a way to say what was chosen."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.footer import entries, footer
from gospel_rollback_tui.ui.presentation.header import header
from gospel_rollback_tui.ui.presentation.lines import Room, line
from gospel_rollback_tui.ui.screens.behind import StandsBehind
from gospel_rollback_tui.ui.sight import Glance, Sight
from gospel_rollback_tui.ui.widgets.sheet import Sheet

SMALLEST = (60, 15)
"""Cells and lines below which one line says that the terminal is too small."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the operator chose; screens have kinds of their own."""


C = TypeVar("C", bound=Choice)


class RoomScreen(StandsBehind[None], Generic[C]):
    """A full screen between header and footer.

    `chosen` waits for what the operator chooses next; the screen stays, so that a prompt can stand before it.
    """

    CSS_PATH = ["room.tcss"]
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-xwide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS: ClassVar[list[BindingType]] = [
        *(keys.HELP, keys.QUIT, keys.LOGIN, keys.PREVIOUS_PANE),
        *(keys.UP, keys.DOWN, keys.FIRST, keys.LAST, keys.PAGE_UP, keys.PAGE_DOWN),
    ]

    def __init__(self, sight: Sight) -> None:
        """Shows what `sight` sees."""
        super().__init__()
        self.sight = sight
        self.said = ""
        """A sentence in the footer's place; empty: the keys."""
        self._was_hidden = False
        self._order = [binding.id or "" for binding in type(self).BINDINGS if isinstance(binding, Binding)]
        self._choices: asyncio.Queue[C] = asyncio.Queue()
        self.waits = False
        """Whether a choice is waited for; False: the one before is still being carried out."""

    @property
    def glance(self) -> Glance:
        """The present glance."""
        return self.sight.glance

    @property
    def wide(self) -> bool:
        """Whether rooms stand side by side."""
        return self.app.size.width >= 100

    def compose(self) -> ComposeResult:
        """Header, the screen's own rooms, footer."""
        yield Sheet(lambda room: header(self.glance, room), name="header")
        yield from self.compose_rooms()
        yield Sheet(self._footer, name="footer")
        yield Sheet(self._tiny, name="tiny")

    def compose_rooms(self) -> ComposeResult:
        """The screen's own rooms."""
        yield from ()

    async def chosen(self) -> C:
        """Waits for what the operator chooses next."""
        self.waits = True
        try:
            return await self._choices.get()
        finally:
            self.waits = False

    def choose(self, choice: C) -> None:
        """Says what the operator chose."""
        self._choices.put_nowait(choice)

    def on_mount(self) -> None:
        """Follows the keys that work."""
        self.bindings_updated_signal.subscribe(self, lambda _: self.query_one("#footer", Sheet).redraw())

    def on_resize(self, event: events.Resize) -> None:
        """Gives way to one line where there is no room."""
        self.set_class(event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1], "-tiny")

    def on_screen_suspend(self) -> None:
        """Notes that another screen comes before this one."""
        self._was_hidden = True

    def on_screen_resume(self) -> None:
        """Shows the present glance: nothing was painted while another screen hid this one."""
        if self._was_hidden:
            self.redraw()

    def redraw(self) -> None:
        """Shows the present glance; nothing is sent for lines that did not change."""
        for sheet in self.query(Sheet):
            if sheet.display:
                sheet.redraw()

    def say(self, sentence: str) -> None:
        """Shows a sentence in the footer's place for a few seconds."""
        self.said = sentence
        self.redraw()
        self.set_timer(4.0, self._unsay, name="unsay")

    def _unsay(self) -> None:
        self.said = ""
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Moves by so many lines in the pane that has the focus, or in the first one that is longer than its room."""
        focused = self.focused
        sheets = [focused] if isinstance(focused, Sheet) else self.long_sheets()
        for sheet in sheets[:1]:
            sheet.scroll_to(y=sheet.scroll_offset.y + lines, animate=False)

    def action_page(self, pages: int) -> None:
        """Moves by pages in the pane that has the focus, or in the first one that is longer than its room."""
        focused = self.focused
        for sheet in ([focused] if isinstance(focused, Sheet) else self.long_sheets())[:1]:
            sheet.scroll_to(y=sheet.scroll_offset.y + pages * max(1, sheet.size.height - 2), animate=False)

    def long_sheets(self) -> list[Sheet]:
        """Returns the panes that are longer than their rooms, the one that keys move first."""
        return [sheet for sheet in self.query(Sheet) if sheet.max_scroll_y > 0]

    def action_pane_alone(self) -> None:
        """Shows the live panes one at a time."""
        self.app.show_panes()

    def action_next_pane(self) -> None:
        """Moves the focus to the next pane."""
        self.focus_next()

    def action_previous_pane(self) -> None:
        """Moves the focus to the pane before."""
        self.focus_previous()

    def key_words(self, binding: Binding) -> str:
        """Returns what a key does here and now, in the footer."""
        return binding.description

    def _footer(self, room: Room) -> Sequence[Content]:
        shown = [(key, self.key_words(binding), binding) for key, _, binding in entries(self.active_bindings.values(), self._order)]
        return footer(shown, room, self.said, self.app.pace.words)

    def _tiny(self, room: Room) -> Sequence[Content]:
        size = self.app.size
        run = self.glance.run
        step = run.current if run else None
        doing = f": {step.title} {step.status.value}" if step else ""
        return [line((f"Too small ({size.width}×{size.height}), needs {SMALLEST[0]}×{SMALLEST[1]}{doing} · q quit", "strong"))]
