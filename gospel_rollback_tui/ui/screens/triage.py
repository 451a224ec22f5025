"""The first screen: what fails, what changed just before, the suggested way back, the six rows, the live strip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.content import Content

from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.runbook import Answer, Question, Row
from gospel_rollback_tui.ui import keys
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Room
from gospel_rollback_tui.ui.presentation.rows import clear_row, leading
from gospel_rollback_tui.ui.presentation.triage import key_line, triage
from gospel_rollback_tui.ui.screens.evidence_room import EvidenceRoom
from gospel_rollback_tui.ui.screens.room import Choice

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.triage import Suggestion

LOOK_AGAIN_SECONDS = 1.0
"""How long no digit counts after digits have come to mean something else: it was meant for what stood there before."""


@dataclass(frozen=True, slots=True)
class RollBack(Choice):
    """The suggested way back, with its preview."""

    suggestion: Suggestion


@dataclass(frozen=True, slots=True)
class AskMe(Choice):
    """The wizard's questions."""


@dataclass(frozen=True, slots=True)
class ChooseRow(Choice):
    """A row of the matrix by the operator's own judgement."""

    scenario: str


@dataclass(frozen=True, slots=True)
class Answered(Choice):
    """An answer to the question that stands on the screen."""

    question: Question
    answer: Answer


@dataclass(frozen=True, slots=True)
class AnotherSymptom(Choice):
    """Another request to judge by."""


@dataclass(frozen=True, slots=True)
class ShowEvidence(Choice):
    """Every fact for and against."""


class TriageScreen(EvidenceRoom):
    """Two keys from the change when the evidence is clear; the wizard's first open question when it is not."""

    BINDINGS = [
        keys.ROLL_BACK,
        keys.WIZARD,
        keys.EVIDENCE,
        *keys.numbers("choose a row", "Answers the question on the screen; where none stands, goes to the ways back of that row of the decision matrix"),
        keys.TAKE,
        keys.NEXT_PANE,
        keys.ALONE,
        keys.SYMPTOM,
    ]

    _asks: bool | None = None
    """Whether the digits answered a question at the last look; None: nothing was shown yet."""
    _changed_at = float("-inf")
    """Monotonic time at which the digits came to mean something else."""

    @property
    def question(self) -> Question | None:
        """The first question that neither the operator nor a probe has answered, while no way back is clear."""
        picture = self.glance.picture
        if picture is None or not picture.complete or (picture.suggestion is not None and picture.suggestion.ready) or clear_row(picture) is not None:
            return None
        answered = self.sight.desk.triage.answers()
        questions = self.sight.desk.library.matrix.questions
        return next((q for q in questions if q.id not in answered and not _known(q, picture.readings)), None)

    def story(self, room: Room) -> Sequence[Content]:
        """What fails and the way back, the keys that act, and below what a narrow screen has no room for beside it."""
        lines = triage(self.glance, room, self.question, self.sight.desk.said_at_start)
        lines += [EMPTY, key_line(self._calls(), room.width)]
        return [*lines, *self.below(room)]

    def _calls(self) -> list[tuple[str, str]]:
        calls = [("r", "roll back now")] if self._may_roll_back() else []
        row = clear_row(self.glance.picture)
        calls += [("⏎", f"row {row.number}, its ways back")] if row is not None else []
        return [*calls, ("w", "ask me"), ("s", "another symptom")]

    def _may_roll_back(self) -> bool:
        picture = self.glance.picture
        return bool(picture and picture.suggestion and picture.suggestion.ready and not self.glance.follows)

    def redraw(self) -> None:
        """Shows the present glance, and the keys that work on it; notes when the digits come to mean something else."""
        asks = self.question is not None
        if self._asks is not None and asks is not self._asks:
            self._changed_at = self.sight.desk.clock.now().monotonic
        self._asks = asks
        self.refresh_bindings()
        super().redraw()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers `r` only when nothing is lacking, and the digits of what stands on the screen."""
        if action == "roll_back":
            return self._may_roll_back()
        if action == "number":
            question = self.question
            most = len(question.answers) if question else len(self.sight.desk.library.matrix.rows)
            return isinstance(parameters[0], int) and parameters[0] <= most
        if action == "take":
            return self._leading() is not None and (self.question is not None or clear_row(self.glance.picture) is not None)
        if action == "wizard":
            return bool(self.sight.desk.library.matrix.questions)
        return True

    def key_words(self, binding: Binding) -> str:
        """Says what the digits do now, and to which row Enter goes."""
        if binding.group == keys.NUMBERS and self.question is not None:
            return "answer"
        row = self._leading()
        return f"row {row.number}" if binding.id == keys.TAKE.id and row is not None else super().key_words(binding)

    def _leading(self) -> Row | None:
        picture = self.glance.picture
        return leading(picture.weighing) if picture else None

    def action_take(self) -> None:
        """Goes to the ways back of the row that leads, past the question."""
        row = self._leading()
        if row is not None:
            self.choose(ChooseRow(row.id))

    def action_roll_back(self) -> None:
        """Chooses the suggested way back."""
        picture = self.glance.picture
        if picture and picture.suggestion and self._may_roll_back():
            self.choose(RollBack(picture.suggestion))

    def action_wizard(self) -> None:
        """Chooses to be asked."""
        self.choose(AskMe())

    def action_symptom(self) -> None:
        """Chooses another symptom."""
        self.choose(AnotherSymptom())

    def action_evidence(self) -> None:
        """Chooses to see the evidence."""
        self.choose(ShowEvidence())

    def action_number(self, number: int) -> None:
        """Answers the question that stands here, or chooses a row."""
        if self.sight.desk.clock.now().monotonic - self._changed_at < LOOK_AGAIN_SECONDS:
            self.say("The digits mean something else now: look again.")
            return
        question = self.question
        if question is not None:
            self.choose(Answered(question, question.answers[number - 1]))
            return
        row = next((row for row in self.sight.desk.library.matrix.rows if row.number == number), None)
        if row is not None:
            self.choose(ChooseRow(row.id))


def _known(question: Question, readings: Mapping[str, Reading]) -> bool:
    found = [readings[answer.fact] for answer in question.answers if answer.fact in readings]
    return bool(found) and all(reading.truth is not Truth.UNKNOWN for reading in found)
