"""Runs the app so that every way out leaves a usable terminal and a true exit code.

Textual handles no signal but suspension, answers a crash with a traceback that shows local variables and exits with 0,
and waits for threads that wait for servers. Here signals end the app in order, a watchdog ends it when its loop is
stuck on a dead terminal, a crash says one sentence, and nothing at the end waits for a thread.
"""

import asyncio
import fcntl
import os
import signal
import sys
import termios
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.theme import COLOURFUL, Palette

GRACE_SECONDS = 2.0
"""How long an app that was told to end may take before it is ended."""
_LOOK_SECONDS = 2.0
"""Time between two looks at whether the terminal is still there."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_PRIVATE_MODES = (2026, 1000, 1002, 1003, 1006, 1015, 1016, 2004, 1004, 2048)
"""Modes Textual may have switched on: synchronised output, mouse reports, paste brackets, focus and size reports."""
RESTORE = "".join(f"\x1b[?{mode}l" for mode in _PRIVATE_MODES) + "\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h\x1b[0m"
"""Puts a terminal back: modes off, keyboard protocol popped, wrapping on, main screen, cursor, no style."""

Record = Callable[[str, str], None]
"""Notes (what happened, detail) in the app's own log."""


def unrecorded(what: str, detail: str) -> None:
    """Notes nothing."""


class SafeApp(BaseApp):
    """An app that can be ended by signals and never shows a traceback."""

    def __init__(self, palette: Palette = COLOURFUL, *, ascii_only: bool = False, record: Record = unrecorded) -> None:
        """Notes crashes and signals with `record`."""
        super().__init__(palette, ascii_only=ascii_only)
        self.record = record
        self.guarded = False
        """Whether signals and the watchdog are to be installed."""
        self.farewell: list[str] = []
        """Sentences printed once the screen is gone."""
        self._stopping = False

    def on_load(self) -> None:
        """Installs signals and the watchdog, before the terminal is taken."""
        if not self.guarded:
            return
        loop = asyncio.get_running_loop()

        def _end(number: int, _frame: FrameType | None = None) -> None:
            self._end_by_signal(number, loop)

        for number in _SIGNALS:
            signal.signal(number, _end)
        threading.Thread(target=self._watch_terminal, name="terminal-watch", daemon=True).start()

    def _end_by_signal(self, number: int, loop: asyncio.AbstractEventLoop) -> None:
        code = 128 + number
        if self._stopping:
            end_now(code)
        self._stopping = True
        self.record("signal", signal.Signals(number).name)
        guard = threading.Timer(GRACE_SECONDS, end_now, (code,))
        guard.daemon = True
        guard.start()
        try:
            loop.call_soon_threadsafe(self._leave, code, f"Ended by {signal.Signals(number).name}.")
        except RuntimeError:
            end_now(code)

    def _leave(self, code: int, sentence: str) -> None:
        self.farewell.insert(0, sentence)
        self.exit(code, return_code=code)

    def _watch_terminal(self) -> None:
        """Ends the app when its terminal is gone: with SIGHUP ignored it would spin for ever."""
        while True:
            time.sleep(_LOOK_SECONDS)
            try:
                termios.tcgetattr(0)
            except termios.error:
                self.record("terminal gone", "")
                end_now(129)

    def _fatal_error(self) -> None:
        """Says one sentence instead of Textual's traceback with local variables, which may hold secrets."""
        self.record("crash", _without_locals())
        self.farewell.append(
            "This screen failed; a run goes on without it, and nothing was sent by the failure. Start gospel-rollback again to attach. Details are in the log."
        )
        self._close_messages_no_wait()


def _without_locals() -> str:
    return "".join(traceback.format_exception(*sys.exc_info()))


_as_it_was: list[Any] = []


def end_now(code: int) -> NoReturn:
    """Puts the terminal back without waiting for it, and ends the process."""
    try:
        flags = fcntl.fcntl(2, fcntl.F_GETFL)
        fcntl.fcntl(2, fcntl.F_SETFL, flags | os.O_NONBLOCK)  # a stalled terminal must not hold the exit
        try:
            os.write(2, RESTORE.encode())
        finally:
            fcntl.fcntl(2, fcntl.F_SETFL, flags)  # the flag belongs to the shared description, not to us
    except OSError:
        pass
    try:
        if _as_it_was:
            termios.tcsetattr(0, termios.TCSANOW, _as_it_was)
    except (termios.error, OSError):
        pass
    os._exit(code)


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Lets Ctrl+C reach only the program that has the terminal; that program starts with the signal's default.

    Python ignores the signal by a function of its own rather than by the system's mark, which a child would inherit.
    """
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def nothing_to_leave() -> None:
    """Leaves nothing behind."""


def run(app: SafeApp, *, mouse: bool = False, leave: Callable[[], None] = nothing_to_leave) -> NoReturn:
    """Runs the app on this terminal and ends the process with its exit code; `terminal.prepare` has been called.

    `leave` is called once the terminal is put back, unless the process has to end at once.
    """
    _as_it_was[:] = termios.tcgetattr(0)
    threading.excepthook = lambda args: app.record("thread failed", "".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)))
    app.guarded = True
    try:
        app.run(loop=asyncio.new_event_loop(), mouse=mouse)  # a loop of our own: the default one waits for its threads
    except BaseException:  # noqa: BLE001 - whatever it is, the terminal must be put back
        app.record("crash", _without_locals())
        end_now(1)
    code = app.return_code if app.return_code is not None else 1
    try:
        for sentence in app.farewell:
            print(sentence)
        leave()
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        pass
    os._exit(code)  # threads that wait for a server must not hold the shell
