"""Makes the ports of one environment from adapters and actions: shared by the app and the runner."""

from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.cli.acting import actions
from gospel_rollback_tui.cli.adapters import Adapters
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.feed import Moment
from gospel_rollback_tui.domain.health import Verdict, judge
from gospel_rollback_tui.engine.clock import SystemClock
from gospel_rollback_tui.engine.ports import StabilityWatch, World
from gospel_rollback_tui.engine.run_folder import read_run
from gospel_rollback_tui.infra.cluster.feeding import feed_ports
from gospel_rollback_tui.infra.cluster.lease import EnvironmentLease
from gospel_rollback_tui.live import stability
from gospel_rollback_tui.live.auto_sync import AutoSyncGuard
from gospel_rollback_tui.live.estate import EstateFeeds
from gospel_rollback_tui.live.ports import HttpAsker
from gospel_rollback_tui.live.ports import SystemClock as FeedClock


@dataclass(frozen=True, slots=True)
class ProbedSymptom:
    """Asks the symptom's request."""

    probe: HttpAsker

    def passing(self, check: HttpCheck) -> tuple[bool | None, str]:
        """Returns whether the answer is the expected one (None: no answer), and what was seen."""
        result = judge(check, self.probe.ask(check), Moment(0.0, 0.0))
        return {Verdict.GOOD: True, Verdict.BAD: False, Verdict.UNKNOWN: None}[result.verdict], result.words


def runner_world(environment: Environment, clones: Path, run_folder: Path) -> World:
    """Returns the runner's ports, the only ones that can change anything.

    Args:
        environment: The estate.
        clones: Folder that holds the clones of git repositories.
        run_folder: The run's own folder.
    """
    made = Adapters(environment, clones, run_folder)

    def _watch(symptom: HttpCheck | None, recovered: float) -> StabilityWatch:
        feeds = EstateFeeds(
            environment, feed_ports(made.connection, made.probe, made.metrics), symptom=symptom, health_interval=environment.stability.sample_seconds / 2
        )
        feeds.start()
        guard = AutoSyncGuard(made.reads.applications)
        run = read_run(run_folder).run
        onset = run.onset + made.skew() if run and run.onset else 0.0
        return stability.StabilityWatch(environment, feeds, FeedClock(), symptom=symptom, recovered=recovered + made.skew(), guard=guard.sample, onset=onset)

    return World(
        actions=actions(made),
        lock=EnvironmentLease(made.connection),
        identity=made.rights,
        symptom=ProbedSymptom(made.probe),
        watch=_watch,
        clock=SystemClock(),
        renew=made.renew,
    )
