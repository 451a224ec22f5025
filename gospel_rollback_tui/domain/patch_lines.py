"""A unified diff as lines of a preview: harmless, without credentials, and never longer than can be read."""

from gospel_rollback_tui.domain.preview import DiffLine, Tone
from gospel_rollback_tui.domain.text import clean, redact

MOST_LINES = 300
"""Lines of a diff that a prompt holds; the rest is counted."""
_WIDTH = 240
_NOISE = ("index ", "new file mode", "deleted file mode", "old mode", "new mode", "--- ", "+++ ", "similarity ", "\\ No newline")


def patch_lines(patch: str, most: int = MOST_LINES) -> tuple[DiffLine, ...]:
    """Returns the lines of git's patch text: each file's path once, then what goes and what comes."""
    found: list[DiffLine] = []
    in_hunk = False
    for line in patch.split("\n"):
        if line.startswith("diff --git "):
            in_hunk = False
            found.append(DiffLine(Tone.SAME, _shown(_path(line))))
        elif line.startswith("@@"):
            in_hunk = True
        elif in_hunk and line[:1] in "+-":
            found += [DiffLine(Tone.NEW if line[0] == "+" else Tone.OLD, _shown(line[1:]))] if line else []
        elif not in_hunk and line and not line.startswith(_NOISE):
            found.append(DiffLine(Tone.CHANGED, _shown(line)))
    if len(found) > most:
        return (*found[:most], DiffLine(Tone.SAME, f"… {len(found) - most} more lines"))
    return tuple(found)


def _path(line: str) -> str:
    """`diff --git a/PATH b/PATH`, the same path twice since nothing is taken for a rename."""
    both = line.removeprefix("diff --git ")
    half = (len(both) - 1) // 2
    return both[:half].removeprefix("a/")


def _shown(line: str) -> str:
    return clean(redact(line), _WIDTH)
