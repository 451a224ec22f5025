"""Makes the ports of one environment from adapters and actions: shared by the app and the runner."""

from dataclasses import dataclass

from gospel_rollback_tui.cli.acting import actions
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.ports import StabilityWatch, World
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.feeding import feed_ports
from gospel_rollback_tui.infra.cluster.lease import EnvironmentLease
from gospel_rollback_tui.infra.estate_reads import ClusterReads, ClusterRights
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.live import stability
from gospel_rollback_tui.live.auto_sync import AutoSyncGuard
from gospel_rollback_tui.live.estate import EstateFeeds
from gospel_rollback_tui.live.ports import SystemClock as FeedClock


@dataclass(frozen=True, slots=True)
class ProbedSymptom:
    """Asks the symptom's request."""

    probe: HttpProbe

    def passing(self, check: HttpCheck) -> tuple[bool | None, str]:
        """Returns whether the answer is the expected one (None: no answer), and what was seen."""
        result = judge(check, self.probe.ask(check), Moment(0.0, 0.0))
        return {Verdict.GOOD: True, Verdict.BAD: False, Verdict.UNKNOWN: None}[result.verdict], result.words


def http_probe(environment: Environment) -> HttpProbe:
    """Returns the prober of HTTP requests; in a drill it believes only the drill's own answers."""
    return HttpProbe(nonce=environment.cluster.nonce)


def runner_world(environment: Environment) -> World:
    """Returns the runner's ports: the only ones that can change anything."""
    connection = ClusterConnection(environment.cluster)
    probe = http_probe(environment)

    def _watch(symptom: HttpCheck | None, recovered: float) -> StabilityWatch:
        feeds = EstateFeeds(environment, feed_ports(connection, probe), symptom=symptom, health_interval=environment.stability.sample_seconds / 2)
        feeds.start()
        guard = AutoSyncGuard(ClusterReads(connection, environment).applications)
        return stability.StabilityWatch(environment, feeds, FeedClock(), symptom=symptom, recovered=recovered, guard=guard.sample)

    return World(
        actions=actions(connection, probe, environment),
        lock=EnvironmentLease(connection),
        identity=ClusterRights(connection),
        symptom=ProbedSymptom(probe),
        watch=_watch,
        clock=SystemClock(),
        renew=connection.renew,
    )
