"""The runbook: steps and debts, this step, and the estate live beside it."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from gospel_rollback_tui.domain.run import StepRun
from gospel_rollback_tui.ui.presentation import health, logs, pods
from gospel_rollback_tui.ui.presentation.card import card, compact
from gospel_rollback_tui.ui.presentation.feeds import standing
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, line
from gospel_rollback_tui.ui.presentation.notes import run_notes
from gospel_rollback_tui.ui.presentation.steps import first_open, steps_column, steps_line
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from gospel_rollback_tui.ui.sight import Sight, services_of
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet

PANES = ("Pods", "Health", "Logs", "Steps")
"""What a narrow screen shows one at a time."""


class RunbookScreen(RunRoom):
    """Steps on the left, the step in the middle, live panes on the right; at 80 columns one pane at a time."""

    CSS_PATH = ["room.tcss", "runbook.tcss"]

    def __init__(self, sight: Sight, news: str = "") -> None:
        """Shows the run; `news` says what happened while no screen was open."""
        super().__init__(sight, news)
        self.pane = 0
        self._selected = ""
        """Step chosen by the operator; empty: the one that is next."""

    def compose_rooms(self) -> ComposeResult:
        """Three columns, or one above a pane."""
        yield Sheet(lambda room: steps_column(self.glance, room, self._selected_id()), name="steps", classes="aside", margin=Margin(2, 1, 1), focusable=True)
        yield Sheet(self._card, name="card", margin=Margin(3, 1, 1), focusable=True)
        with Vertical(id="live", classes="aside"):
            yield Sheet(lambda room: health.health_pane(self.glance, room), name="health", classes="aside", margin=Margin(2, 1, 1), focusable=True)
            yield Sheet(self._pods, name="pods", classes="aside", margin=Margin(2, 1, 1), focusable=True)
            yield Sheet(lambda room: logs.logs_pane(self.glance, room), name="logs", classes="aside", margin=Margin(2, 1, 1), focusable=True)
        yield Sheet(self._one_pane, name="one", margin=Margin(3, 1, 0), focusable=True)

    @property
    def step(self) -> StepRun | None:
        """The step chosen by the operator, or the one that is next; the last one when all are over."""
        run = self.run
        if run is None or not run.steps:
            return None
        chosen = next((step for step in run.steps if step.id == self._selected), None)
        return chosen or first_open(run, self.glance) or run.steps[-1]

    def _selected_id(self) -> str:
        step = self.step
        return step.id if step else ""

    def select(self, step_id: str) -> None:
        """Makes that step the one the keys are about; empty: the next one."""
        self._selected = step_id
        self.redraw()

    def _pods(self, room: Room) -> Sequence[Content]:
        return pods.pods_pane(self.glance, room, services_of(self.run))

    def _card(self, room: Room) -> Sequence[Content]:
        notes = run_notes(self.glance, room.width, self.news)
        step = self.step
        if step is None:
            return [*notes, line(("The run is being opened …", "strong"))]
        if self.wide:
            return [*notes, *card(self.glance, step, room)]
        return [*notes, steps_line(self.glance, step.id, room.width), EMPTY, *compact(self.glance, step, room.width)]

    def _one_pane(self, room: Room) -> Sequence[Content]:
        name = PANES[self.pane]
        head = self._heads(room)
        below = Room(room.width, room.height, room.focused)
        if name == "Pods":
            return [head, *self._pods(below)[1:]]
        if name == "Health":
            return [head, *health.health_lines(self.glance, room.width, room.height - 1)]
        if name == "Logs":
            return [head, *logs.logs_pane(self.glance, below)[1:]]
        return [head, *steps_column(self.glance, below, self._selected_id())[2:]]

    def _heads(self, room: Room) -> Content:
        """Names every pane with its headline; the current one with its age or state."""
        snapshot = self.glance.snapshot
        now = self.glance.now.monotonic
        services = services_of(self.run)
        heads = {
            "Pods": (snapshot.pods if snapshot else None, pods.headline(self.glance)),
            "Health": (snapshot.health if snapshot else None, health.headline(self.glance, 30)),
            "Logs": (snapshot.logs if snapshot else None, logs.headline(self.glance)),
        }
        parts: list[Content] = []
        for index, name in enumerate(PANES):
            if name == "Steps":
                parts.append(line((name, "current" if index == self.pane else "dim")))
                continue
            feed, headline = heads[name]
            if index == self.pane:
                about = f" {', '.join(services)} ·" if name != "Health" and services else ""
                parts.append(line((name, "current"), (f"{about} {standing(feed, now, 30)}", "dim")))
            else:
                parts.append(line((name, "text"), " ", headline))
        return Content("  ").join(parts).truncate(room.width, ellipsis=True)

    def long_sheets(self) -> list[Sheet]:
        """Returns the panes that are longer than their rooms, the step before all others."""
        return sorted(super().long_sheets(), key=lambda sheet: sheet.id != "card")

    def action_next_pane(self) -> None:
        """Moves to the next pane: the focus on a wide screen, the pane itself on a narrow one."""
        if self.wide:
            super().action_next_pane()
            return
        self.pane = (self.pane + 1) % len(PANES)
        self.redraw()

    def action_move(self, lines: int) -> None:
        """Chooses the step before or behind; in a focused pane, moves its lines."""
        focused = self.focused
        if isinstance(focused, Sheet) and focused.id not in ("steps", "one"):
            super().action_move(lines)
            return
        run = self.run
        if run is None or not run.steps:
            return
        ids = [step.id for step in run.steps]
        now = ids.index(self._selected_id()) if self._selected_id() in ids else 0
        self.select(ids[min(max(0, now + lines), len(ids) - 1)])
