"""Textual's terminal driver, sending only what differs from what the terminal already shows.

Textual sends whole dirty regions. Over a slow link that is seconds between a key and its paint (textual.md §3.4).
"""

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import InBandWindowResize

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.screen_memory import ScreenMemory


class DiffDriver(LinuxDriver):
    """A driver with a memory of the screen."""

    def __init__(self, app: App[int], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        """Lets the app have the screen forgotten, e.g. to paint it anew."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.memory = ScreenMemory()
        if isinstance(app, BaseApp):
            app.forget_screen = self.memory.forget

    def start_application_mode(self) -> None:
        """Takes the terminal, of which nothing is known."""
        self.memory.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual left its types out

    def write(self, data: str) -> None:
        """Writes what changes the screen."""
        changed = self.memory.changed(data)
        if changed:
            super().write(changed)

    def process_message(self, message: Message) -> None:
        """Forgets the screen when its size changes: terminals move and cut lines as they like."""
        if isinstance(message, events.Resize | InBandWindowResize):
            self.memory.forget()
        super().process_message(message)
