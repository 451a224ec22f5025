"""Every adapter of one environment, made once and shared by feeds, probes and actions."""

import os
from contextlib import suppress
from functools import partial
from pathlib import Path

from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.git_place import git_place
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from gospel_rollback_tui.infra.ci_runs import CiRuns
from gospel_rollback_tui.infra.cloud.rds import RdsApi
from gospel_rollback_tui.infra.cloud.session import AwsSession
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.service_proxy import ServiceProxy
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from gospel_rollback_tui.infra.estate_reads import ClusterReads, ClusterRights
from gospel_rollback_tui.infra.images import EcrImages
from gospel_rollback_tui.infra.metrics import metric_source
from gospel_rollback_tui.infra.migrate import MigrateCommand
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.infra.repository.branch_log import BranchLog
from gospel_rollback_tui.infra.repository.repository import GitRepository
from gospel_rollback_tui.infra.routed_probe import RoutedProbe
from gospel_rollback_tui.infra.schema_gates import SchemaGates
from gospel_rollback_tui.infra.sql.address import database_address
from gospel_rollback_tui.infra.sql.schema import PostgresSchema
from gospel_rollback_tui.infra.survey import EstateSurvey


class Adapters:
    """Connects to nothing before it is asked."""

    def __init__(self, environment: Environment, clones: Path, run_folder: Path | None = None, *, connection: ClusterConnection | None = None) -> None:
        """Keeps where things go.

        Args:
            environment: The estate.
            clones: Folder in which clones of git repositories are kept between runs.
            run_folder: The folder of the run that this process runs; None: an app, which starts no commands that outlive it.
            connection: The cluster's connection where there is one already.
        """
        self.environment = environment
        self.connection = connection or ClusterConnection(environment.cluster)
        self.workloads = ClusterWorkloads(self.connection)
        self.changes = ClusterChanges(self.connection)
        self.rights = ClusterRights(self.connection)
        direct = HttpProbe(nonce=environment.cluster.nonce, ca_file=environment.ca_file)
        self.probe = RoutedProbe(direct, ServiceProxy(self.connection), environment)
        self.metrics = metric_source(environment.metrics, environment.cluster.nonce)
        """None: no Prometheus is configured."""
        self._argocd = _argocd(environment)
        self.argocd = ArgoCdRest(self._argocd, environment.argocd) if self._argocd else None
        """None: Argo CD's own API is not configured; its Application object may still be there."""
        place = git_place(environment)
        self.repository = GitRepository(place, clones) if place else None
        """None: no repository is configured."""
        drill = bool(environment.cluster.nonce)
        self.images = None if drill else EcrImages(dict(environment.names).get("aws.profile", ""))
        """None: a drill, which asks nothing of any account."""
        self.survey = EstateSurvey(
            self.connection,
            environment,
            sync_windows=self.argocd.sync_windows if self.argocd else None,
            ci_runs=CiRuns(environment.ci_running).under_way if environment.ci_running and not drill else None,
            commits=BranchLog(self.repository).newest if self.repository else None,
        )
        self.reads = ClusterReads(self.connection, environment, self.survey)
        self.databases = PostgresSchema(partial(database_address, environment, environ=os.environ))
        self.migrate = MigrateCommand(self.databases.address_of, run_folder)
        self.rds = _rds(environment)
        """None: no database instance is configured, or the drill has no account of its own."""
        self.gates = SchemaGates(self.repository, lambda service: self.databases.head(service.name), lambda service: self.databases.columns(service.name))

    def skew(self) -> float:
        """Returns by how many seconds the cluster's clock is ahead of this machine's."""
        return self.connection.skew()

    def fetch_early(self) -> None:
        """Brings the repository, so that no preview waits for a first clone; what fails is said by the step that needs it."""
        if self.repository is not None:
            with suppress(RollbackError):
                self.repository.fetch()

    def renew(self) -> None:
        """Reads credentials again, after somebody logged in."""
        self.connection.renew()
        if self._argocd:
            self._argocd.renew()
        if self.rds:
            self.rds.session.renew()

    def close(self) -> None:
        """Ends what holds sockets of its own."""
        if self._argocd:
            self._argocd.close()


def _argocd(environment: Environment) -> ArgoCdConnection | None:
    argocd = environment.argocd
    return ArgoCdConnection(argocd, nonce=environment.cluster.nonce) if argocd.server and argocd.application else None


def _rds(environment: Environment) -> RdsApi | None:
    names = dict(environment.names)
    region, nonce, endpoint = names.get("aws.region", ""), environment.cluster.nonce, names.get("aws.endpoint", "")
    if not region or not names.get("rds.identifier") or (nonce and not endpoint):
        return None
    return RdsApi(AwsSession(region, names.get("aws.profile", ""), endpoint, nonce))
