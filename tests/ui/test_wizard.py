"""The wizard asks, the estate speaks, the human decides; the verdict follows."""

from dataclasses import replace

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.triage import Way
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.screens.verdict import VerdictScreen
from gospel_rollback_tui.ui.screens.wizard import WizardScreen
from tests.ui.builders import NOW, picture
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.scripted import ScriptedRun


async def asked(game: Game) -> None:
    """Opens the wizard."""
    await game.press("w")
    await game.until(lambda: isinstance(game.app.screen, WizardScreen))


def test_each_question_shows_what_the_estate_says_with_ages_and_what_it_suggests() -> None:
    """The suggested answer is the current line."""

    async def story(game: Game) -> None:
        await asked(game)
        await game.press("1")
        await game.sees("Did this release run a database migration?", "schema head 23 in the database", "4 s", "no right to read pg_stat_activity")
        await game.sees("It suggests 3 · No. You decide.", "since: since a release", "⏎ take 3")

    play(Ports(), story)


def test_digits_answer_and_b_goes_back_a_question() -> None:
    """Answers are kept and can be given again."""
    ports = Ports()

    async def story(game: Game) -> None:
        await asked(game)
        await game.press("1")
        await game.sees("Did this release run a database migration?")
        await game.press("b")
        await game.sees("Since when do users fail?")
        await game.press("2", "enter")
        await game.sees("What fails?")
        await game.press("b", "b", "b")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(ports, story)
    assert ports.triage.given == {"since": "2", "database": "3"}


def test_arrows_move_and_enter_takes_the_current_line() -> None:
    """The suggestion is only where the cursor begins."""
    ports = Ports()

    async def story(game: Game) -> None:
        await asked(game)
        await game.press("1", "up", "enter")
        await game.sees("What fails?")

    play(ports, story)
    assert ports.triage.given["database"] == "2"


def test_the_last_answer_leads_to_the_verdict_and_a_way_opens_the_run() -> None:
    """The suggested way carries the suggested inputs; nothing is sent by opening."""
    ports = Ports()
    run = ScriptedRun()
    ports.runs.opens = run

    async def story(game: Game) -> None:
        await asked(game)
        await game.press("1", "3", "1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.sees(
            "Row 1", "Because", "Ways back", "1:27", "self-heal in 5 s", "refused now: Argo CD self-heal puts v2.15.0 back", "47 s past the objective"
        )
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    (opening,) = ports.runs.openings
    assert (opening.scenario, opening.path, opening.override, dict(opening.inputs)["revision:gateway"]) == ("bad-code", "patch", "", "41")
    assert run.sent(Verb.CONFIRM) == []


def test_a_way_that_nobody_suggested_begins_with_who_fails_and_what_it_should_go_back_to() -> None:
    """Once a service is stopped its pods tell nothing: what triage knew while it ran goes with the run."""
    ports = Ports()
    ports.runs.opens = ScriptedRun()
    crashes = Way("code", "Leave the schema, roll the code back", "", 30.0, crashes="old code on the new schema fails")
    ports.triage.shown = picture(targets={"gateway": "41"}, ways=(Way("down", "Migrate down", "", 60.0), crashes))

    async def story(game: Game) -> None:
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.sees("takes a written reason: old code on the new schema fails")
        await game.press("2")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    (opening,) = ports.runs.openings
    assert (opening.path, dict(opening.inputs)) == ("code", {"failing": "gateway", "revision:gateway": "41", "service": "gateway"})


def test_a_way_through_what_does_not_answer_says_so_and_can_be_tried() -> None:
    """No time is promised for it, and Enter goes with another."""
    ports = Ports()
    ports.runs.opens = ScriptedRun()
    silent = Way("argocd", "Argo CD rollback", "", 30.0, silent="Argo CD's API: nothing listens at argocd.test")
    ports.triage.shown = picture(ways=(silent, Way("patch", "Patch back", "", 60.0)))

    async def story(game: Game) -> None:
        await game.press("1")
        await game.sees("does not answer now: Argo CD's API: nothing listens at argocd.test", "—", "go with 2")
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    assert [opening.path for opening in ports.runs.openings] == ["argocd"]


def test_a_refused_way_cannot_be_taken() -> None:
    """Its digit does nothing, and the footer does not offer it."""

    async def story(game: Game) -> None:
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.press("4")
        await game.look()
        assert isinstance(game.app.screen, VerdictScreen)
        assert "1-3 choose" in game.footer()

    ports = Ports()
    play(ports, story)
    assert ports.runs.openings == []


def test_ways_that_change_places_are_looked_at_again_before_a_key_takes_one() -> None:
    """Evidence puts another way first in the moment of the key: nothing is opened, and the way that was moved to stays the current one."""
    ports = Ports()
    ports.runs.opens = ScriptedRun()

    async def story(game: Game) -> None:
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        screen = game.app.screen
        assert isinstance(screen, VerdictScreen)
        await game.press("down")
        before = [way.path for way in screen.ways]
        assert screen.current == 1
        now = ports.triage.shown
        assert now is not None
        ports.triage.shown = replace(now, ways=(now.ways[1], now.ways[0], *now.ways[2:]))
        await game.until(lambda: [way.path for way in screen.ways] != before)
        await game.press("enter")
        await game.sees("look again")
        assert ports.runs.openings == []
        assert screen.current == 0
        ports.clock.moment = replace(NOW, monotonic=NOW.monotonic + 5, wall=NOW.wall + 5)
        await game.look()
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))
        assert ports.runs.openings[0].path == before[1]

    play(ports, story)


def test_another_row_than_the_suggested_one_takes_a_written_reason() -> None:
    """The record keeps why the human decided otherwise."""
    ports = Ports()
    ports.runs.opens = ScriptedRun()

    async def story(game: Game) -> None:
        await game.press("4")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.press("1")
        await game.armed()
        await game.sees("Another row than the suggested one")
        await game.press(*"quota", "enter")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    assert (ports.runs.openings[0].scenario, ports.runs.openings[0].override) == ("infrastructure", "quota")


def test_a_run_that_cannot_be_opened_is_said_on_the_verdict() -> None:
    """The operator stays where another way can be taken."""
    ports = Ports()
    ports.runs.cannot_open = "eve@other holds production."

    async def story(game: Game) -> None:
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.press("1")
        await game.sees("eve@other holds production.")

    play(ports, story)


def test_who_may_only_look_takes_no_way() -> None:
    """Read-only shows the ways and offers none."""

    async def story(game: Game) -> None:
        await game.press("1")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.press("enter")
        await game.look()
        assert isinstance(game.app.screen, VerdictScreen)
        assert "choose" not in game.footer()

    play(Ports(read_only=True), story)
