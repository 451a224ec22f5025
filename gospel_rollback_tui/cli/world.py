"""Makes the ports of one environment from adapters and actions: shared by the app and the runner."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from gospel_rollback_tui.actions.catalogue import MANUAL, PIN, UNDO, WATCH
from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.observing import VerifyService
from gospel_rollback_tui.actions.resuming import ResumeAutoSync
from gospel_rollback_tui.actions.targets import ImageTargets, RevisionTargets
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.actions.waiting import ByHandAction
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.ports import Action, StabilityWatch, World
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.feeding import feed_ports
from gospel_rollback_tui.infra.cluster.lease import EnvironmentLease
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from gospel_rollback_tui.infra.estate_reads import ClusterErrorLines, ClusterReads, ClusterRights
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


def actions(connection: ClusterConnection, probe: HttpProbe) -> Mapping[str, Action]:
    """Returns every action of the catalogue, acting through that connection."""
    workloads = ClusterWorkloads(connection)
    changes = ClusterChanges(connection)
    rights = ClusterRights(connection)
    verification = ServiceVerification(workloads, probe, ClusterErrorLines(connection), lambda: connection.cluster_now() - time.time())
    made: tuple[Action, ...] = (
        RollBackDeployments(workloads, changes, rights, probe, verification, RevisionTargets(), UNDO),
        RollBackDeployments(workloads, changes, rights, probe, verification, ImageTargets(), PIN),
        ResumeAutoSync(workloads, changes, rights),
        VerifyService(rights, verification),
        ByHandAction(MANUAL, rights),
        ByHandAction(WATCH, rights),
    )
    return {action.spec.name: action for action in made}


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
        actions=actions(connection, probe),
        lock=EnvironmentLease(connection),
        identity=ClusterRights(connection),
        symptom=ProbedSymptom(probe),
        watch=_watch,
        clock=SystemClock(),
        renew=connection.renew,
    )
