"""Sheets repaint only lines that changed, and lines keep to their width."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from gospel_rollback_tui.ui.base_app import BaseApp
from gospel_rollback_tui.ui.presentation.lines import Room, beside, cell, fit, line, packed, sides, start, wrapped
from gospel_rollback_tui.ui.signs import spark, to_ascii
from gospel_rollback_tui.ui.theme import COLOURFUL, COLOURLESS, SIXTEEN, palette_for
from gospel_rollback_tui.ui.widgets.sheet import Sheet

TEXT = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=80)


class Counting(Sheet):
    """A sheet that notes what it repaints."""

    painted: list[int]

    def refresh_line(self, y: int) -> None:
        """Notes the line."""
        self.painted.append(y)
        super().refresh_line(y)


class OneSheet(BaseApp):
    """An app with one sheet."""

    def __init__(self, rows: list[str], *, ascii_only: bool = False) -> None:
        """Shows those rows."""
        super().__init__(COLOURFUL, ascii_only=ascii_only)
        self.rows = rows

    def compose(self) -> ComposeResult:
        """The sheet."""
        sheet = Counting(self._draw, name="only")
        sheet.painted = []
        yield sheet
        yield Static()

    def _draw(self, room: Room) -> Sequence[Content]:
        return [line((row, "good")) for row in self.rows]


def test_a_redraw_that_changes_nothing_repaints_nothing_and_a_changed_line_only_itself() -> None:
    """Bytes are a budget."""

    async def story() -> None:
        app = OneSheet(["one", "two", "three"])
        async with app.run_test(size=(40, 10)):
            sheet = app.query_one(Counting)
            sheet.painted.clear()
            sheet.redraw()
            assert sheet.painted == []
            app.rows[1] = "deux"
            sheet.redraw()
            assert sheet.painted == [1]
            app.rows.append("four")
            sheet.redraw()
            assert sheet.painted == [1, 3]
            assert isinstance(sheet.size.region, Region)

    asyncio.run(story())


def test_ascii_terminals_get_ascii_of_the_same_width() -> None:
    """Signs have twins, everything else becomes a question mark."""

    async def story() -> None:
        app = OneSheet(["✓ gut → ✗ schlecht … é"], ascii_only=True)
        async with app.run_test(size=(40, 10)):
            assert app.query_one(Counting).text == "+ gut > x schlecht ~ ?"

    asyncio.run(story())


@given(TEXT, st.integers(0, 60))
def test_fitted_text_never_exceeds_its_width(text: str, width: int) -> None:
    """Cut in the middle or at the end, in cells."""
    assert cell_len(fit(text, width)) <= max(0, width)
    assert cell_len(start(text, width)) <= max(0, width)
    assert cell(text, width).cell_length == width


@given(TEXT, TEXT, st.integers(10, 60))
def test_both_sides_of_a_line_fit(left: str, right: str, width: int) -> None:
    """The left gives way to the right."""
    assert sides(Content(left), Content(fit(right, width // 2)), width).cell_length <= width


@given(TEXT, st.integers(20, 60), st.integers(0, 6), st.integers(0, 3))
def test_wrapped_text_keeps_its_words_and_its_limit(text: str, width: int, indent: int, limit: int) -> None:
    """No line is wider in characters, none more than allowed."""
    rows = wrapped(text, width, first=Content(" " * indent), indent=indent, limit=limit)
    assert all(len(row.plain) <= width for row in rows)
    assert not limit or len(rows) <= limit


@given(st.lists(TEXT, max_size=6), st.integers(20, 60))
def test_packed_entries_are_all_there(entries: list[str], width: int) -> None:
    """Side by side where they fit, below each other where not."""
    made = [Content(entry) for entry in entries]
    rows = packed(made, width)
    assert all(row.cell_length <= width for row in rows)


def test_blocks_stand_side_by_side() -> None:
    """Each in its own width."""
    rows = beside([([Content("a"), Content("b")], 3), ([Content("c")], 3)], gap=1)
    assert [row.plain for row in rows] == ["a   c", "b"]


@given(st.lists(st.integers(0, 10**6), max_size=20), st.integers(1, 20))
def test_sparklines_have_their_width_and_flat_zeroes(values: list[int], width: int) -> None:
    """A zero is never a bump, and one that is not zero never flat."""
    drawn = spark(tuple(values), width)
    assert len(drawn) == width
    for value, mark in zip(reversed(values), reversed(drawn), strict=False):
        assert (mark == "▁") == (value == 0)


@given(TEXT)
def test_ascii_keeps_the_number_of_characters(text: str) -> None:
    """So columns stay."""
    assert to_ascii(text).isascii()
    assert len(to_ascii(text)) == len(text)


def test_the_palette_follows_the_terminal() -> None:
    """Many colours, sixteen, none."""
    assert palette_for({"TERM": "xterm-256color"}) is COLOURFUL
    assert palette_for({"COLORTERM": "truecolor", "TERM": "xterm"}) is COLOURFUL
    assert palette_for({"TERM": "xterm"}) is SIXTEEN
    assert palette_for({"TERM": "linux", "TEXTUAL_COLOR_SYSTEM": "256"}) is COLOURFUL
    assert palette_for({"TERM": "xterm-256color", "NO_COLOR": "1"}) is COLOURLESS


def test_without_colours_every_environment_and_the_current_line_still_stand_out() -> None:
    """By reverse video and bold."""
    for role in ("tier-production", "tier-staging", "tier-drill", "here", "chosen"):
        assert "reverse" in COLOURLESS.style(role)
    assert "reverse" not in COLOURLESS.style("tier-read-only")


def test_a_line_is_brought_into_view_with_what_stands_below_it_and_no_further() -> None:
    """Nothing moves while it can be seen; above and below, the sheet scrolls as little as needed."""

    async def story() -> None:
        app = OneSheet([f"{number}  way" if number % 3 == 0 else "about it" for number in range(60)])
        async with app.run_test(size=(40, 20)) as pilot:
            await pilot.pause()
            sheet = app.query_one("#only", Counting)
            height = sheet.scrollable_content_region.height
            for number, expected in ((0, 0), (30, 30 + 2 - height + 1), (33, 33 + 2 - height + 1), (27, 33 + 2 - height + 1), (3, 3)):
                sheet.bring_into_view(f"{number}  ")
                await pilot.pause()
                assert sheet.scroll_offset.y == expected

    asyncio.run(story())
