"""The signals of the stability watch, each judged from what the feeds show at one moment."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from gospel_rollback_tui.domain.counted import counted
from gospel_rollback_tui.domain.estate import HttpCheck, StabilityRule
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.metrics import Standing, judge_metric
from gospel_rollback_tui.domain.snapshots import HealthRow, HealthSnapshot, LogsSnapshot, MetricsSnapshot, PodRow, PodsSnapshot, RolloutSnapshot
from gospel_rollback_tui.domain.stability import SignalSample

SYMPTOM = "symptom"
PODS = "pods"
RESTARTS = "restarts"
HEALTH = "/health"
READY = "/ready"
ERROR_LOGS = "error logs"
METRICS = "metrics"
NOTHING_REVERTS = "nothing reverts"

NOISE_CAP = 5.0
"""Times the rule's quiet number that a service's usual noise may be at most."""


@dataclass(frozen=True, slots=True)
class RestartBaseline:
    """Restart counts that are already known and count no more."""

    counts: Mapping[str, int]
    """Pod uid → restarts."""
    since: float
    """Wall time: a restart of a pod never seen before counts if it is later than this."""
    total: int = 0
    """Restarts counted so far."""


@dataclass(frozen=True, slots=True)
class TemplateBaseline:
    """The pod templates that the watch holds for the ones rolled back to."""

    hashes: Mapping[str, str]
    """Service → template hash."""


@dataclass(frozen=True, slots=True)
class ErrorBaseline:
    """The error lines a minute that each service wrote before the watch."""

    usual: Mapping[str, float]
    """Service → median of the minutes before it was first heard."""


def unread(name: str, snapshot_words: str) -> SignalSample:
    """Returns the sample of a signal whose feed does not know."""
    return SignalSample(name, Verdict.UNKNOWN, f"{snapshot_words}: unknown, not good")


def pods_signal(pods: PodsSnapshot, rollout: RolloutSnapshot, services: Iterable[str], now: float) -> SignalSample:
    """Returns whether every service has all the ready pods it wants, of its newest template."""
    for snapshot in (pods, rollout):
        if not snapshot.known(now):
            return unread(PODS, snapshot.status.words(now))
    wanted = found = 0
    missing: list[str] = []
    for service in services:
        row = rollout.of(service)
        if row is None:
            return SignalSample(PODS, Verdict.BAD, f"Deployment of {service} is gone")
        ready = sum(pod.ready and not pod.leaving and pod.newest is not False for pod in pods.of(service))
        wanted += row.desired
        found += min(ready, row.desired)
        if ready < row.desired:
            missing.append(service)
    words = f"{found} of {wanted} ready"
    if missing:
        return SignalSample(PODS, Verdict.BAD, f"{words}: {', '.join(missing)}")
    return SignalSample(PODS, Verdict.GOOD, words)


def restarts_signal(pods: PodsSnapshot, baseline: RestartBaseline, services: Iterable[str], now: float) -> tuple[SignalSample, RestartBaseline]:
    """Returns whether a container restarted since the last sample, and the baseline for the next one.

    A pod seen for the first time with restarts counts them when the last one is later than the baseline's time.
    """
    if not pods.known(now):
        return unread(RESTARTS, pods.status.words(now)), baseline
    rows = [row for service in services for row in pods.of(service)]
    restarted = [row for row in rows if _restarted(row, baseline)]
    following = RestartBaseline({row.uid: row.restarts for row in rows}, baseline.since, baseline.total + len(restarted))
    if restarted:
        named = ", ".join(f"{row.name} restarted" + (f" ({row.restart_reason})" if row.restart_reason else "") for row in restarted[:3])
        return SignalSample(RESTARTS, Verdict.BAD, named, event=True), following
    return SignalSample(RESTARTS, Verdict.GOOD, f"{following.total} in the watch, none now" if following.total else "0 since the rollback"), following


def _restarted(row: PodRow, baseline: RestartBaseline) -> bool:
    known = baseline.counts.get(row.uid)
    if known is not None:
        return row.restarts > known
    return row.restarts > 0 and row.last_restart is not None and row.last_restart > baseline.since


def health_signal(name: str, health: HealthSnapshot, kinds: Iterable[str], now: float, fresh_seconds: float) -> SignalSample:
    """Returns whether every check of those kinds answers well; an answer older than `fresh_seconds` is none."""
    rows = [row for kind in kinds for row in health.of(kind)]
    if not rows:
        return SignalSample(name, Verdict.GOOD, "none configured")
    verdicts = [(row, _latest(row, now, fresh_seconds)) for row in rows]
    good = sum(verdict is Verdict.GOOD for _, verdict in verdicts)
    words = f"{good} of {len(rows)}"
    for wanted in (Verdict.BAD, Verdict.UNKNOWN):
        worst = [row for row, verdict in verdicts if verdict is wanted]
        if worst:
            return SignalSample(name, wanted, f"{words}: {worst[0].name} {_said(worst[0], now, fresh_seconds)}")
    return SignalSample(name, Verdict.GOOD, words)


def symptom_signal(health: HealthSnapshot, check: HttpCheck, now: float, fresh_seconds: float) -> SignalSample:
    """Returns whether the symptom's request is answered as it should be."""
    row = next((row for row in health.of("symptom") if row.name == check.name), None)
    if row is None:
        return SignalSample(SYMPTOM, Verdict.UNKNOWN, "not asked: unknown, not good")
    return SignalSample(SYMPTOM, _latest(row, now, fresh_seconds), _said(row, now, fresh_seconds))


def templates_signal(rollout: RolloutSnapshot, baseline: TemplateBaseline, services: Iterable[str], now: float) -> tuple[SignalSample, TemplateBaseline]:
    """Returns whether every service still has the template it had, and the baseline for the next sample.

    A template is held from when it is first known; one that is not known yet is neither kept nor changed.
    """
    if not rollout.known(now):
        return unread(NOTHING_REVERTS, rollout.status.words(now)), baseline
    hashes = dict(baseline.hashes)
    changed: list[str] = []
    unknown: list[str] = []
    for service in services:
        row = rollout.of(service)
        if row is None or not row.template_hash:
            unknown.append(service)
            continue
        if hashes.get(service, row.template_hash) != row.template_hash:
            changed.append(f"{service} has another template (revision {row.revision})")
        hashes[service] = row.template_hash
    following = TemplateBaseline(hashes)
    if changed:
        return SignalSample(NOTHING_REVERTS, Verdict.BAD, ", ".join(changed), event=True), following
    if unknown:
        return SignalSample(NOTHING_REVERTS, Verdict.UNKNOWN, f"template of {', '.join(unknown)}: unknown, not good"), following
    return SignalSample(NOTHING_REVERTS, Verdict.GOOD, "templates unchanged"), following


def _latest(row: HealthRow, now: float, fresh_seconds: float) -> Verdict:
    latest = row.standing.latest
    if latest is None or now - latest.at.monotonic > fresh_seconds:
        return Verdict.UNKNOWN
    return latest.verdict


def _said(row: HealthRow, now: float, fresh_seconds: float) -> str:
    latest = row.standing.latest
    if latest is None:
        return "not asked yet"
    old = now - latest.at.monotonic
    if old > fresh_seconds:
        return f"no answer for {int(old)} s: unknown, not good"
    timing = f", {round(latest.latency * 1000)} ms" if latest.status is not None else ""
    return f"{latest.words}{timing}"


def errors_signal(logs: LogsSnapshot, rule: StabilityRule, baseline: ErrorBaseline, services: Iterable[str], now: float) -> tuple[SignalSample, ErrorBaseline]:
    """Returns whether every service writes no more error lines than is quiet for it, and the baseline for the next sample.

    What is usual for a service is taken from the minutes before the watch first heard it: noise of every day is no flap.
    """
    if not logs.known(now):
        return unread(ERROR_LOGS, logs.status.words(now)), baseline
    usual = dict(baseline.usual)
    loud: list[str] = []
    deaf: list[str] = []
    missed: list[str] = []
    total = 0
    for service in services:
        row = logs.of(service)
        if row is None or not row.known:
            deaf.append(service)
            continue
        normal = usual.setdefault(service, median(row.history[:-1] or (0,)))
        total += row.per_minute
        if row.at_least:
            missed.append(service)
        if row.per_minute > quiet_limit(rule, normal):
            loud.append(f"{service} {counted(row.per_minute, at_least=row.at_least)}/min, usual {normal:g}")
    return _errors_sample(loud, deaf, missed, total, usual), ErrorBaseline(usual)


def quiet_limit(rule: StabilityRule, usual: float) -> float:
    """Returns the error lines a minute that are still quiet: the rule's, or three standard deviations above the usual.

    The usual counts up to NOISE_CAP times the rule's number, so that a long incident never passes for usual.
    """
    bounded = min(usual, rule.errors_per_minute * NOISE_CAP)
    return max(rule.errors_per_minute, bounded + 3 * math.sqrt(bounded))


def _errors_sample(loud: Sequence[str], deaf: Sequence[str], missed: Sequence[str], total: int, usual: Mapping[str, float]) -> SignalSample:
    if loud:
        return SignalSample(ERROR_LOGS, Verdict.BAD, "; ".join(loud))
    if deaf:
        return SignalSample(ERROR_LOGS, Verdict.UNKNOWN, f"no logs of {', '.join(deaf)}: unknown, not good")
    if missed:
        return SignalSample(ERROR_LOGS, Verdict.UNKNOWN, f"lines of {', '.join(missed)} came too fast to be read: unknown, not good")
    return SignalSample(ERROR_LOGS, Verdict.GOOD, f"{total}/min, usual {sum(usual.values()):g}")


def metrics_signal(metrics: MetricsSnapshot | None, onset: float, now: float) -> SignalSample:
    """Returns whether every metric is back to what it was before wall time `onset`; 0: not known.

    One that is worse is named. One that falls but is not back yet, or is not known, is not good and no flap either.
    """
    if metrics is None or not metrics.known(now):
        return unread(METRICS, "not asked" if metrics is None else metrics.status.words(now))
    states = [(row.query.label, judge_metric(row, onset, now)) for row in metrics.rows if row.query.signal]
    back = sum(state.standing is Standing.BACK for _, state in states)
    words = f"{back} of {len(states)}"
    for standing, verdict, end in (
        (Standing.WORSE, Verdict.BAD, ""),
        (Standing.UNKNOWN, Verdict.UNKNOWN, ": not good"),
        (Standing.BETTER, Verdict.UNKNOWN, ""),
    ):
        found = next(((label, state) for label, state in states if state.standing is standing), None)
        if found:
            return SignalSample(METRICS, verdict, f"{words}: {found[0]} {found[1].words}{end}")
    return SignalSample(METRICS, Verdict.GOOD, f"{words} as before")
