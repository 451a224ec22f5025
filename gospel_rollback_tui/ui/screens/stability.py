"""The stability watch: what each signal says, what reset the clock, what can be paid meanwhile."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.content import Content

from gospel_rollback_tui.domain.run import StepRun
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, fit, line
from gospel_rollback_tui.ui.presentation.notes import run_notes
from gospel_rollback_tui.ui.presentation.stability import stability
from gospel_rollback_tui.ui.presentation.steps import steps_column, steps_line
from gospel_rollback_tui.ui.presentation.strip import headlines
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet


class StabilityScreen(RunRoom):
    """Steps on the left, the signals against one time axis."""

    CSS_PATH = ["room.tcss", "stability.tcss"]

    def compose_rooms(self) -> ComposeResult:
        """Two columns, or one."""
        yield Sheet(lambda room: steps_column(self.glance, room, self._watching()), name="steps", classes="aside", margin=Margin(2, 1, 1), focusable=True)
        yield Sheet(self._signals, name="signals", margin=Margin(3, 2, 1), focusable=True)

    @property
    def step(self) -> StepRun | None:
        """The step that made the change: what `u` puts back."""
        run = self.run
        return next((step for step in run.steps if step.done_calls), None) if run else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves the step itself to the runbook."""
        if action in ("take", "by_hand", "skip", "number", "verify"):
            return False
        return super().check_action(action, parameters)

    def _watching(self) -> str:
        watch = self.run.watch if self.run else None
        return watch.step if watch else ""

    def _signals(self, room: Room) -> Sequence[Content]:
        notes = run_notes(self.glance, room.width, self.news)
        if self.wide:
            return [*notes, *stability(self.glance, room)]
        run = self.run
        owed = ", ".join(debt.title for debt in run.open_debts) if run else ""
        lines = [*notes, steps_line(self.glance, self._watching(), room.width), EMPTY, *stability(self.glance, room)]
        if owed:
            lines.append(line(("Debts ", "dim"), (fit(owed, room.width - 6), "warn")))
        return [*lines, EMPTY, headlines(self.glance, room.width)]
