"""What is painted of a screen that stands behind a prompt: the lines that changed, as when it stands alone.

Textual (8.2.8, `Screen._compositor_refresh`) notes what has to be painted of a screen behind as parts of that screen itself,
takes them for new ones at its next paint, and notes them again: once everything had to be painted, everything is painted
at every change for as long as the prompt stands. The one private name of Textual used here is the method below, pinned
with the library and proved by tests/ui/test_painting.py; `terminal.diff: false` leaves it as Textual has it.
"""

from collections.abc import Collection, Iterator
from typing import TypeVar

from textual import getters
from textual.geometry import Region
from textual.screen import Screen

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.widgets.sheet import Sheet

T = TypeVar("T")


class StandsBehind(Screen[T]):
    """A screen of which, behind another one, only the lines that its sheets ask for are painted."""

    app = getters.app(BaseApp)

    def _exchange_repaint_regions(self) -> Collection[Region]:
        """Returns the parts of the screen to be painted, and forgets them.

        From behind, where Textual asks the screen instead of its widgets, these are what the widgets wait for. Whoever
        stands before paints everything with it, whenever everything has to be painted.
        """
        noted = super()._exchange_repaint_regions()
        return noted if self.app.screen is self or not self.app.sends_differences else tuple(self._awaited())

    def _awaited(self) -> Iterator[Region]:
        for sheet in self.query(Sheet):
            if sheet.is_on_screen:
                place = self.find_widget(sheet)
                for part in sheet._exchange_repaint_regions():  # as `Compositor.update_widgets` does with a widget
                    yield place.clip.intersection(part.translate(place.region.offset))
