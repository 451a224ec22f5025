"""The stability watch on the screen, and the end of a run."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.run import Debt, Run, SignalState
from gospel_rollback_tui.ui.presentation.stability import may_be_paid
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.stability import StabilityScreen
from gospel_rollback_tui.ui.screens.summary import SummaryScreen, exit_code
from tests.ui import runs
from tests.ui.builders import NOW
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.scripted import ScriptedRun


def watching(value: Run | None = None) -> tuple[Ports, ScriptedRun]:
    """Ports with a run whose watch is running."""
    run = ScriptedRun(value or runs.stable_run(), runs.signal_events())
    ports = Ports()
    ports.runs.open_run = run
    return ports, run


def test_each_signal_has_a_line_with_its_past_and_the_reset_is_told() -> None:
    """Held time of needed time, flaps where they happened, what started the clock again."""
    ports, _ = watching()

    async def story(game: Game) -> None:
        await game.sees(
            "Stability: 15 minutes without a flap", "4:10 of 15:00", "✓ restarts", "╋", "the clock started again: restarts, gateway-w5kqd restarted (OOMKilled)"
        )
        await game.sees("g  Make git equal", "pays a debt", "You may quit: the watch goes on without the screen.", "recovered 1:31 of 2:00")

    play(ports, story)


def test_an_unknown_signal_is_said_and_the_clock_stands_still() -> None:
    """Unknown is not good: its words have the line, and the held time is what was seen."""
    signals = (*runs.watch().signals[:-1], SignalState("error rate", "unknown", "Prometheus unreachable since 03:14: unknown, not good", NOW.wall - 30))
    ports, _ = watching(runs.stable_run(watch=runs.watch(signals=signals, good_seconds=100.0)))

    async def story(game: Game) -> None:
        await game.sees("? error rate", "Prometheus unreachable since 03:14: unknown, not good", "1:40 of 15:00")

    play(ports, story)


def test_g_goes_to_the_step_that_pays_in_the_runbook() -> None:
    """Debts can be paid while the watch holds."""
    ports, _ = watching()

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, StabilityScreen))
        await game.press("g")
        await game.armed()
        await game.sees("Which commit declared the images that run now?")
        assert isinstance(game.app.screen_stack[-2], RunbookScreen)

    play(ports, story)


def test_image_updater_has_a_key_only_once_it_was_stopped() -> None:
    """Few estates have one; git and auto-sync always may be paid."""
    quiet = runs.stable_run()
    stopped = replace(quiet, debts=(*quiet.debts, Debt("image-updater", "Image Updater does not follow", "", NOW.wall + 86_400, "roll-back", NOW.wall)))
    assert [may_be_paid(quiet, debt) for debt in ("git", "auto-sync", "image-updater")] == [True, True, False]
    assert may_be_paid(stopped, "image-updater")


def test_the_watch_is_ended_early_with_a_reason() -> None:
    """`E` asks, and the reason is recorded."""
    ports, run = watching()

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, StabilityScreen))
        await game.press("E")
        await game.armed()
        await game.press(*"tired", "enter")
        await game.until(lambda: bool(run.sent(Verb.END_EARLY)))

    play(ports, story)
    assert run.sent(Verb.END_EARLY)[0].data == {"reason": "tired"}


def test_a_run_is_closed_by_f_with_a_reason_where_debts_are_open() -> None:
    """The prompt says what it closes with."""
    done = tuple(replace(step, required=False) for step in runs.stable_run().steps)
    ports, run = watching(runs.stable_run(steps=done, watch=runs.watch(stable_at=NOW.wall)))

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, StabilityScreen | RunbookScreen))
        await game.press("F")
        await game.armed()
        await game.sees("It closes with debts: auto-sync off, git says v2.15.0.", "a switches auto-sync on again")
        await game.press(*"later", "enter")
        await game.until(lambda: bool(run.sent(Verb.CLOSE)))

    play(ports, story)
    assert run.sent(Verb.CLOSE)[0].data == {"reason": "later"}


@pytest.mark.parametrize(("how", "code"), [("clean", 0), ("asserted", 1), ("debts", 3), ("aborted", 1)])
def test_a_closed_run_shows_its_summary_and_exits_with_its_code(how: str, code: int) -> None:
    """Both clocks, the debts and the timeline; leaving ends the app."""
    ports, run = watching()

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, StabilityScreen))
        run.value = replace(run.now, closed=how, closed_at=NOW.wall)
        await game.until(lambda: isinstance(game.app.screen, SummaryScreen))
        await game.sees("Recovered", "1:31 of 2:00 after the first paint", "Timeline", "opened by ada@jump", "runs show 0312-k7")
        await game.press("enter")

    app = play(ports, story)
    assert app.return_code == code
    assert app.farewell[0].startswith("Run 0312-k7: ")


def test_exit_codes_are_those_of_the_design() -> None:
    """0 clean, 1 otherwise, 3 with debts, 4 left open; 0 without a run."""
    assert [exit_code(runs.run(closed=how)) for how in ("clean", "asserted", "aborted", "debts", "")] == [0, 1, 1, 3, 4]
    assert exit_code(None) == 0


def test_a_narrow_screen_keeps_signals_debts_and_headlines() -> None:
    """At 80×24 all of it fits in one column."""
    ports, _ = watching()

    async def story(game: Game) -> None:
        await game.sees("step 2 of 4", "✓ symptom", "✓ nothing reverts", "While it holds", "Debts auto-sync off, git says v2.15.0", "You may quit")

    play(ports, story, size=(80, 24))
