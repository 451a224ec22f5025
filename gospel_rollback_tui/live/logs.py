"""Follows the logs of every service's pods, new pods and restarts included, at most twenty streams at a time."""

import logging
import random
from collections.abc import Callable, Collection, Sequence
from threading import Event as Stop
from threading import Lock, Thread

from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.snapshots import LogsSnapshot, PodRow, PodsSnapshot
from gospel_rollback_tui.live.follower import Followed, Follower
from gospel_rollback_tui.live.log_book import LogBook
from gospel_rollback_tui.live.ports import Clock, LogSource

STREAMS = 20
"""Streams at a time (domain V4): each holds a connection and a thread."""
RECONCILE_SECONDS = 1.0
"""Seconds between two looks at which pods there are."""
FIRST_SECONDS = 0.2
"""The same, while nothing is followed yet."""
RECENT_CRASH = 600.0
"""Seconds: a crash before the feed began is told if it is not older."""
SOURCE = "Kubernetes logs"

_log = logging.getLogger(__name__)


class LogFeed:
    """A thread that keeps one follower for each container worth following."""

    def __init__(
        self,
        source: LogSource,
        pods: Callable[[], PodsSnapshot],
        services: Sequence[Service],
        clock: Clock,
        *,
        limit: int = STREAMS,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._source = source
        self._pods = pods
        self._containers = {service.name: service.container for service in services}
        self._clock = clock
        self._limit = limit
        self._jitter = jitter
        self._book = LogBook(self._containers)
        self._lock = Lock()
        self._followers: dict[str, Follower] = {}
        self._not_followed: tuple[str, ...] = ()
        self._chosen: tuple[str, ...] = tuple(self._containers)[:1]
        self._ranked_of: tuple[Sequence[PodRow], tuple[str, ...], frozenset[str]] = ((), (), frozenset())
        """What the ranking was made of: thousands of pods are not ranked again while none of them changes."""
        self._ranking: list[PodRow] = []
        self._began = clock.now()
        self._halt = Stop()
        self._thread = Thread(target=self._run, name="feed-logs", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Tells the thread and every follower to end; returns at once."""
        self._halt.set()
        for follower in self._current():
            follower.stop()

    def join(self, timeout: float) -> bool:
        """Waits for the ends of all threads, each at most `timeout` seconds, and returns whether they came."""
        self._thread.join(timeout)
        ended = [follower.join(timeout) for follower in self._current()]
        return all(ended) and not self._thread.is_alive()

    def choose(self, services: Sequence[str]) -> None:
        """Shows these services' lines; the errors of all are counted all the same. Unknown names are left out."""
        with self._lock:
            self._chosen = tuple(name for name in services if name in self._containers)

    def retry_now(self) -> None:
        """Cuts every waiting time short, e.g. after a new login."""
        for follower in self._current():
            follower.retry_now()

    def snapshot(self) -> LogsSnapshot:
        """Returns lines, errors and kinds of error as they stand."""
        now = self._clock.now()
        followers = self._current()
        with self._lock:
            chosen, not_followed = self._chosen, self._not_followed
        streams: dict[str, int] = {}
        statuses = []
        for follower in followers:
            status = follower.status()
            statuses.append(status)
            if status.known(now.monotonic) and status.state is not FeedState.WAITING:
                streams[follower.followed.service] = streams.get(follower.followed.service, 0) + 1
        return LogsSnapshot(
            source=SOURCE,
            taken=now,
            status=self._status(statuses, now.monotonic),
            chosen=chosen,
            lines=self._book.lines(chosen),
            errors=self._book.errors(now.wall, streams),
            signatures=self._book.signatures(),
            unread=self._book.unread,
            unshown=self._book.unshown,
            not_followed=not_followed,
        )

    def _status(self, statuses: Sequence[FeedStatus], now: float) -> FeedStatus:
        """Returns the best of the streams' statuses: which services are deaf is said by their own rows."""
        if self._halt.is_set():
            return FeedStatus(FeedState.STOPPED, self._began)
        if not statuses:
            pods = self._pods()
            if pods.known(now):
                return FeedStatus(FeedState.WAITING, self._began, pods.status.heard, "no pods to follow")
            return FeedStatus(pods.status.state, pods.status.since, None, "the pods are not known")
        order = {FeedState.LIVE: 0, FeedState.WAITING: 1, FeedState.RECONNECTING: 2}
        heard = max((status.heard.monotonic for status in statuses if status.heard is not None), default=0.0)
        return min(statuses, key=lambda status: (order.get(status.state, 3), heard - (status.heard.monotonic if status.heard else 0.0)))

    def _current(self) -> list[Follower]:
        with self._lock:
            return list(self._followers.values())

    def _run(self) -> None:
        while not self._halt.is_set():
            try:
                self.reconcile()
            except Exception:  # noqa: BLE001 - the thread's one boundary: a fault of ours must not end the feed; the streams' own ages show it
                _log.exception("feed logs")
            self._clock.wait(self._halt, RECONCILE_SECONDS if self._current() else FIRST_SECONDS)

    def reconcile(self) -> None:
        """Makes the followers those of the pods there are now; called by the feed's own thread once a second."""
        snapshot = self._pods()
        now = self._clock.now()
        if not snapshot.known(now.monotonic):
            return
        wanted = self._wanted(snapshot.rows)
        rows = {row.uid: row for row in wanted[: self._limit]}
        with self._lock:
            if self._halt.is_set():
                return
            self._not_followed = tuple(row.name for row in wanted[self._limit :])
            gone = [self._followers.pop(uid) for uid in list(self._followers) if uid not in rows]
            fresh = [self._follower(row) for uid, row in rows.items() if uid not in self._followers]
            self._followers.update({follower.followed.uid: follower for follower in fresh})
            current = list(self._followers.values())
        for follower in gone:
            follower.stop()
        for follower in current:
            row = rows[follower.followed.uid]
            recently = row.last_restart is not None and now.wall - row.last_restart < RECENT_CRASH
            follower.restarted(row.restarts, row.restart_reason, recently=recently)
        for follower in fresh:
            follower.start()

    def _follower(self, row: PodRow) -> Follower:
        followed = Followed(row.uid, row.name, self._containers[row.service], row.service)
        return Follower(followed, self._source, self._book, self._clock, reachable=self._reachable, jitter=self._jitter)

    def _reachable(self) -> bool:
        status = self._pods().status
        return status.state is FeedState.LIVE and status.known(self._clock.now().monotonic)

    def _wanted(self, rows: Sequence[PodRow]) -> list[PodRow]:
        """Returns the pods in the order in which they deserve a stream.

        The first pod of every service, so that none is deaf, then the chosen services' pods, then newest first. A pod that
        was on its way out when it was first seen is left out where its service has another: what it wrote belongs to before.
        """
        with self._lock:
            made_of = (rows, self._chosen, frozenset(self._followers))
        if made_of[0] is not self._ranked_of[0] or made_of[1:] != self._ranked_of[1:]:
            self._ranked_of, self._ranking = made_of, self._ranked(*made_of)
        return self._ranking

    def _ranked(self, rows: Sequence[PodRow], chosen: Sequence[str], followed: Collection[str]) -> list[PodRow]:
        staying = {row.service for row in rows if not row.leaving}
        known = [row for row in rows if row.service in self._containers and not (row.leaving and row.service in staying and row.uid not in followed)]
        newest_first = sorted(known, key=lambda row: (row.leaving, -row.created, row.name))
        seen: set[str] = set()
        ranked: list[tuple[int, int, PodRow]] = []
        for place, row in enumerate(newest_first):
            rank = 0 if row.service not in seen else 1 if row.service in chosen else 2
            seen.add(row.service)
            ranked.append((rank, place, row))
        return [row for _, _, row in sorted(ranked, key=lambda entry: entry[:2])]
