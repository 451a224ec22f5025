"""The history of a Deployment and which revision to go back to."""

from typing import Any

import pytest

from gospel_rollback_tui.domain.cluster_events import ClusterEvent, event_from
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.revisions import Revision, choose_target, history, newest_replica_set
from gospel_rollback_tui.domain.workloads import deployment_from, replica_set_from
from tests.domain.cluster_objects import T0, a_condition, a_deployment, a_pod, a_replica_set, a_template, stamp, waiting

DAY = 86400.0
GOOD, BAD, OLDER = "registry/web:v2", "registry/web:v3", "registry/web:v1"


def _history(
    sets: list[dict[str, Any]],
    live: str = BAD,
    *,
    conditions: tuple[dict[str, Any], ...] = (),
    pods: tuple[PodState, ...] = (),
    events: tuple[ClusterEvent, ...] = (),
    onset: float | None = None,
    **spec: object,
) -> tuple[Revision, ...]:
    deployment = deployment_from(a_deployment(a_template(live), spec=spec, status={"conditions": list(conditions)}))
    return history(deployment, tuple(map(replica_set_from, sets)), pods, events, onset)


def _by_number(revisions: tuple[Revision, ...]) -> dict[int, Revision]:
    return {revision.number: revision for revision in revisions}


_THREE = [a_replica_set(1, OLDER, at=T0), a_replica_set(2, GOOD, at=T0 + DAY), a_replica_set(3, BAD, ready=3, wanted=3, at=T0 + 4 * DAY)]
_STEADY = a_condition("Progressing", "True", "NewReplicaSetAvailable", 'ReplicaSet "web-r3" has successfully progressed.', at=T0)


def test_history_is_newest_first_and_marks_the_current_one() -> None:
    """Each revision has its number, image, times and pods, and the one whose template is live is current."""
    revisions = _history(_THREE)
    assert [(r.number, r.image("web"), r.current, r.ready) for r in revisions] == [(3, BAD, True, 3), (2, GOOD, False, 0), (1, OLDER, False, 0)]
    assert _by_number(revisions)[2].ran == 3 * DAY


def test_replica_sets_of_other_owners_are_left_out() -> None:
    """A shared label does not make a ReplicaSet part of the history; neither does one without a revision."""
    foreign = a_replica_set(9, at=T0)
    foreign["metadata"]["ownerReferences"][0]["uid"] = "uid-other"
    bare = a_replica_set(0)
    del bare["metadata"]["annotations"]["deployment.kubernetes.io/revision"]
    assert [r.number for r in _history([*_THREE, foreign, bare])] == [3, 2, 1]


def test_the_newest_replica_set_is_the_one_of_the_live_template() -> None:
    """Not the highest number: right after a change the controller has not renumbered yet."""
    deployment = deployment_from(a_deployment(a_template(GOOD)))
    newest = newest_replica_set(deployment, tuple(map(replica_set_from, _THREE)))
    assert newest is not None
    assert newest.revision == 2
    assert newest_replica_set(deployment_from(a_deployment(a_template("registry/web:v9"))), tuple(map(replica_set_from, _THREE))) is None


def test_a_revision_that_outlasted_its_deadline_was_ready() -> None:
    """Progressing has been True since before it, and it ran for longer than the deadline: its rollout was completed."""
    assert _by_number(_history(_THREE, conditions=(_STEADY,)))[2].once_ready is Truth.TRUE


@pytest.mark.parametrize(
    ("changed", "status"),
    [(T0 + 4 * DAY - 100, "True"), (T0 + 5 * DAY, "True"), (T0, "False"), (T0, "Unknown")],
)
def test_without_that_proof_nothing_is_claimed(changed: float, status: str) -> None:
    """A condition that changed too late, or is not True, proves nothing of a revision whose pods are gone."""
    condition = a_condition("Progressing", status, "ReplicaSetUpdated", at=changed)
    assert _by_number(_history(_THREE, conditions=(condition,)))[2].once_ready is Truth.UNKNOWN


def test_a_short_revision_is_proved_by_what_it_replaced() -> None:
    """While it ran the last older pods went, and availability never lapsed: its own pods were available."""
    sets = [a_replica_set(1, OLDER, at=T0), a_replica_set(2, GOOD, at=T0 + 60), a_replica_set(3, BAD, ready=3, wanted=3, at=T0 + 120)]
    available = a_condition("Available", at=T0 + 5)

    def ready(message: str, at: float, count: int = 1) -> Truth:
        raw = {"reason": "ScalingReplicaSet", "message": message, "lastTimestamp": stamp(at), "count": count}
        return _by_number(_history(sets, conditions=(available,), events=(event_from(raw),)))[2].once_ready

    assert ready("Scaled down replica set web-r1 from 1 to 0", T0 + 70) is Truth.TRUE
    assert ready("Scaled down replica set web-r1 to 0 from 1", T0 + 70) is Truth.TRUE
    assert ready("Scaled down replica set web-r1 from 3 to 2", T0 + 70) is Truth.UNKNOWN
    assert ready("Scaled down replica set web-r1 from 1 to 0", T0 + 130) is Truth.UNKNOWN
    assert ready("Scaled down replica set web-r1 from 1 to 0", T0 + 70, count=4) is Truth.UNKNOWN


def test_ready_pods_prove_themselves() -> None:
    """A pod that is Ready now counts even before the ReplicaSet's status says so."""
    sets = [a_replica_set(2, GOOD, at=T0), a_replica_set(3, BAD, wanted=3, at=T0 + 60)]
    revision = _by_number(_history(sets, pods=(pod_from(a_pod(revision=3)),)))[3]
    assert (revision.once_ready, revision.ready) == (Truth.TRUE, 1)


def test_a_rollout_that_never_completed_was_never_ready() -> None:
    """The current revision without a ready pod, past its deadline or still being updated, has not been ready."""
    sets = [a_replica_set(2, GOOD, ready=3, wanted=3, at=T0), a_replica_set(3, BAD, wanted=1, at=T0 + DAY)]
    stuck = a_condition("Progressing", "False", "ProgressDeadlineExceeded", at=T0 + DAY + 600)
    revisions = _by_number(_history(sets, conditions=(stuck,)))
    assert revisions[3].once_ready is Truth.FALSE
    assert revisions[2].once_ready is Truth.TRUE


def test_scaled_to_zero_proves_nothing() -> None:
    """A rollout of no pods completes at once."""
    assert _by_number(_history(_THREE, conditions=(_STEADY,), replicas=0))[2].once_ready is Truth.UNKNOWN


def test_the_last_ready_one_before_the_onset_is_suggested() -> None:
    """The revision before the failing one, since it was ready."""
    choice = choose_target(_history(_THREE, conditions=(_STEADY,), onset=T0 + 4 * DAY + 60), T0 + 4 * DAY + 60)
    assert choice.target is not None
    assert choice.target.number == 2
    assert choice.passed_over == ()


def _after_an_undo(live: str = GOOD) -> list[dict[str, Any]]:
    good = a_replica_set(4, GOOD, ready=3, wanted=3, at=T0 + DAY, former="2")
    return [a_replica_set(1, OLDER, at=T0), a_replica_set(3, BAD, at=T0 + 4 * DAY), good]


def test_a_second_undo_never_returns_to_the_bad_one() -> None:
    """After an undo the revision before the current one is the bad one again: it is passed over, and why is said."""
    revisions = _history(_after_an_undo(), GOOD, conditions=(_STEADY,), onset=T0 + 4 * DAY)
    choice = choose_target(revisions, T0 + 4 * DAY)
    assert _by_number(revisions)[3].rolled_back_from
    assert choice.target is not None
    assert choice.target.number == 1
    assert choice.passed_over == ((3, "it has been rolled back from before"),)


def test_an_undo_that_was_reverted_suggests_the_undone_target_again() -> None:
    """Self-heal put the bad template back: it is current, failing, and newer than the good one."""
    sets = [
        a_replica_set(1, OLDER, at=T0),
        a_replica_set(4, GOOD, at=T0 + DAY, former="2"),
        a_replica_set(5, BAD, ready=3, wanted=3, at=T0 + 4 * DAY, former="3"),
    ]
    reverted = event_from({"message": "Scaled up replica set web-r5 from 0 to 1", "lastTimestamp": stamp(T0 + 4 * DAY + 900)})
    undone = event_from({"message": "Scaled up replica set web-r4 from 0 to 1", "lastTimestamp": stamp(T0 + 4 * DAY + 890)})
    revisions = _history(sets, BAD, events=(reverted, undone))
    choice = choose_target(revisions)
    assert choice.target is not None
    assert choice.target.number == 4


def test_a_revision_served_while_users_failed_is_no_target() -> None:
    """A hot-fix made during the incident does not make the release before it good."""
    sets = [*_THREE[:2], a_replica_set(3, BAD, at=T0 + 4 * DAY), a_replica_set(4, "registry/web:v4", ready=3, wanted=3, at=T0 + 4 * DAY + 600)]
    revisions = _history(sets, "registry/web:v4", conditions=(_STEADY,), onset=T0 + 4 * DAY + 60)
    choice = choose_target(revisions, T0 + 4 * DAY + 60)
    assert choice.target is not None
    assert (choice.target.number, choice.passed_over) == (2, ((3, "users failed while it ran"),))


def test_a_proven_revision_is_preferred_to_one_nothing_is_known_of() -> None:
    """The nearer revision is passed over, with the reason, when an older one is known to have been ready."""
    sets = [a_replica_set(1, OLDER, ready=1, wanted=1, at=T0), a_replica_set(2, GOOD, at=T0 + 60), a_replica_set(3, BAD, ready=2, wanted=2, at=T0 + 120)]
    choice = choose_target(_history(sets))
    assert choice.target is not None
    assert (choice.target.number, choice.passed_over) == (1, ((2, "not known to have been ready"),))


def test_an_unknown_revision_is_suggested_when_nothing_is_better() -> None:
    """What it rests on says so."""
    choice = choose_target(_history(_THREE))
    assert choice.target is not None
    assert (choice.target.number, choice.why) == (2, "nothing tells whether its pods were ready")


def test_no_target_is_said_with_the_reasons() -> None:
    """A Deployment without an earlier revision has nowhere to go back to."""
    assert choose_target(_history([_THREE[2]])).target is None
    assert choose_target(()).why == "no earlier revision is left"


def test_the_current_revision_fails_when_its_pods_do() -> None:
    """Without an onset the pods tell."""
    stuck = pod_from(a_pod(revision=3, status={"phase": "Running", "containerStatuses": [waiting("CrashLoopBackOff", restarts=3)]}))
    revisions = _by_number(_history(_THREE, pods=(stuck,)))
    assert revisions[3].failing
    assert not revisions[2].failing
