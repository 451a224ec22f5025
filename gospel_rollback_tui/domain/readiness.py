"""Whether the pods of a revision were ever ready, as far as the API server still tells.

Nothing records it for a revision whose pods are gone, but two conditions of the Deployment prove it: `Progressing`
that has been True since a time says that no rollout has missed its deadline since, and `Available` that has been True
since a time says that there have always been enough available pods.
"""

import re
from dataclasses import dataclass

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.rollout import DEADLINE_EXCEEDED
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.workloads import Condition, Deployment, ReplicaSetState

_COMPLETED = "NewReplicaSetAvailable"
_SCALED_DOWN = re.compile(r"Scaled down replica set (\S+) (?:from \d+ )?to (\d+)\b")
_MARGIN = 30.0
"""Seconds that the controller may be late in noticing a missed deadline."""


@dataclass(frozen=True, slots=True)
class Stint:
    """One revision's time as the current one."""

    replica_set: ReplicaSetState
    current: bool
    began: float | None
    ended: float | None
    serving: int
    """Pods of it that are ready now."""


def once_ready(
    deployment: Deployment,
    stint: Stint,
    revisions: tuple[ReplicaSetState, ...],
    events: tuple[ClusterEvent, ...] = (),
) -> tuple[Truth, str]:
    """Returns whether pods of a revision were ever ready, and what says so."""
    ready = max(stint.serving, stint.replica_set.ready, stint.replica_set.available)
    if ready:
        return Truth.TRUE, f"{ready} of its pods {'is' if ready == 1 else 'are'} ready now"
    progressing = deployment.condition("Progressing")
    if deployment.replicas > 0 and progressing is not None:
        named = stint.replica_set.name in progressing.message
        if progressing.reason == _COMPLETED and (named or (stint.current and not progressing.message)):
            return Truth.TRUE, "its rollout was completed"
        if _outlasted_deadline(deployment, progressing, stint):
            ran = span((stint.ended or 0.0) - (stint.began or 0.0))
            return Truth.TRUE, f"it ran {ran}, and no rollout has missed its deadline since"
        if stint.current and (progressing.reason == DEADLINE_EXCEEDED or progressing.reason in {"ReplicaSetUpdated", "NewReplicaSetCreated"}):
            return Truth.FALSE, "none of its pods is ready, and its rollout was never completed"
    if _replaced_the_one_before(deployment, stint, revisions, events):
        return Truth.TRUE, "it replaced the revision before it without a gap"
    return Truth.UNKNOWN, "nothing tells whether its pods were ready"


def _outlasted_deadline(deployment: Deployment, progressing: Condition, stint: Stint) -> bool:
    """Whether it was current for longer than the deadline while `Progressing` was True throughout: then its rollout was completed."""
    if progressing.status != "True" or progressing.changed is None or stint.began is None or stint.ended is None:
        return False
    return stint.ended - max(stint.began, progressing.changed) > deployment.progress_deadline + _MARGIN


def _replaced_the_one_before(
    deployment: Deployment,
    stint: Stint,
    revisions: tuple[ReplicaSetState, ...],
    events: tuple[ClusterEvent, ...],
) -> bool:
    """Whether the last pods of every other ReplicaSet went while it was current and `Available` was True throughout.

    Then the available pods can only have been its own. Events are kept for an hour, so this tells of late rollouts only.
    """
    available = deployment.condition("Available")
    if available is None or available.status != "True" or available.changed is None or stint.began is None or stint.ended is None:
        return False
    others = {one.name: one for one in revisions if one.uid != stint.replica_set.uid}
    if deployment.strategy != "RollingUpdate" or available.changed > stint.began or _unclear(stint, others, events):
        return False
    steps = [
        (event.last, match[1], match[2])
        for event in events
        if event.last is not None and (match := _SCALED_DOWN.search(event.message)) and _is_older(others.get(match[1]), stint)
    ]
    if not steps:
        return False
    at, _, left = max(steps)
    return left == "0" and stint.began <= at < stint.ended


def _is_older(replica_set: ReplicaSetState | None, stint: Stint) -> bool:
    return replica_set is not None and replica_set.revision < stint.replica_set.revision


def _unclear(stint: Stint, others: dict[str, ReplicaSetState], events: tuple[ClusterEvent, ...]) -> bool:
    """Whether an older revision still has pods, one came back since, or the events were folded into one."""
    number = stint.replica_set.revision
    lingering = any(one.revision < number and one.total > 0 for one in others.values())
    returned = any(one.former and min(one.former) < number < one.revision for one in others.values())
    return lingering or returned or any(event.reason == "ScalingReplicaSet" and event.count > 1 for event in events)
