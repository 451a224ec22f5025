"""One live pane alone, with its details: pods, health, logs line by line, events, metrics."""

import asyncio
from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.log_lines import LogLine
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.asked_log import AskedLog
from gospel_rollback_tui.ui.pod_list import PodList
from gospel_rollback_tui.ui.presentation import health, logs
from gospel_rollback_tui.ui.presentation.doubts import doubt_lines
from gospel_rollback_tui.ui.presentation.events import events_pane
from gospel_rollback_tui.ui.presentation.feeds import title
from gospel_rollback_tui.ui.presentation.lines import Room, line
from gospel_rollback_tui.ui.presentation.metrics import metrics_pane
from gospel_rollback_tui.ui.presentation.pod_detail import pod_detail
from gospel_rollback_tui.ui.presentation.pod_table import pod_table
from gospel_rollback_tui.ui.screens.room import Choice, RoomScreen
from gospel_rollback_tui.ui.sight import Sight
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet

PANES = ("Pods", "Health", "Logs", "Events", "Metrics")

KINDS = 4
"""Kinds of error that stand above the log lines, where there is room for twice as many lines."""


class PaneScreen(RoomScreen[Choice]):
    """`p` shows the next pane, `/` filters, Enter shows a pod or a log line in full, Esc goes back."""

    CSS_PATH = ["room.tcss", "pane.tcss"]
    BINDINGS = [keys.ALONE, keys.FILTER, keys.SHOW, keys.SAVE, keys.FAILING, keys.ORDER, keys.GROUP, keys.COPY, keys.BACK, keys.OUT]

    def __init__(self, sight: Sight) -> None:
        """Begins with the pods."""
        super().__init__(sight)
        self.pane = 0
        self.needle = ""
        self.pods = PodList()
        self.held: tuple[LogLine, ...] | None = None
        """Log lines that stand still while one is looked at; None: they follow."""
        self.cursor = 0

    def compose_rooms(self) -> ComposeResult:
        """The pane, and the field of the filter."""
        yield Sheet(self._pane, name="pane", margin=Margin(3, 2, 1))
        field = Input(placeholder="only lines that hold this text; Enter keeps it, Esc clears it", id="needle")
        field.cursor_blink = False
        yield field

    def _pane(self, room: Room) -> Sequence[Content]:
        """Returns the pane, and below its title what keeps it from being believed."""
        above = doubt_lines(self.glance, room.width)
        head, *rest = self._named(Room(room.width, max(2, room.height - len(above)), room.focused))
        return [head, *above, *rest]

    def _named(self, room: Room) -> Sequence[Content]:
        name = PANES[self.pane]
        if name == "Pods":
            return pod_table(self.glance, room, self.pods)
        if name == "Health":
            return health.health_pane(self.glance, room, self.needle, detailed=True)
        if name == "Events":
            return events_pane(self.glance, room, self.needle)
        if name == "Metrics":
            return metrics_pane(self.glance, room, self.needle)
        return self._logs(room)

    def _logs(self, room: Room) -> Sequence[Content]:
        if self.held is None:
            return logs.logs_pane(self.glance, room, self.needle, kinds=KINDS if room.height > 2 * KINDS else 0)
        snapshot = self.glance.snapshot.logs if self.glance.snapshot else None
        newer = max(0, len(self._matching()) - len(self.held))
        head = title("Logs", snapshot, self.glance.now.monotonic, room, f"standing still, {newer} newer; end follows again")
        space = max(1, room.height - 1)
        first = min(max(0, self.cursor - space // 2), max(0, len(self.held) - space))
        rows = [logs.log_line(row, room.width, chosen=first + index == self.cursor) for index, row in enumerate(self.held[first : first + space])]
        return [head, *(rows or [line(("no lines", "dim"))])]

    def _matching(self) -> tuple[LogLine, ...]:
        snapshot = self.glance.snapshot
        return tuple(logs.matching(snapshot.logs, self.needle)) if snapshot else ()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers what the pane has: an order where pods are listed, something to show in full where something is chosen."""
        pods = PANES[self.pane] == "Pods"
        if action in ("next_order", "next_grouping", "toggle_failing"):
            return pods
        if action == "show_line":
            return bool(self.pods.listed) if pods else bool(self.held)
        if action == "save":
            return PANES[self.pane] == "Logs"
        if action == "copy":
            return bool(self._copyable())
        return True

    def action_pane_alone(self) -> None:
        """Shows the next pane."""
        self.pane = (self.pane + 1) % len(PANES)
        self._follow()

    def action_page(self, pages: int) -> None:
        """Moves by pages: the cursor in pods and logs, the text in the other panes."""
        if PANES[self.pane] not in ("Pods", "Logs"):
            super().action_page(pages)
            return
        self.action_move(pages * max(1, self.query_one("#pane", Sheet).room.height - 4))

    def action_move(self, lines: int) -> None:
        """Moves the text, or the chosen pod or log line; the last log line follows again."""
        if PANES[self.pane] == "Pods":
            self.pods.move(lines)
            self.redraw()
            return
        if PANES[self.pane] != "Logs":
            sheet = self.query_one("#pane", Sheet)
            sheet.scroll_to(y=sheet.scroll_offset.y + lines, animate=False)
            return
        if self.held is None:
            if lines > 0:
                return
            self.held = self._matching()
            self.cursor = len(self.held)
        self.cursor = max(0, self.cursor + lines)
        if self.cursor >= len(self.held):
            self._follow()
            return
        self.refresh_bindings()
        self.redraw()

    def _follow(self) -> None:
        self.held = None
        self.refresh_bindings()
        self.query_one("#pane", Sheet).scroll_home(animate=False)
        self.redraw()

    def action_next_order(self) -> None:
        """Orders the pods by the next thing."""
        self.pods.next_order()
        self.redraw()

    def action_next_grouping(self) -> None:
        """Groups the pods by the next thing."""
        self.pods.next_grouping()
        self.redraw()

    def action_toggle_failing(self) -> None:
        """Lists only pods that are not ready, or all again."""
        self.pods.toggle_failing()
        self.redraw()

    def action_show_line(self) -> None:
        """Shows the chosen pod or log line in full."""
        if PANES[self.pane] == "Pods":
            self._show_pod()
            return
        if self.held and self.cursor < len(self.held):
            row = self.held[self.cursor]
            self.app.show("Log line", lambda room: logs.detail(row, room.width))

    def _show_pod(self) -> None:
        pod = self.pods.chosen
        if pod is None:
            return
        log = None if pod.service else AskedLog()
        if log is not None:
            self.run_worker(log.ask(self.glance.desk.estate, pod), exit_on_error=False)
        self.app.show(f"Pod {pod.name}", lambda room: pod_detail(self.glance, pod, room.width, log))

    async def action_save(self) -> None:
        """Writes the log lines that are shown, and those above them, to a file."""
        lines = [logs.saved_line(row) for row in (self._matching() if self.held is None else self.held)]
        try:
            path = await asyncio.to_thread(self.glance.desk.keep, "logs", lines)
        except RollbackError as error:
            self.say(error.sentences())
            return
        folder, _, name = path.rpartition("/")
        self.say(f"{len(lines):,} lines: {name} in {folder}")

    def action_copy(self) -> None:
        """Copies the chosen log line, or the address of the dashboard."""
        if self._copyable():
            self.app.copy_out([self._copyable()])

    def _copyable(self) -> str:
        """Returns what `c` copies: the chosen log line, the dashboard's address; empty: nothing."""
        if PANES[self.pane] == "Metrics":
            snapshot = self.glance.snapshot
            return snapshot.metrics.dashboard if snapshot and snapshot.metrics else ""
        return self.held[self.cursor].text if PANES[self.pane] == "Logs" and self.held and self.cursor < len(self.held) else ""

    def action_filter(self) -> None:
        """Asks for the text that lines must hold."""
        self.add_class("-filtering")
        self.query_one("#needle", Input).focus()

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        event.stop()
        self.needle = event.value
        self._end_filter()

    def _end_filter(self) -> None:
        self.remove_class("-filtering")
        self.set_focus(None)
        self.pods.find(self.needle)
        self._follow()

    def action_out(self) -> None:
        """Clears the filter, or goes back."""
        if self.has_class("-filtering") or self.needle:
            self.needle = ""
            self.query_one("#needle", Input).value = ""
            self._end_filter()
            return
        if self.held is not None:
            self._follow()
            return
        self.app.pop_screen()

    def action_back(self) -> None:
        """Goes back to the screen behind."""
        self.app.pop_screen()
