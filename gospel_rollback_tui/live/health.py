"""Health, readiness, endpoints and the symptom, each asked on its own schedule by a thread of its own."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event as Stop
from threading import Lock, Thread
from urllib.parse import urlsplit

from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import RESULTS_TO_CHANGE, HealthResult, HealthStanding, Verdict, advance, judge
from gospel_rollback_tui.domain.snapshots import HealthRow, HealthSnapshot
from gospel_rollback_tui.live.ports import Clock, HttpAsker

INTERVAL = 3.0
"""Seconds between two questions to one target."""
ELSEWHERE_INTERVAL = 10.0
"""Seconds between two questions to a place that is only compared with."""
ELSEWHERE, ARGOCD = "elsewhere", "Argo CD"
SOURCE = "HTTP"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """One check and where its row belongs."""

    name: str
    kind: str
    """`symptom`, `endpoint`, `health`, `ready`, or `elsewhere` for what is only compared with."""
    service: str
    check: HttpCheck


def targets_of(environment: Environment, symptom: HttpCheck | None = None) -> tuple[Target, ...]:
    """Returns what is asked in an environment: the symptom (else its usual ones), the public endpoints, each service's health and ready URL."""
    symptoms = (symptom,) if symptom is not None else environment.symptoms
    asked = {check.url for check in symptoms}
    found = [Target(check.name, "symptom", "", check) for check in symptoms]
    found += [Target(check.name, "endpoint", "", check) for check in environment.endpoints if check.url not in asked]
    for service in environment.services:
        if service.ready_url:
            found.append(Target(f"{service.name} /ready", "ready", service.name, HttpCheck(f"{service.name} /ready", service.ready_url)))
        if service.health_url:
            found.append(Target(f"{service.name} /health", "health", service.name, HttpCheck(f"{service.name} /health", service.health_url)))
    return tuple(found)


def elsewhere_of(environment: Environment) -> tuple[Target, ...]:
    """Returns what is asked only to tell a silent source from a host that hears nobody: Argo CD, and the configured vantage."""
    found = []
    server = environment.argocd.server
    if server and environment.argocd.application:
        base = server.rstrip("/") if "://" in server else f"https://{server}"
        found.append(Target(ARGOCD, ELSEWHERE, "", HttpCheck(ARGOCD, f"{base}/api/version")))
    if environment.vantage:
        found.append(Target(urlsplit(environment.vantage).netloc, ELSEWHERE, "", HttpCheck("vantage", environment.vantage)))
    return tuple(found)


class _Poll:
    """Asks one target until it is told to stop."""

    def __init__(self, target: Target, feed: "HealthFeed") -> None:
        self.target = target
        self.standing = HealthStanding()
        self.in_flight = False
        self.answered = False
        """Whether the newest result came from the target, rather than being the lack of one."""
        self.stop = Stop()
        self.thread = Thread(target=feed.poll, args=(self,), name=f"health-{target.name}", daemon=True)

    def row(self) -> HealthRow:
        """Returns the target as the pane shows it."""
        target = self.target
        return HealthRow(
            name=target.name, kind=target.kind, service=target.service, label=target.check.label(), standing=self.standing, in_flight=self.in_flight
        )


class HealthFeed:
    """Every check of an environment; a slow target delays nobody, and is asked again only after it answered."""

    def __init__(
        self,
        asker: HttpAsker,
        targets: Iterable[Target],
        clock: Clock,
        *,
        interval: float = INTERVAL,
        needed: int = RESULTS_TO_CHANGE,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._asker = asker
        self._clock = clock
        self._interval = interval
        self._needed = needed
        self._jitter = jitter
        self._lock = Lock()
        self._began = clock.now()
        self._halted = False
        self._started = False
        self._heard: Moment | None = None
        self._polls = [_Poll(target, self) for target in targets]

    def start(self) -> None:
        """Starts a thread for each target."""
        with self._lock:
            self._started = True
            polls = list(self._polls)
        for poll in polls:
            poll.thread.start()

    def stop(self) -> None:
        """Tells every thread to end; one in the middle of a question ends with it."""
        with self._lock:
            self._halted = True
            polls = list(self._polls)
        for poll in polls:
            poll.stop.set()

    def choose_symptom(self, check: HttpCheck) -> None:
        """Asks this symptom in place of the others."""
        with self._lock:
            if self._halted or [p.target.check for p in self._polls if p.target.kind == "symptom"] == [check]:
                return
            gone = [poll for poll in self._polls if poll.target.kind == "symptom"]
            chosen = next((poll for poll in gone if poll.target.check == check), None) or _Poll(Target(check.name, "symptom", "", check), self)
            self._polls = [chosen, *(poll for poll in self._polls if poll not in gone)]
            fresh = chosen not in gone and self._started
        for poll in gone:
            if poll is not chosen:
                poll.stop.set()
        if fresh:
            chosen.thread.start()

    def snapshot(self) -> HealthSnapshot:
        """Returns every row as it stands."""
        with self._lock:
            rows = tuple(poll.row() for poll in self._polls)
            return HealthSnapshot(
                source=SOURCE,
                taken=self._clock.now(),
                status=self._status(),
                rows=tuple(row for row in rows if row.kind != ELSEWHERE),
                elsewhere=tuple(row for row in rows if row.kind == ELSEWHERE),
            )

    def _status(self) -> FeedStatus:
        """Returns how the feed as a whole is doing: one answer from anywhere proves that this side works."""
        if self._halted:
            return FeedStatus(FeedState.STOPPED, self._began, self._heard)
        polls = [poll for poll in self._polls if poll.target.kind != ELSEWHERE]
        results = [poll.standing.latest for poll in polls if poll.standing.latest is not None]
        if not results:
            return FeedStatus(FeedState.STARTING if polls else FeedState.LIVE, self._began, self._heard)
        if any(poll.answered for poll in polls):
            return FeedStatus(FeedState.LIVE, self._began, self._heard)
        newest = max(results, key=lambda result: result.at.monotonic)
        return FeedStatus(FeedState.UNREACHABLE, newest.at, self._heard, f"no target answers; the last one: {newest.words}", why=newest.words)

    def poll(self, poll: _Poll) -> None:
        """Asks one target again and again; a thread's body."""
        self._clock.wait(poll.stop, self._jitter() * min(1.0, self._interval))
        while not poll.stop.is_set():
            poll.in_flight = True
            result = self._ask(poll.target)
            with self._lock:
                poll.in_flight = False
                poll.standing = advance(poll.standing, result, self._needed)
                poll.answered = result.status is not None or result.verdict is Verdict.BAD
                if poll.answered and poll.target.kind != ELSEWHERE:
                    self._heard = result.at
            interval = self._interval if poll.target.kind != ELSEWHERE else max(self._interval, ELSEWHERE_INTERVAL)
            self._clock.wait(poll.stop, interval * (0.9 + 0.2 * self._jitter()))

    def _ask(self, target: Target) -> HealthResult:
        try:
            answer = self._asker.ask(target.check)
            return judge(target.check, answer, self._clock.now())
        except Exception as error:  # noqa: BLE001 - the thread's one boundary: a fault of ours makes the check unknown, it does not end the feed
            _log.exception("health check %s", target.name)
            return HealthResult(Verdict.UNKNOWN, None, 0.0, f"fault of this program: {type(error).__name__}", self._clock.now())
