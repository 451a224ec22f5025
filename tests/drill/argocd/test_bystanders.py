"""Others who act while somebody rolls back."""

from gospel_rollback_tui.drill.argocd.bystanders import COLLEAGUE, COLLEAGUE_AUTHOR, RUNBOOK, UPDATER
from gospel_rollback_tui.drill.scene.delivery import IMAGE_LIST_ANNOTATION
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, image_name
from gospel_rollback_tui.drill.script_delivery import GitScene, SyncScene
from tests.drill.argocd.bench import Bench, MakeBench
from tests.drill.waiting import wait_for


def author_of_head(bench: Bench) -> str:
    """Return who made the newest commit of the branch."""
    commit = bench.repository.commit(bench.repository.head)
    assert commit is not None
    return commit.author


def test_image_updater_bumps_git_again(make: MakeBench) -> None:
    """Git was put back to the good tag; a commit of its own brings the newest one."""
    bench = make(SyncScene(image_updater=120.0), speed=400.0)
    bench.repository.push("gateway", GOOD_TAG)
    wait_for(lambda: author_of_head(bench) == UPDATER)
    declared = [one for one in bench.repository.manifests(bench.repository.head) if one["metadata"]["name"] == "gospelib-gateway" and "template" in one["spec"]]
    assert declared[0]["spec"]["template"]["spec"]["containers"][0]["image"] == image_name("gateway", BAD_TAG)


def test_image_updater_follows_the_annotation(make: MakeBench) -> None:
    """Without it nothing is committed: the next looks of a fast clock are many."""
    bench = make(SyncScene(automated=False, image_updater=120.0), speed=400.0)
    bench.merge({"metadata": {"annotations": {IMAGE_LIST_ANNOTATION: None}}})
    pushed = bench.repository.push("gateway", GOOD_TAG)
    for _ in range(4):
        bench.refresh()
        bench.delivery.wake()
    assert bench.repository.head == pushed


def test_a_colleague_syncs_after_a_rollback(make: MakeBench) -> None:
    """Once, in their own name, and the bad release is back; the next rollback stays."""
    bench = make(SyncScene(automated=False, somebody_syncs=20.0), speed=100.0)
    bench.rollback(1)
    wait_for(lambda: bench.application()["status"]["history"][-1]["initiatedBy"] == {"username": COLLEAGUE})
    bench.ended()
    assert bench.image() == image_name("gateway", BAD_TAG)
    bench.rollback(1)
    bench.ended()
    bench.refresh()
    assert bench.image() == image_name("gateway", GOOD_TAG)


def test_a_dry_run_makes_no_colleague_act(make: MakeBench) -> None:
    """Nothing is rolled back by it."""
    bench = make(SyncScene(automated=False, somebody_syncs=0.0))
    bench.rollback(1, dryRun=True)
    bench.ended()
    bench.refresh()
    assert bench.application()["status"]["operationState"]["operation"]["initiatedBy"] == {"username": "operator"}


def test_a_colleague_pushes_when_auto_sync_goes_off(make: MakeBench) -> None:
    """Something that has nothing to do with it, between the look at the branch and the push to it."""
    bench = make(git=GitScene(somebody_pushes=True))
    before = bench.repository.head
    bench.freeze()
    wait_for(lambda: bench.repository.head != before)
    assert author_of_head(bench) == COLLEAGUE_AUTHOR
    assert RUNBOOK in bench.repository.files(bench.repository.head)


def test_a_colleague_pushes_anyway(make: MakeBench) -> None:
    """After a minute of the estate's clock."""
    bench = make(git=GitScene(somebody_pushes=True), speed=100.0)
    wait_for(lambda: author_of_head(bench) == COLLEAGUE_AUTHOR)
