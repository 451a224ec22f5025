"""Every feed of one environment, and the one picture they make."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock, Thread
from typing import Any

from gospel_rollback_tui.domain.cluster_events import ClusterEvent, event_from
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import FeedStatus
from gospel_rollback_tui.domain.nodes import NodeState
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.snapshots import (
    EstateSnapshot,
    EventsSnapshot,
    HealthSnapshot,
    LogsSnapshot,
    MetricsSnapshot,
    PodRow,
    PodsSnapshot,
    RolloutRow,
    RolloutSnapshot,
)
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState, deployment_from, replica_set_from
from gospel_rollback_tui.live.further import FurtherFeeds, FurtherPorts
from gospel_rollback_tui.live.health import INTERVAL, HealthFeed, elsewhere_of, targets_of
from gospel_rollback_tui.live.logs import LogFeed
from gospel_rollback_tui.live.metrics import MetricsFeed
from gospel_rollback_tui.live.nodes import NodeFeed
from gospel_rollback_tui.live.pods import PodTable, SeenPod, seen_pod
from gospel_rollback_tui.live.ports import Clock, ClusterClock, HttpAsker, LogSource, MetricSource, ObjectSource, SystemClock, no_skew
from gospel_rollback_tui.live.reflector import Reflector
from gospel_rollback_tui.live.rollouts import rollout_rows, workloads
from gospel_rollback_tui.live.vantage import vantage_of

SOURCE = "Kubernetes"
FIRST_SECONDS = 8.0
"""How long somebody who asks for the pods waits for their first list."""


@dataclass(frozen=True, slots=True)
class FeedPorts:
    """Where the feeds read; everything of the namespace of the services, unless it says otherwise."""

    pods: ObjectSource
    deployments: ObjectSource
    replica_sets: ObjectSource
    events: ObjectSource
    logs: LogSource
    http: HttpAsker
    metrics: MetricSource | None = None
    """None: no Prometheus is configured, and there is no feed of it."""
    skew: Callable[[], float] = no_skew
    """Seconds by which the cluster's clock is ahead of this host's."""
    nodes: ObjectSource | None = None
    """None: nobody looks at nodes, as in a runner."""
    further: tuple[FurtherPorts, ...] = ()
    """Namespaces beside that of the services."""


@dataclass(frozen=True, slots=True)
class _Joined:
    """Rows made of one state of the mirrors, kept until one of them changes."""

    made_of: tuple[int, ...]
    pods: tuple[PodRow, ...]
    rollout: tuple[RolloutRow, ...]
    events: tuple[ClusterEvent, ...]


class EstateFeeds:
    """Starts and ends all feeds; gives their picture, cheaply, to any thread. It changes nothing."""

    def __init__(
        self,
        environment: Environment,
        ports: FeedPorts,
        *,
        symptom: HttpCheck | None = None,
        clock: Clock | None = None,
        health_interval: float = INTERVAL,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._environment = environment
        self._clock = clock or SystemClock()
        cluster_clock = ClusterClock(self._clock, ports.skew)
        self._pods = Reflector("pods", ports.pods, seen_pod, self._clock, jitter=jitter)
        self._deployments = Reflector("deployments", ports.deployments, deployment_from, self._clock, jitter=jitter)
        self._replica_sets = Reflector("replica sets", ports.replica_sets, replica_set_from, self._clock, jitter=jitter)
        self._events = Reflector("events", ports.events, event_from, self._clock, jitter=jitter)
        self._health = HealthFeed(
            ports.http, (*targets_of(environment, symptom), *elsewhere_of(environment)), cluster_clock, interval=health_interval, jitter=jitter
        )
        self._nodes = NodeFeed(ports.nodes, self._clock, jitter) if ports.nodes is not None else None
        self._further = FurtherFeeds(ports.further, environment.cluster.namespace, self._clock, jitter)
        self._skew = ports.skew
        self._logs = LogFeed(ports.logs, self.pods, environment.services, cluster_clock, jitter=jitter)
        asked = environment.metrics
        self._metrics = MetricsFeed(ports.metrics, asked.queries, self._clock, dashboard=asked.dashboard, jitter=jitter) if ports.metrics else None
        self._table = PodTable(environment.services)
        self._joining = Lock()
        self._joined = _Joined((), (), (), ())
        self._lock = Lock()
        self._frozen: EstateSnapshot | None = None

    def start(self) -> None:
        """Starts every feed in threads of its own; returns at once."""
        for feed in (self._deployments, self._replica_sets, self._pods, self._events, self._health, self._logs):
            feed.start()
        if self._metrics is not None:
            self._metrics.start()
        if self._beside:
            Thread(target=self._start_beside, name="feeds-beside", daemon=True).start()

    def _start_beside(self) -> None:
        """Starts what is not of the services once their own pods have come, or do not come: these are waited for on the first screen."""
        self._pods.await_first(FIRST_SECONDS)
        for feed in self._beside:
            feed.start()

    @property
    def _beside(self) -> tuple[Reflector[Any], ...]:
        """The feeds of nodes and of further namespaces."""
        return (*(() if self._nodes is None else (self._nodes.reflector,)), *self._further.reflectors)

    @property
    def _objects(self) -> tuple[Reflector[Any], ...]:
        """Every feed of Kubernetes objects."""
        return (self._pods, self._deployments, self._replica_sets, self._events, *self._beside)

    def stop(self) -> None:
        """Tells every feed to end, cutting off what is in flight; returns at once."""
        self._logs.stop()
        self._health.stop()
        for feed in self._objects:
            feed.stop()
        if self._metrics is not None:
            self._metrics.stop()

    def join(self, timeout: float) -> bool:
        """Waits for the Kubernetes feeds' threads, each at most `timeout` seconds, and returns whether they ended."""
        ended = [*(feed.join(timeout) for feed in self._objects), self._logs.join(timeout)]
        return all(ended)

    def retry_now(self) -> None:
        """Lets every waiting feed ask again at once, e.g. after a new login."""
        for feed in self._objects:
            feed.retry_now()
        self._logs.retry_now()
        if self._metrics is not None:
            self._metrics.retry_now()

    def choose_logs(self, *services: str) -> None:
        """Shows the lines of these services; the errors of all are counted all the same."""
        self._logs.choose(services)

    def choose_symptom(self, check: HttpCheck) -> None:
        """Asks this symptom in place of the usual ones."""
        self._health.choose_symptom(check)

    def pause(self) -> None:
        """Freezes the picture; the feeds go on, and its age grows."""
        frozen = replace(self.snapshot(), paused=True)
        with self._lock:
            self._frozen = self._frozen or frozen

    def resume(self) -> None:
        """Lets the picture move again."""
        with self._lock:
            self._frozen = None

    def snapshot(self) -> EstateSnapshot:
        """Returns everything as it stands; while paused, as it stood then."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
        now = self._clock.now()
        joined, statuses = self._join_rows()
        pods, deployments, events = statuses
        health, further, places = self.health(), self._further.read(), self._further.places()
        return EstateSnapshot(
            environment=self._environment.name,
            taken=now,
            pods=PodsSnapshot(source=SOURCE, taken=now, status=pods, rows=joined.pods, further=further.pods, places=places),
            rollout=RolloutSnapshot(source=SOURCE, taken=now, status=deployments, rows=joined.rollout),
            events=EventsSnapshot(source=SOURCE, taken=now, status=events, rows=joined.events, further=further.events),
            health=health,
            logs=self.logs(),
            metrics=self.metrics(),
            nodes=None if self._nodes is None else self._nodes.snapshot(),
            vantage=vantage_of(pods, health, now.monotonic),
            skew=self._skew(),
        )

    def pods(self) -> PodsSnapshot:
        """Returns the pods of the services alone."""
        joined, statuses = self._join_rows()
        return PodsSnapshot(source=SOURCE, taken=self._clock.now(), status=statuses[0], rows=joined.pods)

    def pod_states(self) -> tuple[PodState, ...] | None:
        """Returns every pod of the namespace as last heard; None: the feed cannot be believed now. Waits some seconds for the first list."""
        self._pods.await_first(FIRST_SECONDS)
        seen, status, _ = self._pods.read()
        return tuple(one.pod for one in seen) if status.known(self._clock.now().monotonic) else None

    def nodes(self) -> tuple[NodeState, ...] | None:
        """Returns every node as last heard; None: they are not watched, or the feed cannot be believed now. Raises Forbidden where they may not be read."""
        return None if self._nodes is None else self._nodes.states(FIRST_SECONDS)

    def health(self) -> HealthSnapshot:
        """Returns the checks alone."""
        return self._health.snapshot()

    def logs(self) -> LogsSnapshot:
        """Returns the logs alone."""
        return self._logs.snapshot()

    def metrics(self) -> MetricsSnapshot | None:
        """Returns the metrics alone; None: no Prometheus is configured."""
        return None if self._metrics is None else self._metrics.snapshot()

    def _join_rows(self) -> tuple[_Joined, tuple[FeedStatus, FeedStatus, FeedStatus]]:
        """Returns the rows, made anew only if a mirror changed, and the statuses of pods, Deployments and events."""
        pods, pods_status, pods_changes = self._pods.read()
        deployments, deployments_status, deployments_changes = self._deployments.read()
        replica_sets, _, sets_changes = self._replica_sets.read()
        events, events_status, events_changes = self._events.read()
        made_of = (pods_changes, deployments_changes, sets_changes, events_changes)
        joined = self._joined
        if joined.made_of != made_of:
            with self._joining:
                joined = self._joined = self._make(made_of, pods, deployments, replica_sets, events)
        return joined, (pods_status, deployments_status, events_status)

    def _make(
        self,
        made_of: tuple[int, ...],
        pods: Sequence[SeenPod],
        deployments: Sequence[Deployment],
        replica_sets: Sequence[ReplicaSetState],
        events: tuple[ClusterEvent, ...],
    ) -> _Joined:
        services = self._environment.services
        known = workloads(services, deployments, replica_sets)
        newest_first = tuple(sorted(events, key=lambda event: -(event.last or 0.0)))
        rollout = rollout_rows(known, [one.pod for one in pods], newest_first, services)
        return _Joined(made_of, self._table.rows(pods, known), rollout, newest_first)
