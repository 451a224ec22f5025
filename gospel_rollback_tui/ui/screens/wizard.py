"""The wizard: one keyed question at a time; the estate speaks, the human decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.binding import Binding
from textual.content import Content

from gospel_rollback_tui.domain.runbook import Question
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.wizard import suggested_answer, wizard
from gospel_rollback_tui.ui.screens.evidence_room import EvidenceRoom
from gospel_rollback_tui.ui.screens.room import Choice
from gospel_rollback_tui.ui.screens.triage import Answered, ShowEvidence
from gospel_rollback_tui.ui.sight import Sight
from gospel_rollback_tui.ui.widgets.sheet import Sheet


@dataclass(frozen=True, slots=True)
class Done(Choice):
    """Every question was seen: the verdict."""


@dataclass(frozen=True, slots=True)
class Left(Choice):
    """Back to the first screen."""


class WizardScreen(EvidenceRoom):
    """Digits answer, Enter takes the current line, `b` goes back a question."""

    BINDINGS = [
        *keys.numbers("answer", "Gives that answer"),
        keys.TAKE,
        keys.BACK,
        keys.EVIDENCE,
        keys.NEXT_PANE,
        keys.ALONE,
        keys.OUT,
    ]

    def __init__(self, sight: Sight) -> None:
        """Begins at the first question."""
        super().__init__(sight)
        self.questions: Sequence[Question] = sight.desk.library.matrix.questions
        self.number_now = 0
        self.current = self._suggested()

    def story(self, room: Room) -> Sequence[Content]:
        """The question, and below it what a narrow screen has no room for beside it."""
        answers = self.sight.desk.triage.answers()
        lines = wizard(self.glance, self.questions, self.number_now, self.current, room, answers)
        return [*lines, *self.below(room)]

    @property
    def question(self) -> Question:
        """The present question."""
        return self.questions[self.number_now]

    def _suggested(self) -> int:
        question = self.question
        given = self.sight.desk.triage.answers().get(question.id)
        answered = next((index for index, answer in enumerate(question.answers) if answer.key == given), None)
        picture = self.glance.picture
        found = answered if answered is not None else suggested_answer(question, picture.readings if picture else {})
        return found if found is not None else len(question.answers) - 1

    def next(self) -> None:
        """Goes to the next question, or to the verdict behind the last one."""
        if self.number_now + 1 >= len(self.questions):
            self.choose(Done())
            return
        self._go(self.number_now + 1)

    def _go(self, number: int) -> None:
        self.number_now = number
        self.current = self._suggested()
        self.query_one("#story", Sheet).scroll_home(animate=False)
        self.redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers only the answers there are."""
        if action == "number":
            return isinstance(parameters[0], int) and parameters[0] <= len(self.question.answers)
        return True

    def key_words(self, binding: Binding) -> str:
        """Names the answer that Enter gives."""
        return f"take {self.current + 1}" if binding.id == keys.TAKE.id else super().key_words(binding)

    def action_number(self, number: int) -> None:
        """Gives that answer."""
        self.choose(Answered(self.question, self.question.answers[number - 1]))

    def action_take(self) -> None:
        """Gives the current answer."""
        self.action_number(self.current + 1)

    def action_move(self, lines: int) -> None:
        """Moves the current line."""
        if self.focused is not None and self.focused.id != "story":
            super().action_move(lines)
            return
        self.current = min(max(0, self.current + lines), len(self.question.answers) - 1)
        self.redraw()

    def action_back(self) -> None:
        """Goes to the question before, or back to the first screen."""
        if self.number_now:
            self._go(self.number_now - 1)
        else:
            self.choose(Left())

    def action_out(self) -> None:
        """Goes back to the first screen; answers are kept."""
        self.choose(Left())

    def action_evidence(self) -> None:
        """Chooses to see the evidence."""
        self.choose(ShowEvidence())
