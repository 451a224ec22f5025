"""The runner's stability watch over pictures that a test sets."""

import gc
from dataclasses import replace
from threading import Event as Stop

import pytest

from gospel_rollback_tui.domain.errors import CredentialsExpired
from gospel_rollback_tui.domain.estate import Cluster, Environment, HttpCheck, Metrics, Service, StabilityRule, Tier
from gospel_rollback_tui.domain.feed import FeedState, FeedStatus
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.snapshots import EstateSnapshot, HealthRow
from gospel_rollback_tui.domain.stability import SignalSample, Watch
from gospel_rollback_tui.engine.ports import WatchReport
from gospel_rollback_tui.live.stability import StabilityWatch
from tests.domain import pictures
from tests.live.clocks import WALL, LeapingClock

SYMPTOM = HttpCheck("verses", "https://x/v")
ENVIRONMENT = Environment(
    "production",
    "PRODUCTION",
    Tier.PRODUCTION,
    Cluster("c", "n"),
    tuple(Service(name, f"gospelib-{name}", name, f"app=gospelib-{name}") for name in pictures.SERVICES),
    stability=StabilityRule(minutes=1.0, sample_seconds=5.0),
)


class Album:
    """Pictures that follow the clock, so that nothing is stale unless the test says so."""

    def __init__(self, clock: LeapingClock) -> None:
        self.clock = clock
        self.picture = pictures.estate()
        self.fresh = True
        self.stopped = False

    def snapshot(self) -> EstateSnapshot:
        """Returns the picture, heard just now."""
        if not self.fresh:
            return self.picture
        now = self.clock.now()

        def heard(status: FeedStatus) -> FeedStatus:
            return replace(status, heard=now)

        seen = self.picture

        def asked(row: HealthRow) -> HealthRow:
            latest = row.standing.latest
            return replace(row, standing=replace(row.standing, latest=replace(latest, at=now) if latest else None))

        rows = tuple(asked(row) for row in seen.health.rows)
        return replace(
            seen,
            pods=replace(seen.pods, status=heard(seen.pods.status)),
            rollout=replace(seen.rollout, status=heard(seen.rollout.status)),
            health=replace(seen.health, status=heard(seen.health.status), rows=rows),
            logs=replace(seen.logs, status=heard(seen.logs.status)),
            metrics=seen.metrics
            and replace(seen.metrics, status=heard(seen.metrics.status), rows=tuple(replace(row, answered=now) for row in seen.metrics.rows)),
        )

    def stop(self) -> None:
        """Notes the end."""
        self.stopped = True


def a_watch(symptom: HttpCheck | None = SYMPTOM) -> tuple[StabilityWatch, Album, LeapingClock]:
    """Returns a watch of a calm estate."""
    clock = LeapingClock()
    album = Album(clock)
    return StabilityWatch(ENVIRONMENT, album, clock, symptom=symptom, recovered=WALL), album, clock


def step(watch: StabilityWatch, clock: LeapingClock, count: int = 1) -> WatchReport:
    """Takes samples five seconds apart and returns the last report."""
    for _ in range(count):
        clock.seconds += 5.0
        report = watch.sample()
    return report


def test_a_calm_estate_is_stable_after_its_time_and_not_before() -> None:
    """One minute here; the clock runs from the first good sample."""
    watch, _, clock = a_watch()
    assert not step(watch, clock, 12).stable
    report = step(watch, clock)
    assert report.stable
    assert report.clock_from == WALL + 5.0
    assert [(signal.name, signal.state) for signal in report.signals] == [
        (name, "good") for name in ("symptom", "pods", "restarts", "/health", "/ready", "error logs", "nothing reverts")
    ]


def test_a_restart_starts_the_clock_again_at_once() -> None:
    """And is reported in that sample only."""
    watch, album, clock = a_watch()
    step(watch, clock, 6)
    album.picture = pictures.estate(pods_seen=pictures.pods(pictures.pod_row(number=1, restarts=1, restart_reason="OOMKilled"), *pictures.pods().rows[1:]))
    report = step(watch, clock)
    assert report.reset == ("restarts", "gospelib-gateway-abc-1 restarted (OOMKilled)")
    assert report.clock_from == WALL + clock.seconds
    assert step(watch, clock).reset is None


def test_one_bad_answer_is_no_flap_and_three_are() -> None:
    """The symptom's own answers, one a sample."""
    watch, album, clock = a_watch()
    step(watch, clock, 6)
    bad = pictures.estate(health_seen=pictures.health(pictures.health_row("verses", "symptom", Verdict.BAD, words="500, expected 200")))
    album.picture = bad
    assert step(watch, clock).reset is None
    album.picture = pictures.estate()
    step(watch, clock)
    album.picture = bad
    assert [step(watch, clock).reset for _ in range(4)] == [None, None, ("symptom", "500, expected 200"), None]


def test_stale_pictures_are_unknown_and_never_stable() -> None:
    """A frozen green picture passes nothing."""
    watch, album, clock = a_watch()
    step(watch, clock, 6)
    album.picture = album.snapshot()
    album.fresh = False
    report = step(watch, clock, 30)
    assert not report.stable
    assert {signal.state for signal in report.signals} == {"unknown"}
    assert watch.watch.held < 60


def test_an_expired_login_is_raised_and_counts_for_nothing() -> None:
    """The run waits for it and says so."""
    watch, album, clock = a_watch()
    step(watch, clock, 3)
    held = watch.watch.held
    album.picture = pictures.estate(pods_seen=pictures.pods(status=pictures.live(state=FeedState.REFUSED, detail="Unauthorized")))
    with pytest.raises(CredentialsExpired, match="Unauthorized"):
        step(watch, clock)
    assert watch.watch.held == held


def test_without_a_symptom_there_is_no_symptom_signal() -> None:
    """A run may have none, for a written reason."""
    watch, _, clock = a_watch(None)
    assert "symptom" not in [signal.name for signal in step(watch, clock).signals]


@pytest.mark.parametrize(
    ("guarded", "state", "words"),
    [
        (SignalSample("x", Verdict.GOOD, "auto-sync off"), "good", "auto-sync off"),
        (SignalSample("x", Verdict.BAD, "auto-sync is on again", event=True), "bad", "auto-sync is on again"),
        (SignalSample("x", Verdict.UNKNOWN, "Argo CD does not answer"), "unknown", "Argo CD does not answer"),
    ],
)
def test_a_guard_says_whether_something_would_revert_it(guarded: SignalSample, state: str, words: str) -> None:
    """Beside what the templates say."""
    clock = LeapingClock()
    watch = StabilityWatch(ENVIRONMENT, Album(clock), clock, symptom=None, recovered=WALL, guard=lambda: guarded)
    signal = step(watch, clock).signals[-1]
    assert (signal.name, signal.state, signal.words) == ("nothing reverts", state, words)


def test_the_loop_publishes_each_sample_until_stable() -> None:
    """Waiting between samples takes the rule's time."""
    watch, _, clock = a_watch()
    published: list[Watch] = []
    ended = watch.run(Stop(), lambda _, state: published.append(state))
    assert ended.stable
    assert len(published) == 13
    assert clock.waits == [5.0] * 12


def test_the_loop_ends_when_told_and_by_a_written_decision() -> None:
    """Neither is stable."""
    watch, _, _ = a_watch()
    stop = Stop()
    stop.set()
    assert not watch.run(stop, lambda *_: None).stable
    ended = watch.run(Stop(), lambda _, state: watch.end_early("MK: enough") if state.held > 20 else None)
    assert ended.ended_early == "MK: enough"
    assert not ended.stable


def test_a_watch_that_is_closed_or_forgotten_ends_its_feeds() -> None:
    """No thread outlives its watch."""
    watch, album, _ = a_watch()
    watch.close()
    assert album.stopped
    other, other_album, _ = a_watch()
    del other
    gc.collect()
    assert other_album.stopped
    assert watch.watch.started is None


def with_metrics() -> tuple[StabilityWatch, Album, LeapingClock]:
    """Returns a watch of a calm estate whose error rate is a signal, since before the onset at one percent."""
    clock = LeapingClock()
    album = Album(clock)
    album.picture = pictures.estate(metrics_seen=pictures.metrics())
    environment = replace(ENVIRONMENT, metrics=Metrics("http://x", tuple(row.query for row in pictures.metrics().rows)))
    return StabilityWatch(environment, album, clock, symptom=None, recovered=WALL, onset=pictures.ONSET), album, clock


def test_a_metric_that_is_worse_starts_the_clock_again_and_is_named() -> None:
    """Three samples in a row, as for every signal that is asked; back to usual goes on from there."""
    watch, album, clock = with_metrics()
    assert step(watch, clock, 6).signals[-2].name == "metrics"
    album.picture = pictures.estate(metrics_seen=pictures.metrics(pictures.metric(0.31, 0.31)))
    assert [step(watch, clock).reset for _ in range(3)] == [None, None, ("metrics", "0 of 1: error rate 31 %, usual 1 %")]
    album.picture = pictures.estate(metrics_seen=pictures.metrics())
    assert not step(watch, clock, 12).stable
    assert step(watch, clock).stable


def test_a_metric_that_is_not_known_neither_counts_as_good_nor_starts_the_clock_again() -> None:
    """The clock stands still: absent, and no answer at all, a login to Prometheus that expired included."""
    watch, album, clock = with_metrics()
    step(watch, clock, 6)
    held = watch.watch.held
    gone = FeedStatus(FeedState.REFUSED, pictures.NOW, pictures.NOW, "401")
    for seen in (pictures.metrics(pictures.metric(None, problem="absent")), pictures.metrics(status=gone), None):
        album.picture = pictures.estate(metrics_seen=seen)
        report = step(watch, clock, 10)
        assert (report.stable, report.reset, watch.watch.held) == (False, None, held)
    album.picture = pictures.estate(metrics_seen=pictures.metrics())
    assert step(watch, clock, 12).stable
