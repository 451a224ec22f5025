"""One question of the wizard, with what the estate says about it."""

from collections.abc import Mapping, Sequence

from textual.content import Content

from gospel_rollback_tui.domain.evidence import Reading, Truth
from gospel_rollback_tui.domain.runbook import Answer, Question
from gospel_rollback_tui.domain.spans import short_age
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, Room, line, sides, start, wrapped
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, CRUMB, GOOD, UNKNOWN

_SIGN = {Truth.TRUE: (GOOD, "good"), Truth.FALSE: (BAD, "text"), Truth.UNKNOWN: (UNKNOWN, "dim")}
OPERATOR = "operator"
"""Source of readings that are answers."""


def suggested_answer(question: Question, readings: Mapping[str, Reading]) -> int | None:
    """Returns the index of the answer that the probes speak for; None: they do not."""
    for index, answer in enumerate(question.answers):
        reading = readings.get(answer.fact)
        if reading is None or reading.truth is Truth.UNKNOWN or reading.source == OPERATOR:
            continue
        if (reading.truth is Truth.TRUE) is answer.value:
            return index
    return None


def trail(questions: Sequence[Question], current: int, answers: Mapping[str, str], width: int) -> Content:
    """Returns the questions in a line: the answers given, the present one, those to come."""
    entries: list[tuple[str, str]] = []
    for index, question in enumerate(questions):
        given = _given(question, answers)
        words = question.id.replace("-", " ").replace("_", " ")
        if index == current:
            entries.append((words, "strong"))
        elif given is not None:
            entries.append((f"{words}: {start(given.words.split(',')[0].split(':')[0].lower(), 18)}", "dim"))
        else:
            entries.append((words, "dim"))
    first = 0
    while first < current and sum(len(words) + 5 for words, _ in entries[first:]) > width:
        first += 1
    parts: list[Part] = ["… "] if first else []
    for index, entry in enumerate(entries[first:]):
        parts += [(f"  {CRUMB}  ", "dim"), entry] if index else [entry]
    return line(*parts).truncate(width, ellipsis=True)


def wizard(glance: Glance, questions: Sequence[Question], number: int, current: int, room: Room, answers: Mapping[str, str]) -> list[Content]:
    """Returns the question with its answers, the readings beside it, and what they suggest."""
    question = questions[number]
    width = room.width
    roomy = room.height > 18
    readings = glance.picture.readings if glance.picture else {}
    lines: list[Content] = [trail(questions, number, answers, width), EMPTY, *wrapped(question.text, width, "strong")]
    if roomy:
        lines += [*wrapped(question.why, width, "dim"), EMPTY]
    for index, answer in enumerate(question.answers):
        row = line("  ", (str(index + 1), "key"), "  ", (start(answer.words, width - 6), "text"))
        lines.append(row.pad_right(max(0, width - row.cell_length)).stylize("here") if index == current else row)
    lines.append(EMPTY)
    if roomy:
        lines.append(sides(line(("What the estate says", "dim")), line(("age", "dim")), width))
    said = [readings[fact] for fact in question.facts if fact in readings]
    for reading in said:
        lines += _reading(reading, glance, width)
    if not said:
        lines.append(line(" ", (UNKNOWN, "dim"), (" nothing yet", "dim")))
    lines += [EMPTY, _suggests(question, readings, _given(question, answers))]
    return lines


def _given(question: Question, answers: Mapping[str, str]) -> Answer | None:
    key = answers.get(question.id)
    return next((answer for answer in question.answers if answer.key == key), None)


def _reading(reading: Reading, glance: Glance, width: int) -> list[Content]:
    sign, role = _SIGN[reading.truth]
    age = line((short_age(glance.now.wall - reading.at), "dim"))
    text = "dim" if reading.truth is Truth.UNKNOWN else "text"
    words = reading.words if reading.source != OPERATOR else f"you said: {reading.words}"
    rows = wrapped(words, width - 8, text, first=line(" ", (f"{sign} ", role)), indent=3)
    return [sides(rows[0], age, width), *rows[1:]]


def _suggests(question: Question, readings: Mapping[str, Reading], given: Answer | None) -> Content:
    index = suggested_answer(question, readings)
    if index is not None:
        answer = question.answers[index]
        return line(("It suggests ", "dim"), (f"{index + 1} · {answer.words.split(',')[0]}", "strong"), (". You decide.", "dim"))
    if given is not None:
        return line(("You answered ", "dim"), (given.words, "text"), (".", "dim"))
    return line(("It suggests nothing. You decide.", "dim"))
