"""The verdict: why this row, and which way back is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content

from gospel_rollback_tui.domain.triage import Way
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room
from gospel_rollback_tui.ui.presentation.strip import headlines, live_strip
from gospel_rollback_tui.ui.presentation.verdict import verdict, ways_of
from gospel_rollback_tui.ui.screens.room import Choice, RoomScreen
from gospel_rollback_tui.ui.screens.triage import ShowEvidence
from gospel_rollback_tui.ui.sight import Sight
from gospel_rollback_tui.ui.widgets.sheet import Margin, Sheet

LOOK_AGAIN_SECONDS = 1.0
"""How long no key takes a way after the ways have changed places: it was meant for what stood there before."""


@dataclass(frozen=True, slots=True)
class TakeWay(Choice):
    """The way back to take."""

    way: Way


@dataclass(frozen=True, slots=True)
class GoBack(Choice):
    """Back to where the verdict came from."""


class VerdictScreen(RoomScreen[Choice]):
    """Digits choose a way, Enter goes with the current one."""

    CSS_PATH = ["room.tcss", "verdict.tcss"]
    BINDINGS = [
        *keys.numbers("choose", "Goes with that way back"),
        keys.TAKE,
        keys.EVIDENCE,
        keys.BACK,
        keys.NEXT_PANE,
        keys.ALONE,
        keys.OUT,
    ]

    def __init__(self, sight: Sight, scenario: str) -> None:
        """Shows the row of that scenario."""
        super().__init__(sight)
        self.scenario = scenario
        self._places = tuple(way.path for way in self.ways)
        self.current = self._best()
        self._picked = False
        """Whether the operator has moved to a way: it stays the current one wherever it goes."""
        self._moved_at = float("-inf")
        self._refused = ""

    def _best(self) -> int:
        return next((index for index, way in enumerate(self.ways) if not (way.refused or way.crashes or way.silent)), 0)

    def redraw(self) -> None:
        """Shows the ways as they stand; when evidence has changed their places, a way that was moved to stays the current one."""
        order = tuple(way.path for way in self.ways)
        if order != self._places:
            kept = self._places[self.current] if self.current < len(self._places) else ""
            self.current = order.index(kept) if self._picked and kept in order else self._best()
            self._places, self._moved_at = order, self.glance.now.monotonic
        super().redraw()

    def _just_moved(self) -> bool:
        """Returns whether a key may have been meant for another way, and says so."""
        just = self.glance.now.monotonic - self._moved_at < LOOK_AGAIN_SECONDS
        if just:
            self.say("The ways have changed places: look again.")
        return just

    @property
    def ways(self) -> tuple[Way, ...]:
        """The ways back, best first."""
        return ways_of(self.glance, self.scenario)

    def compose_rooms(self) -> ComposeResult:
        """The verdict above, the live strip below."""
        yield Sheet(self._verdict, name="story", margin=Margin(3, 2, 1), focusable=True)
        yield Sheet(lambda room: live_strip(self.glance, room), name="strip", classes="aside", margin=Margin(3, 2, 1), focusable=True)

    def _verdict(self, room: Room) -> Sequence[Content]:
        lines = verdict(self.glance, self.scenario, self.current, room, self._refused)
        return lines if self.wide else [*lines, EMPTY, headlines(self.glance, room.width)]

    def refuse(self, reason: str) -> None:
        """Shows why the way was not taken."""
        self._refused = reason
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers only ways that can be taken now, and none to who may only look."""
        if action == "number":
            return not self.glance.follows and isinstance(parameters[0], int) and parameters[0] <= len(self.ways) and not self.ways[parameters[0] - 1].refused
        if action == "take":
            return not self.glance.follows and self.current < len(self.ways) and not self.ways[self.current].refused
        return True

    def key_words(self, binding: Binding) -> str:
        """Names the way that Enter goes."""
        return f"go with {self.current + 1}" if binding.id == keys.TAKE.id else super().key_words(binding)

    def action_number(self, number: int) -> None:
        """Goes with that way."""
        if self._just_moved():
            return
        self.current, self._picked = number - 1, True
        self.redraw()
        self.action_take()

    def action_take(self) -> None:
        """Goes with the current way."""
        if self._just_moved():
            return
        if self.current < len(self.ways) and not self.ways[self.current].refused:
            self.choose(TakeWay(self.ways[self.current]))

    def action_move(self, lines: int) -> None:
        """Moves the current line."""
        if self.focused is not None and self.focused.id != "story":
            super().action_move(lines)
            return
        self.current, self._picked = min(max(0, self.current + lines), max(0, len(self.ways) - 1)), True
        self.redraw()
        self.query_one("#story", Sheet).bring_into_view(f"{self.current + 1}  ")

    def action_back(self) -> None:
        """Goes back."""
        self.choose(GoBack())

    def action_out(self) -> None:
        """Goes back."""
        self.choose(GoBack())

    def action_evidence(self) -> None:
        """Chooses to see the evidence."""
        self.choose(ShowEvidence())
