"""The history of a Deployment, read from the ReplicaSets it controls, and which revision to go back to."""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from gospel_rollback_tui.domain.cluster_events import ClusterEvent
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.pod_state import PodState
from gospel_rollback_tui.domain.pods import judge_pod
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.readiness import Stint, once_ready
from gospel_rollback_tui.domain.template import same_template
from gospel_rollback_tui.domain.workloads import Deployment, ReplicaSetState, images_of


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a Deployment that can be gone back to, or could not."""

    number: int
    replica_set: str
    template_hash: str
    template: JsonObject = field(repr=False, hash=False)
    created: float | None
    """When its ReplicaSet was made; a renumbered one is older than its revision."""
    began: float | None
    """When its template last became the Deployment's; None: not known."""
    ended: float | None
    """When the next revision took over; None: it did not, or nobody knows when."""
    change_cause: str
    wanted: int
    """Pods it should have now."""
    ready: int
    """Pods of it that are ready now."""
    once_ready: Truth
    """Whether its pods were ever ready, as far as can be known."""
    once_ready_words: str
    """What that rests on."""
    current: bool = False
    """Its template is the Deployment's."""
    failing: bool = False
    """It was served while users failed, or its pods are in trouble."""
    rolled_back_from: bool = False
    """Somebody has already gone back from it: a plain `undo` would return to it."""

    @property
    def images(self) -> tuple[tuple[str, str], ...]:
        """(container, image) of its template."""
        return images_of(self.template)

    def image(self, container: str) -> str:
        """Returns the image of that container, or of the first one if it has none of that name."""
        images = self.images
        return dict(images).get(container, images[0][1] if images else "")

    @property
    def lasted(self) -> float:
        """Seconds from the making of its ReplicaSet until another took over for good; 0: not known."""
        return self.ended - self.created if self.created is not None and self.ended is not None else 0.0

    @property
    def ran(self) -> float | None:
        """Seconds it was the current one, until the next took over; None: not known, or it still is."""
        return self.ended - self.began if self.began is not None and self.ended is not None else None


@dataclass(frozen=True, slots=True)
class TargetChoice:
    """The revision to go back to, and why that one."""

    target: Revision | None
    why: str
    passed_over: tuple[tuple[int, str], ...] = ()
    """(revision, why not) of each newer one that was not taken."""


@dataclass(frozen=True, slots=True)
class _Past:
    """What the ReplicaSets and events of a Deployment tell together."""

    ordered: tuple[ReplicaSetState, ...]
    begun: dict[int, float | None]
    """When each revision number became the current one."""
    left: frozenset[int]
    """Revisions that somebody went back from."""
    events: tuple[ClusterEvent, ...]
    onset: float | None


def owned(deployment: Deployment, replica_sets: tuple[ReplicaSetState, ...]) -> tuple[ReplicaSetState, ...]:
    """Returns the ReplicaSets that the Deployment controls; a shared label is not enough."""
    return tuple(replica_set for replica_set in replica_sets if replica_set.owner == deployment.uid)


def newest_replica_set(deployment: Deployment, replica_sets: tuple[ReplicaSetState, ...]) -> ReplicaSetState | None:
    """Returns the ReplicaSet of the Deployment's current template, or None while the controller has not made it.

    Of several equal ones the oldest counts, as for the controller (kubernetes `FindNewReplicaSet`).
    """
    equal = [replica_set for replica_set in owned(deployment, replica_sets) if same_template(replica_set.template, deployment.template)]
    return min(equal, key=lambda replica_set: (replica_set.created or 0.0, replica_set.name), default=None)


def history(
    deployment: Deployment,
    replica_sets: tuple[ReplicaSetState, ...],
    pods: tuple[PodState, ...] = (),
    events: tuple[ClusterEvent, ...] = (),
    onset: float | None = None,
) -> tuple[Revision, ...]:
    """Returns the revisions of a Deployment, newest first.

    `onset` is when users began to fail (cluster time), given only while they still do: every revision that was current
    since then counts as failing.
    """
    ordered = tuple(sorted((one for one in owned(deployment, replica_sets) if one.revision > 0), key=lambda one: one.revision))
    newest = newest_replica_set(deployment, replica_sets)
    past = _Past(ordered, _beginnings(ordered, pods, events), _gone_back_from(ordered), events, onset)
    return tuple(
        _revision(deployment, one, past, tuple(pod for pod in pods if pod.owner == one.uid), current=newest is not None and one.uid == newest.uid)
        for one in reversed(ordered)
    )


def _revision(deployment: Deployment, one: ReplicaSetState, past: _Past, pods: tuple[PodState, ...], *, current: bool) -> Revision:
    """Returns one revision as the history shows it; `pods` are its own."""
    verdicts = tuple(judge_pod(pod) for pod in pods)
    serving = sum(verdict.serving for verdict in verdicts)
    ended = past.begun.get(one.revision + 1)
    stints = tuple(
        Stint(one, current and number == one.revision, past.begun.get(number), past.begun.get(number + 1), serving) for number in reversed(_stations(one))
    )
    truth, words = _ever(tuple(once_ready(deployment, stint, past.ordered, past.events) for stint in stints))
    served = past.onset is not None and (current or (ended is not None and ended > past.onset))
    return Revision(
        number=one.revision,
        replica_set=one.name,
        template_hash=one.template_hash,
        template=one.template,
        created=one.created,
        began=past.begun.get(one.revision),
        ended=ended,
        change_cause=one.change_cause,
        wanted=one.replicas,
        ready=max(one.ready, serving),
        once_ready=truth,
        once_ready_words=words,
        current=current,
        failing=served or (current and any(verdict.trouble for verdict in verdicts)),
        rolled_back_from=one.revision in past.left and not current,
    )


def _ever(said: tuple[tuple[Truth, str], ...]) -> tuple[Truth, str]:
    """One proof is enough; without any the latest stint speaks."""
    return next((entry for entry in said if entry[0] is Truth.TRUE), said[0])


def _stations(replica_set: ReplicaSetState) -> tuple[int, ...]:
    """Returns every revision number a ReplicaSet has had, ascending."""
    return (*sorted(replica_set.former), replica_set.revision)


def _beginnings(ordered: tuple[ReplicaSetState, ...], pods: tuple[PodState, ...], events: tuple[ClusterEvent, ...]) -> dict[int, float | None]:
    """Returns when each revision number began, as far as is known: a ReplicaSet's first with its making, its last by events or pods."""
    begun: dict[int, float | None] = {}
    for one in ordered:
        stations = _stations(one)
        begun[stations[0]] = one.created
        if len(stations) > 1:
            begun[stations[-1]] = _brought_back(one, pods, events)
    return begun


def _brought_back(replica_set: ReplicaSetState, pods: tuple[PodState, ...], events: tuple[ClusterEvent, ...]) -> float | None:
    """Returns when an undo last brought an older ReplicaSet back."""
    pattern = re.compile(rf"Scaled up replica set {re.escape(replica_set.name)} (?:from 0 )?to ")
    scaled = [event.last for event in events if event.last is not None and pattern.search(event.message)]
    if scaled:
        return max(scaled)
    return min((pod.created for pod in pods if pod.owner == replica_set.uid and pod.created is not None), default=None)


def _gone_back_from(ordered: tuple[ReplicaSetState, ...]) -> frozenset[int]:
    """Returns the revisions that somebody left by going back to an earlier one, which the renumbering shows.

    Going back to one that had itself been left says nothing against those between: that is self-heal, or a second undo.
    """
    left: set[int] = set()
    returns = sorted((after, before) for one in ordered for before, after in pairwise(_stations(one)))
    for after, before in returns:
        if before not in left:
            left.update(range(before + 1, after))
    return frozenset(left)


def choose_target(revisions: tuple[Revision, ...], onset: float | None = None) -> TargetChoice:
    """Returns the revision to go back to: the last one known to have been ready, before the onset.

    Never simply the one before: after an undo that is the bad one again. A revision that nothing is known of is
    suggested only when none is known to have been ready, and then the one that lasted longest: a hot fix of a hot fix
    lasted minutes.
    """
    current = next((revision for revision in revisions if revision.current), None)
    passed: list[tuple[int, str]] = []
    possible: list[Revision] = []
    for revision in revisions:
        if revision.current:
            continue
        reason = _unfit(revision, current, onset)
        if reason:
            passed.append((revision.number, reason))
        else:
            possible.append(revision)
    proven = next((revision for revision in possible if revision.once_ready is Truth.TRUE), None)
    target = proven or max(possible, key=lambda revision: (revision.lasted, revision.number), default=None)
    if target is None:
        return TargetChoice(None, "no earlier revision is left" if not passed else "no earlier revision is fit to go back to", tuple(passed))
    passed += [(revision.number, "not known to have been ready") for revision in possible if revision.number > target.number]
    newer = tuple(sorted((entry for entry in passed if entry[0] > target.number), reverse=True))
    return TargetChoice(target, target.once_ready_words, newer)


def _unfit(revision: Revision, current: Revision | None, onset: float | None) -> str:
    if revision.failing:
        return "users failed while it ran"
    if onset is not None and revision.began is not None and revision.began > onset:
        return "it came after users began to fail"
    if revision.rolled_back_from:
        return "it has been rolled back from before"
    if current is not None and same_template(revision.template, current.template):
        return "it is what runs now"
    if revision.once_ready is Truth.FALSE:
        return revision.once_ready_words
    return ""
