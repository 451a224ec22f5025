"""Lines of styled text: columns that line up, values shortened in the middle, paragraphs that keep their indent.

Text is given as it is and never parsed as markup; styles are roles of `theme`.
"""

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content

Part = str | Content | tuple[str, str]
"""Plain text, text with a role, or a line made before."""


@dataclass(frozen=True, slots=True)
class Room:
    """The space lines are made for."""

    width: int
    """Cells a line may take."""
    height: int
    """Lines there are to see at once."""
    focused: bool = False
    """Whether the keys move here."""


Draw = Callable[[Room], Sequence[Content]]
"""Makes the lines of a room."""

EMPTY = Content("")


def line(*parts: Part) -> Content:
    """Returns one line of those parts."""
    return Content.assemble(*(part for part in parts if not isinstance(part, tuple) or part[0]))


def fit(text: str, width: int) -> str:
    """Returns the text cut in the middle to at most `width` cells, so that both ends stay readable."""
    if cell_len(text) <= width:
        return text
    if width <= 0:
        return ""
    if width < 5:
        return set_cell_size(text, width - 1).rstrip() + "…"
    tail = (width - 1) // 2
    while cell_len(text[-tail:]) > (width - 1) // 2:
        tail -= 1
    head = set_cell_size(text, width - 1 - cell_len(text[-tail:]))
    return f"{head}…{text[-tail:]}"


def start(text: str, width: int) -> str:
    """Returns the text cut at its end to at most `width` cells: for prose, whose beginning tells most."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def cell(text: str, width: int, role: str = "", *, right: bool = False) -> Content:
    """Returns a column's cell: the text fitted and padded to exactly `width` cells."""
    shown = fit(text, width)
    space = " " * max(0, width - cell_len(shown))
    return line(space, (shown, role)) if right else line((shown, role), space)


def sides(left: Content, right: Content, width: int) -> Content:
    """Returns one line with `left` at its left and `right` at its right edge; the left gives way."""
    room = width - right.cell_length
    if right.cell_length == 0:
        return left.truncate(width, ellipsis=True)
    if left.cell_length > room - 1:
        left = left.truncate(max(0, room - 1), ellipsis=True)
    return line(left, " " * max(0, room - left.cell_length), right)


def wrapped(text: str, width: int, role: str = "", *, first: Content = EMPTY, indent: int = 0, limit: int = 0) -> list[Content]:
    """Returns the text as lines of at most `width` cells.

    `first` stands before the first line and `indent` blanks before the others; a `limit` of lines cuts the rest with a mark.
    """
    lead = first.cell_length
    room = max(8 + max(lead, indent), width)
    rows = textwrap.wrap(text, room, initial_indent=" " * lead, subsequent_indent=" " * indent, break_long_words=True, break_on_hyphens=False)
    if not rows:
        return [first]
    if limit and len(rows) > limit:
        rest = " ".join(row.strip() for row in rows[limit - 1 :])
        rows = [*rows[: limit - 1], " " * (lead if limit == 1 else indent) + start(rest, room - (lead if limit == 1 else indent))]
    return [line(first if number == 0 else " " * indent, (row[lead if number == 0 else indent :], role)) for number, row in enumerate(rows)]


def labelled(label: str, text: str, width: int, role: str = "text", *, column: int = 10, limit: int = 0) -> list[Content]:
    """Returns a labelled value: the label in its dim column, the text beside it, wrapped within its own column."""
    return wrapped(text, width, role, first=cell(label, column, "dim"), indent=column, limit=limit)


def padded(lines: Sequence[Content], left: int = 2, top: int = 1) -> list[Content]:
    """Returns the lines moved right and down by that many cells and lines."""
    return [EMPTY] * top + [line(" " * left, row) if row.plain else EMPTY for row in lines]


def beside(columns: Sequence[tuple[Sequence[Content], int]], gap: int = 3) -> list[Content]:
    """Returns blocks of lines set side by side, each (lines, width) padded to its width."""
    height = max((len(block) for block, _ in columns), default=0)
    rows: list[Content] = []
    for index in range(height):
        parts: list[Part] = []
        for block, width in columns:
            row = block[index].truncate(width, ellipsis=True) if index < len(block) else EMPTY
            parts += [row, " " * (width - row.cell_length + gap)]
        rows.append(line(*parts).rstrip())
    return rows


def packed(entries: Sequence[Content], width: int, gap: int = 3, indent: int = 0) -> list[Content]:
    """Returns the entries side by side where they fit, so that nothing wraps inside one."""
    rows: list[Content] = []
    current = EMPTY
    for entry in entries:
        entry = entry.truncate(max(8, width - indent), ellipsis=True)
        if current.plain and current.cell_length + gap + entry.cell_length <= width - indent:
            current = line(current, " " * gap, entry)
            continue
        if current.plain:
            rows.append(current)
        current = entry
    if current.plain:
        rows.append(current)
    return [line(" " * indent, row) for row in rows]
