"""Joins pods, ReplicaSets, Deployments and the configured services to the rows of the panes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.pods import PodVerdict, judge_pod
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.rollout import RolloutState, judge_rollout
from gospel_rollback_tui.domain.snapshots import PodRow, RolloutRow
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState

READY_SLACK = 1.5
"""Seconds between a container's start and a Ready transition that was not one: the API writes whole seconds."""


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod and its judgement, made once an event, not once a picture."""

    pod: PodState
    verdict: PodVerdict


@dataclass(frozen=True, slots=True)
class Workload:
    """One service's Deployment with its ReplicaSets."""

    service: str
    deployment: Deployment
    replica_sets: tuple[ReplicaSetState, ...]
    newest: ReplicaSetState | None
    """Of the current template; None: not known, or not there yet."""


def seen_pod(raw: JsonObject) -> SeenPod:
    """Reads and judges a pod."""
    pod = pod_from(raw)
    return SeenPod(pod, judge_pod(pod))


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


def pod_rows(seen: Iterable[SeenPod], services: Sequence[Service], known: Sequence[Workload]) -> tuple[PodRow, ...]:
    """Returns a row for each pod of a service, in the services' order, failing first, then oldest first."""
    sets = {replica_set.uid: (workload, replica_set) for workload in known for replica_set in workload.replica_sets}
    selectors = {service.name: frozenset(part.strip() for part in service.selector.split(",") if part.strip()) for service in services}
    order = {service.name: index for index, service in enumerate(services)}
    containers = {service.name: service.container for service in services}
    rows = []
    for one in seen:
        owner = sets.get(one.pod.owner)
        service = owner[0].service if owner else _selected(one.pod, selectors)
        if service:
            rows.append(_pod_row(one, service, containers[service], owner))
    return tuple(sorted(rows, key=lambda row: (order[row.service], row.verdict is not Verdict.BAD, row.created, row.name)))


def _selected(pod: PodState, selectors: Mapping[str, frozenset[str]]) -> str:
    """Returns the service whose equality selector the pod's labels meet; empty: none."""
    labels = {f"{name}={value}" for name, value in pod.labels}
    return next((service for service, wanted in selectors.items() if wanted and wanted <= labels), "")


def _pod_row(one: SeenPod, service: str, container: str, owner: tuple[Workload, ReplicaSetState] | None) -> PodRow:
    pod, judged = one.pod, one.verdict
    state, verdict = _state(one)
    images = dict(pod.declared)
    newest = None
    if owner is not None and owner[0].newest is not None:
        newest = owner[1].uid == owner[0].newest.uid
    return PodRow(
        uid=pod.uid,
        name=pod.name,
        short=pod.name.rpartition("-")[2] or pod.name,
        service=service,
        state=state,
        verdict=verdict,
        ready=judged.serving,
        leaving=pod.deleting,
        restarts=judged.restarts,
        last_restart=judged.restarted,
        restart_reason=next((state.last_reason for state in pod.containers if state.last_reason), ""),
        created=pod.created or 0.0,
        image=images.get(container) or next(iter(images.values()), ""),
        node=pod.node,
        revision=owner[1].revision or None if owner else None,
        template_hash=pod.template_hash,
        newest=newest,
        message=judged.message,
    )


def _state(one: SeenPod) -> tuple[str, Verdict]:
    """Returns what the pane calls the pod's state, and what it is worth."""
    pod, judged = one.pod, one.verdict
    if pod.deleting:
        return judged.reason, Verdict.UNKNOWN
    if judged.trouble:
        telling = judged.reason if judged.reason not in ("Running", "Pending", pod.phase) else judged.trouble
        return telling, Verdict.BAD
    if judged.serving:
        return "Ready", Verdict.GOOD
    if judged.reason != "Running":
        return judged.reason, Verdict.UNKNOWN
    return ("Not ready", Verdict.BAD) if _was_ready(pod) else ("Starting", Verdict.UNKNOWN)


def _was_ready(pod: PodState) -> bool:
    """Returns whether a running pod has been ready before: its Ready condition moved after its containers had started, or one restarted."""
    condition = pod.condition("Ready")
    started = [state.running_since for state in pod.containers if state.running_since is not None]
    if any(state.restarts for state in pod.containers):
        return True
    return condition is not None and condition.changed is not None and bool(started) and condition.changed > max(started) + READY_SLACK


def rollout_rows(known: Sequence[Workload], seen: Iterable[SeenPod], events: tuple[ClusterEvent, ...], services: Sequence[Service]) -> tuple[RolloutRow, ...]:
    """Returns a row for each Deployment of the services."""
    containers = {service.name: service.container for service in services}
    by_owner: dict[str, list[PodState]] = {}
    for one in seen:
        by_owner.setdefault(one.pod.owner, []).append(one.pod)
    rows = []
    for workload in known:
        pods = tuple(pod for replica_set in workload.replica_sets for pod in by_owner.get(replica_set.uid, ()))
        rows.append(_rollout_row(workload, pods, events, containers[workload.service]))
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
