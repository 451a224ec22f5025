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
