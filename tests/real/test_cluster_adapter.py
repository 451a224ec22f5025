"""The cluster adapter and the rules of rollouts against a real API server and its controllers."""

import pytest

from gospel_rollback_tui.domain.application import application_from, restore_auto_sync, suspend_auto_sync
from gospel_rollback_tui.domain.change import change_cause, pin_image, replace_template
from gospel_rollback_tui.domain.cluster_events import event_from
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.pod_state import pod_from
from gospel_rollback_tui.domain.pods import judge_pod
from gospel_rollback_tui.domain.revisions import Revision, choose_target, history, newest_replica_set
from gospel_rollback_tui.domain.rollout import RolloutState, RolloutVerdict, judge_rollout
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from, replica_set_from
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, BAD_TAG, GOOD_TAG, NAMESPACE, OLDER_TAG
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.identity import ClusterIdentity
from gospel_rollback_tui.infra.cluster.lease import EnvironmentLease
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from tests.real.conftest import LoadEstate, eventually

GATEWAY = "gospelib-gateway"
CONTAINER = "gateway"


def connected(plane: RealControlPlane, scene: RealEstate) -> ClusterConnection:
    """Returns the operator's connection, bound to the drill by the object it made."""
    return ClusterConnection(Cluster("", NAMESPACE, str(plane.kubeconfig), nonce=scene.nonce))


def gateway(connection: ClusterConnection) -> Deployment:
    """Returns the gateway as it is now."""
    return deployment_from(ClusterWorkloads(connection).deployment(GATEWAY))


def verdict(connection: ClusterConnection) -> RolloutVerdict:
    """Returns how the gateway's rollout stands."""
    workloads = ClusterWorkloads(connection)
    raw = workloads.deployment(GATEWAY)
    deployment, sets = deployment_from(raw), tuple(map(replica_set_from, workloads.replica_sets(raw)))
    pods = tuple(map(pod_from, workloads.pods(deployment.selector)))
    return judge_rollout(deployment, newest_replica_set(deployment, sets), pods, tuple(map(event_from, workloads.events())))


def revisions(connection: ClusterConnection) -> tuple[Revision, ...]:
    """Returns the gateway's history."""
    workloads = ClusterWorkloads(connection)
    raw = workloads.deployment(GATEWAY)
    deployment = deployment_from(raw)
    pods = tuple(map(pod_from, workloads.pods(deployment.selector)))
    return history(deployment, tuple(map(replica_set_from, workloads.replica_sets(raw))), pods, tuple(map(event_from, workloads.events())))


def tag(revision: Revision) -> str:
    """Returns the tag that a revision runs."""
    return revision.image(CONTAINER).rpartition(":")[2]


def test_a_rollback_as_the_tool_does_it(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Frozen, rolled back to a revision known to have been ready, watched to its end, and thawed exactly."""
    connection = connected(control_plane, estate("ready-but-failing"))
    identity = ClusterIdentity(connection)
    assert identity.who_am_i().user == "operator"
    assert identity.may("patch", "apps", "deployments", GATEWAY).allowed
    assert identity.ready().truth is Truth.TRUE
    choice = choose_target(revisions(connection))
    assert choice.target is not None
    assert (tag(choice.target), choice.target.once_ready) == (GOOD_TAG, Truth.TRUE)
    changes, workloads = ClusterChanges(connection), ClusterWorkloads(connection)
    application = application_from(workloads.application(ARGOCD_NAMESPACE, APPLICATION))
    assert application.automated is not None
    changes.patch_application(ARGOCD_NAMESPACE, APPLICATION, suspend_auto_sync(application))
    before = gateway(connection)
    operations = replace_template(before, choice.target.template, change_cause("r1", "ana", f"back to {GOOD_TAG}"))
    dry = deployment_from(changes.patch_deployment(GATEWAY, operations, dry_run=True))
    assert dry.images == choice.target.images
    assert gateway(connection).template == before.template
    changes.patch_deployment(GATEWAY, operations)
    eventually("it is rolled out", lambda: verdict(connection).state is RolloutState.DONE)
    eventually("its pods serve", lambda: all(judge_pod(pod_from(pod)).serving for pod in workloads.pods(f"app={GATEWAY}")))
    now = gateway(connection)
    assert now.images == choice.target.images
    assert now.change_cause.startswith("gospel-rollback r1")
    assert "gospel-rollback" in {edit.manager for edit in now.edits}
    with pytest.raises(FactsMoved) as caught:
        changes.patch_deployment(GATEWAY, operations)
    assert (f"{CONTAINER} image", BAD_TAG, GOOD_TAG) in caught.value.moved
    suspended = application_from(workloads.application(ARGOCD_NAMESPACE, APPLICATION))
    changes.patch_application(ARGOCD_NAMESPACE, APPLICATION, restore_auto_sync(suspended, application.automated))
    assert application_from(workloads.application(ARGOCD_NAMESPACE, APPLICATION)).automated == application.automated


def test_the_bad_one_is_not_suggested_after_an_undo_was_reverted(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Self-heal renumbers both revisions within a second: the good one stays the target."""
    connection = connected(control_plane, estate("self-heal"))
    target = choose_target(revisions(connection)).target
    assert target is not None
    ClusterChanges(connection).patch_deployment(GATEWAY, replace_template(gateway(connection), target.template, "back"))

    def reverted() -> bool:
        return [revision.number for revision in revisions(connection)][:2] == [5, 4] and gateway(connection).images[0][1].endswith(BAD_TAG)

    eventually("the undo is reverted", reverted)
    again = choose_target(revisions(connection)).target
    assert again is not None
    assert tag(again) == GOOD_TAG


def test_a_broken_target_is_seen_early_and_left_behind(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Going back to a revision that crashes is told by its pods long before the deadline."""
    connection = connected(control_plane, estate("broken-target"))
    good = next(revision for revision in revisions(connection) if tag(revision) == GOOD_TAG)
    ClusterChanges(connection).patch_deployment(GATEWAY, replace_template(gateway(connection), good.template, "back"))
    eventually("the crash is seen", lambda: any(failure.reason == "CrashLoopBackOff" for failure in verdict(connection).failures))
    older = next(revision for revision in revisions(connection) if tag(revision) == OLDER_TAG)
    ClusterChanges(connection).patch_deployment(GATEWAY, replace_template(gateway(connection), older.template, "further back"))
    eventually("it is rolled out", lambda: verdict(connection).state is RolloutState.DONE)


def test_refusals_of_the_real_server(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """An invalid patch says what is wrong; an unexplained refusal is looked into; another nonce stops everything."""
    scene = estate("ready-but-failing")
    connection = connected(control_plane, scene)
    changes = ClusterChanges(connection)
    with pytest.raises(Refused, match=r"image: Required value"):
        changes.patch_deployment(GATEWAY, pin_image(gateway(connection), CONTAINER, "", "why"), dry_run=True)
    with pytest.raises(Refused, match="a path in it does not exist"):
        changes.patch_deployment(GATEWAY, [{"op": "replace", "path": "/spec/nope/below", "value": 1}], dry_run=True)
    stranger = ClusterConnection(Cluster("", NAMESPACE, str(control_plane.kubeconfig), nonce="another"))
    with pytest.raises(Refused, match="not this drill's own"):
        ClusterWorkloads(stranger).deployments()


def test_the_lock_is_a_lease_the_server_accepts(control_plane: RealControlPlane, estate: LoadEstate) -> None:
    """Microseconds, versions and transitions are as the API server wants them."""
    connection = connected(control_plane, estate("ready-but-failing"))
    ana, ben = EnvironmentLease(connection, name="adapter-test"), EnvironmentLease(connection, name="adapter-test")
    assert ana.acquire("ana@jump", "r1") is None
    assert ana.renew("roll-back", "PATCH Deployment gospelib-gateway")
    holder = ben.acquire("ben@jump", "r2")
    assert holder is not None
    assert (holder.owner, holder.intent, holder.expired) == ("ana@jump", "PATCH Deployment gospelib-gateway", False)
    assert ben.take_over("ben@jump", "r2", "asleep") == holder
    assert not ana.renew("roll-back", "")
    ben.release()
    assert ana.read() is None
