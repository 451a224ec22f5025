"""The metrics of an environment: one thread asks Prometheus one query after the other, the present often, the past seldom."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Event as Stop
from threading import Lock, Thread

from gospel_rollback_tui.domain.errors import CredentialsExpired, Forbidden, NotSent, RollbackError, Throttled
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.metric_queries import MetricQuery
from gospel_rollback_tui.domain.metrics import MetricSeries, past_of, present_of
from gospel_rollback_tui.domain.snapshots import MetricsSnapshot
from gospel_rollback_tui.live.backoff import Backoff, patience, state_of, why_of
from gospel_rollback_tui.live.ports import Clock, MetricSource
from gospel_rollback_tui.live.rounds import take_rounds
from gospel_rollback_tui.live.status import StatusBoard

INTERVAL = 5.0
"""Seconds between two rounds of questions."""
PAST_SECONDS = 6 * 3600.0
"""How far back the past is read: an incident that began this morning has its baseline in it."""
STEP = 60.0
"""Seconds between two samples of the past."""
PAST_AGAIN = 300.0
"""Seconds after which the past is read again: between, each present value is added to it."""
LONGEST_PAUSE = 10.0
"""Seconds: a source that does not answer is asked again within a pane's half minute."""
MOST_SAMPLES = 1000
"""Samples of one metric that are kept: the past, and an hour of present values where the past cannot be read."""
GIVE_UP = 2
"""Questions in a row without an answer after which a round ends: one slow query is no dead source."""
SOURCE = "Prometheus"

_log = logging.getLogger(__name__)


class _Asked:
    """One query and what it has brought; written by the feed's thread alone."""

    def __init__(self, query: MetricQuery) -> None:
        self.series = MetricSeries(query)
        self.past_read: float | None = None
        """Monotonic time; None: the past is to be read."""


class MetricsFeed:
    """Every query of an environment; a query is asked again only after it was answered or given up."""

    def __init__(
        self,
        source: MetricSource,
        queries: Iterable[MetricQuery],
        clock: Clock,
        *,
        dashboard: str = "",
        interval: float = INTERVAL,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._clock = clock
        self._dashboard = dashboard
        self._interval = interval
        self._jitter = jitter
        self._asked = [_Asked(query) for query in queries]
        self._board = StatusBoard(clock)
        self._backoff = Backoff(jitter)
        self._turn = 0
        self._lock = Lock()
        self._rows = tuple(asked.series for asked in self._asked)
        self._halt = Stop()
        self._awake = Stop()
        self._thread = Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Tells the thread to end; a question under way ends with its deadline."""
        self._halt.set()
        self._awake.set()

    def retry_now(self) -> None:
        """Cuts a waiting time short, e.g. after a new login."""
        self._awake.set()

    def snapshot(self) -> MetricsSnapshot:
        """Returns every metric as it stands."""
        with self._lock:
            rows = self._rows
        return MetricsSnapshot(source=SOURCE, taken=self._clock.now(), status=self._board.read(), rows=rows, dashboard=self._dashboard)

    def _run(self) -> None:
        self._clock.wait(self._awake, self._jitter() * min(1.0, self._interval))
        take_rounds(self._round, self._halt, self._awake, self._clock, self._board)

    def _round(self) -> float:
        """Asks every query once and returns the seconds to wait before the next round."""
        try:
            self._ask_all()
        except RollbackError as error:
            self._board.enter(state_of(error, self._backoff.failures), error.text, why_of(error))
            return min(LONGEST_PAUSE, self._backoff.longer(patience(error)))
        except Exception as error:  # noqa: BLE001 - the thread's one boundary: a fault of ours must show in the pane, not end the feed
            _log.exception("metrics")
            self._board.enter(FeedState.FAULTY, type(error).__name__)
            return min(LONGEST_PAUSE, self._backoff.longer(at_least=1.0))
        self._backoff.reset()
        return self._interval * (0.9 + 0.2 * self._jitter())

    def _ask_all(self) -> None:
        """Asks each query; raises what is wrong with the server, once that is sure or nothing was answered at all."""
        failed: RollbackError | None = None
        in_a_row = answered = 0
        for asked in self._in_turn():
            if self._halt.is_set():
                return
            try:
                self._ask(asked)
            except NotSent as error:
                failed = error
                in_a_row += 1
                self._show(asked, replace(asked.series, problem=error.text))
                if in_a_row >= GIVE_UP or isinstance(error, CredentialsExpired | Forbidden | Throttled):
                    self._turn += GIVE_UP
                    raise
            else:
                in_a_row = 0
                answered += 1
                self._board.live()
        if failed is not None and not answered:
            raise failed

    def _in_turn(self) -> list[_Asked]:
        """Returns the queries, after a round that was given up beginning with those it did not come to."""
        first = self._turn % len(self._asked) if self._asked else 0
        return [*self._asked[first:], *self._asked[:first]]

    def _ask(self, asked: _Asked) -> None:
        """Asks for the present, and for the past where it is not known yet, has a gap, or is to be read again."""
        answer = self._source.now(asked.series.query.promql)
        now = self._clock.now()
        sample, problem = present_of(answer)
        before = asked.series
        if before.answered is None or now.monotonic - before.answered.monotonic > 2 * STEP:
            asked.past_read = None
        history = before.history if sample is None else (*before.history, sample)[-MOST_SAMPLES:]
        self._show(asked, replace(before, history=history, present=sample, problem=problem, warnings=answer.warnings, answered=now))
        if sample is not None and (asked.past_read is None or now.monotonic - asked.past_read > PAST_AGAIN):
            self._read_past(asked, sample.at // STEP * STEP)
            asked.past_read = now.monotonic

    def _read_past(self, asked: _Asked, end: float) -> None:
        """Reads the past up to wall time `end` by the server's own clock: this machine's may be wrong."""
        past = past_of(self._source.past(asked.series.query.promql, end - PAST_SECONDS, end, STEP))
        if past:
            newer = tuple(sample for sample in asked.series.history if sample.at > past[-1].at)
            self._show(asked, replace(asked.series, history=(*past, *newer)))

    def _show(self, asked: _Asked, series: MetricSeries) -> None:
        asked.series = series
        with self._lock:
            self._rows = tuple(one.series for one in self._asked)
