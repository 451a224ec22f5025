"""Remembers what is on the terminal, so that only what differs is sent to it."""

import re

from rich.cells import cell_len

from gospel_rollback_tui.ui.span_difference import difference

_MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
_LOOKS = re.compile(r"\x1b\[[0-9;:]*m|\x1b\]8;[^\x1b]*\x1b\\")
_CLEARS = ("\x1b[2J", "\x1b[?1049", "\x1b[J")
"""What empties or exchanges the screen: nothing remembered holds after it."""


class ScreenMemory:
    """The spans last written to each row, by the cells they cover.

    It assumes that nobody else writes to the terminal; whoever lets somebody calls `forget`.
    """

    def __init__(self) -> None:
        """Knows nothing of the screen yet."""
        self._rows: dict[int, list[tuple[int, int, str]]] = {}
        self._cursor = ""
        """The move that put the cursor where it is; empty: it may be anywhere."""

    def forget(self) -> None:
        """Forgets the screen: the next frame is sent whole."""
        self._rows.clear()
        self._cursor = ""

    def changed(self, written: str) -> str:
        """Returns the part of what is written that changes the screen; whatever is no frame is returned as it is."""
        if not _MOVE.match(written):
            if any(sign in written for sign in _CLEARS):
                self.forget()
            return written
        pieces = _MOVE.split(written)
        sent: list[str] = []
        cursor = ""
        for row, column, body in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            body = body.rstrip("\n")
            if not body:
                cursor = _place(row, column)
            else:
                sent += [_place(row, int(column) + offset) + part for offset, part in self._note(int(row), int(column), body)]
        if not sent and cursor == self._cursor:
            return ""
        self._cursor = cursor
        return "".join(sent) + cursor

    def _note(self, row: int, column: int, body: str) -> list[tuple[int, str]]:
        """Remembers the span; returns (offset, text) of what differs from what is there."""
        spans = self._rows.setdefault(row, [])
        end = column + cell_len(_LOOKS.sub("", body))
        before = next((text for start, stop, text in spans if start == column and stop == end), None)
        if before == body:
            return []
        spans[:] = [span for span in spans if span[1] <= column or span[0] >= end]
        spans.append((column, end, body))
        parts = difference(before, body) if before is not None else None
        return [(0, body)] if parts is None else parts


def _place(row: int | str, column: int | str) -> str:
    return f"\x1b[{row};{column}H"
