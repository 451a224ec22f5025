"""Turns the record of one environment into its value."""

from pathlib import Path

from gospel_rollback_tui.config.keys import SCENARIOS
from gospel_rollback_tui.config.locations import resolved
from gospel_rollback_tui.config.metrics import build_metrics
from gospel_rollback_tui.domain.estate import EVERY_NAMESPACE, ArgoCd, Cluster, Environment, HttpCheck, Service, StabilityRule, Tier
from gospel_rollback_tui.domain.names import PLAIN_NAMES, SECTION_NAMES
from gospel_rollback_tui.domain.schema import Mention, Reader, Record, nearest

MOST_NAMESPACES = 8
"""Further namespaces that are watched one by one: each takes two connections to the API server."""


def build_environment(name: str, record: Record, reader: Reader, folder: Path, *, own_runbooks: bool) -> Environment | None:
    """Returns the environment of a record, or None if it lacks what makes it one; complaints go to the reader.

    Relative paths are meant from `folder`, the configuration's own.
    """
    place = f"environments.{name}"
    cluster = _cluster(record.get("cluster"), f"{place}.cluster", folder, reader)
    services = tuple(
        _service(short, entry, f"{place}.services.{short}", folder, reader) for short, entry in record.get("services", ()) if entry.get("deployment")
    )
    if "services" in record.lines and not record.get("services"):
        reader.fault(record.line_of("services"), f"{place}.services: names no service; write at least one")
    _once([(entry.get("deployment"), f"{place}.services.{short}", entry) for short, entry in record.get("services", ())], "the Deployment", reader)
    if cluster is not None and cluster.nonce and record.get("tier") != Tier.DRILL.value:
        reader.fault(record.get("cluster").line_of("nonce"), f"{place}.cluster.nonce: belongs to a drill; leave it out, or write `tier: drill`")
    if cluster is None or not services or not record.get("tier"):
        return None
    if not own_runbooks:
        for scenario, _ in record.get("objectives", ()):
            if scenario not in SCENARIOS:
                reader.fault(record.line_of("objectives"), f"{place}.objectives.{scenario}: unknown scenario{nearest(scenario, SCENARIOS)}")
    return Environment(
        name=name,
        title=record.get("title", name.upper()),
        tier=Tier(record.get("tier")),
        cluster=cluster,
        services=services,
        endpoints=_checks(record, "endpoints", place, reader),
        symptoms=_checks(record, "symptoms", place, reader),
        ca_file=path_at(record, "ca_file", f"{place}.ca_file", folder, reader),
        vantage=record.get("vantage", ""),
        argocd=_argocd(record.get("argocd"), f"{place}.argocd", folder, reader),
        ci_running=_words(record.get("ci"), "running"),
        stability=_stability(record.get("stability"), f"{place}.stability", reader),
        metrics=build_metrics(record, place, reader, cluster.namespace, services, lambda entry, key, where: path_at(entry, key, where, folder, reader)),
        objectives=record.get("objectives", ()),
        names=tuple(_names(record)),
        allowed=tuple(entry.name for entry in record.get("allowed", ())),
    )


def path_at(record: Record, key: str, place: str, folder: Path, reader: Reader) -> str:
    """Returns the absolute path at a key, empty if none is written; one that names nobody's home is a complaint."""
    text = record.get(key)
    if not text:
        return ""
    try:
        return resolved(text, folder)
    except ValueError as error:
        reader.fault(record.line_of(key), f"{place}: {error}")
        return ""


def _cluster(record: Record | None, place: str, folder: Path, reader: Reader) -> Cluster | None:
    if record is None or not record.get("context") or not record.get("namespace"):
        return None
    return Cluster(
        context=record.get("context"),
        namespace=record.get("namespace"),
        kubeconfig=path_at(record, "kubeconfig", f"{place}.kubeconfig", folder, reader),
        login=tuple(entry.name for entry in record.get("login", ())),
        kind=record.get("kind", ""),
        nonce=record.get("nonce", ""),
        watch=_watched(record, f"{place}.watch", reader),
    )


def _watched(record: Record, place: str, reader: Reader) -> tuple[str, ...]:
    """Returns the further namespaces, each once; what says the same twice, or too much, is a complaint."""
    mentions: tuple[Mention, ...] = record.get("watch", ())
    names = [mention.name for mention in mentions]
    for index, mention in enumerate(mentions):
        if mention.name == record.get("namespace"):
            reader.fault(mention.line, f"{place}[{index}]: {mention.name!r} is the namespace of the services, which is watched anyway; leave it out")
        elif mention.name in names[:index]:
            reader.fault(mention.line, f"{place}[{index}]: {mention.name!r} is written twice; keep one")
        elif mention.name == EVERY_NAMESPACE and len(mentions) > 1:
            reader.fault(mention.line, f"{place}[{index}]: means every namespace and stands alone; write `watch: {EVERY_NAMESPACE}`, or names only")
    if len(mentions) > MOST_NAMESPACES:
        words = f"names {len(mentions)} namespaces, each with connections of its own; name at most {MOST_NAMESPACES}, or write `watch: {EVERY_NAMESPACE}`"
        reader.fault(record.line_of("watch"), f"{place}: {words}")
    return tuple(names)


def _service(name: str, record: Record, place: str, folder: Path, reader: Reader) -> Service:
    deployment = record.get("deployment")
    return Service(
        name=name,
        deployment=deployment,
        container=record.get("container", name),
        selector=record.get("selector", f"app={deployment}"),
        health_url=record.get("health_url", ""),
        ready_url=record.get("ready_url", ""),
        cluster_service=record.get("cluster_service", ""),
        only_through_api_server=record.get("probe_through") == "api-server",
        migrations=record.get("migrations", ""),
        database=record.get("database", ""),
        database_url_file=path_at(record, "database_url_file", f"{place}.database_url_file", folder, reader),
        migrations_table=record.get("migrations_table", ""),
        migrates_at_start=record.get("migrates_at_start"),
    )


def _checks(record: Record, key: str, place: str, reader: Reader) -> tuple[HttpCheck, ...]:
    entries: tuple[Record, ...] = record.get(key, ())
    _once([(entry.get("name"), f"{place}.{key}[{index}]", entry) for index, entry in enumerate(entries)], "the name", reader)
    for index, entry in enumerate(entries):
        if not 100 <= entry.get("expect_status", 200) <= 599:
            reader.fault(entry.line_of("expect_status"), f"{place}.{key}[{index}].expect_status: no status code; write one such as 200")
    return tuple(
        HttpCheck(entry.get("name"), entry.get("url"), entry.get("method", "GET"), entry.get("expect_status", 200), entry.get("expect_text", ""))
        for entry in entries
        if entry.get("name") and entry.get("url")
    )


def _argocd(record: Record | None, place: str, folder: Path, reader: Reader) -> ArgoCd:
    if record is None or not record.get("application"):
        return ArgoCd()
    return ArgoCd(
        application=record.get("application"),
        namespace=record.get("namespace", "argocd"),
        server=record.get("server", ""),
        project=record.get("project", ""),
        token_file=path_at(record, "token_file", f"{place}.token_file", folder, reader),
        ca_file=path_at(record, "ca_file", f"{place}.ca_file", folder, reader),
    )


def _words(record: Record | None, key: str) -> tuple[str, ...]:
    return () if record is None else tuple(entry.name for entry in record.get(key, ()))


def _stability(record: Record | None, place: str, reader: Reader) -> StabilityRule:
    rule = StabilityRule()
    if record is None:
        return rule
    for key in ("sample", "failures_to_flap"):
        if record.get(key, 1) <= 0:
            reader.fault(record.line_of(key), f"{place}.{key}: must be more than nothing")
    return StabilityRule(
        minutes=record.get("hold", rule.minutes * 60) / 60,
        sample_seconds=record.get("sample", rule.sample_seconds),
        failures_to_flap=record.get("failures_to_flap", rule.failures_to_flap),
        errors_per_minute=record.get("errors_per_minute", rule.errors_per_minute),
    )


def _names(record: Record) -> list[tuple[str, str]]:
    """Returns `section.key` → value of every name that runbooks may use beside the typed ones."""
    names = [(name, record.get(name).rstrip("/")) for name in PLAIN_NAMES if record.get(name)]
    for section in SECTION_NAMES:
        values: Record = record.get(section, Record(0))
        names += [(f"{section}.{key}", value) for key, value in values.values.items()]
    return names


def _once(names: list[tuple[str | None, str, Record]], what: str, reader: Reader) -> None:
    """Complains where two entries share a name that must be their own."""
    seen: dict[str, str] = {}
    for name, place, record in names:
        if name is None:
            continue
        if name in seen:
            reader.fault(record.line, f"{place}: {what} {name!r} is already that of {seen[name]}; each needs its own")
        seen.setdefault(name, place)
