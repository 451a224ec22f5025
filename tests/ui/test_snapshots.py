"""Pictures of the screens at three sizes; a change in one is looked at before it is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Tier
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.ui.theme import COLOURFUL, COLOURLESS, SIXTEEN, Palette
from tests.ui import runs
from tests.ui.builders import environment, preview
from tests.ui.memory import Following, Ports
from tests.ui.playing import Game, app_on
from tests.ui.scripted import ScriptedRun

SMALL, MIDDLE, LARGE = (80, 24), (120, 36), (200, 50)
SIZES = pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=["80x24", "120x36", "200x50"])
Compare = Callable[..., bool]
Story = Callable[[Game], Awaitable[None]]


def compared(snap_compare: Compare, ports: Ports, size: tuple[int, int], story: Story, palette: Palette = COLOURFUL) -> None:
    """Plays the story and compares what is on the screen then."""
    app = app_on(ports, palette)

    async def before(pilot: Pilot[int]) -> None:
        game = Game(app, pilot)
        await game.until(lambda: len(app.screen_stack) > 1 or app.screen.id != "_default")
        await game.look()
        await story(game)
        await game.look()

    assert isinstance(app, App)
    assert snap_compare(app, terminal_size=size, run_before=before)


async def nothing(game: Game) -> None:
    """Presses nothing."""


async def roll_back(game: Game) -> None:
    """Opens the first prompt."""
    await game.press("r")
    await game.armed()


def running(app_run: Following) -> Ports:
    """Ports with that run open, without news of an attach."""
    ports = Ports()
    ports.runs.open_run = app_run
    ports.estate.shown = runs.rollout_snapshot()
    return ports


async def attached(game: Game) -> None:
    """Waits for the room of the run."""
    await game.sees("0312-k7" if game.app.size.width >= 100 else "step")


@SIZES
def test_triage(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The first screen."""
    compared(snap_compare, Ports(), size, nothing)


@pytest.mark.parametrize("size", [SMALL, MIDDLE], ids=["80x24", "120x36"])
def test_confirm(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The prompt of a reversible bundle."""
    compared(snap_compare, Ports(), size, roll_back)


def test_wizard(snap_compare: Compare) -> None:
    """One question with what the estate says."""

    async def story(game: Game) -> None:
        await game.press("w", "1")
        await game.sees("Did this release run a database migration?")

    compared(snap_compare, Ports(), MIDDLE, story)


def test_verdict(snap_compare: Compare) -> None:
    """The ways back."""

    async def story(game: Game) -> None:
        await game.press("1")
        await game.sees("Ways back")

    compared(snap_compare, Ports(), MIDDLE, story)


@SIZES
def test_runbook(snap_compare: Compare, size: tuple[int, int]) -> None:
    """A step under way."""
    compared(snap_compare, running(Following(runs.rolling_out(), runs.opened_events())), size, attached)


@pytest.mark.parametrize("size", [SMALL, MIDDLE], ids=["80x24", "120x36"])
def test_stability(snap_compare: Compare, size: tuple[int, int]) -> None:
    """The watch, one flap behind it."""
    compared(snap_compare, running(Following(runs.stable_run(), runs.signal_events())), size, attached)


def test_destructive(snap_compare: Compare) -> None:
    """A name is half typed."""
    shown = preview(
        Danger.DESTRUCTIVE,
        title="Replace the FalkorDB data with the backup of 22:00",
        target="gospelib",
        calls=(replace(preview().calls[1], where="RESTORE StatefulSet falkordb", summary="dump.rdb of 22:00", debt=None),),
        notices=(
            Notice("Lost", "everything written after 22:00: 5 h 12 min, about 1,840 nodes"),
            Notice("Proved", "the backup loaded in a scratch server: 412,907 nodes, 1,208,551 edges"),
        ),
        undo="until the kept copy is deleted: back to today's broken files",
    )

    async def story(game: Game) -> None:
        await attached(game)
        await game.press("enter")
        await game.armed()
        await game.press(*"gosp")

    compared(snap_compare, running(ScriptedRun(armed_with=shown)), MIDDLE, story)


def test_summary(snap_compare: Compare) -> None:
    """A run that closed clean."""

    async def story(game: Game) -> None:
        await game.sees("Closed clean")

    run = runs.stable_run(closed="clean", debts=())
    compared(snap_compare, running(Following(run, runs.opened_events())), MIDDLE, story)


@pytest.mark.parametrize("palette", [SIXTEEN, COLOURLESS], ids=["16", "none"])
def test_triage_with_few_colours_and_with_none(snap_compare: Compare, palette: Palette) -> None:
    """Signs, words and reverse video keep every distinction."""
    compared(snap_compare, Ports(), MIDDLE, roll_back, palette)


@pytest.mark.parametrize(("tier", "title"), [(Tier.STAGING, "STAGING"), (Tier.DRILL, "DRILL")], ids=["staging", "drill"])
def test_other_environments_are_told_apart(snap_compare: Compare, tier: Tier, title: str) -> None:
    """By the word and the colour of the block."""
    compared(snap_compare, Ports(environment=environment(tier=tier, title=title)), SMALL, nothing)


def test_read_only_is_hollow(snap_compare: Compare) -> None:
    """Nothing is offered that changes."""
    compared(snap_compare, Ports(read_only=True), SMALL, nothing)
