"""Snapshots for tests: a calm estate of two services, and what can differ from it."""

from gospel_rollback_tui.domain.feed import FeedState, FeedStatus, Moment
from gospel_rollback_tui.domain.health import HealthResult, HealthStanding, Verdict
from gospel_rollback_tui.domain.metric_queries import MetricKind, metric_query
from gospel_rollback_tui.domain.metrics import MetricSample, MetricSeries
from gospel_rollback_tui.domain.snapshots import (
    EstateSnapshot,
    EventsSnapshot,
    HealthRow,
    HealthSnapshot,
    LogsSnapshot,
    MetricsSnapshot,
    PodRow,
    PodsSnapshot,
    RolloutRow,
    RolloutSnapshot,
    ServiceErrors,
)

SERVICES = ("gateway", "auth")
NOW = Moment(100.0, 1_000_100.0)
ONSET = NOW.wall - 60.0


def live(heard: float = 100.0, state: FeedState = FeedState.LIVE, detail: str = "") -> FeedStatus:
    """Returns a status last heard at that second."""
    moment = Moment(heard, 1_000_000.0 + heard)
    return FeedStatus(state, moment, moment, detail)


def pod_row(service: str = "gateway", number: int = 1, **changes: object) -> PodRow:
    """Returns a ready pod of the newest template."""
    values: dict[str, object] = {
        "uid": f"{service}-{number}",
        "name": f"gospelib-{service}-abc-{number}",
        "short": str(number),
        "service": service,
        "state": "Ready",
        "verdict": Verdict.GOOD,
        "ready": True,
        "leaving": False,
        "restarts": 0,
        "last_restart": None,
        "restart_reason": "",
        "created": 1_000_000.0,
        "image": "i:1",
        "node": "n",
        "revision": 1,
        "template_hash": "abc",
        "newest": True,
    }
    return PodRow(**{**values, **changes})  # type: ignore[arg-type]  # keywords of a table


def rollout_row(service: str = "gateway", template_hash: str = "abc", desired: int = 2) -> RolloutRow:
    """Returns a Deployment that is rolled out."""
    return RolloutRow(
        service=service,
        deployment=f"gospelib-{service}",
        revision=1,
        template_hash=template_hash,
        image="i:1",
        desired=desired,
        updated=desired,
        ready=desired,
        available=desired,
        old=0,
        paused=False,
        progress=Verdict.GOOD,
        words="2 pods rolled out",
    )


def health_row(name: str, kind: str, verdict: Verdict = Verdict.GOOD, asked: float = 100.0, words: str = "200") -> HealthRow:
    """Returns a check whose latest answer came at that second."""
    result = HealthResult(verdict, 200 if verdict is Verdict.GOOD else None, 0.012, words, Moment(asked, 1_000_000.0 + asked))
    return HealthRow(name=name, kind=kind, service="", label=f"GET {name}", standing=HealthStanding(verdict, latest=result))


def pods(*rows: PodRow, status: FeedStatus | None = None) -> PodsSnapshot:
    """Returns the pods pane; without rows two ready pods a service."""
    found = rows or tuple(pod_row(service, number) for service in SERVICES for number in (1, 2))
    return PodsSnapshot(source="Kubernetes", taken=NOW, status=status or live(), rows=found)


def rollout(*rows: RolloutRow, status: FeedStatus | None = None) -> RolloutSnapshot:
    """Returns the rollouts; without rows both are done."""
    return RolloutSnapshot(source="Kubernetes", taken=NOW, status=status or live(), rows=rows or tuple(rollout_row(service) for service in SERVICES))


def health(*rows: HealthRow) -> HealthSnapshot:
    """Returns the health pane; without rows everything answers well."""
    good = (health_row("verses", "symptom"), health_row("public", "endpoint"), health_row("gateway /ready", "ready"), health_row("gateway /health", "health"))
    return HealthSnapshot(source="HTTP", taken=NOW, status=live(), rows=rows or good)


def service_errors(service: str, per_minute: int = 0, *, known: bool = True) -> ServiceErrors:
    """Returns a service's errors."""
    return ServiceErrors(service=service, per_minute=per_minute, history=(0, per_minute), streams=int(known), known=known)


def logs(*errors: ServiceErrors, status: FeedStatus | None = None) -> LogsSnapshot:
    """Returns the logs pane; without rows both services are quiet."""
    found = errors or tuple(service_errors(service) for service in SERVICES)
    return LogsSnapshot(source="Kubernetes logs", taken=NOW, status=status or live(), errors=found)


def metric(present: float | None, *since: float, name: str = "error rate", problem: str = "", signal: bool = True) -> MetricSeries:
    """Returns a metric that was at one percent for an hour before ONSET, then had these values, and has the present one."""
    before = tuple(MetricSample(ONSET - 3600 + 60 * number, 0.01) for number in range(60))
    after = tuple(MetricSample(ONSET + number, value) for number, value in enumerate(since))
    sample = None if present is None else MetricSample(NOW.wall, present)
    past = (*before, *after, *([sample] if sample else []))
    return MetricSeries(metric_query(name, MetricKind.ERROR_RATE, name, signal=signal), past, sample, problem, answered=NOW)


def metrics(*rows: MetricSeries, status: FeedStatus | None = None) -> MetricsSnapshot:
    """Returns the metrics; without rows the error rate is as before."""
    return MetricsSnapshot(source="Prometheus", taken=NOW, status=status or live(), rows=rows or (metric(0.01),))


def estate(
    *,
    pods_seen: PodsSnapshot | None = None,
    rollout_seen: RolloutSnapshot | None = None,
    health_seen: HealthSnapshot | None = None,
    logs_seen: LogsSnapshot | None = None,
    metrics_seen: MetricsSnapshot | None = None,
) -> EstateSnapshot:
    """Returns a calm estate but for what is given."""
    return EstateSnapshot(
        environment="production",
        taken=NOW,
        pods=pods_seen or pods(),
        rollout=rollout_seen or rollout(),
        events=EventsSnapshot(source="Kubernetes", taken=NOW, status=live()),
        health=health_seen or health(),
        logs=logs_seen or logs(),
        metrics=metrics_seen,
    )
