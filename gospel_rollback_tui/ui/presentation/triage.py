"""The first screen's words: what fails, who, what changed just before, the suggested way back and what it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from gospel_rollback_tui.domain.evidence import DATA_LOST, Confidence, Truth
from gospel_rollback_tui.domain.runbook import Question
from gospel_rollback_tui.domain.spans import clock, span
from gospel_rollback_tui.ui.presentation.doubts import doubts
from gospel_rollback_tui.ui.presentation.lines import EMPTY, Part, Room, cell, fit, line, packed, sides, start, wrapped
from gospel_rollback_tui.ui.presentation.rows import clear_row
from gospel_rollback_tui.ui.presentation.times import when
from gospel_rollback_tui.ui.sight import Glance
from gospel_rollback_tui.ui.signs import BAD, SIGN_OF_TRUTH, UNKNOWN, WARNING

if TYPE_CHECKING:  # the first paint waits for none of them
    from gospel_rollback_tui.domain.triage import Change, Suggestion, SymptomPicture, TriagePicture, Trouble

ROOMY = 20
"""Lines above which blank lines are affordable."""
NUMBERS_IN_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def triage(glance: Glance, room: Room, question: Question | None, said: Sequence[str] = ()) -> list[Content]:
    """Returns the whole first screen but its keys, rows and live strip.

    `question` stands below when the evidence is not clear; `said` are sentences the operator should see at start.
    """
    picture = glance.picture
    width = room.width
    said = (*said, *doubts(glance), *_owed(glance))
    block: list[Content] = [row for sentence in said for row in wrapped(sentence, width, "warn", first=line((f"{WARNING} ", "warn")), indent=2)]
    if block:
        block.append(EMPTY)
    if picture is None:
        return [*block, line(("Asking the estate what fails …", "strong")), EMPTY, line((_asking(glance), "dim"))]
    if picture.trouble is not None:
        block += [*_trouble(picture.trouble, width), EMPTY]
    block += _symptom(picture, glance, width)
    block += _who(picture, glance, width, roomy=room.height > ROOMY)
    block += _changes(picture, glance, width, limit=6 if room.height > ROOMY else 3)
    block.append(EMPTY)
    block += _suggestion(picture, width)
    if question is not None:
        block += _question(question, width)
    return block


def _owed(glance: Glance) -> list[str]:
    """Returns a sentence for what earlier runs have left behind: the newest two, and how many more."""
    if not glance.owed:
        return []
    from gospel_rollback_tui.domain.owed import still_owed

    auto_sync = glance.picture.readings.get("argocd.auto_sync") if glance.picture else None
    owed = still_owed(glance.owed, auto_sync.truth if auto_sync else Truth.UNKNOWN)
    shown = [f"Owed since run {one.run}, {span(max(0.0, glance.now.wall - one.since))} ago: {one.title}" for one in owed[:2]]
    shown = [f"{words}; signed: {one.signed}." if one.signed else f"{words}." for words, one in zip(shown, owed, strict=False)]
    return [*shown, *([f"{len(owed) - 2} more debts of earlier runs: gospel-rollback runs"] if len(owed) > 2 else [])]


def _asking(glance: Glance) -> str:
    environment = glance.desk.environment
    return f"{environment.cluster.context or environment.name}, namespace {environment.cluster.namespace}: nothing is changed by looking."


def _trouble(trouble: Trouble, width: int) -> list[Content]:
    return [
        *wrapped(trouble.text, width, "warn", first=line((f"{WARNING} ", "warn")), indent=2),
        *wrapped(trouble.next_step, width, "text", first=line("  "), indent=2),
    ]


def _symptom(picture: TriagePicture, glance: Glance, width: int) -> list[Content]:
    symptom = picture.symptom
    lost = picture.readings.get(DATA_LOST)
    if symptom is None and lost is not None and lost.truth is Truth.TRUE:
        return [line(("Data is gone or wrong", "bad bold"), ("  on your word: such a run closes as asserted", "dim")).truncate(width, ellipsis=True)]
    if symptom is None:
        return [line(("No symptom chosen", "warn bold"), ("  a run without one closes as asserted, never as recovered", "dim")).truncate(width, ellipsis=True)]
    words, role = _standing(symptom)
    since: list[Part] = []
    if symptom.failing is Truth.TRUE and symptom.since:
        since = [("for ", "dim"), (clock(glance.cluster_wall - symptom.since), "text")]
    left = line((words, role), "  ", (f"{symptom.check.label()} {symptom.words}", "strong"))
    after = line("   ", *since) if since else EMPTY
    if left.cell_length + after.cell_length > width:
        space = width - len(words) - 2 - after.cell_length - len(symptom.words) - 1
        left = line((words, role), "  ", (f"{fit(symptom.check.label(), space)} {symptom.words}", "strong"))
    return [line(left, after).truncate(width, ellipsis=True)]


def _standing(symptom: SymptomPicture) -> tuple[str, str]:
    if symptom.failing is Truth.TRUE:
        return "Users fail", "bad bold"
    if symptom.failing is Truth.FALSE:
        return "Users are served", "good bold"
    return "Not known whether users fail", "warn bold"


def _others(picture: TriagePicture, glance: Glance) -> str:
    """Returns what the services that do not fail do; empty: there are none."""
    failing = {service.name for service in picture.failing}
    rest = len(glance.desk.environment.services) - len(failing)
    if rest <= 0:
        return ""
    if glance.snapshot and any(row.at_least and row.service not in failing for row in glance.snapshot.logs.errors):
        return "· others write more than can be read"
    number = NUMBERS_IN_WORDS[rest] if rest < len(NUMBERS_IN_WORDS) else str(rest)
    return f"· the other {number + ' are' if rest > 1 else 'one is'} quiet"


def _who(picture: TriagePicture, glance: Glance, width: int, *, roomy: bool) -> list[Content]:
    lines: list[Content] = [EMPTY] if roomy else []
    column = 9 if roomy else 6
    if picture.failing:
        parts: list[Part] = []
        for service in picture.failing[:4]:
            parts += [(service.name, "text"), " ", (service.words, "bad"), "  "]
        lines.append(line(cell("Who", column, "dim"), *parts, (_others(picture, glance), "dim")).truncate(width, ellipsis=True))
    elif picture.complete:
        lines.append(line(cell("Who", column, "dim"), ("no service stands out", "text")))
    if picture.says:
        lines.append(line(cell("Says", column, "dim"), (start(picture.says, width - column), "bad")))
    return lines


def _changes(picture: TriagePicture, glance: Glance, width: int, limit: int) -> list[Content]:
    lines: list[Content] = [EMPTY, line(("What changed before  UTC", "dim"))]
    if not picture.changes:
        words = "nothing seen" if picture.complete else "being read …"
        return [*lines, line("  ", (words, "dim"))]
    onset = picture.symptom.since if picture.symptom else 0.0
    shown = sorted(picture.changes, key=lambda change: (not change.suspicious, -change.at))[:limit]
    subject = min(14, max(len(change.subject) for change in shown))
    lines += [_change(change, glance, onset, subject, width) for change in sorted(shown, key=lambda change: -change.at)]
    if len(picture.changes) > limit:
        lines.append(line((f"  and {len(picture.changes) - limit} more: e", "dim")))
    return lines


def _change(change: Change, glance: Glance, onset: float, subject: int, width: int) -> Content:
    if onset:
        distance = onset - change.at
        relation = f"{span(abs(distance))} {'before' if distance >= 0 else 'after'}" if abs(distance) < 7200 else span(abs(distance))
    else:
        relation = f"{span(glance.cluster_wall - change.at)} ago"
    left = line("  ", (cell(when(change.at, glance.cluster_wall), 10, "dim")), cell(change.subject, subject + 2, "text"), _words(change))
    return sides(left, line((relation, "text" if change.suspicious else "dim")), width)


def _words(change: Change) -> Content:
    """Shows what a value became in bold: `image 1.7.4 → 1.8.0`."""
    before, arrow, after = change.words.partition(" → ")
    if not arrow:
        return line((change.words, "text"))
    new, comma, rest = after.partition(",")
    return line((before + arrow, "text"), (new, "strong"), (comma + rest, "text"))


def _suggestion(picture: TriagePicture, width: int) -> list[Content]:
    suggestion = picture.suggestion
    if suggestion is None:
        unsure = f"  {_confidence(picture)}".rstrip()
        return [line((_standing_out(picture), "strong"), (unsure, "dim")).truncate(width, ellipsis=True), *_schema(picture, width)]
    detail = f" ({suggestion.detail})" if suggestion.detail else ""
    title = line((suggestion.title, "strong"), (start(detail, max(0, width - len(suggestion.title))), "dim"))
    return [title, *_points(suggestion, width), *_lacks(suggestion, width)]


def _standing_out(picture: TriagePicture) -> str:
    """Returns which row is clear although no single key takes its way back."""
    row = clear_row(picture)
    return "No way back stands out yet" if row is None else f"Row {row.number} is clear: {row.title}. Its ways back take several steps"


def _schema(picture: TriagePicture, width: int) -> list[Content]:
    """Returns what lies between in the database, where that decides the row."""
    between = picture.readings.get("migration.between")
    if between is None or between.truth is not Truth.TRUE:
        return []
    return wrapped(f"Schema: {between.words}", width, "text", first=line(" ", (f"{WARNING} ", "warn")), indent=3)


def _points(suggestion: Suggestion, width: int) -> list[Content]:
    entries = [line(SIGN_OF_TRUTH[point.truth], " ", (point.words, "text")) for point in suggestion.points]
    return packed(entries, width, gap=5, indent=1)


def _lacks(suggestion: Suggestion, width: int) -> list[Content]:
    lines: list[Content] = []
    for lack in suggestion.lacks:
        lines += wrapped(f"lacks: {lack}", width, "warn", first=line(" ", (f"{UNKNOWN} ", "warn")), indent=3)
    preview = suggestion.preview
    if preview is not None and preview.refused:
        lines += wrapped(preview.refused, width, "bad", first=line(" ", (f"{BAD} ", "bad")), indent=3)
    elif preview is None and not suggestion.lacks:
        lines.append(line(("   what it would change is being read …", "dim")))
    return lines


def _confidence(picture: TriagePicture) -> str:
    if picture.weighing is None or not picture.complete:
        return "the evidence is still coming in"
    return {Confidence.CLEAR: "", Confidence.LEANING: "the evidence leans, it is not clear", Confidence.OPEN: "the evidence is open"}[
        picture.weighing.confidence
    ]


def _question(question: Question, width: int) -> list[Content]:
    lines = [EMPTY, *wrapped(question.text, width, "strong")]
    for number, answer in enumerate(question.answers, 1):
        lines.append(line("  ", (f"{number}  ", "key"), (start(answer.words, width - 5), "text")))
    return lines


def key_line(entries: Sequence[tuple[str, str]], width: int) -> Content:
    """Returns keys with what they do, spread out, as the screen's own call to act."""
    gap = "       " if width > 76 else "     "
    return line(*(part for key, words in entries for part in ((f"  {key}", "key"), "  ", (words, "text"), gap))).rstrip()
