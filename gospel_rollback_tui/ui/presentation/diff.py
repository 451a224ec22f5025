"""What changes, line by line, call by call."""

from textual.content import Content

from gospel_rollback_tui.domain.preview import Preview, Tone
from gospel_rollback_tui.ui.presentation.lines import EMPTY, line, wrapped

_ROLES = {Tone.OLD: "bad", Tone.NEW: "good", Tone.CHANGED: "warn", Tone.SAME: "dim"}


def diff_lines(preview: Preview, width: int) -> list[Content]:
    """Returns each call with its diff; old lines red with `-`, new ones green with `+`."""
    lines: list[Content] = []
    for number, call in enumerate(preview.calls, 1):
        if lines:
            lines.append(EMPTY)
        lines += wrapped(f"{call.where}   {call.summary}", width, "strong", first=line((f"{number}  ", "dim")), indent=3)
        if not call.diff:
            lines.append(line("   ", ("no lines to compare", "dim")))
        for row in call.diff:
            lines += wrapped(row.text, width, _ROLES[row.tone], first=line("   ", (f"{row.tone.value} ", _ROLES[row.tone])), indent=5)
    return lines or [line(("Nothing is sent by this step.", "dim"))]
