"""The signs that stand before words, their ASCII twins, and the marks of bars and sparklines."""

from gospel_rollback_tui.domain.counted import AT_LEAST
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.health import Verdict

GOOD = "✓"
BAD = "✗"
UNKNOWN = "?"
WARNING = "!"
CURRENT = "▸"
WAITING = "·"
ARROW = "→"
CRUMB = "›"
EDGE = "▌"
DOT = "●"
BAR = "━"
LINE = "─"
FLAP = "╋"
SPARKS = "▁▂▃▄▅▆▇█"
FOLDED = "…"

SIGN_OF_TRUTH = {Truth.TRUE: (GOOD, "good"), Truth.FALSE: (WARNING, "warn"), Truth.UNKNOWN: (UNKNOWN, "dim")}
"""Sign and style of a fact."""
SIGN_OF_VERDICT = {Verdict.GOOD: (GOOD, "good"), Verdict.BAD: (BAD, "bad"), Verdict.UNKNOWN: (UNKNOWN, "warn")}
"""Sign and style of a judgement."""

_ASCII = str.maketrans(
    {
        GOOD: "+",
        BAD: "x",
        CURRENT: ">",
        WAITING: ".",
        ARROW: ">",
        CRUMB: ">",
        EDGE: "|",
        DOT: "*",
        BAR: "=",
        LINE: "-",
        FLAP: "X",
        FOLDED: "~",
        AT_LEAST: ">",
        "–": "-",
        "—": "-",
        "×": "x",
        "⏎": "<",
        "▁": "_",
        "▂": ".",
        "▃": ":",
        "▄": "-",
        "▅": "=",
        "▆": "+",
        "▇": "*",
        "█": "#",
    }
)


def to_ascii(text: str) -> str:
    """Returns the text in ASCII, character for character, so that columns keep their places."""
    if text.isascii():
        return text
    return "".join(char if char.isascii() else "?" for char in text.translate(_ASCII))


def spark(values: tuple[int, ...], width: int, least_top: int = 10) -> str:
    """Returns the last `width` values as a sparkline against their greatest, or `least_top`; missing ones on the left are flat."""
    shown = values[-width:]
    top = max((*shown, least_top))
    marks = [SPARKS[0] if value <= 0 else SPARKS[max(1, round(value / top * (len(SPARKS) - 1)))] for value in shown]
    return SPARKS[0] * (width - len(marks)) + "".join(marks)
