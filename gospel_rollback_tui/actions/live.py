"""Reads what a rollback of Deployments rests on: the Deployment, its history, and who would revert a change."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.ports import Surveyor, Workloads
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.domain.application import Application, application_from, owning_application
from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.errors import Forbidden, NotFound, Refused
from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.references import references_of
from gospel_rollback_tui.domain.revisions import Revision, choose_target, history
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from, replica_set_from


@dataclass(frozen=True, slots=True)
class LiveService:
    """One service as it is now."""

    service: Service
    deployment: Deployment
    revisions: tuple[Revision, ...]
    """Newest first."""
    pods: tuple[PodState, ...]

    def revision(self, number: str) -> Revision | None:
        """Returns the revision of that number, None when the history has none (any more)."""
        return next((r for r in self.revisions if str(r.number) == number), None)

    def left_for(self, target: Revision | None) -> Revision | None:
        """Returns the revision that was left for the target, which runs again; None: it does not, or nothing ran between."""
        current = next((revision for revision in self.revisions if revision.current), None)
        if current is None or target is None or current.replica_set != target.replica_set:
            return None
        return next((r for r in self.revisions if r.number < current.number and r.replica_set != current.replica_set), None)

    def suggested(self) -> Revision | None:
        """Returns the revision to go back to by what the cluster tells."""
        return choose_target(self.revisions).target


@dataclass(frozen=True, slots=True)
class LiveEstate:
    """Reads services of one environment."""

    workloads: Workloads
    applications: Callable[[str, str], JsonObject] | None = None
    """Reads an Application by namespace and name; None: only the object in the cluster is read."""

    def service(self, environment: Environment, name: str) -> LiveService:
        """Returns the service as it is now; raises NotFound when its Deployment is gone, KeyError when no such service is configured."""
        service = environment.service(name)
        raw = self.workloads.deployment(service.deployment)
        deployment = deployment_from(raw)
        raw_sets, raw_pods, raw_events = together(
            [
                lambda: self.workloads.replica_sets(raw),
                lambda: self.workloads.pods(deployment.selector or service.selector),
                self.workloads.events,
            ]
        )
        sets = tuple(replica_set_from(r) for r in raw_sets)
        pods = tuple(pod_from(p) for p in raw_pods)
        events = tuple(event_from(e) for e in raw_events)
        return LiveService(service, deployment, history(deployment, sets, pods, events), pods)

    def deployment(self, environment: Environment, name: str) -> Deployment:
        """Returns the service's Deployment alone."""
        return deployment_from(self.workloads.deployment(environment.service(name).deployment))

    def owner(self, environment: Environment, deployments: tuple[Deployment, ...]) -> Application | None:
        """Returns the Application that owns the Deployments; None: no Argo CD here. Raises Refused when several do: only one would be frozen."""
        configured = environment.argocd
        names = sorted({owning_application(d) for d in deployments} - {""})
        if len(names) > 1:
            raise Refused(f"Several Applications own these Deployments: {', '.join(names)}.", next_step="Choose the services of one of them at a time.")
        name = names[0] if names else configured.application
        if not name:
            return None
        try:
            return application_from((self.applications or self.workloads.application)(configured.namespace, name))
        except NotFound:
            return None

    def survey(self, environment: Environment, deployments: tuple[Deployment, ...], surveyor: Surveyor) -> Survey:
        """Returns what may work against a change of the Deployments; an Application that may not be read is unknown, not absent."""
        name = environment.argocd.application
        beside, (application, read) = both(lambda: surveyor.beside(name), lambda: self.owner_if_readable(environment, deployments))
        return replace(beside, application=application, application_read=read)

    def owner_if_readable(self, environment: Environment, deployments: tuple[Deployment, ...]) -> tuple[Application | None, bool]:
        """Returns the owner, and whether this login may read who it is."""
        try:
            return self.owner(environment, deployments), True
        except Forbidden:
            return None, False

    def missing(self, revision: Revision) -> tuple[str, ...]:
        """Returns the objects that the revision's template needs and that are gone (ConfigMaps, Secrets, claims…)."""
        needed = [r for r in references_of(revision.template) if not r.optional]
        there = together([partial(self.workloads.exists, r.kind, r.name) for r in needed])
        return tuple(f"{r.kind} {r.name}" for r, found in zip(needed, there, strict=True) if not found)

    def stays(self, revision: Revision) -> tuple[str, ...]:
        """Returns what the template refers to and a rollback does not bring back as it was."""
        return tuple(sorted({f"{r.kind} {r.name}" for r in references_of(revision.template) if r.kind in ("ConfigMap", "Secret")}))
