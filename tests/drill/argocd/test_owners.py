"""What owns an Application undoes changes of its spec: a parent some of them with back-off, an ApplicationSet all at once."""

from typing import Any

from gospel_rollback_tui.drill.kubernetes.catalogue import by_name
from gospel_rollback_tui.drill.kubernetes.documents import parse_timestamp
from gospel_rollback_tui.drill.scene.delivery import APPLICATION_SET, PARENT
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE
from gospel_rollback_tui.drill.script_delivery import Owner, SyncScene
from tests.drill.argocd.bench import Bench, MakeBench
from tests.drill.waiting import wait_for

OFF = {"spec": {"syncPolicy": {"automated": None}}}
DISABLED = {"spec": {"syncPolicy": {"automated": {"enabled": False}}}}


def is_automated(bench: Bench) -> bool:
    """Return whether the Application has its policy, whole."""
    return bool(bench.application()["spec"]["syncPolicy"].get("automated") == {"prune": True, "selfHeal": True})


def parent_of(bench: Bench) -> dict[str, Any]:
    """Return the app-of-apps Application."""
    return bench.registry.get("applications", ARGOCD_NAMESPACE, PARENT)


def test_a_parent_restores_what_it_declares(make: MakeBench) -> None:
    """A policy taken away comes back, and the parent counts its heals."""
    bench = make(SyncScene(owner=Owner.PARENT))
    tracking = bench.application()["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"]
    assert tracking == f"{PARENT}:argoproj.io/Application:{ARGOCD_NAMESPACE}/{APPLICATION}"
    bench.freeze()
    assert not is_automated(bench)
    wait_for(lambda: is_automated(bench))
    wait_for(lambda: "operationState" in parent_of(bench)["status"])
    sync = parent_of(bench)["status"]["operationState"]["operation"]["sync"]
    assert sync["autoHealAttemptsCount"] == 1
    assert sync["resources"] == [{"group": "argoproj.io", "kind": "Application", "name": APPLICATION}]


def test_a_parents_later_heals_back_off(make: MakeBench) -> None:
    """The third comes no sooner than six seconds after the second, on the clock of Argo CD."""
    bench = make(SyncScene(owner=Owner.PARENT))
    ends = []
    for attempt in (1, 2, 3):
        bench.merge(OFF)
        wait_for(lambda: is_automated(bench))

        def counted(attempt: int = attempt) -> bool:
            state = parent_of(bench)["status"].get("operationState", {})
            return bool(state.get("operation", {}).get("sync", {}).get("autoHealAttemptsCount") == attempt)

        wait_for(counted)
        ends.append(parse_timestamp(parent_of(bench)["status"]["operationState"]["finishedAt"]))
    assert (ends[1] - ends[0]).total_seconds() >= 2
    assert (ends[2] - ends[1]).total_seconds() >= 6


def test_a_parent_does_not_see_what_it_does_not_declare(make: MakeBench) -> None:
    """`enabled: false` is nothing to a parent that never said `enabled`."""
    bench = make(SyncScene(owner=Owner.PARENT))
    bench.merge(DISABLED)
    bench.merge({"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}})
    wait_for(lambda: "argocd.argoproj.io/refresh" not in bench.application()["metadata"]["annotations"])
    assert bench.application()["spec"]["syncPolicy"]["automated"]["enabled"] is False
    assert parent_of(bench)["status"]["sync"]["status"] == "Synced"


def test_a_frozen_parent_leaves_its_child(make: MakeBench) -> None:
    """Owner before child: then the child's policy stays off."""
    bench = make(SyncScene(owner=Owner.PARENT))
    bench.merge(DISABLED, name=PARENT)
    bench.freeze()
    wait_for(lambda: parent_of(bench)["status"]["sync"]["status"] == "OutOfSync")
    assert not is_automated(bench)


def test_an_application_set_undoes_both(make: MakeBench) -> None:
    """The request is answered 200, and the policy is there again at once."""
    bench = make(SyncScene(owner=Owner.APPLICATION_SET))
    metadata = bench.application()["metadata"]
    assert [(one["kind"], one["name"]) for one in metadata["ownerReferences"]] == [("ApplicationSet", APPLICATION_SET)]
    assert metadata["finalizers"] == ["resources-finalizer.argocd.argoproj.io"]
    for patch in (OFF, DISABLED):
        version = bench.kubernetes.store.version
        bench.merge(patch)
        wait_for(lambda: is_automated(bench))
        changes, _ = bench.kubernetes.store.changes_since(version, by_name("applications")) or ([], 0)
        assert any(change.last["spec"]["syncPolicy"].get("automated") != {"prune": True, "selfHeal": True} for change in changes)


def test_an_application_set_can_be_told_to_leave_the_policy(make: MakeBench) -> None:
    """What it ignores stays as it is, the rest does not."""
    bench = make(SyncScene(owner=Owner.APPLICATION_SET))
    ignored = {"spec": {"ignoreApplicationDifferences": [{"jsonPointers": ["/spec/syncPolicy"]}]}}
    bench.merge(ignored, "applicationsets", APPLICATION_SET)
    bench.merge({"spec": {"syncPolicy": {"automated": None}, "project": "other"}})
    wait_for(lambda: bench.application()["spec"]["project"] == "gospelib")
    assert not is_automated(bench)
