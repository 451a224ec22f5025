"""One-off reads of an environment's cluster, as diagnosis and actions ask for them: domain values out."""

from collections.abc import Sequence

from gospel_rollback_tui.domain.application import Application, application_from, owning_application
from gospel_rollback_tui.domain.cluster_events import ClusterEvent, event_from
from gospel_rollback_tui.domain.errors import NoRoute, NotFound, RollbackError, ServerDown
from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.log_lines import read_line
from gospel_rollback_tui.domain.nodes import NodeState, node_from
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.surroundings import ConfigEdit, config_edit_from
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState, deployment_from, replica_set_from
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import path_of
from gospel_rollback_tui.infra.cluster.identity import ClusterIdentity
from gospel_rollback_tui.infra.cluster.reading import ClusterReader
from gospel_rollback_tui.infra.cluster.streams import ClusterStreams
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from gospel_rollback_tui.infra.survey import EstateSurvey

DEADLINE = 4.5
"""Seconds for one read of a triage round."""
EARLY_LINES = 4000
"""Lines of a log that are read from its beginning on."""


class ClusterReads:
    """Reads of triage: each within its deadline, each a value of `domain`."""

    def __init__(self, connection: ClusterConnection, environment: Environment, survey: EstateSurvey | None = None) -> None:
        """Reads nothing yet; `survey` reads what stands beside the Application, the cluster alone if it is None."""
        self._survey = survey or EstateSurvey(connection, environment)
        self._connection = connection
        self._environment = environment
        self._identity = ClusterIdentity(connection, deadline=DEADLINE)
        self._workloads = ClusterWorkloads(connection, deadline=DEADLINE)
        self._reader = ClusterReader(connection, deadline=DEADLINE)
        self._streams = ClusterStreams(connection)

    def who(self) -> tuple[str, str]:
        """Returns (server, identity) as the server reports them."""
        return self._identity.current()

    def alive(self) -> bool:
        """Asks without credentials whether the API server serves; raises ServerDown or NoRoute if it does not."""
        serving = self._identity.ready()
        if serving.truth is Truth.TRUE:
            return True
        if serving.truth is Truth.FALSE:
            raise ServerDown(serving.words, next_step="Ask from a second place before believing that everything is gone.")
        raise NoRoute(serving.words, next_step="Check this host's own network, VPN and proxy first.")

    def deployments(self) -> tuple[Deployment, ...]:
        """Returns every Deployment of the namespace."""
        return tuple(deployment_from(raw) for raw in self._workloads.deployments())

    def replica_sets(self) -> tuple[ReplicaSetState, ...]:
        """Returns every ReplicaSet of the namespace."""
        path = path_of("apis", "apps", "v1", "namespaces", self._connection.cluster.namespace, "replicasets")
        return tuple(replica_set_from(raw) for raw in self._reader.list_pages(path).items)

    def pods(self) -> tuple[PodState, ...]:
        """Returns every pod of the namespace."""
        return self._reader.list_kept(path_of("api", "v1", "namespaces", self._connection.cluster.namespace, "pods"), pod_from)

    def events(self) -> tuple[ClusterEvent, ...]:
        """Returns the namespace's events."""
        return tuple(event_from(raw) for raw in self._workloads.events())

    def nodes(self) -> tuple[NodeState, ...]:
        """Returns the cluster's nodes."""
        return tuple(node_from(raw) for raw in self._workloads.nodes())

    def config_edits(self) -> tuple[ConfigEdit, ...]:
        """Returns the last edit of each ConfigMap; what it holds is dropped here."""
        found = (config_edit_from("ConfigMap", raw) for raw in self._workloads.config_maps())
        return tuple(edit for edit in found if edit is not None)

    def may_roll_back(self) -> bool:
        """Returns whether this identity may patch Deployments in the namespace."""
        return self._identity.may("patch", "apps", "deployments").allowed

    def application(self) -> Application | None:
        """Returns the Application that owns the environment; None: none is configured, or there is none."""
        return self._application(self._environment.argocd.application)

    def applications(self) -> tuple[Application, ...]:
        """Returns the Applications that track the services' Deployments; the configured one where none says that it does."""
        ours = {service.deployment for service in self._environment.services}
        tracking = {owning_application(deployment) for deployment in self.deployments() if deployment.name in ours} - {""}
        found = (self._application(name) for name in sorted(tracking or {self._environment.argocd.application}))
        return tuple(application for application in found if application is not None)

    def _application(self, name: str) -> Application | None:
        """Returns the Application of that name; None: there is none, or no name."""
        if not name:
            return None
        try:
            return application_from(self._workloads.application(self._environment.argocd.namespace, name))
        except NotFound:
            return None

    def beside(self) -> Survey:
        """Returns what else may work against a rollback; what did not answer is unknown."""
        return self._survey.beside(self._environment.argocd.application)

    def early_log(self, service: Service, pod: str, since_seconds: int) -> tuple[str, ...]:
        """Returns the oldest lines of that time, at most EARLY_LINES, each with the kubelet's time before it."""
        stream = self._streams.log_lines(pod, service.container, since=self._connection.cluster_now() - since_seconds)
        lines = []
        for line in stream:
            lines.append(line)
            if len(lines) >= EARLY_LINES:
                stream.stop()
                break
        return tuple(lines)


class ClusterRights:
    """Who we are and what we may, as actions ask."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Asks nothing yet."""
        self._identity = ClusterIdentity(connection, deadline=DEADLINE)

    def current(self) -> tuple[str, str]:
        """Returns (server, identity)."""
        return self._identity.current()

    def may_patch(self, group: str, resource: str, name: str, namespace: str = "") -> bool:
        """Returns whether this identity may patch the object."""
        return self._identity.may("patch", group, resource, name=name, namespace=namespace).allowed


class ClusterErrorLines:
    """Counts error lines in the logs of pods."""

    def __init__(self, connection: ClusterConnection) -> None:
        """Reads nothing yet."""
        self._streams = ClusterStreams(connection)

    def since(self, service: Service, pods: Sequence[str], at: float) -> int | None:
        """Returns the error lines that these pods wrote since that wall time; None: a log cannot be read."""
        count = 0
        for pod in pods:
            try:
                count += sum(read_line(raw, service.name, pod).error for raw in self._streams.log_lines(pod, service.container, since=at, tail=500))
            except RollbackError:
                return None
        return count
