"""A list of thousands of pods that changes under the cursor."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.log_lines import LogLine
from gospel_rollback_tui.domain.pod_order import PodGroup
from gospel_rollback_tui.domain.pod_state import ContainerState, PodState
from gospel_rollback_tui.domain.snapshots import PodRow
from gospel_rollback_tui.domain.workloads import Condition
from gospel_rollback_tui.ui.pod_list import PodList
from gospel_rollback_tui.ui.presentation.lines import Room
from gospel_rollback_tui.ui.presentation.pod_table import pod_table
from gospel_rollback_tui.ui.screens.pane import PaneScreen
from gospel_rollback_tui.ui.screens.viewer import Viewer
from tests.ui.builders import NOW, pod, snapshot
from tests.ui.memory import Ports
from tests.ui.playing import Game, play
from tests.ui.test_panes import glance, stale, text

MANY = tuple(pod("gateway", f"{number:05}", created=NOW.wall - number) for number in range(5000))


def listed(rows: tuple[PodRow, ...], *moves: int) -> PodList:
    """A list of those pods, its cursor moved."""
    pods = PodList()
    pods.take(rows)
    for lines in moves:
        pods.move(lines)
    return pods


def test_the_cursor_stays_on_its_pod_wherever_it_moves() -> None:
    """A pod that starts to fail comes first, and the cursor goes on standing on the pod that was looked at."""
    pods = listed(MANY, 1200)
    looked_at = pods.chosen
    assert looked_at is not None
    failing = replace(MANY[4000], verdict=Verdict.BAD, ready=False, state="Error")
    pods.take((*MANY[:4000], failing, *MANY[4001:]))
    assert pods.chosen == looked_at
    assert pods.cursor == 1201


def test_on_the_first_line_the_cursor_follows_what_fails() -> None:
    """Nobody has chosen a pod yet: what starts to fail comes under the cursor."""
    pods = listed(MANY)
    failing = replace(MANY[4000], verdict=Verdict.BAD, ready=False, state="Error")
    pods.take((*MANY[:4000], failing, *MANY[4001:]))
    assert pods.chosen == failing


def test_a_pod_that_goes_away_leaves_the_cursor_on_its_line() -> None:
    """Not at the list's beginning."""
    pods = listed(MANY, 1200)
    gone = pods.chosen
    pods.take(tuple(row for row in MANY if row != gone))
    assert pods.cursor == 1200


def test_the_window_moves_only_as_far_as_the_cursor_needs() -> None:
    """One line down at the lower edge scrolls by one; up again does not scroll."""
    pods = listed(MANY, 19)
    assert [number for number, _ in pods.seen(20)] == list(range(20))
    pods.move(1)
    assert [number for number, _ in pods.seen(20)] == list(range(1, 21))
    pods.move(-1)
    assert pods.seen(20)[0][0] == 1


@given(st.lists(st.one_of(st.integers(-6000, 6000), st.sampled_from(["order", "group", "failing", "few", "many", "none"])), max_size=12), st.integers(1, 60))
def test_the_cursor_is_always_within_the_window(acts: list[int | str], height: int) -> None:
    """Whatever is pressed and whatever comes and goes."""
    pods = listed(MANY[:200])
    for act in acts:
        match act:
            case int():
                pods.move(act)
            case "order":
                pods.next_order()
            case "group":
                pods.next_grouping()
            case "failing":
                pods.toggle_failing()
            case _:
                pods.take({"few": MANY[50:60], "many": MANY[:200], "none": ()}[act])
        numbers = [number for number, _ in pods.seen(height)]
        assert pods.cursor in numbers or (not numbers and pods.cursor == 0)
        assert len(numbers) <= height


def test_a_window_on_five_thousand_pods_draws_no_more_than_its_lines() -> None:
    """And says where it is."""
    base = snapshot()
    shown = glance(replace(base, pods=replace(base.pods, rows=MANY)))
    lines = pod_table(shown, Room(76, 20), PodList())
    assert len(lines) == 20
    assert "5,000" in str(lines[0])
    assert str(lines[-1]) == "lines 1 to 17, the cursor on 1"


def test_a_stale_table_shows_nothing_as_good() -> None:
    """Neither a row nor a group."""
    pods = PodList()
    pods.next_grouping()
    shown = text([*pod_table(glance(stale()), Room(76, 20), pods)])
    assert "? stale 45 s" in shown
    assert "✓" not in shown


def test_keys_order_group_and_leave_out_what_is_ready() -> None:
    """The title says how the list is made; headings count."""
    base = snapshot()
    ports = Ports()
    crash = pod("billing", "crash", "CrashLoopBackOff", Verdict.BAD, restarts=7)
    ports.estate.shown = replace(base, pods=replace(base.pods, rows=(*base.pods.rows, crash)))

    async def story(game: Game) -> None:
        await game.press("p", "f")
        await game.sees("1 of 13  only what is not ready", "gospelib-billing-7c9f-crash")
        await game.press("z")
        await game.sees("grouped by service, only what is not ready", "billing  2 of 3 ready, 1 failing")
        await game.press("z", "z", "z", "f", "t")
        await game.sees("13  most restarts first")
        await game.press("slash", *"crash", "enter")
        await game.sees("1 of 13 with 'crash'")
        await game.press("escape")
        await game.until(lambda: "with 'crash'" not in game.shown())

    play(ports, story, size=(80, 24))


def test_a_pod_in_full_is_live_and_says_when_it_is_gone() -> None:
    """Containers and how they ended, conditions, events, log lines."""
    base = snapshot()
    ports = Ports()
    ended = ContainerState(
        "gateway", restarts=7, waiting="CrashLoopBackOff", is_waiting=True, last_reason="OOMKilled", last_exit_code=137, last_ended=NOW.wall - 30
    )
    unready = Condition(type="Ready", status="False", reason="ContainersNotReady", message="containers with unready status: [gateway]", changed=NOW.wall - 31)
    state = PodState("gospelib-billing-7c9f-crash", "billing-crash", containers=(ended,), conditions=(unready,))
    crash = pod("billing", "crash", "CrashLoopBackOff", Verdict.BAD, restarts=7, pod=state)
    event = ClusterEvent("Warning", "BackOff", "Back-off restarting failed container", "Pod", crash.name, uid=crash.uid, last=NOW.wall - 5)
    said = LogLine(NOW.wall - 31, "billing", crash.name, "fatal error: out of memory", "fatal", error=True)
    here = replace(
        base,
        pods=replace(base.pods, rows=(*base.pods.rows, crash)),
        events=replace(base.events, rows=(event,)),
        logs=replace(base.logs, lines=(said,)),
    )
    ports.estate.shown = here

    async def story(game: Game) -> None:
        await game.press("p", "enter")
        await game.until(lambda: isinstance(game.app.screen, Viewer))
        await game.sees("Pod gospelib-billing-7c9f-crash", "waits: CrashLoopBackOff, 7 restarts", "30 s ago: OOMKilled, exit code 137")
        await game.sees("Ready False for 31 s: ContainersNotReady", "BackOff  Pod", "fatal error: out of memory")
        ports.estate.shown = base
        await game.look()
        await game.sees("It is gone; this is how it was last seen.")
        await game.press("escape")
        await game.until(lambda: isinstance(game.app.screen, PaneScreen))

    play(ports, story)


def test_a_heading_under_the_cursor_opens_nothing() -> None:
    """Enter on a group does nothing."""
    ports = Ports()

    async def story(game: Game) -> None:
        await game.press("p", "z", "enter")
        screen = game.app.screen
        assert isinstance(screen, PaneScreen)
        assert isinstance(screen.pods.seen(20)[0][1], PodGroup)

    play(ports, story)
