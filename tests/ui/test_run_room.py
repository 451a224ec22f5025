"""What stands above the steps of a run, and the wishes about the run as a whole."""

import pytest

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.ui.screens.pick import Pick
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.stability import StabilityScreen
from tests.ui import runs
from tests.ui.playing import Game, play
from tests.ui.test_runbook import in_state, on_run, reason


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"waiting": "credentials"}, "The run waits for credentials: L logs in"),
        ({"lock_lost": "held by eve@other"}, "Nothing is sent: held by eve@other. T takes over"),
        ({"aborted": "wrong row"}, "Aborted: wrong row."),
    ],
)
def test_why_nothing_is_sent_stands_above_the_step(changes: dict[str, object], words: str) -> None:
    """Waiting, a lost lock and an abort are said before anything else."""

    async def story(game: Game) -> None:
        await game.sees(words)

    play(on_run(in_state(runs.run(**changes))), story, size=(200, 50))


def test_a_dead_runner_is_said() -> None:
    """And what to do: start again, unknown first."""
    run = in_state(runs.rolling_out())
    run.living = False

    async def story(game: Game) -> None:
        await game.sees("The runner of this run is gone.")

    play(on_run(run), story, size=(200, 50))


def test_taking_over_takes_a_reason() -> None:
    """Who held it is told in the prompt."""
    run = in_state(runs.run(lock_lost="held by eve@other"))

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("T")
        await game.sees("Take over the environment", "held by eve@other")
        await reason(game)
        await game.until(lambda: bool(run.sent(Verb.TAKE_OVER)))

    play(on_run(run), story)


def test_a_debt_is_paid_by_hand_or_signed_for() -> None:
    """Both take a written line, and only one of them closes the run clean."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("P")
        await game.armed()
        await game.press("2")
        await game.until(lambda: isinstance(game.app.screen, Pick) and game.app.screen.choices.name == "way")
        await game.armed()
        await game.press("2")
        await game.sees("Leave the debt open")
        await reason(game)
        await game.until(lambda: bool(run.sent(Verb.SIGN_DEBT)))

    play(on_run(run), story)
    assert run.sent(Verb.SIGN_DEBT)[0].data == {"debt": "git", "reason": "because"}


def test_the_watch_comes_up_by_itself_and_b_goes_back_to_the_steps() -> None:
    """Once, when it begins; the operator may go where they like after."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))
        run.value = runs.stable_run()
        await game.until(lambda: isinstance(game.app.screen, StabilityScreen))
        await game.press("b")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))
        await game.look()
        assert isinstance(game.app.screen, RunbookScreen)

    play(on_run(run), story)


def test_l_logs_in_asks_again_and_tells_the_runner() -> None:
    """Answers are kept; without a terminal to give away the command is not run."""
    run = in_state(runs.run(waiting="credentials"))
    ports = on_run(run)
    ports.login.words = ()

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("L")
        await game.until(lambda: bool(run.sent(Verb.CREDENTIALS)))
        await game.sees("No login command is configured")

    play(ports, story)
    assert ports.triage.refreshed == 1


def test_quitting_leaves_the_run_open_says_so_and_exits_with_4() -> None:
    """The run goes on without the screen."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("q")

    app = play(on_run(run), story)
    assert app.return_code == 4
    assert app.farewell == ["Run 0312-k7 goes on without this screen. Start gospel-rollback again to attach."]
    assert run.decisions == []
