"""The app: one flow, one timer, and the keys that work on every screen."""

import asyncio
import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from textual import work
from textual.app import SuspendNotSupported
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.diff_driver import DiffDriver
from gospel_rollback_tui.ui.flow import Flow, later
from gospel_rollback_tui.ui.pace import INTERVALS
from gospel_rollback_tui.ui.painting import look_early, paint_is_due, seen
from gospel_rollback_tui.ui.ports import Desk
from gospel_rollback_tui.ui.presentation.footer import entries
from gospel_rollback_tui.ui.presentation.lines import Draw
from gospel_rollback_tui.ui.safe_run import Record, SafeApp, interrupts_ignored, unrecorded
from gospel_rollback_tui.ui.screens.prompt import Prompt
from gospel_rollback_tui.ui.screens.room import RoomScreen
from gospel_rollback_tui.ui.screens.viewer import Viewer
from gospel_rollback_tui.ui.sight import Sight, concerned
from gospel_rollback_tui.ui.theme import Palette, palette_for

REPAINT_SECONDS = 300.0
"""Time between two paints of everything, in case something else has written to the terminal."""
T = TypeVar("T")


class RollbackApp(SafeApp):
    """From the first paint to the exit code."""

    BINDINGS = [keys.QUIT_ALWAYS, keys.INTERRUPT, keys.REDRAW, keys.SUSPEND]
    TITLE = "gospel-rollback"

    def __init__(self, desk: Desk, palette: Palette | None = None, *, record: Record = unrecorded) -> None:
        """Shows what the desk is supplied with; without a palette, the one that the terminal's environment calls for."""
        self.sends_differences, self.keeps_pace = desk.terminal.diff, desk.terminal.pace
        super().__init__(palette or palette_for(os.environ), ascii_only=desk.terminal.ascii, record=record)
        self.desk = desk
        self.sight = Sight(desk)
        self._followed: tuple[str, ...] = ()
        keymap, self.key_problems = keys.usable_keymap(desk.terminal.keymap)
        self.set_keymap(dict(keymap))
        if self.key_problems:
            self.desk = self.sight.desk = replace(desk, said_at_start=(*desk.said_at_start, *self.key_problems))

    def get_driver_class(self) -> type[Driver]:
        """Returns the driver that sends only what differs, unless the configuration says otherwise or there is no terminal."""
        usual = super().get_driver_class()
        return DiffDriver if usual is LinuxDriver and (self.sends_differences or self.keeps_pace) else usual

    def on_ready(self) -> None:
        """Starts the timer, and what is heavy."""
        self.look()
        self.begin()
        self.set_interval(INTERVALS[0], self.tick)
        self.set_interval(REPAINT_SECONDS, self.action_redraw)

    @work(group="begin", exit_on_error=False)
    async def begin(self) -> None:
        """Starts the feeds, imports the screens behind the first one, then starts the rest, in threads that no longer take turns with the first paint."""
        await self.painted()
        await asyncio.to_thread(self.desk.begin_feeds)
        await look_early(self.desk.estate, self.look)
        await asyncio.to_thread(later)
        await asyncio.to_thread(self.desk.begin)
        if self.guarded:  # alone in its process
            gc.freeze()  # what was imported stays: to look through it for garbage again and again takes a quarter of the processor's time at rest

    def on_mount(self) -> None:
        """Starts the flow."""
        self.go()

    @work(group="flow", exit_on_error=True)
    async def go(self) -> None:
        """Follows the incident from the first screen to the exit code."""
        await Flow(self, self.sight).run()
        self._end()

    def tick(self) -> None:
        """Looks when it is time and the terminal keeps up; paints everything once it does again."""
        if paint_is_due(self):
            self.look()

    def look(self) -> None:
        """Takes a new glance and paints what changed where it is seen."""
        self.sight.look()
        self._follow_logs()
        for screen in seen(self.screen_stack):
            redraw = getattr(screen, "redraw", None)
            if redraw is not None:
                redraw()

    def _follow_logs(self) -> None:
        """Asks for the lines of the services the incident is about, when these have changed."""
        services = concerned(self.sight.glance)
        if services and services != self._followed:
            self._followed = services
            self.desk.estate.follow(services)

    def say(self, sentence: str) -> None:
        """Shows a sentence in the footer's place for a few seconds."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, RoomScreen | Prompt):
                screen.say(sentence)
                return

    def outside(self, act: Callable[[], T]) -> T:
        """Gives the terminal back while `act` runs on it, where Ctrl+C is act's own; raises SuspendNotSupported without a terminal."""
        with self.suspend(), interrupts_ignored():
            return act()

    def show(self, title: str, draw: Draw) -> None:
        """Shows text in full before the present screen."""
        self.push_screen(Viewer(title, draw))

    def print_out(self, commands: Sequence[str]) -> None:
        """Prints commands outside of the screens, unwrapped, until Enter."""

        def _print() -> None:
            print("\n".join(commands))
            input("\nEnter goes back to gospel-rollback. ")

        try:
            self.outside(_print)
        except (SuspendNotSupported, EOFError):
            self.say("This terminal cannot leave the screen; c copies instead.")

    async def action_quit(self) -> None:
        """Leaves, and says what goes on without the screen."""
        self._end()

    def _end(self) -> None:
        """Ends the app with the run's exit code and what is to stay on the terminal."""
        from gospel_rollback_tui.ui.presentation.summary import farewell
        from gospel_rollback_tui.ui.screens.summary import exit_code

        run = self.sight.look().run
        if run is not None and not run.closed:
            self.farewell.append(f"Run {run.id} goes on without this screen. Start gospel-rollback again to attach.")
        elif run is not None:
            self.farewell += farewell(run)
        code = exit_code(run)
        self.exit(code, return_code=code)

    def action_interrupt(self) -> None:
        """Says how to leave; nothing is interrupted by it."""
        self.say("Ctrl+C stops nothing here: q leaves the screen, x aborts the run.")

    def action_redraw(self) -> None:
        """Paints the whole screen again."""
        self.forget_screen()
        self.screen.refresh(layout=True, repaint=True)

    def action_login(self) -> None:
        """Runs the configured login command on this terminal, then asks every probe again; answers are kept."""
        command = self.desk.login.command()
        if not command:
            self.say("No login command is configured for this environment: log in on another terminal, then press L.")
            self._logged_in()
            return
        try:
            problem = self.outside(self.desk.login.run)
        except SuspendNotSupported:
            problem = "this terminal cannot be given to the command"
        except RollbackError as error:
            problem = error.text
        self.say(f"Login failed: {problem}." if problem else "Logged in; asking again.")
        self._logged_in()

    def _logged_in(self) -> None:
        """Has the probes ask again and, with a run, tells its runner that credentials are new."""
        from gospel_rollback_tui.domain.decisions import Decision, Verb

        self.desk.triage.refresh()
        view = self.sight.run_view
        if view is not None:
            decision = Decision(Verb.CREDENTIALS, self.desk.operator)
            self.run_worker(lambda: view.send(decision), thread=True, group="credentials", exit_on_error=False)

    def action_help(self) -> None:
        """Shows every key that works here, generated from the bindings, and the words used."""
        from gospel_rollback_tui.ui.presentation.help import help_lines

        screen = self.screen
        found = entries(screen.active_bindings.values(), [], hidden=True)
        self.show("Keys that work here", lambda room: help_lines(found, room.width))

    def show_panes(self) -> None:
        """Shows the live panes one at a time, with their details."""
        from gospel_rollback_tui.ui.screens.pane import PaneScreen

        self.push_screen(PaneScreen(self.sight))
