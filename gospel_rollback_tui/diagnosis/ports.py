"""What diagnosis asks of the estate: reads only, each with a deadline of its own.

Every method may raise any error of `domain.errors` that a read can raise.
"""

from collections.abc import Sequence
from typing import Protocol

from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.nodes import NodeState
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.snapshots import LogsSnapshot
from gospel_rollback_tui.domain.surroundings import ConfigEdit
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState


class EstateReads(Protocol):
    """One-off reads of the environment's cluster."""

    def who(self) -> tuple[str, str]:
        """Returns (server, identity) as the server reports them."""

    def alive(self) -> bool:
        """Asks the API server without credentials whether it serves; raises NoRoute or ServerDown."""

    def deployments(self) -> tuple[Deployment, ...]:
        """Returns every Deployment of the namespace."""

    def replica_sets(self) -> tuple[ReplicaSetState, ...]:
        """Returns every ReplicaSet of the namespace."""

    def pods(self) -> tuple[PodState, ...]:
        """Returns every pod of the namespace."""

    def events(self) -> tuple[ClusterEvent, ...]:
        """Returns the namespace's events."""

    def nodes(self) -> tuple[NodeState, ...]:
        """Returns the cluster's nodes."""

    def config_edits(self) -> tuple[ConfigEdit, ...]:
        """Returns the last edit of each ConfigMap and Secret, without reading what they hold."""

    def may_roll_back(self) -> bool:
        """Returns whether this identity may patch Deployments here."""

    def application(self) -> Application | None:
        """Returns the Application that owns the environment; None: none is configured, or there is none."""

    def beside(self) -> Survey:
        """Returns what else may work against a rollback, the Application left out; what did not answer is unknown."""

    def early_log(self, service: Service, pod: str, since_seconds: int) -> tuple[str, ...]:
        """Returns the oldest lines of that time of the service's container, each with the kubelet's time before it."""


class WebProbe(Protocol):
    """Asks HTTP requests."""

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none; never raises."""


class SchemaGates(Protocol):
    """Judges what changes of release meet in the database."""

    def between(self, changes: Sequence[ReleaseChange]) -> Gate | None:
        """Returns what stands between the releases; None: none of the services ships migrations; never raises an error of `domain.errors`."""


class LiveFeeds(Protocol):
    """What the live feeds have heard anyway."""

    def pod_states(self) -> tuple[PodState, ...] | None:
        """Returns every pod of the namespace; None: the feed cannot be believed now."""

    def nodes(self) -> tuple[NodeState, ...] | None:
        """Returns the cluster's nodes; None: the feed cannot be believed now. Raises Forbidden where they may not be read."""

    def logs(self) -> LogsSnapshot:
        """Returns the newest picture of the logs."""
