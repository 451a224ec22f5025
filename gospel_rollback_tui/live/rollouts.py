"""Joins Deployments with the ReplicaSets they control, and with their pods to the rows of the rollout pane. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.rollout import RolloutState, judge_rollout
from gospel_rollback_tui.domain.snapshots import RolloutRow
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState


@dataclass(frozen=True, slots=True)
class Workload:
    """One service's Deployment with its ReplicaSets."""

    service: str
    deployment: Deployment
    replica_sets: tuple[ReplicaSetState, ...]
    newest: ReplicaSetState | None
    """Of the current template; None: not known, or not there yet."""


def workloads(services: Sequence[Service], deployments: Iterable[Deployment], replica_sets: Iterable[ReplicaSetState]) -> tuple[Workload, ...]:
    """Returns the services' Deployments with the ReplicaSets each controls, in the services' order."""
    by_name = {deployment.name: deployment for deployment in deployments}
    owned: dict[str, list[ReplicaSetState]] = {}
    for replica_set in replica_sets:
        owned.setdefault(replica_set.owner, []).append(replica_set)
    found: list[Workload] = []
    for service in services:
        deployment = by_name.get(service.deployment)
        if deployment is not None:
            mine = tuple(sorted(owned.get(deployment.uid, ()), key=lambda one: one.revision))
            found.append(Workload(service.name, deployment, mine, _newest(deployment, mine)))
    return tuple(found)


def _newest(deployment: Deployment, mine: tuple[ReplicaSetState, ...]) -> ReplicaSetState | None:
    """Returns the ReplicaSet of the current template: the one with the Deployment's revision, once the controller has seen the change."""
    if deployment.generation > deployment.observed_generation or not mine:
        return None
    return next((one for one in mine if one.revision == deployment.revision), mine[-1])


def rollout_rows(known: Sequence[Workload], pods: Iterable[PodState], events: tuple[ClusterEvent, ...], services: Sequence[Service]) -> tuple[RolloutRow, ...]:
    """Returns a row for each Deployment of the services."""
    containers = {service.name: service.container for service in services}
    by_owner: dict[str, list[PodState]] = {}
    for pod in pods:
        by_owner.setdefault(pod.owner, []).append(pod)
    rows = []
    for workload in known:
        owned = tuple(pod for replica_set in workload.replica_sets for pod in by_owner.get(replica_set.uid, ()))
        rows.append(_rollout_row(workload, owned, events, containers[workload.service]))
    return tuple(rows)


def _rollout_row(workload: Workload, pods: tuple[PodState, ...], events: tuple[ClusterEvent, ...], container: str) -> RolloutRow:
    deployment, newest = workload.deployment, workload.newest
    judged = judge_rollout(deployment, newest, pods, events, newest.created if newest else None)
    words = judged.words
    if judged.failures:
        first = judged.failures[0]
        words = f"{words}: {first.reason}" + (f" on {first.count} pods" if first.count > 1 else f" on {first.subject}")
    progress = Verdict.BAD if judged.failing else Verdict.GOOD if judged.state is RolloutState.DONE else Verdict.UNKNOWN
    images = dict(deployment.images)
    return RolloutRow(
        service=workload.service,
        deployment=deployment.name,
        revision=deployment.revision or None,
        template_hash=newest.template_hash if newest else "",
        image=images.get(container) or next(iter(images.values()), ""),
        desired=deployment.replicas,
        updated=deployment.updated,
        ready=deployment.ready,
        available=deployment.available,
        old=max(0, deployment.total - deployment.updated),
        paused=deployment.paused,
        progress=progress,
        words=words,
        change_cause=deployment.change_cause,
        changed=newest.created if newest else None,
    )
