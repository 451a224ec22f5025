"""Panes are painted less often while the terminal does not keep up, and as often as ever once it does."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gospel_rollback_tui.ui.outflow import Flow
from gospel_rollback_tui.ui.pace import INTERVALS, Pace

FREE = Flow()
TICK = 0.5


def painted(pace: Pace, flows: Iterable[Flow], begin: float = 0.0) -> list[float]:
    """The times at which the panes are painted, asked at every tick."""
    return [begin + TICK * n for n, flow in enumerate(flows) if pace.due(begin + TICK * n, flow)]


def slowed(level: int) -> tuple[Pace, float]:
    """A pace that has been slowed so many times, and the time by then."""
    pace, now = Pace(), 0.0
    while pace.interval < INTERVALS[level]:
        pace.due(now, Flow(took=1.0))
        now += TICK
    return pace, now


def test_a_terminal_that_keeps_up_is_painted_at_every_tick() -> None:
    """Twice a second, without a word."""
    pace = Pace()
    assert painted(pace, [FREE] * 8) == [n * TICK for n in range(8)]
    assert pace.words == ""


def test_nothing_is_painted_while_the_last_paint_has_not_arrived() -> None:
    """However long that takes; then at once."""
    assert painted(Pace(), [FREE, *[Flow(waiting=0.3)] * 20, FREE]) == [0.0, 21 * TICK]


def test_paints_that_arrive_late_twice_halve_the_rate_and_say_so() -> None:
    """Once might be a screen that was opened."""
    pace = Pace()
    pace.due(0.0, Flow(took=0.2))
    assert pace.words == ""
    pace.due(1.0, Flow(took=0.2))
    assert pace.words == "slow link: panes every 1 s"
    assert painted(pace, [FREE] * 6, 2.0) == [2.0, 3.0, 4.0]


def test_a_late_paint_long_after_another_is_not_a_slow_link() -> None:
    """The full repaint that comes every few minutes takes long on any line."""
    pace = Pace()
    for minute in range(9):
        pace.due(minute * 60.0, Flow(took=0.4))
    assert pace.words == ""


def test_the_slowest_rate_is_a_paint_every_two_seconds() -> None:
    """A pane that is never painted would look frozen."""
    pace, now = slowed(2)
    assert pace.words == "slow link: panes every 2 s"
    assert painted(pace, [Flow(took=0.9)] * 9, now + 2) == [now + 2, now + 4, now + 6]


def test_one_paint_that_is_stuck_is_a_slow_link_by_itself() -> None:
    """Nothing arrives that could be measured."""
    pace = Pace()
    assert painted(pace, [FREE, *[Flow(waiting=TICK * n) for n in range(1, 8)]]) == [0.0]
    assert pace.words.startswith("slow link")


@pytest.mark.parametrize(
    ("flow", "words"),
    [
        (Flow(took=0.4, share=0.9), "busy: panes every 1 s"),
        (Flow(took=0.4, own=0.3, share=0.1), "busy: panes every 1 s"),
        (Flow(took=0.4, own=0.1, share=0.1), "slow link: panes every 1 s"),
        (Flow(waiting=2.5, took=0.4, own=0.4, share=0.9), "slow link: panes every 1 s"),
    ],
    ids=["computes", "waits for its own threads", "waits for the terminal", "stuck"],
)
def test_a_process_that_is_busy_is_no_slow_link_and_slows_the_panes_likewise(flow: Flow, words: str) -> None:
    """By the processor's time, and by what of the delay was not the terminal's; nothing computes for seconds while a write hangs."""
    pace = Pace()
    for now in (0.0, 1.0):
        pace.due(now, flow)
    assert pace.words == words
    assert painted(pace, [FREE] * 6, 2.0) == [2.0, 3.0, 4.0]


def test_the_last_two_delays_say_which_it_is() -> None:
    """A flood ends and the link is slow all the same; one that may be either is not blamed on the link."""
    pace = Pace()
    for now in (0.0, 1.0):
        pace.due(now, Flow(took=0.4, share=0.9))
    pace.due(2.0, Flow(took=0.3))
    assert pace.words == "busy: panes every 1 s"
    pace.due(9.0, Flow(took=0.3))
    assert pace.words == "slow link: panes every 1 s"
    pace.due(10.0, FREE)
    assert pace.words == "slow link: panes every 1 s"


def test_the_rate_comes_back_step_by_step_after_calm() -> None:
    """Fifteen seconds for each."""
    pace, now = slowed(2)
    since: dict[float, float] = {}
    for n in range(80):
        pace.due(now + n * TICK, FREE)
        since.setdefault(pace.interval, n * TICK)
    assert since[0.5] - since[1.0] == 15.0
    assert 14.0 < since[1.0] - since[2.0] <= 15.0
    assert pace.words == ""


def test_paints_that_would_be_late_at_the_faster_rate_keep_the_slow_one() -> None:
    """Otherwise the rate would go up and down for ever."""
    pace, now = slowed(1)
    painted(pace, [Flow(took=0.2)] * 200, now)
    assert pace.interval == 1.0


@given(st.lists(st.builds(Flow, waiting=st.sampled_from([0.0, 0.3, 5.0]), took=st.sampled_from([0.0, 0.1, 0.4, 3.0])), max_size=60))
def test_panes_are_never_painted_while_something_waits_and_always_within_two_seconds_otherwise(flows: list[Flow]) -> None:
    """Whatever the line does."""
    pace = Pace()
    last = 0.0
    for n, flow in enumerate(flows):
        due = pace.due(n * TICK, flow)
        assert not (due and flow.waiting)
        last = n * TICK if due or flow.waiting else last
        assert n * TICK - last < max(INTERVALS)
