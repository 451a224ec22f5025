"""The runbook: what an open run shows, and which decision each key leads to."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.decisions import Reply, Verb
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.domain.preview import Fingerprint, Notice
from gospel_rollback_tui.domain.run import Run, StepStatus
from gospel_rollback_tui.domain.runbook import Path
from gospel_rollback_tui.engine.ports import ChoiceList
from gospel_rollback_tui.ui.screens.pick import Pick
from gospel_rollback_tui.ui.screens.run_room import RunRoom
from gospel_rollback_tui.ui.widgets.sheet import Sheet
from tests.ui import runs
from tests.ui.builders import NOW, options, preview
from tests.ui.memory import Plans, Ports
from tests.ui.playing import Game, play
from tests.ui.procedures import with_action
from tests.ui.scripted import ScriptedRun


def on_run(run: ScriptedRun) -> Ports:
    """Ports with that run open, one new pod of two ready."""
    ports = Ports()
    ports.runs.open_run = run
    ports.estate.shown = runs.rollout_snapshot()
    return ports


def in_state(value: Run) -> ScriptedRun:
    """A run in that state."""
    return ScriptedRun(value, runs.opened_events())


async def reason(game: Game, words: str = "because") -> None:
    """Writes a reason into the prompt and enters it."""
    await game.armed()
    await game.press(*words, "enter")


def test_an_open_run_is_attached_to_with_what_happened_meanwhile() -> None:
    """The first screen gives way to the runbook, which says what was missed."""
    run = in_state(runs.rolling_out())
    run.left = NOW.wall - 60
    run.records = (*run.records, runs.event(4, Kind.VERIFIED, {"step": "roll-back", "attempt": 1, "detail": "", "asserted": False}, NOW.wall - 20))

    async def story(game: Game) -> None:
        await game.sees("Run 0312-k7: ", "Freeze and roll back verified 40 s after you left")

    play(on_run(run), story, size=(200, 50))


def test_the_step_under_way_shows_calls_conditions_debts_and_the_pods() -> None:
    """What was done with its time, what must become true, what is owed, who holds it."""

    async def story(game: Game) -> None:
        await game.sees("Roll gateway back to v2.14.0", "✓ auto-sync off", "0.3 s", "▸ rolling out", "1 of 2 new pods available", "usual 25 s")
        await game.sees("✓ nothing reverted it", "· 2 pods of 7c9f ready", "! git says v2.15.0", "you, since", "2 debts", "Starting", "212 errors/min")

    play(on_run(in_state(runs.rolling_out())), story)


def test_a_step_on_data_rolls_nothing_out() -> None:
    """While it is looked at, no word is said of pods that have nothing to do with it."""
    ports = on_run(in_state(runs.rolling_out()))
    ports.library = with_action(ports.library, "roll-back", "postgres.copy-back")

    async def story(game: Game) -> None:
        await game.sees("▸ looking at the world", "usual 25 s")
        assert "rolling out" not in game.shown()

    play(ports, story)


def test_a_narrow_screen_shows_one_pane_at_a_time_and_the_headlines_of_the_others() -> None:
    """Tab goes from pane to pane."""

    async def story(game: Game) -> None:
        await game.sees("step 1 of 4: Freeze and roll back", "Starting: readiness probe", "Health ✗ /v1/verses 500", "Logs 213/min")
        await game.press("tab")
        await game.sees("gateway /ready")
        await game.press("tab")
        await game.sees("panic: nil map in route table")
        await game.press("tab")
        await game.sees("4 Auto-sync on")

    play(on_run(in_state(runs.rolling_out())), story, size=(80, 24))


@pytest.mark.parametrize(
    ("key", "verb", "data"),
    [
        ("x", Verb.ABORT, {"reason": "because"}),
        ("h", Verb.BY_HAND, {"step": "roll-back", "note": "because"}),
    ],
)
def test_keys_that_take_a_written_line(key: str, verb: Verb, data: dict[str, str]) -> None:
    """The decision carries what was written."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press(key)
        await reason(game)
        await game.until(lambda: bool(run.sent(verb)))

    play(on_run(run), story)
    assert run.sent(verb)[0].data == data


def test_an_empty_reason_is_none_and_escape_decides_nothing() -> None:
    """Aborting takes a written line."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("x")
        await game.armed()
        await game.press("enter")
        await game.sees("It takes a written line.")
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, RunRoom))

    play(on_run(run), story)
    assert run.decisions == []


def test_v_looks_again_and_sends_nothing_else() -> None:
    """Verification is asked of the runner."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("v")
        await game.until(lambda: bool(run.sent(Verb.VERIFY)))

    play(on_run(run), story)
    assert run.sent(Verb.VERIFY)[0].data == {"step": "roll-back"}


def test_an_optional_step_is_skipped_with_a_reason() -> None:
    """Arrows choose the step, `S` leaves it out; then the keys are about the step that is next."""
    run = in_state(runs.run())
    first = runs.steps()[0].id

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("down", "down", "j")
        await game.press("S")
        await reason(game)
        await game.until(lambda: bool(run.sent(Verb.SKIP)))
        await game.until(lambda: isinstance(game.app.screen, RunRoom) and game.app.screen.step is not None and game.app.screen.step.id == first)

    play(on_run(run), story)
    assert run.sent(Verb.SKIP)[0].data == {"step": "auto-sync-on", "reason": "because"}


def test_u_previews_putting_back_and_asks_like_any_change() -> None:
    """Undo is armed, shown and confirmed."""
    run = in_state(runs.rolling_out())

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("u")
        await game.armed()
        await game.sees("Put v2.15.0 back", "REVERSIBLE CHANGE")
        await game.press("y")
        await game.until(lambda: isinstance(game.app.screen, RunRoom))

    play(on_run(run), story)
    assert run.sent(Verb.UNDO)[0].data == {"step": "roll-back"}
    assert run.sent(Verb.CONFIRM)[0].data["attempt"] == 2


def test_a_step_by_hand_asks_what_nothing_reads_live_and_checks_it() -> None:
    """A value that does not match is not taken; the right one goes to the runner, then the commands are shown."""
    verified = replace(runs.armed(), status=StepStatus.VERIFIED, before=None, done_calls=runs.calls(), calls=runs.calls())
    manual = preview(calls=(), by_hand=("git revert --no-edit 8d1f0c2",), title="Make git equal", fingerprint=Fingerprint(()))
    run = ScriptedRun(runs.run(steps=(verified, *runs.steps()[1:])), runs.opened_events(), armed_with=manual)

    def chosen(script: ScriptedRun, decision: object) -> Reply:
        script.value = replace(script.now, inputs={**(script.now.inputs or {}), "good_commit": "4f1c2ab"})
        return Reply(taken=True)

    run.answers[Verb.CHOOSE] = chosen

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("enter")
        await game.armed()
        await game.sees("Which commit declared the images that run now?")
        await game.press(*"no", "enter")
        await game.sees("does not look like")
        await game.press("backspace", "backspace", *"4f1c2ab", "enter")
        await game.until(lambda: bool(run.sent(Verb.ARM)))
        await game.sees("git revert --no-edit 8d1f0c2", "Look for: Argo CD says Synced")
        await reason(game, "merged")
        await game.until(lambda: bool(run.sent(Verb.BY_HAND)))

    play(on_run(run), story)
    assert run.sent(Verb.CHOOSE)[0].data == {"step": "git-equal", "inputs": {"good_commit": "4f1c2ab"}}
    assert run.sent(Verb.BY_HAND)[0].data == {"step": "git-equal", "note": "merged"}
    assert run.sent(Verb.CONFIRM) == []


def test_a_step_that_only_observes_takes_enter_and_no_prompt() -> None:
    """Enter on the step is its confirmation."""
    look = preview(Danger.OBSERVE, calls=(), by_hand=(), title="Look at the pods")
    run = ScriptedRun(armed_with=look)

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("enter")
        await game.until(lambda: bool(run.sent(Verb.CONFIRM)))

    play(on_run(run), story)
    assert run.sent(Verb.CONFIRM)[0].data["danger"] == "observe"


def test_a_preview_that_lacks_a_choice_offers_the_live_list() -> None:
    """The choice goes to the runner, which previews again."""
    run = ScriptedRun(armed_with=preview(refused="No revision is chosen."))
    ports = on_run(run)
    ports.planner.lists = (ChoiceList("revision:gateway", "Which revision?", options("41", "40", "39")),)

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("enter")
        await game.until(lambda: isinstance(game.app.screen, Pick))
        await game.armed()
        run.armed_with = preview()
        await game.press("2")
        await game.until(lambda: bool(run.sent(Verb.CHOOSE)))

        await game.sees("go back", "Roll gateway back to v2.14.0")

    play(ports, story)
    assert run.sent(Verb.CHOOSE)[0].data == {"step": "roll-back", "inputs": {"revision:gateway": "40"}}


def test_who_went_back_from_a_prompt_chooses_another_target_by_one_key() -> None:
    """Enter alone would bring the same prompt again, and never the list."""
    gone_back = runs.step("roll-back", "Freeze and roll back", reason="root went back: nothing was sent", required=True)
    run = in_state(runs.run(steps=(gone_back, *runs.steps()[1:])))
    ports = on_run(run)
    ports.planner.lists = (ChoiceList("revision:gateway", "Which revision?", options("41", "40", "39")),)

    async def story(game: Game) -> None:
        await game.sees("root went back: nothing was sent", "choose again")
        await game.press("1")
        await game.sees("Which revision?")
        await game.armed()
        await game.press("2")
        await game.until(lambda: bool(run.sent(Verb.CHOOSE)))

    play(ports, story, size=(200, 50))
    assert run.sent(Verb.CHOOSE)[0].data == {"step": "roll-back", "inputs": {"revision:gateway": "40"}}


def test_a_step_without_anything_to_choose_says_so() -> None:
    """A key that seems to do nothing is pressed again."""
    gone_back = runs.step("roll-back", "Take a snapshot", reason="root went back: nothing was sent", required=True)
    run = in_state(runs.run(steps=(gone_back, *runs.steps()[1:])))

    async def story(game: Game) -> None:
        await game.sees("choose again")
        await game.press("1")
        await game.sees("This step leaves nothing to choose.")

    play(on_run(run), story, size=(200, 50))


class Following(Plans):
    """Lists of which the second depends on what was chosen from the first."""

    def choices(self, path: Path, step: str, inputs: Mapping[str, str]) -> tuple[ChoiceList, ...]:
        """The services, then the images of each chosen one."""
        services = ChoiceList("services", "Which services?", options("gateway", "auth"), multiple=True)
        chosen = [name for name in inputs.get("services", "").split(",") if name]
        return (services, *(ChoiceList(f"image:{name}", f"Which image does {name} run?", options("good", "older")) for name in chosen))


def test_a_list_that_depends_on_the_choice_before_it_follows_at_once() -> None:
    """Service, then its image: one pass, one decision, and no earlier choice of another service is asked about."""
    run = ScriptedRun(armed_with=preview(refused="No service is chosen."))
    run.value = replace(run.now, inputs={})
    ports = on_run(run)
    ports.planner = Following()

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("enter")
        await game.sees("Which services?")
        await game.armed()
        await game.press("1", "2", "enter")  # the suggested one is marked already
        await game.sees("Which image does auth run?")
        await game.armed()
        run.armed_with = preview()
        await game.press("2")
        await game.until(lambda: bool(run.sent(Verb.CHOOSE)))

    play(ports, story)
    assert run.sent(Verb.CHOOSE)[0].data == {"step": "roll-back", "inputs": {"services": "auth", "image:auth": "older"}}


def test_what_the_runner_does_not_take_stays_on_the_screen() -> None:
    """The reason is said until the next wish."""
    run = in_state(runs.rolling_out())
    run.replies = [Reply(taken=False, text="it is being carried out")]

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        await game.press("v")
        await game.sees("it is being carried out")

    play(on_run(run), story)


def test_enter_on_a_step_that_is_over_goes_to_the_next_one() -> None:
    """The step stays on the screen with what was seen of it until the operator goes on; nothing is sent by going on."""
    done = replace(runs.steps()[0], status=StepStatus.VERIFIED)
    run = in_state(runs.run(steps=(done, *runs.steps()[1:])))

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom))
        room = game.app.screen
        assert isinstance(room, RunRoom)
        room.select(done.id)
        await game.until(lambda: "next step" in game.footer())
        await game.press("enter")
        await game.until(lambda: room.step is not None and room.step.id != done.id)

    play(on_run(run), story)
    assert run.sent(Verb.ARM) == []


def test_a_key_pressed_again_while_its_wish_is_granted_does_nothing_more() -> None:
    """A second Enter on a slow link does not open the same prompt once more behind the first."""
    run = ScriptedRun(armed_with=preview(Danger.REVERSIBLE))

    async def story(game: Game) -> None:
        await game.until(lambda: isinstance(game.app.screen, RunRoom) and game.app.screen.waits)
        room = game.app.screen
        assert isinstance(room, RunRoom)
        await game.press("enter")
        await game.armed()
        room.action_take()
        await game.press("n")
        await game.until(lambda: isinstance(game.app.screen, RunRoom) and game.app.screen.waits)
        await game.look()
        assert game.app.screen is room

    play(on_run(run), story)
    assert len(run.sent(Verb.DECLINE)) == 1
    assert len(run.sent(Verb.ARM)) <= 1


def test_what_a_step_that_only_looks_has_read_is_paged_through_on_a_small_terminal() -> None:
    """Nothing of it is cut off: what stands below the fold is one key away, and the step's pane moves before all others."""
    read = tuple(Notice("Migration", f"number {n} adds a column") for n in range(30))
    looked = replace(preview(), calls=(), notices=read)
    run = in_state(runs.run(steps=(runs.step("roll-back", "Read the schema", status=StepStatus.ARMED, preview=looked), *runs.steps()[1:])))

    async def story(game: Game) -> None:
        await game.sees("number 0 adds a column")
        card = game.app.screen.query_one("#card", Sheet)
        assert (card.scroll_offset.y, card.max_scroll_y > 0) == (0, True)
        for _ in range(4):
            await game.press("pagedown")
        await game.until(lambda: card.scroll_offset.y == card.max_scroll_y)

    play(on_run(run), story, size=(80, 24))
