"""What every prompt is: a modal that discards keys until it is armed, and whose safe answer has the focus."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from gospel_rollback_tui.domain.confirmation import ARMING_SECONDS
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import Part, Room, line
from gospel_rollback_tui.ui.screens.behind import StandsBehind
from gospel_rollback_tui.ui.widgets.sheet import Sheet

T = TypeVar("T")


class Prompt(StandsBehind[T], ModalScreen[T], Generic[T]):
    """A question before a screen, which stays visible behind it."""

    CSS_PATH = ["prompt.tcss"]
    AUTO_FOCUS = ""
    BINDINGS = [keys.QUIT, keys.UP, keys.DOWN]

    def __init__(self, classes: str = "") -> None:
        """Opens unarmed."""
        super().__init__(classes=classes)
        self.armed = False
        self.said = ""
        """A sentence below the keys; empty: none."""

    def compose(self) -> ComposeResult:
        """The question in its box."""
        with Vertical(id="box"):
            yield Sheet(self.words, name="words", focusable=False)
            yield from self.compose_fields()
            yield Sheet(self.answers, name="answers")

    def compose_fields(self) -> ComposeResult:
        """Fields between the words and the keys."""
        yield from ()

    def words(self, room: Room) -> Sequence[Content]:
        """What is asked."""
        raise NotImplementedError

    def answers(self, room: Room) -> Sequence[Content]:
        """The keys that answer, and what was said last."""
        return [line((self.said, "warn")).truncate(room.width, ellipsis=True)]

    def on_mount(self) -> None:
        """Begins to arm."""
        self.arm_later()

    def arm_later(self) -> None:
        """Discards keys for the arming time, then answers can be given."""
        self.armed = False
        self.set_timer(ARMING_SECONDS, self._arm)
        self.redraw()

    def _arm(self) -> None:
        self.armed = True
        self.on_armed()
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Moves the words, where they are longer than the screen."""
        sheet = self.query_one("#words", Sheet)
        sheet.scroll_to(y=sheet.scroll_offset.y + lines, animate=False)

    def on_armed(self) -> None:
        """Gives the focus to what is to be filled in."""

    def on_screen_resume(self) -> None:
        """Shows the prompt as it stands: nothing was painted while another screen hid it."""
        self.redraw()

    def redraw(self) -> None:
        """Shows the prompt as it stands."""
        self.refresh_bindings()
        for sheet in self.query(Sheet):
            sheet.redraw()

    def say(self, sentence: str) -> None:
        """Shows a sentence below the keys."""
        self.said = sentence
        self.redraw()


def key_row(entries: Sequence[tuple[str, str]], chosen: str = "") -> Content:
    """Returns keys and what they do, spread out; the one that Enter takes stands in its own shade."""
    parts: list[Part] = []
    for key, words in entries:
        parts.append("    " if parts else "")
        if key == chosen:
            parts.append((f"  {key}  {words}  ", "chosen"))
        else:
            parts += ["  ", (key, "key"), "  ", (words, "text")]
    return line(*parts)
