"""Makes every action of the catalogue from adapters: for the app, which only previews, and for the runner, which sends."""

import time
from collections.abc import Mapping

from gospel_rollback_tui.actions.catalogue import MANUAL, PIN, UNDO, WATCH
from gospel_rollback_tui.actions.deployment import RollBackDeployments
from gospel_rollback_tui.actions.observing import VerifyService
from gospel_rollback_tui.actions.resuming import ResumeAutoSync
from gospel_rollback_tui.actions.targets import ImageTargets, RevisionTargets
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.actions.waiting import ByHandAction
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.engine.ports import Action
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from gospel_rollback_tui.infra.estate_reads import ClusterErrorLines, ClusterRights
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.infra.survey import EstateSurvey


def survey(connection: ClusterConnection, environment: Environment) -> EstateSurvey:
    """Returns what sees who may work against a rollback."""
    return EstateSurvey(connection, environment)


def actions(connection: ClusterConnection, probe: HttpProbe, environment: Environment) -> Mapping[str, Action]:
    """Returns every action of the catalogue, acting on that environment through that connection."""
    workloads = ClusterWorkloads(connection)
    changes = ClusterChanges(connection)
    rights = ClusterRights(connection)
    verification = ServiceVerification(workloads, probe, ClusterErrorLines(connection), lambda: connection.cluster_now() - time.time())
    beside = survey(connection, environment)
    made: tuple[Action, ...] = (
        RollBackDeployments(workloads, changes, rights, probe, verification, beside, RevisionTargets(), UNDO),
        RollBackDeployments(workloads, changes, rights, probe, verification, beside, ImageTargets(), PIN),
        ResumeAutoSync(workloads, changes, rights),
        VerifyService(rights, verification),
        ByHandAction(MANUAL, rights),
        ByHandAction(WATCH, rights),
    )
    return {action.spec.name: action for action in made}
