"""What differs between two texts for the same cells, in as few bytes as it takes."""

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len

_RUN = re.compile(r"\x1b\[([0-9;:]*)m([^\x1b]*)\x1b\[0m|([^\x1b]+)")
_GAP = 24
"""Equal cells between two differences that are sent with them: a move of the cursor and new looks take about as many bytes."""

Cell = tuple[str, str]
"""(looks, character): what one cell shows; the looks are the parameters of the sequence that sets them, empty: none."""


def difference(before: str, after: str) -> list[tuple[int, str]] | None:
    """Returns (offset in cells, text) of each part of `after` that differs; None: the whole of it has to be sent.

    Only texts whose every character takes one cell, and whose every run of looks ends by a reset, are compared.
    """
    old, new = _cells(before), _cells(after)
    if old is None or new is None or len(old) != len(new):
        return None
    return [(start, _written(new[start:end])) for start, end in _ranges(old, new)]


@lru_cache(maxsize=512)  # a row is compared again and again with the one before
def _cells(text: str) -> tuple[Cell, ...] | None:
    cells: list[Cell] = []
    end = 0
    for run in _RUN.finditer(text):
        if run.start() != end:
            return None
        end = run.end()
        looks, shown = (run[1], run[2]) if run[3] is None else ("", run[3])
        if cell_len(shown) != len(shown) or not shown.isprintable():
            return None
        cells += [(looks, char) for char in shown]
    return tuple(cells) if end == len(text) else None


def _ranges(old: tuple[Cell, ...], new: tuple[Cell, ...]) -> Iterator[tuple[int, int]]:
    """Yields the ranges of cells that differ, those close to each other as one."""
    start = end = -1
    for place, (was, shall) in enumerate(zip(old, new, strict=True)):
        if was == shall:
            continue
        if start >= 0 and place - end > _GAP:
            yield start, end
            start = -1
        start = place if start < 0 else start
        end = place + 1
    if start >= 0:
        yield start, end


def _written(cells: tuple[Cell, ...]) -> str:
    """Returns the cells as they are sent, each run of equal looks once."""
    parts: list[str] = []
    looks, run = cells[0][0], ""
    for wanted, char in (*cells, ("\0", "")):
        if wanted != looks:
            parts.append(f"\x1b[{looks}m{run}\x1b[0m" if looks else run)
            looks, run = wanted, ""
        run += char
    return "".join(parts)
