"""The confirmation ladder on the screen: a key, a word, a name, a second person; nothing pasted, nothing typed ahead."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from gospel_rollback_tui.domain.confirmation import Demand, demand
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.base_app import TypedWord
from gospel_rollback_tui.ui.gate_answer import GateAnswer, Moved, Sent
from gospel_rollback_tui.ui.keyburst import ALONE_SECONDS
from gospel_rollback_tui.ui.presentation.diff import diff_lines
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, line
from gospel_rollback_tui.ui.presentation.prompt import Asked, prompt, typed_line, unproved_lines
from gospel_rollback_tui.ui.screens.prompt import Prompt, key_row
from gospel_rollback_tui.ui.theme import DANGER_ROLE
from gospel_rollback_tui.ui.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Given:
    """What the operator did to confirm."""

    preview: Preview
    """What was on the screen."""
    typed: str = ""
    second_person: str = ""
    break_glass: str = ""
    reason: str = ""


TALL = 30
"""Lines of a terminal from which blank lines are affordable."""
NOT_ALONE = "Other keys came with it: press y again, alone."

Submit = Callable[[Given], Awaitable[GateAnswer]]
"""Hands a confirmation to the gate and waits for what it says."""


class Answer(Enum):
    """How a confirmation ended."""

    DECLINED = "declined"
    CONFIRMED = "confirmed"
    BY_HAND = "by hand"
    AGAIN = "again"
    """What moved asks for another rung of the ladder: it is to be asked anew."""


def _demand(preview: Preview) -> Demand:
    return demand(preview.danger, preview.target, preview.needs_reason)


class Confirm(Prompt[Answer]):
    """Asks for one step, and stays until the gate has spoken."""

    BINDINGS = [
        keys.YES,
        keys.NO,
        keys.NO_ENTER,
        keys.CANCEL,
        keys.DIFF,
        keys.BY_HAND,
        keys.PRINT,
        keys.COPY,
        keys.DIFF_WHILE_TYPING,
        keys.PRINT_WHILE_TYPING,
    ]

    def __init__(self, asked: Asked, submit: Submit) -> None:
        """Asks for what `asked` shows; a confirmation goes to `submit`."""
        self.asked = asked
        self.demand = _demand(asked.preview)
        self._submit = submit
        self._submitting = False
        self._opened = 0.0
        self._written = bool(self.demand.word or self.demand.unproved)
        """Whether it is confirmed by what is written and Enter, not by a key."""
        rung = " -argued" if self.demand.word and self.demand.unproved else " -typed" if self._written else ""
        super().__init__(classes=f"-{DANGER_ROLE[asked.preview.danger]}{rung}")

    def compose_fields(self) -> ComposeResult:
        """The word or name to be typed, and who else approves."""
        if self.demand.word:
            yield Sheet(lambda _: [EMPTY, typed_line(self.demand)], name="typed")
            yield self._field(TypedWord(id="word", select_on_focus=False, disabled=True))
        if self.demand.unproved:
            yield Sheet(lambda room: [EMPTY, *unproved_lines(self.demand, room.width)], name="unproved")
            yield self._field(Input(placeholder="why it is right all the same", id="reason", disabled=True))
        if self.demand.second_person:
            yield Sheet(lambda _: [EMPTY, line(("Break-glass with a written reason; who else approves, if somebody does:", "dim"))], name="approval")
            yield self._field(Input(placeholder="second person", id="second", disabled=True))
            yield self._field(Input(placeholder="break-glass: why it has to be done", id="glass", disabled=True))

    @staticmethod
    def _field(made: Input) -> Input:
        made.cursor_blink = False
        return made

    def words(self, room: Room) -> Sequence[Content]:
        """What is asked, as it stands."""
        return prompt(self.asked, self.demand, room.width, tight=self.app.size.height < TALL)

    def answers(self, room: Room) -> Sequence[Content]:
        """The answers there are; *go back* has the focus."""
        preview = self.asked.preview
        if self._submitting:
            return [line(("  reading again what it rests on, then sending …", "strong"))]
        entries: list[tuple[str, str]] = []
        if self.confirmable and not self._written:
            entries.append(("y", preview.yes or "go on"))
        back = "esc" if self._written else "n"
        entries.append((back, "go back"))
        if any(call.diff for call in preview.calls):
            entries.append(("ctrl+d" if self._written else "d", "diff"))
        if preview.by_hand and not self._written:
            entries.append(("h", "by hand"))
        rows = [key_row(entries, chosen=back)]
        if rows[0].cell_length > room.width:
            first = [entry for entry in entries if entry[0] not in ("d", "ctrl+d", "h")]
            rows = [key_row(first, chosen=back), key_row([entry for entry in entries if entry not in first])]
        return [*rows, *([line((f"  {self.said}", "warn"))] if self.said else [])]

    @property
    def confirmable(self) -> bool:
        """Whether it can be confirmed at all."""
        return not (self.asked.refused or self.asked.preview.refused)

    def on_armed(self) -> None:
        """Gives the focus to the word that is to be typed; without one, *go back* has it."""
        for field in self.query(Input):
            field.disabled = not self.confirmable
        if self._written and self.confirmable:
            self.query(Input).first().focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing works before the prompt is armed, and nothing while the gate looks; quitting, which is the app's, always does."""
        if not self.armed or self._submitting:
            return False
        if action == "yes":
            return self.confirmable and not self._written
        if action == "diff":
            return any(call.diff for call in self.asked.preview.calls)
        if action in ("by_hand", "print_command", "copy"):
            return bool(self.asked.preview.by_hand)
        return True

    def action_yes(self) -> None:
        """Confirms, if the key came alone: a `y` in the middle of a paste confirms nothing."""
        if not self.app.bursts.alone_so_far:
            self.say(NOT_ALONE)
            return
        seen = self.app.bursts.count
        self.set_timer(ALONE_SECONDS, lambda: self._yes_if_alone(seen))

    def _yes_if_alone(self, seen: int) -> None:
        if self.app.bursts.count == seen and self.armed and not self._submitting:
            self._hand_over(Given(self.asked.preview))
        else:
            self.say(NOT_ALONE)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.armed or self._submitting or not self.confirmable:
            return
        if not self.demand.word and not self.app.bursts.alone_so_far:
            self.say("Other keys came with it: press Enter again, alone.")
            return
        word = self._value("#word")
        if word != self.demand.word:
            self.say(f"It takes {self.demand.word!r}, typed in full.")
            return
        second = self._value("#second")
        glass = self._value("#glass")
        if self.demand.second_person and not glass:
            self.query_one("#glass", Input).focus()
            self.say("It takes a written reason: a second name alone is not enough.")
            return
        reason = self._value("#reason")
        if self.demand.unproved and not reason:
            self.query_one("#reason", Input).focus()
            self.say("It takes a written reason.")
            return
        self._hand_over(Given(self.asked.preview, word, second, glass, reason))

    def _value(self, name: str) -> str:
        found = self.query(name).results(Input)
        return next((field.value.strip() for field in found), "")

    @work(group="confirm", exit_on_error=True)
    async def _hand_over(self, given: Given) -> None:
        self._submitting = True
        self.said = ""
        self.redraw()
        outcome = await self._submit(given)
        self._submitting = False
        if isinstance(outcome, Sent):
            self.dismiss(Answer.CONFIRMED)
        elif isinstance(outcome, Moved) and _demand(outcome.preview) != self.demand:
            self.dismiss(Answer.AGAIN)
        elif isinstance(outcome, Moved):
            self.show(replace(self.asked, preview=outcome.preview, moved=outcome.moved, read_seconds=0.0, refused=""))
        else:
            self.show(replace(self.asked, refused=outcome.reason, moved=()))

    def show(self, asked: Asked) -> None:
        """Shows what is asked now, from its beginning, and arms again."""
        self.asked = asked
        self.query_one("#words", Sheet).scroll_home(animate=False)
        for field in self.query(Input):
            field.value = ""
            field.disabled = True
        self.arm_later()

    def action_no(self) -> None:
        """Goes back; nothing is sent."""
        self.dismiss(Answer.DECLINED)

    def action_by_hand(self) -> None:
        """Takes the way by hand."""
        self.dismiss(Answer.BY_HAND)

    def action_diff(self) -> None:
        """Shows what changes, line by line."""
        preview = self.asked.preview
        self.app.show(f"What changes: {preview.title}", lambda room: diff_lines(preview, room.width))

    def action_print_command(self) -> None:
        """Prints the commands outside of the screen."""
        self.app.print_out(self.asked.preview.by_hand)

    def action_copy(self) -> None:
        """Copies the commands."""
        self.app.copy_out(self.asked.preview.by_hand)
