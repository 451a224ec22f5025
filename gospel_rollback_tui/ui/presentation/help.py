"""The help: every key that works here by section, then the signs and words used."""

from collections.abc import Sequence

from textual.binding import Binding
from textual.content import Content

from gospel_rollback_tui.ui.keys import NUMBERS
from gospel_rollback_tui.ui.presentation.lines import EMPTY, cell, line, wrapped
from gospel_rollback_tui.ui.signs import BAD, CURRENT, GOOD, UNKNOWN, WAITING, WARNING

_SIGNS = (
    (GOOD, "good", "seen to be well, or done and verified"),
    (BAD, "bad", "seen to be wrong, or failed"),
    (UNKNOWN, "warn", "not known: nobody could look, or what was seen is too old to count"),
    (WARNING, "warn", "needs you: a debt, a condition, a difference"),
    (CURRENT, "key", "under way, or the next thing"),
    (WAITING, "dim", "still to come"),
)
_WORDS = (
    ("symptom", "the request whose failure is the incident; it alone says that users are well"),
    ("debt", "something switched off or left different, which must be put back before the run closes clean"),
    ("asserted", "done by hand, on your word: recorded as that, never as verified"),
    ("run", "one incident; it goes on in a process of its own when this screen ends"),
    ("rests on", "the live facts a prompt was made of; they are read again before anything is sent"),
)


def help_lines(entries: Sequence[tuple[str, str, Binding]], width: int) -> list[Content]:
    """Returns the keys by section, then signs and words."""
    sections: dict[str, list[tuple[str, str, Binding]]] = {}
    for entry in entries:
        group = entry[2].group
        sections.setdefault(group.description if group else "Other", []).append(entry)
    lines: list[Content] = []
    for title in sorted(sections, key=lambda name: (name != NUMBERS.description, name)):
        lines.append(line((title, "dim")))
        for key, words, binding in sections[title]:
            head = line("  ", cell(key, 14, "key"), cell(words, 20, "text"))
            lines += wrapped(binding.tooltip, width, "dim", first=head, indent=36)
        lines.append(EMPTY)
    lines.append(line(("Signs", "dim")))
    lines += [line("  ", cell(sign, 14, role), (words, "text")) for sign, role, words in _SIGNS]
    lines += [EMPTY, line(("Words", "dim"))]
    for word, meaning in _WORDS:
        lines += wrapped(meaning, width, "text", first=line("  ", cell(word, 14, "strong")), indent=16)
    return lines
