"""The live feeds, started as soon as a connection to the cluster can be made; every other client is imported meanwhile."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from gospel_rollback_tui.domain.errors import NoRoute
from gospel_rollback_tui.domain.health import HttpAnswer, NoAnswer
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.feeding import feed_ports
from gospel_rollback_tui.live.estate import EstateFeeds

if TYPE_CHECKING:  # imported once the feeds have started
    from gospel_rollback_tui.domain.estate import Environment, HttpCheck
    from gospel_rollback_tui.domain.metrics import MetricAnswer
    from gospel_rollback_tui.live.ports import HttpAsker, MetricSource

WAIT_SECONDS = 20.0
"""How long a question waits for its client to be imported."""

P = TypeVar("P")


class _Later(Generic[P]):
    """A port that comes later."""

    def __init__(self) -> None:
        self._come = threading.Event()
        self._port: P | None = None

    def bring(self, port: P) -> None:
        """Lets the questions that wait be asked."""
        self._port = port
        self._come.set()

    def port(self) -> P | None:
        """Blocks until the port is there; returns None when it does not come in time."""
        self._come.wait(WAIT_SECONDS)
        return self._port


class LaterAsker(_Later["HttpAsker"]):
    """Asks health requests once there is a client."""

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the client's answer; never raises."""
        asker = self.port()
        if asker is None:
            return HttpAnswer(None, "", WAIT_SECONDS, NoAnswer.NETWORK, "the HTTP client of this program did not start")
        return asker.ask(check)


class LaterMetrics(_Later["MetricSource"]):
    """Asks Prometheus once there is a client."""

    def now(self, promql: str) -> MetricAnswer:
        """Returns the query's present value; raises what the client raises."""
        return self._source().now(promql)

    def past(self, promql: str, begin: float, end: float, step: float) -> MetricAnswer:
        """Returns the query's past values; raises what the client raises."""
        return self._source().past(promql, begin, end, step)

    def _source(self) -> MetricSource:
        source = self.port()
        if source is None:
            raise NoRoute("The HTTP client of this program did not start.", next_step="Start gospel-rollback again.")
        return source


@dataclass(frozen=True, slots=True)
class EarlyFeeds:
    """Feeds that run, and what they wait for."""

    connection: ClusterConnection
    feeds: EstateFeeds
    http: LaterAsker
    metrics: LaterMetrics

    def bring(self, http: HttpAsker, metrics: MetricSource | None) -> None:
        """Gives the feeds the clients that have been imported meanwhile."""
        self.http.bring(http)
        if metrics is not None:
            self.metrics.bring(metrics)


def start_feeds(environment: Environment, symptom: HttpCheck | None) -> EarlyFeeds:
    """Starts the feeds of an environment; pods are listed at once, health and metrics once `bring` was called."""
    connection = ClusterConnection(environment.cluster)
    http, metrics = LaterAsker(), LaterMetrics()
    feeds = EstateFeeds(environment, feed_ports(connection, http, metrics if environment.metrics.url else None, beside=True), symptom=symptom)
    feeds.start()
    return EarlyFeeds(connection, feeds, http, metrics)
