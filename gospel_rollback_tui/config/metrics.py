"""Turns the metrics of one environment's record into their value."""

from collections.abc import Callable, Sequence

from gospel_rollback_tui.domain.estate import Metrics, Service
from gospel_rollback_tui.domain.metric_queries import DEFAULT_QUERIES, MetricKind, MetricQuery, Unit, expanded, metric_query
from gospel_rollback_tui.domain.schema import Reader, Record, nearest

Path = Callable[[Record, str, str], str]
"""Returns the absolute path at a key of a record, whose place a complaint names."""


def build_metrics(record: Record, place: str, reader: Reader, namespace: str, services: Sequence[Service], path: Path) -> Metrics:
    """Returns how an environment's Prometheus is asked, with every placeholder filled; complaints go to the reader."""
    url = record.get("prometheus", "").rstrip("/")
    section: Record = record.get("metrics", Record(0))
    if not url:
        if "metrics" in record.lines:
            reader.fault(record.line_of("metrics"), f"{place}.metrics: nobody is asked; write `prometheus: https://…` beside it, or leave it out")
        return Metrics()
    where = f"{place}.metrics"
    written = "queries" in section.lines
    if written and not section.get("queries"):
        reader.fault(section.line_of("queries"), f"{where}.queries: names no query; write at least one, or leave it out for the usual ones")
    queries = tuple(_queries(section, f"{where}.queries", reader, [service.name for service in services])) if written else DEFAULT_QUERIES
    return Metrics(
        url=url,
        queries=expanded(queries, namespace, [(service.name, service.deployment) for service in services]),
        token_file=path(section, "token_file", f"{where}.token_file"),
        ca_file=path(section, "ca_file", f"{where}.ca_file"),
        dashboard=record.get("grafana", "").rstrip("/"),
    )


def _queries(section: Record, place: str, reader: Reader, services: Sequence[str]) -> list[MetricQuery]:
    made: list[MetricQuery] = []
    seen: list[tuple[str, str, str]] = []
    for index, entry in enumerate(section.get("queries", ())):
        where = f"{place}[{index}]"
        if not all(entry.get(key) for key in ("name", "kind", "query")):
            continue
        name, service = entry.get("name"), entry.get("service", "")
        if service and service not in services:
            reader.fault(entry.line_of("service"), f"{where}.service: there is no service {service!r}{nearest(service, services)}")
        if entry.get("tolerance", 1.0) < 1:
            reader.fault(entry.line_of("tolerance"), f"{where}.tolerance: below 1 even the usual value would be worse; write one such as 1.2")
        same = next((other for known, whose, other in seen if known == name and (whose == service or not whose or not service)), "")
        if same:
            reader.fault(entry.line_of("name"), f"{where}: the name {name!r} is already that of {same}; each needs its own")
        seen.append((name, service, where))
        made.append(_query(entry))
    return made


def _query(entry: Record) -> MetricQuery:
    return metric_query(
        entry.get("name"),
        MetricKind(entry.get("kind")),
        entry.get("query"),
        unit=Unit(entry.get("unit")) if entry.get("unit") else None,
        service=entry.get("service", ""),
        worse_above=entry.get("worse_above"),
        tolerance=entry.get("tolerance"),
        signal=entry.get("signal", True),
    )
