"""Judges a Deployment's rollout by kubectl's own rules, and says early that it is failing.

The order of the rules is that of `kubectl rollout status` (kubernetes/kubectl `pkg/polymorphichelpers/rollout_status.go`).
Kubernetes only reports a missed deadline, ten minutes late by default, and repairs nothing; what the pods and the
events say is known within seconds.
"""

import math
from dataclasses import dataclass
from enum import Enum

from gospel_rollback_tui.domain.cluster_events import ClusterEvent, by_time
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.pods import trouble_of
from gospel_rollback_tui.domain.workloads import Condition, Deployment, ReplicaSetState

DEADLINE_EXCEEDED = "ProgressDeadlineExceeded"
FAILED_CREATE = "FailedCreate"

GRACE_SECONDS = 60.0
"""How long after a Deployment's own deadline the tool still waits for the controller to say so."""


class RolloutState(Enum):
    """How far a rollout is."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class EarlyFailure:
    """Something that seldom ends by waiting."""

    reason: str
    """As Kubernetes names it, e.g. `CrashLoopBackOff`."""
    words: str
    """What is said about it, cleaned and cut."""
    subject: str
    """Pod or ReplicaSet it was seen on; of several pods the first."""
    count: int = 1
    """Pods it was seen on."""


@dataclass(frozen=True, slots=True)
class RolloutVerdict:
    """What can be said of a rollout now."""

    state: RolloutState
    words: str
    """What is done, waited for, or wrong, in a line."""
    reason: str = ""
    """Machine word behind it, e.g. `ProgressDeadlineExceeded`."""
    flagged: str = ""
    """What makes `done` worth little, e.g. that no pods are wanted; empty: nothing."""
    failures: tuple[EarlyFailure, ...] = ()
    """Why it will hardly get done, most telling first; empty: nothing seen."""

    @property
    def failing(self) -> bool:
        """Whether it has failed or shows why it will."""
        return self.state is RolloutState.FAILED or bool(self.failures)


def rollout_status(deployment: Deployment, since: float | None = None) -> RolloutVerdict:
    """Returns what `kubectl rollout status` would say.

    Conditions last updated before `since` (cluster time; whole seconds count) are ignored: right after a change the
    object still carries what was said about the template before.
    """
    if deployment.generation > deployment.observed_generation:
        return RolloutVerdict(RolloutState.WAITING, "waiting for the change to be observed", "NotObserved")
    progressing = deployment.condition("Progressing")
    if progressing is not None and progressing.reason == DEADLINE_EXCEEDED and _is_current(progressing, since):
        return RolloutVerdict(RolloutState.FAILED, progressing.message or "it exceeded its progress deadline", DEADLINE_EXCEEDED)
    wanted, updated = deployment.replicas, deployment.updated
    if updated < wanted:
        paused = ", and the rollout is paused" if deployment.paused else ""
        return RolloutVerdict(RolloutState.WAITING, f"{updated} of {wanted} pods updated{paused}", "Paused" if paused else "Updating")
    if deployment.total > updated:
        return RolloutVerdict(RolloutState.WAITING, f"{_pods(deployment.total - updated, 'old ')} still terminating", "Terminating")
    if deployment.available < updated:
        return RolloutVerdict(RolloutState.WAITING, f"{deployment.available} of {updated} updated pods available", "Unavailable")
    if wanted == 0:
        return RolloutVerdict(RolloutState.DONE, "rolled out, but no pods are wanted", "NoReplicas", flagged="scaled to 0: nothing runs, nothing is proved")
    return RolloutVerdict(RolloutState.DONE, f"{_pods(updated)} rolled out", "Complete")


def judge_rollout(
    deployment: Deployment,
    newest: ReplicaSetState | None,
    pods: tuple[PodState, ...],
    events: tuple[ClusterEvent, ...] = (),
    since: float | None = None,
) -> RolloutVerdict:
    """Returns kubectl's verdict with the early signs of failure beside it.

    `newest` is the ReplicaSet of the Deployment's current template (None: not there yet), `since` the cluster's time of
    the change; what was said before it is ignored.
    """
    verdict = rollout_status(deployment, since)
    if verdict.state is RolloutState.DONE:
        return verdict
    failures = early_failures(deployment, newest, pods, events, since)
    return RolloutVerdict(verdict.state, verdict.words, verdict.reason, verdict.flagged, failures)


def early_failures(
    deployment: Deployment,
    newest: ReplicaSetState | None,
    pods: tuple[PodState, ...],
    events: tuple[ClusterEvent, ...] = (),
    since: float | None = None,
) -> tuple[EarlyFailure, ...]:
    """Returns why a rollout will hardly get done: what stops the newest pods, or stops them from being made."""
    if newest is None or deployment.generation > deployment.observed_generation:
        return ()
    found: dict[str, EarlyFailure] = {}
    for pod in pods:
        if pod.owner != newest.uid:
            continue
        reason, words = trouble_of(pod)
        if reason:
            seen = found.get(reason)
            found[reason] = EarlyFailure(reason, seen.words or words, seen.subject, seen.count + 1) if seen else EarlyFailure(reason, words, pod.name)
    refused = _not_created(deployment, newest, events, since)
    return tuple(sorted(found.values(), key=lambda failure: -failure.count)) + ((refused,) if refused else ())


def _not_created(deployment: Deployment, newest: ReplicaSetState, events: tuple[ClusterEvent, ...], since: float | None) -> EarlyFailure | None:
    """Returns why pods of the newest ReplicaSet cannot be made (quota, admission), or None."""
    if newest.total >= newest.replicas:
        return None
    for condition in newest.conditions + deployment.conditions:
        if condition.type == "ReplicaFailure" and condition.status == "True" and _is_current(condition, since):
            return EarlyFailure(condition.reason or FAILED_CREATE, condition.message, newest.name)
    for event in reversed(by_time(events)):
        if event.reason == FAILED_CREATE and event.name == newest.name and not _is_before(event.last, since):
            return EarlyFailure(FAILED_CREATE, event.message, newest.name, event.count)
    return None


def rollout_deadline(deployment: Deployment) -> float:
    """Returns after how many seconds the tool stops waiting: the Deployment's own deadline and a minute."""
    return deployment.progress_deadline + GRACE_SECONDS


def _is_current(condition: Condition, since: float | None) -> bool:
    return not _is_before(condition.updated if condition.updated is not None else condition.changed, since)


def _is_before(at: float | None, since: float | None) -> bool:
    """Compares whole seconds, since that is all the API writes."""
    return at is not None and since is not None and at < math.floor(since)


def _pods(count: int, kind: str = "") -> str:
    return f"{count} {kind}pod" + ("" if count == 1 else "s")
