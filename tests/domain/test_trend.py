"""Better or worse than when the step began: by pods, checks and error lines; what is not known says nothing."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.trend import Direction, Level, level_of, trend
from tests.ui.builders import NOW, ago, snapshot

STOOD = Level(ready=10, wanted=12, failing=3, errors=100)


@pytest.mark.parametrize(
    ("after", "direction", "words"),
    [
        (STOOD, Direction.SAME, "10 of 12 pods ready; 3 checks failing; 100 errors/min"),
        (replace(STOOD, ready=12), Direction.BETTER, "12 of 12 pods ready, 10 of 12 before"),
        (replace(STOOD, ready=9), Direction.WORSE, "9 of 12 pods ready, 10 of 12 before"),
        (replace(STOOD, failing=0), Direction.BETTER, "no checks failing, 3 before"),
        (replace(STOOD, failing=1, errors=400), Direction.MIXED, "400 errors/min, 100 before; 1 check failing, 3 before"),
        (replace(STOOD, errors=118), Direction.SAME, "10 of 12 pods ready; 3 checks failing; 118 errors/min"),
        (replace(STOOD, errors=79), Direction.BETTER, "79 errors/min, 100 before"),
        (replace(STOOD, wanted=10), Direction.BETTER, "10 of 10 pods ready, 10 of 12 before"),
        (replace(STOOD, ready=None), Direction.SAME, "3 checks failing; 100 errors/min"),
        (Level(None, None, None, None), Direction.UNKNOWN, "neither pods nor checks nor logs can be compared"),
    ],
)
def test_where_it_went(after: Level, direction: Direction, words: str) -> None:
    """What is worse is named first; noise in the logs is none of it."""
    found = trend(STOOD, after)
    assert (found.direction, found.words) == (direction, words)


FLOOD = replace(STOOD, errors=5000, at_least=True)
"""Lines came too fast to be read."""


@pytest.mark.parametrize(
    ("before", "after", "direction", "words"),
    [
        (STOOD, FLOOD, Direction.WORSE, "≥ 5000 errors/min, 100 before"),
        (STOOD, replace(FLOOD, errors=10), Direction.UNKNOWN, "≥ 10 errors/min, 100 before"),
        (STOOD, replace(FLOOD, errors=100), Direction.UNKNOWN, "≥ 100 errors/min, 100 before"),
        (STOOD, replace(FLOOD, errors=10, ready=12), Direction.UNKNOWN, "≥ 10 errors/min, 100 before; 12 of 12 pods ready, 10 of 12 before"),
        (STOOD, replace(FLOOD, errors=10, ready=9), Direction.WORSE, "9 of 12 pods ready, 10 of 12 before"),
        (FLOOD, STOOD, Direction.BETTER, "100 errors/min, ≥ 5000 before"),
        (replace(FLOOD, errors=10), STOOD, Direction.UNKNOWN, "100 errors/min, ≥ 10 before"),
        (FLOOD, FLOOD, Direction.UNKNOWN, "≥ 5000 errors/min, ≥ 5000 before"),
        (FLOOD, replace(FLOOD, errors=9000), Direction.UNKNOWN, "≥ 9000 errors/min, ≥ 5000 before"),
        (FLOOD, replace(FLOOD, errors=9), Direction.UNKNOWN, "≥ 9 errors/min, ≥ 5000 before"),
    ],
)
def test_a_count_that_is_too_small_proves_that_it_is_worse_and_never_that_it_is_better(before: Level, after: Level, direction: Direction, words: str) -> None:
    """One of before proves the opposite; what neither proves is unknown, unless something else is worse already."""
    found = trend(before, after)
    assert (found.direction, found.words) == (direction, words)


def test_few_errors_are_the_same_as_none() -> None:
    """Two lines a minute are noise, whatever the share."""
    assert trend(replace(STOOD, errors=0), replace(STOOD, errors=2)).direction is Direction.SAME
    assert trend(replace(STOOD, errors=0), replace(STOOD, errors=3)).direction is Direction.WORSE


def test_a_level_counts_only_the_services_in_question_and_what_can_be_believed() -> None:
    """The public edge counts for every service; a stale feed is not known, never zero."""
    base = snapshot()
    whole, gateway = level_of(base, (), NOW.monotonic), level_of(base, ("gateway",), NOW.monotonic)
    assert (whole.ready, whole.wanted) == (12, 12)
    assert (gateway.ready, gateway.wanted) == (2, 2)
    assert gateway.failing is not None
    assert whole.failing is not None
    assert 0 < gateway.failing <= whole.failing
    old = FeedStatus(FeedState.RECONNECTING, ago(44), ago(45), "the connection was cut")
    blind = level_of(replace(base, pods=replace(base.pods, status=old), logs=replace(base.logs, status=old)), (), NOW.monotonic)
    assert (blind.ready, blind.wanted, blind.errors) == (None, None, None)
    assert blind.failing == whole.failing


def test_a_level_is_a_lower_bound_where_a_services_count_is_one() -> None:
    """Only of the services in question."""
    base = snapshot()
    rows = tuple(replace(row, at_least=row.service == "gateway") for row in base.logs.errors)
    flood = replace(base, logs=replace(base.logs, errors=rows))
    assert level_of(flood, ("gateway",), NOW.monotonic).at_least
    assert level_of(flood, (), NOW.monotonic).at_least
    assert not level_of(flood, ("auth",), NOW.monotonic).at_least
    assert not level_of(base, (), NOW.monotonic).at_least
