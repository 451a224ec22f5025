"""The confirmation ladder: what confirms, and everything that does not."""

from dataclasses import replace

import pytest
from textual import events

from gospel_rollback_tui.domain.confirmation import demand
from gospel_rollback_tui.domain.decisions import Reply, Verb
from gospel_rollback_tui.domain.preview import Fingerprint, Notice
from gospel_rollback_tui.ui.presentation.prompt import Asked, prompt
from gospel_rollback_tui.ui.screens import prompt as prompt_screen
from gospel_rollback_tui.ui.screens.confirm import Confirm
from gospel_rollback_tui.ui.screens.prompt import Prompt
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.widgets.sheet import Sheet
from tests.ui.builders import environment, picture, preview, suggestion
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.scripted import ScriptedRun


def on_run(run: ScriptedRun) -> Ports:
    """Ports with that run open."""
    ports = Ports()
    ports.runs.open_run = run
    return ports


async def opened(game: Game) -> None:
    """Opens the confirmation of the first step of an open run."""
    await game.until(lambda: isinstance(game.app.screen, RunbookScreen))
    await game.press("enter")
    await game.armed()


NEVER = 3600.0
"""Seconds of arming that no test waits for."""


def test_typed_ahead_keys_confirm_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before it is armed the prompt discards `y`, Enter and everything else."""
    monkeypatch.setattr(prompt_screen, "ARMING_SECONDS", NEVER)
    ports = Ports()
    ports.runs.opens = ScriptedRun()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.until(lambda: isinstance(game.app.screen, Confirm))
        await game.press("y", "enter", "n", "h", "y")
        await game.look()
        assert isinstance(game.app.screen, Confirm)

    play(ports, story)
    assert ports.runs.openings == []


def test_enter_alone_goes_back() -> None:
    """The safe answer has the focus at every level that takes a key."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(ports, story)
    assert ports.runs.openings == []


def test_a_y_in_the_middle_of_a_paste_confirms_nothing() -> None:
    """Keys that arrive in a burst are dropped, and it is said."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        prompt = game.app.screen
        for key in "jk yes y":
            game.app.post_message(events.Key("space" if key == " " else key, key))
        await game.until(lambda: "aste ignored" in game.shown() or "Other keys" in game.shown())
        assert game.app.screen is prompt

    play(ports, story)
    assert ports.runs.openings == []


def test_a_y_with_a_key_right_behind_it_confirms_nothing() -> None:
    """`y` counts only when it comes alone."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        for key in "ye":
            game.app.post_message(events.Key(key, key))
        await game.sees("Other keys came with it")

    play(ports, story)
    assert ports.runs.openings == []


def test_a_bracketed_paste_confirms_nothing() -> None:
    """It triggers no binding at all."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        game.app.post_message(events.Paste("y"))
        await game.pilot.pause()
        assert isinstance(game.app.screen, Confirm)

    play(ports, story)
    assert ports.runs.openings == []


def test_the_prompt_says_what_where_how_far_what_stays_undo_and_what_it_rests_on() -> None:
    """And the schema line with the words of its `y`."""

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.sees("REVERSIBLE CHANGE", "PRODUCTION", "Roll gateway back to v2.14.0", "PATCH Application gospelib-production", "debt: auto-sync off")
        await game.sees("v2.15.0 → v2.14.0, - FEATURE_X=on", "does not come back", "as oncall@gospelib (OIDC)", "2 pods, replaced one by one")
        await game.sees("no migrations in git", "u: back to v2.15.0", "again at y", "roll back", "go back")

    play(Ports(), story)


def test_moved_facts_are_shown_old_and_new_and_the_prompt_arms_again() -> None:
    """Nothing was sent; the second `y` confirms the new fingerprint."""
    moved = preview(fingerprint=Fingerprint((("Deployment uid", "7aa1"), ("template", "77d0"), ("sync policy", "automated"))))
    run = ScriptedRun(moves_to=[moved])

    async def story(game: Game) -> None:
        await opened(game)
        await game.press("y")
        await game.sees("It has moved since you looked; nothing was sent.", "9f2c", "→ 77d0")
        await game.armed()
        await game.press("y")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    assert [decision.data["fingerprint"] for decision in run.sent(Verb.CONFIRM)] == [preview().fingerprint.digest, moved.fingerprint.digest]


def test_a_runner_that_armed_something_else_than_was_shown_gets_no_confirmation() -> None:
    """The first prompt stands on the app's own preview; the runner's is shown as moved, and armed again."""
    other = preview(fingerprint=Fingerprint((("Deployment uid", "7aa1"), ("template", "aaaa"), ("sync policy", "automated"))))
    ports = Ports()
    run = ScriptedRun(armed_with=other)
    ports.runs.opens = run

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("y")
        await game.sees("It has moved since you looked", "→ aaaa")
        assert run.sent(Verb.CONFIRM) == []
        await game.armed()
        await game.press("y")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    assert [decision.data["fingerprint"] for decision in run.sent(Verb.CONFIRM)] == [other.fingerprint.digest]


def test_what_the_gate_refuses_is_said_in_the_prompt_and_cannot_be_confirmed_again() -> None:
    """The reason stays until the operator goes back."""
    run = ScriptedRun(refuses=["The identity is somebody else now."])

    async def story(game: Game) -> None:
        await opened(game)
        await game.press("y")
        await game.sees("The identity is somebody else now.")
        await game.armed()
        await game.press("y")
        await game.pilot.pause()
        await game.press("n")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    assert len(run.sent(Verb.CONFIRM)) == 1


def test_a_refusal_is_in_sight_on_a_small_terminal_although_the_prompt_was_read_to_its_end() -> None:
    """What the gate says stands first, and the prompt is back at its beginning."""
    notices = tuple(Notice("Reaches", f"something worth a line, number {number}") for number in range(30))
    ports = Ports()
    ports.triage.shown = picture(suggestion=suggestion(preview=replace(preview(), notices=notices)))
    ports.runs.cannot_open = "ada@other holds production."

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        words = game.app.screen.query_one("#words", Sheet)
        await game.press(*["down"] * 40)
        await game.until(lambda: words.scroll_offset.y > 0)
        await game.press("y")
        await game.sees("ada@other holds production.")
        await game.until(lambda: words.scroll_offset.y == 0)
        row = next(number for number, text in enumerate(words.text.splitlines()) if "ada@other holds production." in text)
        assert row < words.size.height

    play(ports, story, size=(80, 24))


def test_a_run_that_cannot_be_opened_is_said_in_the_prompt() -> None:
    """Nothing was changed, and the operator is back on the first screen."""
    ports = Ports()
    ports.runs.cannot_open = "ada@other holds production."

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("y")
        await game.sees("ada@other holds production.")
        await game.armed()
        await game.press("n")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(ports, story)


def test_a_runner_that_takes_no_confirmation_says_why() -> None:
    """The reply's text stands in the prompt."""
    run = ScriptedRun(answers={Verb.CONFIRM: lambda _run, _decision: Reply(taken=False, text="this run is read-only")})

    async def story(game: Game) -> None:
        await opened(game)
        await game.press("y")
        await game.sees("this run is read-only")

    play(on_run(run), story)


def test_d_shows_the_diff_and_comes_back_to_the_prompt() -> None:
    """Nothing is confirmed by looking."""

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        prompt = game.app.screen
        await game.press("d")
        await game.sees("What changes", "- image: gospelib-gateway:v2.15.0", "+ image: gospelib-gateway:v2.14.0")
        await game.press("escape")
        await game.until(lambda: game.app.screen is prompt)

    play(Ports(), story)


def test_h_opens_the_run_and_records_what_was_done_by_hand() -> None:
    """The commands are shown, a note is asked, the decision is BY_HAND."""
    ports = Ports()
    run = ScriptedRun()
    ports.runs.opens = run

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("h")
        await game.until(lambda: isinstance(game.app.screen, Prompt) and not isinstance(game.app.screen, Confirm))
        await game.armed()
        await game.sees("By hand", "rollout undo deployment/gospelib-gateway")
        await game.press(*"done", "enter")
        await game.until(lambda: bool(run.sent(Verb.BY_HAND)))

    play(ports, story)
    assert run.sent(Verb.BY_HAND)[0].data == {"step": "roll-back", "note": "done"}
    assert run.sent(Verb.CONFIRM) == []


def test_declining_an_armed_step_tells_the_runner() -> None:
    """The step is put down again."""
    run = ScriptedRun()

    async def story(game: Game) -> None:
        await opened(game)
        await game.press("n")
        await game.until(lambda: bool(run.sent(Verb.DECLINE)))

    play(on_run(run), story)
    assert run.sent(Verb.CONFIRM) == []


def test_a_prompt_at_the_smallest_size_shows_how_to_go_back() -> None:
    """At 60×15 the keys stay on the screen, whatever is scrolled away."""

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        answers = game.app.screen.query_one("#answers")
        assert answers.region.bottom <= 15
        assert answers.region.height >= 1

    play(Ports(), story, size=(60, 15))


def test_the_suggestion_on_the_screen_is_the_one_that_is_asked() -> None:
    """A picture that changes behind the prompt changes nothing in it."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        ports.triage.shown = picture(suggestion=replace(suggestion(), title="Roll auth back to v1.0.0"))
        await game.look()
        assert "Roll gateway back to v2.14.0" in game.shown()

    play(ports, story)


def test_quitting_while_the_prompt_of_an_opened_run_stands_says_that_the_run_goes_on() -> None:
    """The run was opened by `y`; leaving the screen then is leaving a run."""
    ports = Ports()
    ports.runs.opens = ScriptedRun(refuses=["The identity is somebody else now."])

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("y")
        await game.sees("The identity is somebody else now.")
        await game.press("q")

    app = play(ports, story)
    assert app.return_code == 4
    assert "goes on without this screen" in app.farewell[0]


def test_why_it_cannot_be_confirmed_stands_above_everything_that_may_not_fit() -> None:
    """On 80 by 24 the end of a long prompt is out of sight; the reason is within the first lines."""
    notices = tuple(Notice("Reaches", f"something worth a line, number {number}") for number in range(30))
    asked = Asked(replace(preview(), notices=notices), environment(), 1.0, refused="The environment is held by bob.")
    shown = prompt(asked, demand(asked.preview.danger, asked.preview.target), 72, tight=True)
    assert len(shown) > 30
    assert any("held by bob" in row.plain for row in shown[:5])
