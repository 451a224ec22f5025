"""What sheets and prompts need of the app they live in: the terminal's looks, and keys told from pastes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from textual import events
from textual.app import App
from textual.widgets import Input

from gospel_rollback_tui.ui.keyburst import KeyBurst
from gospel_rollback_tui.ui.outflow import Outflow
from gospel_rollback_tui.ui.pace import Pace
from gospel_rollback_tui.ui.presentation.lines import Draw
from gospel_rollback_tui.ui.theme import COLOURFUL, FEW, FULL, Palette

PAINT_SECONDS = 1.0
"""How long a paint is waited for before what comes behind it is started anyway."""


class TypedWord(Input):
    """A field for a word that confirms: it is typed, never pasted."""

    def _on_paste(self, event: events.Paste) -> None:
        """Ignores the paste, and says so."""
        event.stop()
        event.prevent_default()
        app = self.app
        if isinstance(app, BaseApp):
            app.say("Paste ignored: the word is typed.")


def nothing_remembered() -> None:
    """Forgets nothing: a driver without a memory sends everything anyway."""


class BaseApp(App[int]):
    """An app that knows its terminal's looks and drops pasted keys; its result is the exit code."""

    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    sends_differences = True
    """Whether only what changed is sent."""
    keeps_pace = True
    """Whether panes wait for a terminal that does not keep up."""

    def __init__(self, palette: Palette = COLOURFUL, *, ascii_only: bool = False) -> None:
        """Looks as the palette says."""
        super().__init__(ansi_color=palette.theme.ansi or None)  # said here: without colours, Textual chooses at this moment whether greys are some
        self.palette = palette
        self.ascii_only = ascii_only
        self.bursts = KeyBurst()
        self.forget_screen: Callable[[], None] = nothing_remembered
        """Forgets what the terminal is believed to show, so that the next paint sends everything."""
        self.outflow: Outflow | None = None
        """How the terminal keeps up; None: nothing tells."""
        self.pace = Pace()
        self.register_theme(FULL)
        self.register_theme(FEW)
        self.theme = palette.theme.name

    async def painted(self) -> None:
        """Returns once the present screen is painted; for workers, whose task is not the screen's own."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.screen.wait_for_refresh(), PAINT_SECONDS)

    def say(self, sentence: str) -> None:
        """Shows a sentence for a moment; an app without a place for it stays silent."""

    def look(self) -> None:
        """Takes a new look at everything and paints what changed."""

    def show(self, title: str, draw: Draw) -> None:
        """Shows text in full before the present screen; an app without a place for it shows nothing."""

    def show_panes(self) -> None:
        """Shows the live panes one at a time; an app without a place for them shows nothing."""

    def print_out(self, commands: Sequence[str]) -> None:
        """Prints commands outside of the screens, unwrapped; an app without a terminal prints nothing."""

    def copy_out(self, commands: Sequence[str]) -> None:
        """Sends commands to the terminal's clipboard (OSC 52), and says so: nobody can tell whether the terminal took them."""
        self.copy_to_clipboard("\n".join(commands))
        self.say("Copied, if this terminal allows it; o prints the command.")

    async def on_event(self, event: events.Event) -> None:
        """Drops keys that arrive as a paste; a word that confirms is emptied by one. A terminal of another size shows what it likes."""
        if isinstance(event, events.Resize):
            self.forget_screen()
        if isinstance(event, events.Key) and not event.is_forwarded and (event.is_printable or event.key == "enter"):
            pasted = self.bursts.drops(event.time)
            focused = self.focused
            if pasted and not (isinstance(focused, Input) and not isinstance(focused, TypedWord)):
                if isinstance(focused, TypedWord):
                    focused.call_later(focused.clear)  # behind the keys of the burst that were let through before it was one
                self.say("Paste ignored.")
                return
        await super().on_event(event)
