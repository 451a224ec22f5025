"""One round of probes: everything that was seen, or why it was not."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment, HttpCheck
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.migrations.gate import Gate
from gospel_rollback_tui.domain.nodes import NodeState
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.release_change import ReleaseChange
from gospel_rollback_tui.domain.snapshots import LogsSnapshot
from gospel_rollback_tui.domain.surroundings import ConfigEdit
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState


@dataclass(frozen=True, slots=True)
class EarlyErrors:
    """The first error lines of a service's pods within the time looked back."""

    service: str
    first_at: float
    """Wall time of the first line of the kind that goes on now."""
    signature: str
    sample: str


@dataclass(frozen=True, slots=True)
class AskedErrors:
    """The error lines of a service within the last minute, read once."""

    count: int
    message: str


@dataclass(frozen=True, slots=True)
class SchemaSeen:
    """What stands in the database between releases."""

    changes: tuple[ReleaseChange, ...]
    """The changes of release that were asked about."""
    gate: Gate | None = None
    """None: none of the services ships migrations, or it could not be judged."""
    failure: RollbackError | None = None
    """Why it could not be judged."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What a round saw; None where a probe has not answered, or failed (`failures` says why)."""

    environment: Environment
    at: float
    """Wall time of the round."""
    symptom: HttpCheck | None = None
    answer: HttpAnswer | None = None
    """To the symptom's request."""
    elsewhere: HttpAnswer | None = None
    """To the public endpoint: a second vantage."""
    who: tuple[str, str] | None = None
    alive: bool | None = None
    deployments: tuple[Deployment, ...] | None = None
    replica_sets: tuple[ReplicaSetState, ...] | None = None
    pods: tuple[PodState, ...] | None = None
    events: tuple[ClusterEvent, ...] | None = None
    nodes: tuple[NodeState, ...] | None = None
    config_edits: tuple[ConfigEdit, ...] | None = None
    may_roll_back: bool | None = None
    application: Application | None = None
    application_read: bool = False
    beside: Survey = field(default_factory=Survey)
    """What else may work against a rollback."""
    schema: SchemaSeen | None = None
    """None: not asked, or no answer yet."""
    logs: LogsSnapshot | None = None
    """Counts of the log feed; known parts only."""
    early: tuple[EarlyErrors, ...] | None = None
    asked: Mapping[str, AskedErrors] = field(default_factory=dict)
    """Service → what its logs said when they were asked once: for when users fail and the log feed has heard nothing."""
    failures: Mapping[str, RollbackError] = field(default_factory=dict)
    """Probe → why it brought nothing."""
    waiting: tuple[str, ...] = ()
    """Probes that have not answered yet."""

    def survey(self) -> Survey:
        """Returns everything that was seen of what may work against a rollback."""
        return replace(self.beside, application=self.application, application_read=self.application_read)

    def deployment_of(self, service: str) -> Deployment | None:
        """Returns the Deployment of that service, None when it was not seen."""
        name = self.environment.service(service).deployment
        return next((d for d in self.deployments or () if d.name == name), None)

    def revisions_of(self, deployment: Deployment) -> tuple[ReplicaSetState, ...]:
        """Returns its ReplicaSets that are part of the history, newest revision first."""
        owned = [r for r in self.replica_sets or () if r.owner == deployment.uid and r.revision > 0]
        return tuple(sorted(owned, key=lambda r: -r.revision))

    def pods_of(self, deployment: Deployment) -> tuple[PodState, ...]:
        """Returns the pods of the Deployment's ReplicaSets."""
        owners = {r.uid for r in self.replica_sets or () if r.owner == deployment.uid}
        return tuple(p for p in self.pods or () if p.owner in owners)
