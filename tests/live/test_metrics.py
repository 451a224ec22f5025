"""The metrics feed: one thread, one question at a time, the past by the server's clock, silence within half a minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Stop
from threading import Lock

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NoRoute, RollbackError, ServerDown
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.metric_queries import MetricKind, metric_query
from gospel_rollback_tui.domain.metrics import MetricAnswer, MetricSample
from gospel_rollback_tui.domain.snapshots import MetricsSnapshot
from gospel_rollback_tui.live.metrics import PAST_AGAIN, PAST_SECONDS, STEP, MetricsFeed
from tests.live.clocks import WALL, SteppedClock
from tests.live.waiting import until

QUERIES = tuple(metric_query(name, MetricKind.ERROR_RATE, name) for name in ("a", "b", "c"))
AHEAD = 600.0
"""Seconds by which the server's clock is ahead of this machine's."""


class Prometheus:
    """A MetricSource: each query has a value or an error, and a gate that may be closed."""

    def __init__(self, clock: SteppedClock) -> None:
        self.clock = clock
        self.value: dict[str, float | str | Exception] = {}
        self.asked: list[str] = []
        self.pasts: list[tuple[str, float, float, float]] = []
        self.gate: Stop | None = None
        self.in_flight = self.most_in_flight = 0
        self._lock = Lock()

    def now(self, promql: str) -> MetricAnswer:
        """Answers once the gate is open."""
        with self._lock:
            self.asked.append(promql)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        if self.gate is not None:
            self.gate.wait()
        with self._lock:
            self.in_flight -= 1
        value = self.value.get(promql, 1.0)
        if isinstance(value, Exception):
            raise value
        if isinstance(value, str):
            return MetricAnswer(problem=value)
        at = self.clock.now().wall + AHEAD
        return MetricAnswer(((MetricSample(at, value),),), at=at)

    def past(self, promql: str, begin: float, end: float, step: float) -> MetricAnswer:
        """Answers with three samples that end two steps before `end`."""
        self.pasts.append((promql, begin, end, step))
        return MetricAnswer((tuple(MetricSample(end - step * back, 0.5) for back in (4, 3, 2)),))


@contextmanager
def running(*names: str) -> Iterator[tuple[MetricsFeed, Prometheus, SteppedClock]]:
    """Runs a feed of those queries that asks every five seconds, without jitter, after its first round."""
    clock = SteppedClock()
    source = Prometheus(clock)
    queries = [query for query in QUERIES if query.name in names]
    feed = MetricsFeed(source, queries, clock, dashboard="https://grafana.example", interval=5.0, jitter=lambda: 0.5)
    feed.start()
    try:
        until(lambda: clock.waiting(1), "the first wait")
        yield feed, source, clock
    finally:
        feed.stop()
        if source.gate is not None:
            source.gate.set()


def round_of(source: Prometheus, clock: SteppedClock, seconds: float = 5.0) -> None:
    """Lets the time to the next round pass and waits for its end."""
    count = len(source.asked)
    clock.advance(seconds)
    until(lambda: len(source.asked) > count and clock.waiting(1), "the end of a round")


def test_every_query_is_asked_once_a_round_and_never_before_its_time() -> None:
    """One after the other: a Prometheus in trouble gets one question at a time."""
    with running("a", "b", "c") as (feed, source, clock):
        assert source.asked == []
        round_of(source, clock, 0.5)
        assert source.asked == ["a", "b", "c"]
        clock.advance(4.9)
        until(lambda: clock.waiting(1), "nothing")
        assert len(source.asked) == 3
        round_of(source, clock, 0.2)
        assert source.asked == ["a", "b", "c"] * 2
        assert source.most_in_flight == 1
        shown = feed.snapshot()
        assert (shown.source, shown.dashboard, shown.status.state) == ("Prometheus", "https://grafana.example", FeedState.LIVE)
        assert [row.present and row.present.value for row in shown.rows] == [1.0, 1.0, 1.0]


def test_the_past_is_read_once_by_the_servers_clock_and_grows_by_each_present_value() -> None:
    """Ten minutes of skew move nothing; the grid is the step's, so that a cache before the server helps."""
    with running("a") as (feed, source, clock):
        round_of(source, clock, 0.5)
        end = (WALL + 0.5 + AHEAD) // STEP * STEP
        assert source.pasts == [("a", end - PAST_SECONDS, end, STEP)]
        source.value["a"] = 2.0
        round_of(source, clock)
        assert len(source.pasts) == 1
        history = feed.snapshot().rows[0].history
        assert [sample.value for sample in history] == [0.5, 0.5, 0.5, 1.0, 2.0]
        assert [sample.at for sample in history] == sorted(sample.at for sample in history)


def test_the_past_is_read_again_after_five_minutes_and_after_a_gap() -> None:
    """What was missed while nobody answered is in it; what it holds is not kept twice."""
    with running("a") as (feed, source, clock):
        round_of(source, clock, 0.5)
        source.value["a"] = NoRoute("gone")
        round_of(source, clock)
        clock.advance(3 * STEP)
        until(lambda: clock.waiting(1), "a wait")
        source.value["a"] = 3.0
        round_of(source, clock, 30.0)
        assert len(source.pasts) == 2
        for _ in range(int(PAST_AGAIN // 60) + 1):
            round_of(source, clock, 60.0)
        assert len(source.pasts) == 3
        history = feed.snapshot().rows[0].history
        assert len({sample.at for sample in history}) == len(history)


def test_a_query_that_finds_nothing_is_unknown_and_the_others_go_on() -> None:
    """A refused query is no broken server."""
    with running("a", "b") as (feed, source, clock):
        source.value["a"] = "the query is refused: x"
        round_of(source, clock, 0.5)
        refused, good = feed.snapshot().rows
        assert (refused.present, refused.problem) == (None, "the query is refused: x")
        assert good.present is not None
        assert feed.snapshot().status.state is FeedState.LIVE


def test_one_slow_query_neither_ends_a_round_nor_is_asked_twice_at_once() -> None:
    """Its row says why it is old; the others are answered."""
    with running("a", "b", "c") as (feed, source, clock):
        source.value["b"] = NoRoute("No answer within 4 s.")
        round_of(source, clock, 0.5)
        rows = feed.snapshot().rows
        assert [row.present is not None for row in rows] == [True, False, True]
        assert rows[1].problem == "No answer within 4 s."
        assert feed.snapshot().status.state is FeedState.LIVE


def test_a_silent_server_is_said_with_its_reason_and_asked_again_within_ten_seconds() -> None:
    """Two questions without an answer end a round; the next one begins with what it did not come to."""
    with running("a", "b", "c") as (feed, source, clock):
        source.value = dict.fromkeys("abc", NoRoute("No answer from x within 4 s."))
        round_of(source, clock, 0.5)
        assert source.asked == ["a", "b"]
        assert feed.snapshot().status.state is FeedState.RECONNECTING
        for _ in range(6):
            round_of(source, clock, 12.0)
        assert source.asked[2:4] == ["c", "a"]
        status = feed.snapshot().status
        assert (status.state, status.detail, status.heard) == (FeedState.UNREACHABLE, "No answer from x within 4 s.", None)
        source.value = {}
        round_of(source, clock, 12.0)
        assert feed.snapshot().status.state is FeedState.LIVE


def test_a_value_that_was_good_is_known_no_more_once_nobody_answers() -> None:
    """The picture keeps what it last saw, and says that it may not be believed."""
    with running("a") as (feed, source, clock):
        round_of(source, clock, 0.5)
        assert feed.snapshot().known(clock.now().monotonic)
        source.value["a"] = NoRoute("gone")
        round_of(source, clock)
        assert feed.snapshot().known(clock.now().monotonic)
        round_of(source, clock, 12.0)
        assert not feed.snapshot().known(clock.now().monotonic)
        assert feed.snapshot().rows[0].present is not None


@pytest.mark.parametrize(
    ("error", "state"), [(CredentialsExpired("401"), FeedState.REFUSED), (Forbidden("403"), FeedState.FORBIDDEN), (ServerDown("x"), FeedState.DOWN)]
)
def test_a_server_that_says_no_is_told_apart(error: RollbackError, state: FeedState) -> None:
    """One no of login or right is enough: the other queries would hear the same."""
    with running("a", "b", "c") as (feed, source, clock):
        source.value = dict.fromkeys("abc", error)
        round_of(source, clock, 0.5)
        round_of(source, clock, 12.0)
        assert feed.snapshot().status.state is state


def test_a_login_cuts_the_waiting_short() -> None:
    """Nobody looks at a dead pane for ten seconds after having logged in."""
    with running("a") as (feed, source, clock):
        source.value["a"] = CredentialsExpired("401")
        round_of(source, clock, 0.5)
        source.value = {}
        feed.retry_now()
        until(lambda: feed.snapshot().status.state is FeedState.LIVE, "an answer before its time")


def test_a_fault_of_ours_is_said_and_does_not_end_the_feed() -> None:
    """The next round tries again."""
    with running("a") as (feed, source, clock):
        source.value["a"] = ValueError("bug")
        round_of(source, clock, 0.5)
        assert feed.snapshot().status.state is FeedState.FAULTY
        source.value = {}
        round_of(source, clock, 12.0)
        assert feed.snapshot().status.state is FeedState.LIVE


def test_a_stopped_feed_says_so() -> None:
    """A frozen pane is never a live one."""
    with running("a") as (feed, source, clock):
        round_of(source, clock, 0.5)
        feed.stop()
        until(lambda: feed.snapshot().status.state is FeedState.STOPPED, "the end")
        shown: MetricsSnapshot = feed.snapshot()
        assert not shown.known(clock.now().monotonic)
