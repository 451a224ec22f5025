"""The footer shows only what works, and the help all of it."""

from collections.abc import Callable

import pytest
from textual.actions import parse
from textual.screen import Screen

from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.ui.presentation.footer import entries
from gospel_rollback_tui.ui.screens.room import RoomScreen
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from tests.ui import runs
from tests.ui.memory import Following, Ports
from tests.ui.playing import Game, play

STATES: dict[str, Callable[[], Run]] = {
    "waiting": runs.run,
    "armed": lambda: runs.run(steps=(runs.armed(), *runs.steps()[1:])),
    "rolling out": runs.rolling_out,
    "watching": runs.stable_run,
    "failed": lambda: runs.run(steps=(runs.step("roll-back", "Freeze and roll back", status=StepStatus.FAILED, done_calls=runs.calls()), *runs.steps()[1:])),
    "unknown": lambda: runs.run(steps=(runs.step("roll-back", "Freeze and roll back", status=StepStatus.UNKNOWN, calls=runs.calls()), *runs.steps()[1:])),
    "aborted": lambda: runs.rolling_out(aborted="wrong row"),
    "lock lost": lambda: runs.run(lock_lost="held by eve@other"),
}


def allowed(screen: Screen[object], size_of: str = "") -> None:
    """Fails if a shown key's action would be refused."""
    for key, words, binding in entries(screen.active_bindings.values(), []):
        place, name, parameters = parse(binding.action)
        if place:
            continue
        assert screen.check_action(name, parameters), f"{key} {words} is shown and refused {size_of}"
        assert hasattr(screen, f"action_{name}"), f"{key} {words} has no action"


@pytest.mark.parametrize("state", STATES)
def test_every_key_the_run_screens_show_works_in_that_state(state: str) -> None:
    """What the footer shows is what `check_action` allows, and the action exists."""
    ports = Ports()
    ports.runs.open_run = Following(STATES[state](), runs.opened_events())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        allowed(game.app.screen)
        assert "q" in game.footer()
        assert "? help" in game.footer()

    play(ports, story)


@pytest.mark.parametrize("keys", [(), ("w",), ("4",), ("p",)])
def test_every_key_the_screens_before_a_run_show_works(keys: tuple[str, ...]) -> None:
    """Triage, wizard, verdict and a pane alone."""

    async def story(game: Game) -> None:
        first = game.app.screen
        await game.press(*keys)
        await game.until(lambda: not keys or game.app.screen is not first)
        await game.look()
        allowed(game.app.screen)
        assert isinstance(game.app.screen, RoomScreen)

    play(Ports(), story)


@pytest.mark.parametrize(("state", "words"), [("armed", "confirm"), ("waiting", "prepare")])
def test_enter_is_named_by_what_it_does_now(state: str, words: str) -> None:
    """The same key means the same thing; its words say which part of it is next."""
    ports = Ports()
    ports.runs.open_run = Following(STATES[state](), runs.opened_events())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.look()
        assert f"⏎ {words}" in game.footer()

    play(ports, story)


def test_a_required_step_offers_no_skip_and_an_optional_one_does() -> None:
    """The written path decides what may be left out."""
    ports = Ports()
    ports.runs.open_run = Following(runs.run(), runs.opened_events())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        assert not game.app.screen.check_action("skip", ())
        await game.press("end")
        await game.look()
        assert game.app.screen.check_action("skip", ())

    play(ports, story)


def test_who_may_only_follow_is_offered_nothing_that_changes() -> None:
    """A second app on the host follows read-only, and is told why."""
    ports = Ports()
    ports.runs.open_run = Following(runs.rolling_out(), runs.opened_events(), why_only="another screen on this host decides")

    async def story(game: Game) -> None:
        await game.sees("Following only: another screen on this host decides.")
        for action in ("take", "by_hand", "undo", "verify", "skip", "abort", "take_over", "debts", "close_run"):
            assert not game.app.screen.check_action(action, ())

    play(ports, story, size=(200, 50))


def test_help_lists_every_key_that_works_here_also_those_without_room_in_the_footer() -> None:
    """It is generated from the bindings, so it cannot drift."""
    ports = Ports()
    ports.runs.open_run = Following(runs.rolling_out(), runs.opened_events())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        found = entries(game.app.screen.active_bindings.values(), [], hidden=True)
        await game.press("question_mark")
        await game.sees("Keys that work here", "Signs", "Words")
        shown = game.shown()
        for key, words, _ in found:
            assert words in shown, f"{key} {words}"

    play(ports, story, size=(120, 90))
