"""Which metrics are asked for: the configured queries, and the defaults for the usual exporters."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

ERROR_FLOOR = 0.005
"""Share of failed requests that is never worse, whatever it was before."""
LATENCY_FLOOR = 0.05
"""Seconds that are never worse, whatever they were before."""
SATURATION_FLOOR = 0.8
"""Share of a limit that is never worse, whatever it was before."""


class MetricKind(Enum):
    """What a metric measures; the value is the word in the configuration."""

    ERROR_RATE = "error rate"
    LATENCY = "latency"
    SATURATION = "saturation"


class Unit(Enum):
    """What a metric's number counts; the value is the word in the configuration."""

    RATIO = "ratio"
    """A share of one, shown as a percentage."""
    PERCENT = "percent"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    PER_SECOND = "per second"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class MetricQuery:
    """One question to Prometheus, and how far its answer may lie above what was usual."""

    name: str
    """What operators call it, e.g. `error rate`."""
    kind: MetricKind
    promql: str
    """Text of the query; its answer is one series. `{namespace}`, `{service}` and `{deployment}` stand for the estate's names."""
    unit: Unit = Unit.RATIO
    service: str = ""
    """Short name of the service it speaks of; empty: the whole environment."""
    worse_above: float | None = None
    """In its own unit: values up to here are never worse; None: only the usual value counts."""
    tolerance: float = 1.2
    """Times the usual value from which it is worse."""
    signal: bool = True
    """Whether the stability watch waits for it; otherwise it is only shown."""

    @property
    def label(self) -> str:
        """The name with its service: `error rate` or `gateway error rate`."""
        return f"{self.service} {self.name}" if self.service and self.service not in self.name else self.name


_UNIT_OF = {MetricKind.ERROR_RATE: Unit.RATIO, MetricKind.LATENCY: Unit.SECONDS, MetricKind.SATURATION: Unit.RATIO}
_FLOOR_OF = {MetricKind.ERROR_RATE: ERROR_FLOOR, MetricKind.LATENCY: LATENCY_FLOOR, MetricKind.SATURATION: SATURATION_FLOOR}
_TOLERANCE_OF = {MetricKind.ERROR_RATE: 1.2, MetricKind.LATENCY: 1.3, MetricKind.SATURATION: 1.2}
_SCALE_OF = {Unit.PERCENT: 100.0, Unit.MILLISECONDS: 1000.0}


def metric_query(
    name: str,
    kind: MetricKind,
    promql: str,
    *,
    unit: Unit | None = None,
    service: str = "",
    worse_above: float | None = None,
    tolerance: float | None = None,
    signal: bool = True,
) -> MetricQuery:
    """Returns a query with what is not written taken from its kind.

    The usual limits are those of the written procedure's fifteen minutes: 5xx up to 1.2 times the usual or 0.5 %, p95
    up to 1.3 times the usual. A unit that the kind's own limit cannot be told in has none.
    """
    known = unit or _UNIT_OF[kind]
    floor = worse_above
    if floor is None and known in (_UNIT_OF[kind], *_SCALE_OF):
        floor = _FLOOR_OF[kind] * _SCALE_OF.get(known, 1.0)
    return MetricQuery(name, kind, promql, known, service, floor, _TOLERANCE_OF[kind] if tolerance is None else tolerance, signal)


def expanded(queries: Iterable[MetricQuery], namespace: str, deployments: Iterable[tuple[str, str]]) -> tuple[MetricQuery, ...]:
    """Returns the queries with their placeholders filled; one that speaks of `{service}` and names none is asked for every service.

    `deployments` are the services' short names and Deployments, in the order they are shown.
    """
    known = dict(deployments)
    made: list[MetricQuery] = []
    for query in queries:
        general = not query.service and ("{service}" in query.promql or "{deployment}" in query.promql)
        for service in known if general else (query.service,):
            text = query.promql.replace("{namespace}", namespace).replace("{service}", service).replace("{deployment}", known.get(service, service))
            made.append(replace(query, promql=text, service=service))
    return tuple(made)


def _requests(counter: str, where: str, status: str) -> str:
    """Returns the share of failed requests; no failure at all is zero, no request at all is nothing."""
    every = f"sum(rate({counter}{{{where}}}[2m]))"
    return f'(sum(rate({counter}{{{where},{status}=~"5.."}}[2m])) or 0 * {every}) / {every}'


def _p95(histogram: str, where: str) -> str:
    return f"histogram_quantile(0.95, sum by (le) (rate({histogram}{{{where}}}[2m])))"


_OWN = 'namespace="{namespace}"'
_INGRESS = 'exported_namespace="{namespace}"'
_CONTAINERS = 'namespace="{namespace}",container!=""'
_PLACE = "namespace, pod, container"

DEFAULT_QUERIES: tuple[MetricQuery, ...] = (
    metric_query(
        "error rate",
        MetricKind.ERROR_RATE,
        f"({_requests('nginx_ingress_controller_requests', _INGRESS, 'status')}) or ({_requests('http_requests_total', _OWN, 'code')})",
    ),
    metric_query(
        "latency p95",
        MetricKind.LATENCY,
        f"{_p95('nginx_ingress_controller_request_duration_seconds_bucket', _INGRESS)} or {_p95('http_request_duration_seconds_bucket', _OWN)}",
    ),
    metric_query(
        "CPU of limits",
        MetricKind.SATURATION,
        f'sum(rate(container_cpu_usage_seconds_total{{{_CONTAINERS}}}[2m])) / sum(kube_pod_container_resource_limits{{{_OWN},resource="cpu"}})',
        signal=False,
    ),
    metric_query(
        "memory of limit",
        MetricKind.SATURATION,
        f"max(max by ({_PLACE}) (container_memory_working_set_bytes{{{_CONTAINERS}}})"
        f' / on ({_PLACE}) max by ({_PLACE}) (kube_pod_container_resource_limits{{{_OWN},resource="memory"}}))',
        signal=False,
    ),
)
"""Asked where an environment names no queries: ingress-nginx or the services' own counters, cAdvisor and kube-state-metrics.

Saturation is only shown: nobody asked for it to hold a rollback up where those exporters are missing.
"""
