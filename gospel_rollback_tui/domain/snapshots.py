"""The immutable pictures that feeds publish, each with its source, its age and its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.feed import FeedStatus, Moment
from gospel_rollback_tui.domain.health import HealthStanding, Verdict
from gospel_rollback_tui.domain.log_lines import LogLine
from gospel_rollback_tui.domain.metrics import MetricSeries
from gospel_rollback_tui.domain.namespaces import FurtherNamespace, place_of
from gospel_rollback_tui.domain.nodes import NodeVerdict
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.vantage import NOTHING_SILENT, Vantage


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What every picture carries."""

    source: str
    """Who was asked, e.g. `Kubernetes`."""
    taken: Moment
    """When this picture was made."""
    status: FeedStatus

    def age(self, now: float) -> float | None:
        """Returns seconds since the source was last heard at monotonic time `now`; None: never."""
        return self.status.age(now)

    def known(self, now: float) -> bool:
        """Returns whether the picture may still be taken for what is: neither stale nor never seen."""
        return self.status.known(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class PodRow:
    """One pod as a line of the pods pane."""

    uid: str
    name: str
    short: str
    """The part of the name that tells it from its siblings, e.g. `m2v8c`."""
    service: str
    """Service it belongs to; empty: none of the estate's."""
    state: str
    """As kubectl would say it, or better: `Ready`, `Starting`, `Terminating`, `CrashLoopBackOff`, `0/3 nodes: cpu`."""
    verdict: Verdict
    """Good: ready. Bad: will not become ready by waiting. Unknown: on its way, or nobody knows."""
    ready: bool
    leaving: bool
    """Terminating."""
    restarts: int
    last_restart: float | None
    """Wall time of the last restart, None: none seen."""
    restart_reason: str
    """Why its last container ended, e.g. `OOMKilled`; empty: it did not."""
    created: float
    """Wall time."""
    image: str
    """Image of the service's container."""
    node: str
    namespace: str = ""
    """Namespace it lives in; empty: that of the services."""
    revision: int | None
    """Revision of its ReplicaSet; None: unknown."""
    template_hash: str
    newest: bool | None
    """Whether its ReplicaSet is its Deployment's current one; None: unknown."""
    message: str = ""
    """The longer reason behind the state, cleaned."""
    pod: PodState | None = None
    """The pod that the row was made of; None: made without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodsSnapshot(Snapshot):
    """Every pod of the namespace that belongs to a service; beside them, for the eye alone, the pods of further namespaces."""

    rows: tuple[PodRow, ...] = ()
    further: tuple[PodRow, ...] = ()
    """Pods of other namespaces, which belong to no service: evidence, never a signal."""
    places: tuple[FurtherNamespace, ...] = ()
    """The further namespaces that are watched; empty: there is just the one."""

    def knows(self, namespace: str, now: float) -> bool:
        """Returns whether what is shown of that namespace's pods may still be taken for what is; empty: that of the services."""
        place = place_of(self.places, namespace)
        return self.known(now) if place is None else place.pods.known(now)

    def of(self, service: str) -> tuple[PodRow, ...]:
        """Returns the rows of one service."""
        return tuple(row for row in self.rows if row.service == service)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutRow:
    """One Deployment and how far its rollout is, by kubectl's own rules."""

    service: str
    deployment: str
    revision: int | None
    template_hash: str
    """Of the newest ReplicaSet; empty: unknown."""
    image: str
    desired: int
    updated: int
    """Pods of the newest template."""
    ready: int
    available: int
    old: int
    """Pods of older templates that still exist."""
    paused: bool
    progress: Verdict
    """Good: rolled out. Bad: failing, or past its deadline. Unknown: under way."""
    words: str
    """What is being waited for, e.g. `1 of 2 new pods available`."""
    change_cause: str = ""
    changed: float | None = None
    """Wall time of the newest ReplicaSet's creation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSnapshot(Snapshot):
    """The Deployments of the estate's services."""

    rows: tuple[RolloutRow, ...] = ()

    def of(self, service: str) -> RolloutRow | None:
        """Returns the row of one service; None: its Deployment was not seen."""
        return next((row for row in self.rows if row.service == service), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """One check and its standing."""

    name: str
    """e.g. `gateway /ready` or `verses`."""
    kind: str
    """`endpoint`, `symptom`, `health` or `ready`."""
    service: str
    """Service it belongs to; empty: the public edge."""
    label: str
    """The request, e.g. `GET api.example.com/v1/x`."""
    standing: HealthStanding
    in_flight: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSnapshot(Snapshot):
    """Every check of the environment."""

    rows: tuple[HealthRow, ...] = ()
    elsewhere: tuple[HealthRow, ...] = ()
    """What is asked only to compare with: Argo CD, and a place that has nothing to do with the estate. Never part of health."""

    def of(self, kind: str) -> tuple[HealthRow, ...]:
        """Returns the rows of one kind."""
        return tuple(row for row in self.rows if row.kind == kind)

    def named(self, name: str) -> HealthRow | None:
        """Returns the row of that name, None if there is none."""
        return next((row for row in self.rows if row.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceErrors:
    """The error lines of one service over the last minutes."""

    service: str
    per_minute: int
    """Error lines in the last 60 seconds."""
    history: tuple[int, ...]
    """Error lines a minute, oldest first, the current minute last: the sparkline."""
    streams: int
    """Containers followed now."""
    known: bool
    """Whether at least one of its containers is being followed: otherwise 0 means nothing."""
    at_least: bool = False
    """Whether lines of the last 60 seconds came too fast to be read: there may be more errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureCount:
    """One kind of error line: many lines, one signature."""

    service: str
    signature: str
    sample: str
    """The newest line of this kind, cleaned."""
    count: int
    first_seen: float
    """Wall time of the first one seen."""
    last_seen: float
    """Wall time of the newest."""
    message: str = ""
    """What the newest line says, without its time, level and fields: for a headline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsSnapshot(Snapshot):
    """The last lines of the chosen service, and the errors of every service."""

    chosen: tuple[str, ...] = ()
    """Services whose lines are kept."""
    lines: tuple[LogLine, ...] = ()
    """Last lines of the chosen services, oldest first."""
    errors: tuple[ServiceErrors, ...] = ()
    signatures: tuple[SignatureCount, ...] = ()
    """Most frequent first."""
    unread: int = 0
    """Lines that came too fast to be read: errors among them are not counted."""
    unshown: int = 0
    """Lines that were read and counted, and left out of the pictures to keep memory bounded."""
    not_followed: tuple[str, ...] = ()
    """Pods beyond the limit of streams."""

    def of(self, service: str) -> ServiceErrors | None:
        """Returns the errors of one service, None if it is not followed."""
        return next((row for row in self.errors if row.service == service), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSnapshot(Snapshot):
    """Every configured metric with its past."""

    rows: tuple[MetricSeries, ...] = ()
    dashboard: str = ""
    """Address of the Grafana dashboard; empty: none is configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsSnapshot(Snapshot):
    """The namespace's events, newest first."""

    rows: tuple[ClusterEvent, ...] = ()
    further: tuple[ClusterEvent, ...] = ()
    """Warnings about the pods of further namespaces, newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodesSnapshot(Snapshot):
    """The cluster's nodes."""

    total: int = 0
    unwell: tuple[NodeVerdict, ...] = ()
    """Those that are anything but ready, the worst first."""
    kubelets: Mapping[str, str] = field(default_factory=dict)
    """Version of each node's kubelet."""

    def of(self, name: str) -> NodeVerdict | None:
        """Returns the verdict on a node; None: nothing is wrong with it, or nothing is known."""
        return next((node for node in self.unwell if node.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateSnapshot:
    """Everything live about one environment, at one moment."""

    environment: str
    taken: Moment
    pods: PodsSnapshot
    rollout: RolloutSnapshot
    events: EventsSnapshot
    health: HealthSnapshot
    logs: LogsSnapshot
    metrics: MetricsSnapshot | None = None
    """None: no Prometheus is configured."""
    nodes: NodesSnapshot | None = None
    """None: they are not watched from here."""
    vantage: Vantage = NOTHING_SILENT
    """Where silence comes from, by what else answers from this host."""
    skew: float = 0.0
    """Seconds by which the cluster's clock is ahead of this host's."""
    paused: bool = False

    def parts(self) -> tuple[tuple[str, Snapshot], ...]:
        """Returns (pane name, snapshot) of every feed."""
        metrics: tuple[tuple[str, Snapshot], ...] = () if self.metrics is None else (("metrics", self.metrics),)
        return (("pods", self.pods), ("rollout", self.rollout), ("events", self.events), ("health", self.health), ("logs", self.logs), *metrics)

    def oldest(self, now: float) -> tuple[str, float | None]:
        """Returns the feed that was heard longest ago at monotonic time `now`, and its age; None: never heard.

        Health without a check to ask is not in use.
        """
        ages = [(name, snapshot.age(now)) for name, snapshot in self.parts() if name != "health" or self.health.rows]
        for name, age in ages:
            if age is None:
                return name, None
        return max(ages, key=lambda pair: pair[1] or 0.0)
