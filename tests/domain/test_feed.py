"""A feed's status: what is old is stale, whatever the connection says."""

import pytest

from gospel_rollback_tui.domain.feed import KNOWING, STALE_AFTER, FeedState, FeedStatus, Moment, starting

THEN = Moment(100.0, 1_000_100.0)


def status(state: FeedState, heard: Moment | None = THEN, detail: str = "", malformed: int = 0) -> FeedStatus:
    """Returns a status heard at 100 s."""
    return FeedStatus(state, THEN, heard, detail, malformed)


def test_a_feed_that_never_heard_anything_is_not_known() -> None:
    """No age is not a small age."""
    fresh = starting(THEN)
    assert fresh.age(200.0) is None
    assert not fresh.known(100.0)


@pytest.mark.parametrize("state", [state for state in FeedState if state in KNOWING])
def test_silence_makes_every_knowing_state_stale(state: FeedState) -> None:
    """At the limit it is still known, behind it no longer."""
    assert status(state).known(100.0 + STALE_AFTER)
    late = status(state).seen_at(100.1 + STALE_AFTER)
    assert late.state is FeedState.STALE
    assert not status(state).known(100.1 + STALE_AFTER)


@pytest.mark.parametrize("state", [state for state in FeedState if state not in KNOWING])
def test_a_bad_state_is_shown_as_it_is_and_never_known(state: FeedState) -> None:
    """Stale does not hide why."""
    assert status(state).seen_at(1000.0).state is state
    assert not status(state).known(100.0)


@pytest.mark.parametrize(
    ("seen", "now", "words"),
    [
        (status(FeedState.LIVE, detail="old trouble"), 101.0, "live"),
        (status(FeedState.LIVE, malformed=2), 101.0, "live (2 not understood)"),
        (status(FeedState.REFUSED, detail="Unauthorized"), 101.0, "login expired: Unauthorized"),
        (status(FeedState.LIVE), 200.0, "stale"),
        (status(FeedState.RECONNECTING, detail="the connection was cut"), 200.0, "stale: the connection was cut"),
    ],
)
def test_the_words_of_a_status(seen: FeedStatus, now: float, words: str) -> None:
    """State, reason and what was not understood, in one line."""
    assert seen.words(now) == words


def test_a_clock_that_lags_makes_no_negative_age() -> None:
    """Ages are never below zero."""
    assert status(FeedState.LIVE).age(99.0) == 0.0
