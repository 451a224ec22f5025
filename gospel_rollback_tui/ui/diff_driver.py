"""Textual's terminal driver, sending only what differs from what the terminal already shows, and never more than it takes.

Textual sends whole dirty regions, and waits with its whole loop for a terminal that takes nothing. Over a slow link that
is seconds between a key and its paint (textual.md §3.4).
"""

import re

from textual import events
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import InBandWindowResize

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.outflow import QUESTION, Outflow, count
from gospel_rollback_tui.ui.screen_memory import ScreenMemory

_FRAME = re.compile(r"\x1b\[\d+;\d+H")
_SYNC_BEGIN, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
"""What encloses a frame on terminals that draw it at once (mode 2026)."""


_SETTLE_SECONDS = 1.0
"""How long the terminal is waited for before it is given back."""


class DiffDriver(LinuxDriver):
    """A driver with a memory of the screen and a count of what is under way, each as the app wishes."""

    def __init__(self, app: App[int], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None) -> None:
        """Lets the app have the screen forgotten, e.g. to paint it anew, and see how the terminal keeps up."""
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.memory: ScreenMemory | None = ScreenMemory()
        self.outflow: Outflow | None = Outflow()
        self._opening = ""
        """What begins the frame to come."""
        if isinstance(app, BaseApp):
            self.memory = self.memory if app.sends_differences else None
            self.outflow = self.outflow if app.keeps_pace else None
            app.forget_screen = self._forget
        if self.outflow is not None and not count(self, self.outflow):
            self.outflow = None
        if isinstance(app, BaseApp):
            app.outflow = self.outflow

    def start_application_mode(self) -> None:
        """Takes the terminal, of which nothing is known."""
        self._forget()
        if self.outflow is not None:
            self.outflow.restart()
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual left its types out

    def stop_application_mode(self) -> None:
        """Gives the terminal back, once it has answered."""
        if self.outflow is not None:
            self.outflow.settle(_SETTLE_SECONDS)
        super().stop_application_mode()

    def write(self, data: str) -> None:
        """Writes what changes the screen; a frame that the terminal has no room for is left out, and painted later from what is then."""
        if data == _SYNC_BEGIN:
            self._opening = data
        elif data == _SYNC_END:
            self._opening = ""
        elif _FRAME.match(data):
            self._write_frame(data)
        elif data:
            if self.memory is not None:
                data = self.memory.changed(data)
            self._hand_over(data)

    def _write_frame(self, data: str) -> None:
        if self.outflow is not None and self.outflow.is_full():
            self.outflow.left_out = True
            return
        changed = data if self.memory is None else self.memory.changed(data)
        if changed:
            opening = self._opening
            self._hand_over(f"{opening}{changed}{_SYNC_END if opening else ''}", asks=self.outflow is not None and self.outflow.may_ask())

    def _hand_over(self, text: str, *, asks: bool = False) -> None:
        if asks:
            text += QUESTION
        if self.outflow is not None:
            self.outflow.handed(len(text), asks=asks)
        super().write(text)

    def process_message(self, message: Message) -> None:
        """Keeps answers to itself, and forgets the screen when its size changes: terminals move and cut lines as they like."""
        if isinstance(message, events.CursorPosition) and self.outflow is not None:
            self.outflow.answered()
            return
        if isinstance(message, events.Resize | InBandWindowResize):
            self._forget()
        super().process_message(message)

    def _forget(self) -> None:
        if self.memory is not None:
            self.memory.forget()
