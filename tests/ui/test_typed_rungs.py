"""The upper rungs of the ladder: a word, a name, a second person; typed, never pasted."""

from dataclasses import replace

import pytest
from textual import events

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.ui.base_app import TypedWord
from gospel_rollback_tui.ui.screens import prompt as prompt_screen
from gospel_rollback_tui.ui.screens.confirm import Confirm
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from tests.ui.builders import preview
from tests.ui.playing import Game, play
from tests.ui.scripted import ScriptedRun
from tests.ui.test_confirm import NEVER, on_run, opened


def test_disruptive_takes_the_word_yes() -> None:
    """`y` alone does nothing; the typed word and Enter confirm."""
    run = ScriptedRun(armed_with=preview(Danger.DISRUPTIVE))

    async def story(game: Game) -> None:
        await opened(game)
        await game.sees("USERS WILL NOTICE", "Type the word to go on:  yes")
        await game.press("y", "enter")
        await game.sees("It takes 'yes', typed in full.")
        await game.press("e", "s", "enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    (confirmed,) = run.sent(Verb.CONFIRM)
    assert (confirmed.data["danger"], confirmed.data["typed"]) == ("disruptive", "yes")


def test_destructive_takes_the_targets_name_typed() -> None:
    """Enter on an empty field, and any other word, confirm nothing."""
    run = ScriptedRun(armed_with=preview(Danger.DESTRUCTIVE, target="gospelib"))

    async def story(game: Game) -> None:
        await opened(game)
        await game.sees("DESTRUCTIVE", "Type the name to go on:  gospelib")
        await game.press("enter")
        await game.press(*"gospel", "enter")
        assert run.sent(Verb.CONFIRM) == []
        await game.press(*"ib", "enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    assert run.sent(Verb.CONFIRM)[0].data["typed"] == "gospelib"


def test_what_is_unproved_takes_a_written_reason() -> None:
    """`y` is a letter of the reason, Enter alone sends nothing, and the reason reaches the gate."""
    run = ScriptedRun(armed_with=replace(preview(), needs_reason="Nobody could read the sync policy."))

    async def story(game: Game) -> None:
        await opened(game)
        await game.sees("Nobody could read the sync policy.", "Write why it is right")
        await game.press("enter")
        await game.sees("It takes a written reason.")
        assert run.sent(Verb.CONFIRM) == []
        await game.press(*"by", "space", *"hand", "enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    (confirmed,) = run.sent(Verb.CONFIRM)
    assert (confirmed.data["typed"], confirmed.data["reason"]) == ("", "by hand")


def test_a_name_typed_ahead_leaves_the_field_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The field takes keys only once the prompt is armed."""
    monkeypatch.setattr(prompt_screen, "ARMING_SECONDS", NEVER)
    run = ScriptedRun(armed_with=preview(Danger.DESTRUCTIVE, target="db"))

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, Confirm))
        await game.press("d", "b", "enter")
        await game.look()
        assert isinstance(game.app.screen, Confirm)
        assert game.app.screen.query_one("#word", TypedWord).value == ""

    play(on_run(run), story)
    assert run.sent(Verb.CONFIRM) == []


def test_a_pasted_name_is_refused_with_and_without_brackets() -> None:
    """A word that confirms is typed."""
    run = ScriptedRun(armed_with=preview(Danger.DESTRUCTIVE, target="gospelib"))

    async def story(game: Game) -> None:
        await opened(game)
        game.app.post_message(events.Paste("gospelib"))
        await game.sees("Paste ignored")
        for key in "gospelib":
            game.app.post_message(events.Key(key, key))
        game.app.post_message(events.Key("enter", "\r"))
        await game.pilot.pause()
        await game.until(lambda: game.app.screen.query_one("#word", TypedWord).value == "")

    play(on_run(run), story)
    assert run.sent(Verb.CONFIRM) == []


def test_irreversible_takes_a_written_reason_and_no_second_name_alone() -> None:
    """Neither the target's name nor a second person's does alone; break-glass is recorded with its reason."""
    run = ScriptedRun(armed_with=preview(Danger.IRREVERSIBLE, target="db"))

    async def story(game: Game) -> None:
        await opened(game)
        await game.press("d", "b", "tab", *"bob", "enter")
        await game.sees("It takes a written reason: a second name alone is not enough")
        await game.press(*"alone", "enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(on_run(run), story)
    (confirmed,) = run.sent(Verb.CONFIRM)
    assert (confirmed.data["typed"], confirmed.data["second_person"], confirmed.data["break_glass"]) == ("db", "bob", "alone")
