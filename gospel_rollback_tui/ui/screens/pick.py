"""Chooses from a live list by digits or arrows: one entry, or several."""

from collections.abc import Sequence

from textual.content import Content

from gospel_rollback_tui.engine.ports import ChoiceList, Option
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room, cell, line, start, wrapped
from gospel_rollback_tui.ui.screens.prompt import Prompt, key_row
from gospel_rollback_tui.ui.signs import GOOD


class Pick(Prompt[tuple[str, ...] | None]):
    """A question and its options; None: gone back."""

    BINDINGS = [*keys.numbers("choose", "Chooses that entry"), keys.UP, keys.DOWN, keys.FIRST, keys.LAST, keys.MARK, keys.TAKE, keys.CANCEL]

    def __init__(self, choices: ChoiceList) -> None:
        """Offers `choices`; the suggested entry is the current one."""
        super().__init__(classes="-large")
        self.choices = choices
        suggested = [index for index, option in enumerate(choices.options) if option.suggested and not option.refused]
        self.current = suggested[0] if suggested else next((i for i, option in enumerate(choices.options) if not option.refused), 0)
        self.marked: set[int] = set(suggested) if choices.multiple else set()

    def words(self, room: Room) -> Sequence[Content]:
        """The question and its options, refused ones with their reason."""
        lines: list[Content] = [*wrapped(self.choices.question, room.width, "strong"), EMPTY]
        label = min(room.width // 2, max((len(option.label) for option in self.choices.options), default=0))
        for index, option in enumerate(self.choices.options):
            lines.append(self._option(index, option, label, room.width))
        return lines if self.choices.options else [*lines, line(("nothing to choose from", "dim"))]

    def _option(self, index: int, option: Option, label: int, width: int) -> Content:
        number = str(index + 1) if index < 9 else " "
        mark = f"{GOOD if index in self.marked else '·'} " if self.choices.multiple else ""
        tail = option.refused or option.detail
        role = "faint" if option.refused else "text"
        row = line("  ", (f"{number}  ", "faint" if option.refused else "key"), (mark, "good"), cell(option.label, label, role), "  ")
        row = line(row, (start(tail, max(0, width - row.cell_length)), "faint" if option.refused else "dim"))
        if index != self.current:
            return row
        return row.pad_right(max(0, width - row.cell_length)).stylize("here")

    def answers(self, room: Room) -> Sequence[Content]:
        """What Enter, space and Esc do."""
        entries = [("⏎", "take it"), *([("space", "mark")] if self.choices.multiple else []), ("esc", "go back")]
        return [key_row(entries), *([line((f"  {self.said}", "warn"))] if self.said else [])]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Nothing works before the prompt is armed; digits only for entries there are."""
        if action == "number":
            return self.armed and isinstance(parameters[0], int) and parameters[0] <= len(self.choices.options)
        if action == "mark":
            return self.armed and self.choices.multiple
        return self.armed

    def action_number(self, number: int) -> None:
        """Marks that entry, or takes it where one is enough."""
        self.current = number - 1
        if self.choices.multiple:
            self.action_mark()
        else:
            self.action_take()

    def action_move(self, lines: int) -> None:
        """Moves the current line."""
        self.current = min(max(0, self.current + lines), max(0, len(self.choices.options) - 1))
        self.redraw()

    def action_mark(self) -> None:
        """Marks or unmarks the current entry."""
        option = self.choices.options[self.current]
        if option.refused:
            self.say(option.refused)
            return
        self.marked ^= {self.current}
        self.redraw()

    def action_take(self) -> None:
        """Takes what is marked, or the current entry."""
        options = self.choices.options
        if not options:
            return
        chosen = sorted(self.marked) if self.choices.multiple and self.marked else [self.current]
        refused = next((options[index].refused for index in chosen if options[index].refused), "")
        if refused:
            self.say(refused)
            return
        self.dismiss(tuple(options[index].value for index in chosen))

    def action_no(self) -> None:
        """Goes back without choosing."""
        self.dismiss(None)
