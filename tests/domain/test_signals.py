"""Each signal of the stability watch, judged from pictures."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain import signals
from gospel_rollback_tui.domain.estate import HttpCheck, StabilityRule
from gospel_rollback_tui.domain.feed import FeedState
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.signals import ErrorBaseline, RestartBaseline, TemplateBaseline
from gospel_rollback_tui.domain.snapshots import HealthSnapshot, LogsSnapshot, MetricsSnapshot, PodsSnapshot, RolloutSnapshot
from tests.domain import pictures
from tests.domain.pictures import ONSET, SERVICES, health, health_row, live, logs, metric, metrics, pod_row, pods, rollout, rollout_row, service_errors

G, B, U = Verdict.GOOD, Verdict.BAD, Verdict.UNKNOWN
RULE = StabilityRule()


@pytest.mark.parametrize(
    ("seen", "rolled", "verdict", "words"),
    [
        (pods(), rollout(), G, "4 of 4 ready"),
        (pods(pod_row(number=1), pod_row(number=2, ready=False), *[pod_row("auth", n) for n in (1, 2)]), rollout(), B, "3 of 4 ready: gateway"),
        (pods(pod_row(number=1), pod_row(number=2, leaving=True), *[pod_row("auth", n) for n in (1, 2)]), rollout(), B, "3 of 4 ready: gateway"),
        (pods(pod_row(number=1), pod_row(number=2, newest=False), *[pod_row("auth", n) for n in (1, 2)]), rollout(), B, "3 of 4 ready: gateway"),
        (pods(*[pod_row("gateway", n) for n in range(5)], *[pod_row("auth", n) for n in (1, 2)]), rollout(), G, "4 of 4 ready"),
        (pods(), rollout(rollout_row("gateway")), B, "Deployment of auth is gone"),
        (pods(), rollout(rollout_row("gateway", desired=0), rollout_row("auth")), G, "2 of 2 ready"),
        (pods(status=live(60.0)), rollout(), U, "stale: unknown, not good"),
        (pods(), rollout(status=live(state=FeedState.FORBIDDEN, detail="no")), U, "no right to read it: no: unknown, not good"),
    ],
)
def test_pods(seen: PodsSnapshot, rolled: RolloutSnapshot, verdict: Verdict, words: str) -> None:
    """Every service has its ready pods of the newest template, or says which lacks them."""
    sample = signals.pods_signal(seen, rolled, SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (verdict, words)


def test_a_restart_is_an_event_once_and_then_known() -> None:
    """The pane can show the count for hours; the clock starts again once."""
    baseline = RestartBaseline({}, since=1_000_050.0)
    sample, baseline = signals.restarts_signal(pods(), baseline, SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (G, "0 since the rollback")
    restarted = pods(pod_row(number=1, restarts=1, restart_reason="OOMKilled"))
    sample, baseline = signals.restarts_signal(restarted, baseline, SERVICES, 100.0)
    assert (sample.verdict, sample.event, sample.words) == (B, True, "gospelib-gateway-abc-1 restarted (OOMKilled)")
    sample, _ = signals.restarts_signal(restarted, baseline, SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (G, "1 in the watch, none now")


@pytest.mark.parametrize(("last", "verdict"), [(1_000_060.0, B), (1_000_040.0, G), (None, G)])
def test_a_pod_met_with_restarts_counts_those_after_the_rollback(last: float | None, verdict: Verdict) -> None:
    """A restart of last week is none of ours."""
    sample, _ = signals.restarts_signal(pods(pod_row(restarts=3, last_restart=last)), RestartBaseline({}, 1_000_050.0), SERVICES, 100.0)
    assert sample.verdict is verdict


def test_restarts_of_pods_that_cannot_be_seen_are_unknown_and_not_forgotten() -> None:
    """The baseline stays what it was."""
    baseline = RestartBaseline({"gateway-1": 2}, 0.0)
    sample, kept = signals.restarts_signal(pods(status=live(0.0)), baseline, SERVICES, 100.0)
    assert sample.verdict is U
    assert kept == baseline


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (health(), G, "2 of 2"),
        (health(health_row("a", "ready"), health_row("b", "endpoint", B, words="503, expected 200")), B, "1 of 2: b 503, expected 200"),
        (health(health_row("a", "ready"), health_row("b", "ready", U, words="no answer in time")), U, "1 of 2: b no answer in time"),
        (health(health_row("a", "ready", B, words="500"), health_row("b", "ready", U)), B, "0 of 2: a 500"),
        (health(health_row("a", "ready", asked=80.0)), U, "0 of 1: a no answer for 20 s: unknown, not good"),
        (health(health_row("a", "symptom")), G, "none configured"),
    ],
)
def test_health_and_ready(seen: HealthSnapshot, verdict: Verdict, words: str) -> None:
    """Bad comes before unknown; an old answer is none."""
    sample = signals.health_signal(signals.READY, seen, ("ready", "endpoint"), 100.0, fresh_seconds=15.0)
    assert (sample.verdict, sample.words) == (verdict, words)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (health(), G, "200, 12 ms"),
        (health(health_row("verses", "symptom", B, words="connection refused")), B, "connection refused"),
        (health(health_row("verses", "symptom", asked=10.0)), U, "no answer for 90 s: unknown, not good"),
        (health(health_row("other", "symptom")), U, "not asked: unknown, not good"),
    ],
)
def test_symptom(seen: HealthSnapshot, verdict: Verdict, words: str) -> None:
    """The chosen symptom and no other."""
    sample = signals.symptom_signal(seen, HttpCheck("verses", "https://x/"), 100.0, 15.0)
    assert (sample.verdict, sample.words) == (verdict, words)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (logs(), G, "0/min, usual 0"),
        (logs(service_errors("gateway", 1), service_errors("auth")), G, "1/min, usual 0"),
        (logs(service_errors("gateway", 212), service_errors("auth")), B, "gateway 212/min, usual 0"),
        (logs(replace(service_errors("gateway", 1), at_least=True), service_errors("auth")), U, "lines of gateway came too fast to be read: unknown, not good"),
        (logs(replace(service_errors("gateway", 212), at_least=True), service_errors("auth")), B, "gateway ≥ 212/min, usual 0"),
        (logs(service_errors("gateway", known=False), service_errors("auth")), U, "no logs of gateway: unknown, not good"),
        (logs(service_errors("gateway")), U, "no logs of auth: unknown, not good"),
        (logs(service_errors("gateway", 9), service_errors("auth", known=False)), B, "gateway 9/min, usual 0"),
        (logs(status=live(0.0)), U, "stale: unknown, not good"),
    ],
)
def test_error_logs(seen: LogsSnapshot, verdict: Verdict, words: str) -> None:
    """A service that nobody listens to is not quiet."""
    sample, _ = signals.errors_signal(seen, RULE, ErrorBaseline({}), SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (verdict, words)


def test_the_noise_of_every_day_is_no_flap_and_never_learned_during_the_watch() -> None:
    """What is usual comes from before; an error burst does not become usual by lasting."""
    before = logs(replace(service_errors("gateway", 2), history=(2, 1, 2, 2, 2)), service_errors("auth"))
    sample, baseline = signals.errors_signal(before, RULE, ErrorBaseline({}), SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (G, "2/min, usual 2")
    burst = logs(replace(service_errors("gateway", 7), history=(7, 7, 7, 7, 7)), service_errors("auth"))
    sample, baseline = signals.errors_signal(burst, RULE, baseline, SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (B, "gateway 7/min, usual 2")
    assert baseline.usual == {"gateway": 2, "auth": 0}


@pytest.mark.parametrize(("usual", "limit"), [(0.0, 1.0), (1.0, 4.0), (4.0, 10.0), (5.0, 11.7), (118.0, 11.7)])
def test_what_is_quiet_grows_with_the_usual_and_has_a_cap(usual: float, limit: float) -> None:
    """A long incident before the watch never passes for usual."""
    assert signals.quiet_limit(RULE, usual) == pytest.approx(limit, abs=0.05)


def test_another_template_is_an_event_once() -> None:
    """Whoever reverted it, the clock starts again, and what is there now is what is watched."""
    sample, baseline = signals.templates_signal(rollout(), TemplateBaseline({}), SERVICES, 100.0)
    assert (sample.verdict, sample.words) == (G, "templates unchanged")
    reverted = rollout(rollout_row("gateway", "bad"), rollout_row("auth"))
    sample, baseline = signals.templates_signal(reverted, baseline, SERVICES, 100.0)
    assert (sample.verdict, sample.event, sample.words) == (B, True, "gateway has another template (revision 1)")
    sample, _ = signals.templates_signal(reverted, baseline, SERVICES, 100.0)
    assert sample.verdict is G


def test_a_template_that_is_not_known_keeps_its_baseline() -> None:
    """Unknown in between does not hide that it was changed."""
    baseline = TemplateBaseline({"gateway": "abc", "auth": "abc"})
    sample, kept = signals.templates_signal(rollout(rollout_row("gateway", ""), rollout_row("auth")), baseline, SERVICES, 100.0)
    assert sample.verdict is U
    assert kept == baseline
    sample, _ = signals.templates_signal(rollout(status=live(0.0)), baseline, SERVICES, 100.0)
    assert sample.verdict is U


def test_the_oldest_feed_is_named_and_one_never_heard_comes_first() -> None:
    """The header shows the age of the oldest feed."""
    calm = pictures.estate(pods_seen=pods(status=live(90.0)))
    assert calm.oldest(100.0) == ("pods", 10.0)
    fresh = live()
    never = pods(status=type(fresh)(FeedState.STARTING, fresh.since))
    assert pictures.estate(pods_seen=never).oldest(100.0) == ("pods", None)


@pytest.mark.parametrize(
    ("seen", "verdict", "words"),
    [
        (metrics(), Verdict.GOOD, "1 of 1 as before"),
        (metrics(metric(0.01), metric(0.31, 0.31, name="web errors")), Verdict.BAD, "1 of 2: web errors 31 %, usual 1 %"),
        (metrics(metric(0.12, 0.31)), Verdict.UNKNOWN, "0 of 1: error rate 12 %, usual 1 %, falling"),
        (metrics(metric(0.12, 0.31, 0.01)), Verdict.BAD, "0 of 1: error rate 12 %, usual 1 %"),
        (metrics(metric(None, problem="absent: the query finds nothing")), Verdict.UNKNOWN, "0 of 1: error rate absent: the query finds nothing: not good"),
        (metrics(metric(None, problem="absent"), metric(0.3, 0.3, name="p95")), Verdict.BAD, "0 of 2: p95 30 %, usual 1 %"),
        (metrics(metric(0.01), metric(None, problem="absent", signal=False)), Verdict.GOOD, "1 of 1 as before"),
        (metrics(metric(0.01), metric(0.9, 0.9, signal=False)), Verdict.GOOD, "1 of 1 as before"),
        (metrics(status=live(10.0)), Verdict.UNKNOWN, "stale: unknown, not good"),
        (metrics(status=live(99.0, FeedState.UNREACHABLE, "no answer")), Verdict.UNKNOWN, "unreachable: no answer: unknown, not good"),
        (None, Verdict.UNKNOWN, "not asked: unknown, not good"),
    ],
)
def test_metrics(seen: MetricsSnapshot | None, verdict: Verdict, words: str) -> None:
    """Worse is bad and named; falling, absent, silent and stale are neither; what is only shown holds nothing up."""
    sample = signals.metrics_signal(seen, ONSET, 100.0)
    assert (sample.name, sample.verdict, sample.words, sample.event) == ("metrics", verdict, words, False)


def test_metrics_without_a_known_onset_are_good_only_where_any_past_would_do() -> None:
    """Below half a percent no past could make it worse; above, nothing can be told."""
    assert signals.metrics_signal(metrics(metric(0.004)), 0.0, 100.0).verdict is Verdict.GOOD
    assert signals.metrics_signal(metrics(metric(0.012)), 0.0, 100.0).verdict is Verdict.UNKNOWN
