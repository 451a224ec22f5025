"""Asks for a written line: a reason, a note, a value that nothing reads live."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input

from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, line, wrapped
from gospel_rollback_tui.ui.screens.prompt import Prompt, key_row
from gospel_rollback_tui.ui.widgets.sheet import Sheet


def anything_written(text: str) -> str:
    """Returns why an empty answer is none."""
    return "" if text.strip() else "It takes a written line."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    title: str
    explanation: tuple[str, ...] = ()
    """Sentences below the title."""
    commands: tuple[str, ...] = ()
    """Exact commands, shown and printable."""
    label: str = "Reason"
    placeholder: str = ""
    go: str = "go on"
    """What Enter does, in words."""
    role: str = "key"
    """Of the modal's edge: key, warn or bad."""
    complaint: Callable[[str], str] = anything_written
    """Returns why an answer is not taken; empty: it is."""


class Reason(Prompt[str | None]):
    """A title, what it means, and one field; None: gone back."""

    BINDINGS = [keys.CANCEL, keys.PRINT_WHILE_TYPING]

    def __init__(self, wanted: Wanted) -> None:
        """Asks for `wanted`."""
        super().__init__(classes=f"-{wanted.role} -typed")
        self.wanted = wanted

    def compose_fields(self) -> ComposeResult:
        """The field."""
        yield Sheet(lambda _: [EMPTY, line((self.wanted.label, "dim"))], name="label")
        field = Input(placeholder=self.wanted.placeholder, id="line", disabled=True)
        field.cursor_blink = False
        yield field

    def words(self, room: Room) -> Sequence[Content]:
        """Title, explanation, commands."""
        wanted = self.wanted
        lines: list[Content] = [*wrapped(wanted.title, room.width, "strong")]
        if wanted.explanation:
            lines.append(EMPTY)
        for sentence in wanted.explanation:
            lines += wrapped(sentence, room.width, "text")
        if wanted.commands:
            lines.append(EMPTY)
        for command in wanted.commands:
            lines += wrapped(command, room.width, "text", first=line(("$ ", "dim")), indent=4)
        return lines

    def answers(self, room: Room) -> Sequence[Content]:
        """What Enter and Esc do."""
        entries = [("⏎", self.wanted.go), ("esc", "go back")]
        if self.wanted.commands:
            entries.append(("ctrl+o", "print them"))
        return [key_row(entries, chosen="esc"), *([line((f"  {self.said}", "warn"))] if self.said else [])]

    def on_armed(self) -> None:
        """Gives the focus to the field."""
        field = self.query_one("#line", Input)
        field.disabled = False
        field.focus()

    @on(Input.Submitted)
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        complaint = self.wanted.complaint(event.value.strip())
        if not self.armed or complaint:
            self.say(complaint)
            return
        self.dismiss(event.value.strip())

    def action_no(self) -> None:
        """Goes back without an answer."""
        self.dismiss(None)

    def action_print_command(self) -> None:
        """Prints the commands outside of the screen."""
        self.app.print_out(self.wanted.commands)
