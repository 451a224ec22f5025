"""Where live panes are painted, what the footer says of a slow link, and what is forgotten of a terminal that changed its size."""

from dataclasses import replace
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.screen import Screen
from textual.strip import Strip

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.ui.outflow import Flow, Outflow
from gospel_rollback_tui.ui.screens.pane import PaneScreen
from gospel_rollback_tui.ui.screens.prompt import Prompt
from gospel_rollback_tui.ui.screens.room import RoomScreen
from gospel_rollback_tui.ui.widgets.sheet import Sheet
from tests.ui.builders import ago, snapshot
from tests.ui.memory import Ports
from tests.ui.playing import Game, play


def cut_off() -> Any:  # noqa: ANN401  (a snapshot; the ports' field takes it as it is)
    """The pods' connection was cut."""
    base = snapshot()
    status = FeedStatus(FeedState.RECONNECTING, ago(44), ago(45), "the connection was cut")
    return replace(base, pods=replace(base.pods, status=status))


def text_of(screen: Screen[Any]) -> str:
    """What a screen's sheets hold, seen or not."""
    return "\n".join(sheet.text for sheet in screen.query(Sheet))


def test_a_hidden_screen_is_painted_when_it_comes_back_and_not_before() -> None:
    """It costs nothing meanwhile, and then shows what is, not what was."""
    ports = Ports()

    async def story(game: Game) -> None:
        first = game.app.screen
        await game.press("p")
        await game.until(lambda: isinstance(game.app.screen, PaneScreen))
        ports.estate.shown = cut_off()
        await game.look()
        await game.sees("? stale 45 s")
        assert "stale" not in text_of(first)
        await game.press("b")
        await game.until(lambda: game.app.screen is first)
        assert "stale" in text_of(first)

    play(ports, story)


def test_what_shows_behind_a_prompt_goes_on() -> None:
    """Evidence is read there while the prompt is answered."""
    ports = Ports()

    async def story(game: Game) -> None:
        first = game.app.screen
        await game.press("r")
        await game.until(lambda: isinstance(game.app.screen, Prompt))
        ports.estate.shown = cut_off()
        await game.look()
        assert "stale" in text_of(first)

    play(ports, story)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_the_footer_says_that_the_link_is_slow_and_how_often_panes_come(size: tuple[int, int]) -> None:
    """Before the keys; help and quit keep their places."""

    async def story(game: Game) -> None:
        for now in (0.0, 1.0):
            game.app.pace.due(now, Flow(took=9.0))
        await game.look()
        assert game.footer().startswith(" slow link: panes every 1 s  ")
        assert "? help  q quit" in game.footer()
        for now in (20.0, 40.0):
            game.app.pace.due(now, Flow())
        await game.look()
        assert "slow link" not in game.footer()

    play(Ports(), story, size)


def test_a_tick_paints_nothing_while_something_waits_and_everything_once_frames_were_left_out() -> None:
    """The whole screen is painted again as soon as nothing waits any more."""
    ports = Ports()

    async def story(game: Game) -> None:
        outflow = game.app.outflow = Outflow()
        outflow.handed(10)
        outflow.left_out = True
        ports.estate.shown = cut_off()
        game.app.tick()
        await game.pilot.pause()
        assert "stale" not in game.shown()
        outflow.left(10, whole=True)
        await game.until(lambda: not outflow.left_out)
        await game.sees("stale")

    play(ports, story)


def test_another_size_forgets_the_screen() -> None:
    """What a terminal shows after it was made smaller and larger again is its own affair."""
    forgotten: list[bool] = []

    async def story(game: Game) -> None:
        assert isinstance(game.app.screen, RoomScreen)
        game.app.forget_screen = lambda: forgotten.append(True)
        await game.pilot.resize_terminal(100, 30)
        await game.until(lambda: bool(forgotten))

    play(Ports(), story)


def whole_paints(monkeypatch: pytest.MonkeyPatch, *, differences: bool) -> list[int]:
    """Returns how often the whole terminal was painted at each of six changes of the pods behind a prompt, once everything had to be."""
    ports, counts = Ports(), [0]
    whole = Compositor.render_full_update
    rendered = Sheet.render_line
    painted = set[str]()

    def count(compositor: Compositor, *, simplify: bool = False) -> Any:  # noqa: ANN401  (Textual's own answer, handed on)
        counts[-1] += 1
        return whole(compositor, simplify=simplify)

    def note(sheet: Sheet, y: int) -> Strip:
        painted.add(sheet.id or "")
        return rendered(sheet, y)

    async def story(game: Game) -> None:
        game.app.sends_differences = differences
        first = game.app.screen
        await game.press("r")
        await game.armed()
        first.refresh()  # everything, and at that very moment the pods change
        for shown in [cut_off(), snapshot()] * 4:
            counts.append(0)
            painted.clear()
            ports.estate.shown = shown
            await game.look()
            await game.until(lambda: "strip" in painted)

    monkeypatch.setattr(Compositor, "render_full_update", count)
    monkeypatch.setattr(Sheet, "render_line", note)
    play(ports, story)
    return counts[-6:]


def test_behind_a_prompt_what_changed_is_painted_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when everything had to be painted before, and when that was asked for in the same moment."""
    assert whole_paints(monkeypatch, differences=True) == [0] * 6


def test_textual_alone_paints_all_that_stands_behind_a_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason for `ui/screens/behind.py`: with a release of Textual for which this fails, that file can go."""
    assert all(whole_paints(monkeypatch, differences=False))
