"""The first screen: two keys to the change, and every other way from it."""

from dataclasses import replace

from gospel_rollback_tui.domain.decisions import Verb
from gospel_rollback_tui.domain.evidence import DATA_LOST, Reading, Truth
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.owed import Owed
from gospel_rollback_tui.domain.runbook import Answer, Question
from gospel_rollback_tui.domain.triage import Trouble, Way
from gospel_rollback_tui.ui.screens.confirm import Confirm
from gospel_rollback_tui.ui.screens.runbook import RunbookScreen
from gospel_rollback_tui.ui.screens.triage import TriageScreen
from gospel_rollback_tui.ui.screens.verdict import VerdictScreen
from gospel_rollback_tui.ui.screens.wizard import WizardScreen
from tests.ui.builders import NOW, VERSES, picture, preview, snapshot, suggestion
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.scripted import ScriptedRun


def test_two_keys_lead_from_triage_to_the_change() -> None:
    """`r`, then `y` once the prompt is armed, opens the run and confirms exactly what was on the screen."""
    ports = Ports()
    run = ScriptedRun()
    ports.runs.opens = run

    async def story(game: Game) -> None:
        await game.press("r")
        await game.armed()
        await game.press("y")
        await game.until(lambda: isinstance(game.app.screen, RunbookScreen))

    play(ports, story)
    (opening,) = ports.runs.openings
    assert (opening.scenario, opening.path, dict(opening.inputs)) == ("bad-code", "patch", {"services": "gateway", "revision:gateway": "41"})
    (confirmed,) = run.sent(Verb.CONFIRM)
    assert confirmed.data["fingerprint"] == preview().fingerprint.digest
    assert (confirmed.data["step"], confirmed.data["attempt"], confirmed.data["danger"], confirmed.who) == ("roll-back", 1, "reversible", "ada")
    assert ports.runs.prepared == 1


def test_what_earlier_runs_owe_stands_on_the_first_screen() -> None:
    """With the run, its age and who signed; once auto-sync is seen to be on, that debt is over."""
    ports = Ports()
    ports.runs.left_behind = (
        Owed("0101-aa", "owner", "parent frozen", NOW.wall - 7200.0),
        Owed("0101-aa", "auto-sync", "auto-sync off", NOW.wall - 7200.0, "ada: asleep"),
    )

    async def story(game: Game) -> None:
        await game.sees("Owed since run 0101-aa, 2 h ago: parent frozen.", "auto-sync off; signed: ada: asleep.")
        reading = Reading("argocd.auto_sync", Truth.TRUE, "auto-sync", "Argo CD", NOW.wall)
        seen = picture()
        ports.triage.shown = replace(seen, readings={**seen.readings, reading.fact: reading})
        await game.look()
        await game.until(lambda: "signed: ada" not in game.shown())
        await game.sees("parent frozen.")

    play(ports, story)


def test_the_story_of_the_night_is_on_the_first_screen() -> None:
    """What fails and since when, who, what changed before, the way back with its points, the rows, the panes."""

    async def story(game: Game) -> None:
        await game.sees("Users fail", "answers 500", "6:52", "212 errors/min", "the other five are quiet", "panic: nil map in route table")
        await game.sees("image v2.14.0 → v2.15.0", "71 s before", "Roll gateway back to v2.14.0", "Argo CD would revert it", "ruled out: API server ready")
        await game.sees("PRODUCTION", "gospelib-production", "0:58 of 2:00", "2 of 2", "212/min")

    play(Ports(), story)


def test_nobody_is_called_quiet_whose_lines_came_too_fast_to_be_read() -> None:
    """A count that is a lower bound says nothing of what was not read."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.sees("the other five are quiet")
        base = snapshot()
        errors = tuple(replace(row, at_least=row.service == "auth") for row in base.logs.errors)
        ports.estate.shown = replace(base, logs=replace(base.logs, errors=errors))
        await game.look()
        await game.sees("others write more than can be read")
        assert "quiet" not in game.shown()

    play(ports, story)


def test_a_narrow_screen_keeps_every_fact_needed_to_decide() -> None:
    """At 80×24 rows and panes become lines; nothing that decides is dropped."""

    async def story(game: Game) -> None:
        await game.sees("Users fail", "212 errors/min", "71 s before", "roll back now", "1 Bad code 3+ 0- 1?", "out: 3 5 6", "12 of 12", "/v1/verses 500")
        story_sheet = game.app.screen.query_one("#story")
        assert story_sheet.max_scroll_y == 0

    play(Ports(), story, size=(80, 24))


def test_r_does_not_exist_while_something_is_lacking() -> None:
    """What lacks is named, `r` is neither shown nor does it do anything."""
    ports = Ports()
    ports.triage.shown = picture(suggestion=suggestion(lacks=("the target was never ready",)))

    async def story(game: Game) -> None:
        await game.sees("lacks: the target was never ready")
        assert "roll back" not in game.footer()
        await game.press("r")
        await game.look()
        assert isinstance(game.app.screen, TriageScreen)

    play(ports, story)


def test_r_does_not_exist_in_read_only_mode() -> None:
    """Read-only is in the header in words, and nothing above observing is offered."""

    async def story(game: Game) -> None:
        await game.sees("PRODUCTION READ-ONLY")
        await game.press("r")
        await game.look()
        assert isinstance(game.app.screen, TriageScreen)
        assert "roll back" not in game.footer()

    play(Ports(read_only=True), story)


def test_a_refused_preview_says_why_and_offers_no_r() -> None:
    """The reason stands below the suggestion."""
    ports = Ports()
    ports.triage.shown = picture(suggestion=suggestion(preview=preview(refused="Revision 41 is gone.")))

    async def story(game: Game) -> None:
        await game.sees("Revision 41 is gone.")
        assert "roll back now" not in game.shown()

    play(ports, story)


def test_the_wizards_first_open_question_stands_on_the_screen_when_nothing_is_clear() -> None:
    """Digits answer it there, and the answer goes to triage."""
    ports = Ports()
    shown = picture(suggestion=None)
    ports.triage.shown = replace(shown, readings={})

    async def story(game: Game) -> None:
        await game.sees("Since when do users fail?", "1  Since a release")
        assert "answer" in game.footer()
        assert "choose a row" not in game.footer()
        await game.press("1")
        await game.until(lambda: ports.triage.given == {"since": "1"})
        await game.sees("Did this release run a database migration?")

    play(ports, story)


def test_enter_goes_past_the_question_to_the_row_that_leads() -> None:
    """The digits answer then, so that the row needs another key; where none leads, there is no such key."""
    ports = Ports()
    shown = picture(suggestion=None)
    ports.triage.shown = replace(shown, readings={})

    async def story(game: Game) -> None:
        await game.sees("Since when do users fail?")
        assert "row 1" in game.footer()
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.press("b")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))
        assert shown.weighing is not None
        even = replace(shown.weighing, suggested="", rows=tuple(replace(row, pro=(), contra=(), score=0) for row in shown.weighing.rows))
        ports.triage.shown = replace(shown, readings={}, weighing=even)
        await game.look()
        await game.press("enter")
        await game.look()
        assert isinstance(game.app.screen, TriageScreen)
        assert "row 1" not in game.footer()

    play(ports, story)


def test_digits_that_come_to_mean_something_else_are_looked_at_again() -> None:
    """A digit meant for a row of the matrix answers no question that has appeared under the finger, and opens nothing either."""
    ports = Ports()
    clear = picture()

    async def story(game: Game) -> None:
        await game.sees("roll back now")
        assert "choose a row" in game.footer()
        ports.triage.shown = replace(clear, suggestion=None, readings={})
        await game.look()
        await game.sees("Since when do users fail?")
        await game.press("1")
        await game.sees("The digits mean something else now: look again.")
        assert ports.triage.given == {}
        ports.clock.moment = Moment(NOW.monotonic + 2.0, NOW.wall + 2.0)
        await game.press("1")
        await game.until(lambda: ports.triage.given == {"since": "1"})

    play(ports, story)


def test_a_digit_goes_to_the_ways_back_of_that_row() -> None:
    """With a clear picture the digits choose a row of the matrix."""

    async def story(game: Game) -> None:
        await game.press("4")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))
        await game.sees("Infrastructure")
        await game.press("b")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(Ports(), story)


def test_w_opens_the_wizard_and_esc_comes_back() -> None:
    """Nothing is decided by looking at the questions."""

    async def story(game: Game) -> None:
        await game.press("w")
        await game.until(lambda: isinstance(game.app.screen, WizardScreen))
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(Ports(), story)


def test_s_chooses_another_symptom_or_none() -> None:
    """The list holds the environment's symptoms and none."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("s")
        await game.armed()
        await game.sees("Which request do users miss?", "closes as asserted")
        await game.press("3")
        await game.until(lambda: ports.triage.symptoms == [None])
        await game.press("s")
        await game.armed()
        await game.press("1")
        await game.until(lambda: ports.triage.symptoms == [None, VERSES])

    play(ports, story)


def test_a_run_may_start_because_data_is_missing_while_everything_is_green() -> None:
    """No request fails; what only people can tell is answered by the same key, and said in the first line."""
    ports = Ports()
    asks = Question("data", "Is data gone or wrong?", "", (Answer("1", "Yes", DATA_LOST), Answer("2", "No", DATA_LOST, value=False)))
    matrix = ports.library.matrix
    ports.library = replace(ports.library, matrix=replace(matrix, questions=(*matrix.questions, asks)))
    shown = picture(symptom=None)
    ports.triage.shown = shown

    async def story(game: Game) -> None:
        await game.sees("No symptom chosen")
        await game.press("s")
        await game.armed()
        await game.sees("data is gone or wrong", "though everything answers")
        await game.press("3")
        await game.until(lambda: ports.triage.symptoms == [None] and bool(ports.triage.given))
        said = Reading(DATA_LOST, Truth.TRUE, "Yes", "operator", NOW.wall)
        ports.triage.shown = replace(shown, readings={**shown.readings, DATA_LOST: said})
        await game.sees("Data is gone or wrong", "on your word")

    play(ports, story)
    assert ports.triage.given == {"data": "1"}


def test_trouble_with_the_estate_is_a_sentence_with_a_next_step() -> None:
    """Expired credentials are said, with the key that helps."""
    ports = Ports()
    ports.triage.shown = picture(trouble=Trouble("credentials", "Kubernetes does not know who you are: the login has expired.", "L logs in; answers are kept."))

    async def story(game: Game) -> None:
        await game.sees("the login has expired", "L logs in; answers are kept.")

    play(ports, story)


def test_before_the_first_answer_the_screen_says_what_it_asks() -> None:
    """No evidence is shown as none, never as health."""
    ports = Ports()
    ports.triage.shown = None
    ports.estate.shown = None

    async def story(game: Game) -> None:
        await game.sees("Asking the estate what fails", "no evidence yet", "no feed yet", "not started")

    play(ports, story)


def test_unknown_is_not_failing() -> None:
    """A symptom nobody could ask is said to be unknown."""
    ports = Ports()
    shown = picture()
    assert shown.symptom is not None
    ports.triage.shown = replace(shown, symptom=replace(shown.symptom, failing=Truth.UNKNOWN, words="no answer in time"))

    async def story(game: Game) -> None:
        await game.sees("Not known whether users fail", "no answer in time")
        assert "Users fail" not in game.shown()

    play(ports, story)


def test_going_back_from_the_prompt_opens_no_run() -> None:
    """`n` sends nothing and leaves the first screen as it was."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("r")
        await game.until(lambda: isinstance(game.app.screen, Confirm))
        await game.armed()
        await game.press("n")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(ports, story)
    assert ports.runs.openings == []


def test_e_shows_every_fact_for_and_against() -> None:
    """Also why a way is refused now, and what does not answer."""
    ports = Ports()
    shown = picture()
    ports.triage.shown = replace(shown, ways=(*shown.ways, Way("far", "By Argo CD", "", 9.0, silent="Argo CD's API: nothing listens")))

    async def story(game: Game) -> None:
        await game.press("e")
        await game.sees("Evidence", "errors only from pods of the new ReplicaSet", "Refused now", "not known: locks.held", "By Argo CD: does not answer now")
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, TriageScreen))

    play(ports, story)


def test_a_run_whose_record_cannot_be_read_is_said_on_the_first_screen() -> None:
    """The screens still work; nothing runs without its record."""
    ports = Ports()
    ports.runs.unreadable = "Record 7 of run 0312-k7 was changed after it was written."

    async def story(game: Game) -> None:
        await game.sees("Record 7 of run 0312-k7 was changed after it was written. Nothing was changed.", "roll back now")

    play(ports, story, size=(200, 50))


def test_a_clear_row_of_several_steps_is_entered_by_enter_and_asks_nothing() -> None:
    """The schema says why; the digits choose rows, since nothing is open."""
    ports = Ports()
    ran = Reading("migration.between", Truth.TRUE, "auth: migration 42 of auth, reversible without loss", "database", NOW.wall)
    shown = picture(suggestion=None)
    assert shown.weighing is not None
    second = shown.weighing.rows[1].row
    ports.triage.shown = replace(shown, readings={**shown.readings, ran.fact: ran}, weighing=replace(shown.weighing, suggested=second.id))

    async def story(game: Game) -> None:
        await game.sees("Row 2 is clear", "Schema: auth: migration 42 of auth, reversible without loss", "row 2, its ways back")
        assert "Since when do users fail?" not in game.shown()
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, VerdictScreen))

    play(ports, story)
