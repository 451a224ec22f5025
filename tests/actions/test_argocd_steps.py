"""Freeze, terminate, sync and resume as steps of their own, and what else may stand in a release rollback's way."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import FactsMoved, Forbidden, NotFound, Refused, RollbackError, ServerDown
from gospel_rollback_tui.drill.repository.tree import OVERLAY
from gospel_rollback_tui.drill.script import APPLICATION, NAMESPACE
from gospel_rollback_tui.drill.script_delivery import Owner, SyncScene
from gospel_rollback_tui.engine.ports import StepRequest
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from tests.actions.release_estate import Release, an_estate, captured, carried_calls, carried_out, script_of
from tests.drill.waiting import wait_for

HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
spec:
  template:
    spec:
      containers:
      - name: migrate
        image: migrate:v1
"""
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gospelib-extra\ndata:\n  A: '1'\n"


@pytest.fixture
def release(tmp_path: Path) -> Iterator[Release]:
    """The default night."""
    with an_estate(tmp_path / "estate") as served:
        yield served


def _declare(release: Release, name: str, text: str) -> str:
    """Commits another manifest to the overlay and returns the sha."""
    repository = release.estate.delivery.repository
    kustomization = repository.files(repository.head, OVERLAY)[f"{OVERLAY}/kustomization.yaml"]
    files = {f"{OVERLAY}/{name}": text, f"{OVERLAY}/kustomization.yaml": kustomization.replace("- release.yaml", f"- release.yaml\n- {name}")}
    return repository.write(files, f"add {name}")


def _applied(release: Release) -> None:
    """Waits until auto-sync has brought the branch's commit; users may go on failing."""

    def synced() -> bool:
        release.api.application(APPLICATION, refresh=True)
        now = release.application()
        return bool(now["status"]["sync"]["status"] == "Synced" and "operation" not in now)

    wait_for(synced)


def _policy(release: Release) -> object:
    policy: object = release.application()["spec"]["syncPolicy"]
    return policy


def test_the_freeze_alone_goes_off_and_comes_back_exactly(release: Release) -> None:
    """Through the Application object, where this login may patch it."""
    before = _policy(release)
    preview, done, checks = carried_out(release.freeze, release.request())
    assert [call.body["through"] for call in preview.calls] == ["object"]
    assert all(check.passed for check in checks)
    assert release.freeze.plan(release.request()).calls == ()
    carried_out(release.freeze, release.request(), release.freeze.undo_plan(release.request(), done))
    assert _policy(release) == before


def test_who_may_not_patch_the_object_freezes_through_argo_cd(release: Release) -> None:
    """Decided when it is planned; the policy comes back as it was, although the API leaves out what is false."""
    release.change_application({"spec": {"syncPolicy": {"automated": {"prune": False}}}})
    before = _policy(release)
    viewer = release.as_viewer()
    preview, done, _ = carried_out(viewer.freeze, viewer.request())
    assert [(call.body["through"], call.where) for call in preview.calls] == [("api", f"PATCH Application {APPLICATION} (Argo CD)")]
    carried_out(viewer.freeze, viewer.request(), viewer.freeze.undo_plan(viewer.request(), done))
    automated = release.application()["spec"]["syncPolicy"]["automated"]
    assert {name: value for name, value in automated.items() if value} == {"selfHeal": True}
    assert before == {**release.application()["spec"]["syncPolicy"], "automated": {"prune": False, "selfHeal": True}}


def test_auto_sync_goes_off_through_argo_cd_while_git_is_down(release: Release) -> None:
    """A PATCH asks git and is refused; a PUT without validation is not, and the rollback itself works from Argo CD's cache."""
    release.estate.delivery.take_repository_away()
    viewer = release.as_viewer()
    _, done, _ = carried_out(viewer.freeze, viewer.request())
    assert release.application()["spec"]["syncPolicy"]["automated"]["enabled"] is False
    with pytest.raises(FactsMoved, match="moved"):
        viewer.api.patch(APPLICATION, done[0].body["operations"])
    preview, _, checks = carried_out(release.rollback, release.chosen(1))
    assert [call.id for call in preview.calls] == ["rollback"]
    assert all(check.passed for check in checks)


def test_who_may_change_it_nowhere_is_sent_to_git(release: Release) -> None:
    """Neither in the cluster nor through Argo CD."""
    nobody = release.as_viewer()
    nobody = Release(nobody.environment, nobody.connection, release.as_account("syncer").argocd, nobody.estate, nobody.registry, nobody.closing)
    refused = nobody.freeze.plan(nobody.request()).refused
    assert "neither in the cluster nor through Argo CD" in refused
    assert "go by git" in refused


def test_an_application_that_deploys_this_one_does_not_undo_the_freeze(tmp_path: Path) -> None:
    """It heals only the fields that it declares, and the release goes back."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(owner=Owner.PARENT)), speed=20) as release:
        preview, _, checks = carried_out(release.rollback, release.chosen(1))
        assert [call.id for call in preview.calls] == ["freeze", "rollback"]
        assert all(check.passed for check in checks)
        assert release.application()["spec"]["syncPolicy"]["automated"]["enabled"] is False


def test_image_updater_is_stopped_first_and_follows_again_only_with_a_reason(tmp_path: Path) -> None:
    """Otherwise it would commit the bad image over the rollback's own commit; letting it follow again rests on what nobody has looked at."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(image_updater=600.0))) as release:
        annotations = release.application()["metadata"]["annotations"]
        preview, done, checks = carried_out(release.rollback, release.chosen(1))
        assert [call.id for call in preview.calls] == ["freeze:images", "freeze", "rollback"]
        assert [call.debt.id for call in preview.calls if call.debt] == ["image-updater", "auto-sync", "git"]
        assert preview.needs_reason == ""
        assert all(check.passed for check in checks)
        followed = json.dumps(next(call.undo["captured"] for call in done if call.id == "freeze:images"))
        told = with_what(release.request(**{"captured:image-updater": followed}))
        again = release.resume.plan(told)
        assert [call.body["pays"] for call in again.calls] == [["image-updater"]]
        assert "nobody has looked at" in again.needs_reason
        _, follows, checks = carried_out(release.resume, told, again)
        assert all(check.passed for check in checks)
        assert release.application()["metadata"]["annotations"] == annotations
        assert [call.id for call in release.resume.undo_plan(told, follows).calls] == ["freeze:images"]
        undo = release.rollback.undo_plan(release.request(), done)
        assert [call.id for call in undo.calls] == ["rollback", "thaw"]


def test_a_way_by_git_stops_image_updater_alone(tmp_path: Path) -> None:
    """Auto-sync stays on: it is what applies the commit."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(image_updater=600.0))) as release:
        before = release.application()
        request = with_what(release.request())
        preview, done, checks = carried_out(release.freeze, request)
        assert [call.id for call in preview.calls] == ["freeze:images"]
        assert all(check.passed for check in checks)
        assert release.application()["spec"] == before["spec"]
        _, _, checks = carried_out(release.freeze, request, release.freeze.undo_plan(request, done))
        assert all(check.passed for check in checks)
        assert release.application()["metadata"]["annotations"] == before["metadata"]["annotations"]


def with_what(request: StepRequest) -> StepRequest:
    """Returns the step with `what: images`."""
    return replace(request, step=replace(request.step, parameters=(("what", "images"),)))


def test_a_stuck_operation_is_stopped_and_then_the_release_goes_back(tmp_path: Path) -> None:
    """The final phase is read; what was stopped leaves no entry in the history."""
    with an_estate(tmp_path / "estate", script_of(SyncScene(stuck="waiting for completion of hook batch/Job/migrate"))) as release:
        preview = release.terminate.plan(release.request())
        assert any("waiting for completion of hook" in notice.text for notice in preview.notices)
        _, _, checks = carried_out(release.terminate, release.request(), preview)
        assert checks[0].words == "Failed: Operation terminated"
        assert release.terminate.plan(release.request()).refused == "Nothing is under way: there is nothing to stop."
        wait_for(lambda: "operation" not in release.application())
        newest = max(entry["id"] for entry in release.application()["status"]["history"])
        carried_out(release.rollback, release.chosen(newest))
        assert release.image("gateway") == "v2.14.0"
        with pytest.raises(RollbackError, match="cannot be put back"):
            release.terminate.undo_plan(release.request(), ())


def test_a_stop_that_comes_too_late_says_what_is_live_now(release: Release) -> None:
    """The operation has already succeeded, and everything was applied."""
    running = release.api.sync(APPLICATION, "", prune=False, run="somebody")
    assert running["operation"]
    preview = release.terminate.plan(release.request())
    wait_for(lambda: "operation" not in release.application())
    checks = release.terminate.checks(release.request(), preview, 0.0)
    assert checks[0].passed
    assert "Succeeded" in checks[0].words or "succeeded before it could be stopped" in checks[0].words
    assert "ended by itself" in release.terminate.send(release.request(), preview.calls[0])


def test_a_sync_while_auto_sync_is_off_applies_the_branch(release: Release) -> None:
    """It is known by its own mark; git equals what runs afterwards."""
    carried_out(release.freeze, release.request())
    release.estate.delivery.repository.push("gateway", "v2.14.0")
    request = release.request()
    preview = release.sync.plan(request)
    assert [call.id for call in preview.calls] == ["sync"]
    assert release.sync.happened(request, preview.calls[0]) is False
    release.api.sync(APPLICATION, "", prune=False, run="somebody")
    assert release.sync.happened(request, preview.calls[0]) is not False
    wait_for(lambda: "operation" not in release.application())
    _, _, checks = carried_out(release.sync, request)
    assert all(check.passed for check in checks)
    assert release.image("gateway") == "v2.14.0"


def test_with_auto_sync_on_a_refresh_is_enough(release: Release) -> None:
    """Argo CD begins by itself; the step only looks, and counts as done once the services run it."""
    release.estate.delivery.repository.push("gateway", "v2.14.0")
    preview, _, checks = carried_out(release.sync, release.request())
    assert preview.calls == ()
    assert all(check.passed for check in checks)
    assert release.image("gateway") == "v2.14.0"


def test_a_branch_that_argo_cd_does_not_see_yet_is_no_success(release: Release) -> None:
    """What the remote holds counts, not what Argo CD saw last."""

    class Elsewhere:
        """A branch at another commit."""

        def remote_head(self) -> str:
            """Returns a commit that nobody knows."""
            return "f" * 40

    with pytest.raises(Refused, match="The branch is at fffffff, and Argo CD sees"):
        replace(release.sync, branch=Elsewhere()).plan(release.request())


def test_what_is_left_over_is_deleted_only_if_chosen(release: Release) -> None:
    """A rollback leaves it, the prompt says so, auto-sync would delete it, and pruning is destructive."""
    _declare(release, "extra.yaml", EXTRA)
    _applied(release)
    assert release.registry.get("configmaps", NAMESPACE, "gospelib-extra")
    preview, done, _ = carried_out(release.rollback, release.chosen(1))
    assert any(notice.label == "Stays" and "ConfigMap gospelib-extra" in notice.text for notice in preview.notices)
    assert release.registry.get("configmaps", NAMESPACE, "gospelib-extra")
    repository = release.estate.delivery.repository
    good = repository.releases[-2][0]
    repository.write({**repository.files(good, OVERLAY.rpartition("/overlays")[0])}, "restore the good release")
    lists = release.sync.choices(release.request())
    assert [option.value for option in lists[0].options] == ["no", "yes"]
    carried_out(release.sync, release.request(prune="no"))
    back = release.resume.plan(release.request(**captured(done)))
    assert (back.refused, back.danger) == ("", Danger.DESTRUCTIVE)
    assert any(notice.label == "Deletes" and "gospelib-extra" in notice.text for notice in back.notices)
    pruning = release.sync.plan(release.request(prune="yes"))
    assert (pruning.danger, pruning.calls[0].body["prune"]) == (Danger.DESTRUCTIVE, True)


def test_hooks_of_the_release_are_named_since_a_rollback_runs_none(release: Release) -> None:
    """The older release had a migration job; it will not run."""
    with_hook = _declare(release, "migrate.yaml", HOOK)
    _applied(release)
    release.estate.delivery.repository.push("auth", "v2.13.2")
    _applied(release)
    entry = next(e["id"] for e in release.application()["status"]["history"] if e["revision"] == with_hook)
    preview = release.rollback.plan(release.chosen(entry))
    assert [notice.text for notice in preview.notices if notice.label == "Hooks"] == ["Job migrate (PreSync): a rollback runs no hooks"]


def test_an_entry_whose_commit_is_gone_from_git_cannot_be_chosen(release: Release) -> None:
    """Argo CD could not render it; the list says so, and so does a preview of it."""
    chosen = release.chosen(0)
    gone = chosen.inputs["entry"].partition("@")[2]
    history = release.application()["status"]["history"]
    history[0]["revision"] = "d" * 40
    release.change_application({"status": {"history": history}})
    listed = release.rollback.choices(release.request())[0]
    assert "gone from git" in listed.options[-1].refused
    refused = release.rollback.plan(release.request(entry=f"0@{'d' * 40}")).refused
    assert "gone from git" in refused
    assert gone not in refused


def test_argo_cd_that_does_not_answer_is_said_with_another_way(release: Release) -> None:
    """The step is refused before anything is sent, and names the path that needs no Argo CD."""
    request = release.chosen(1)
    release.estate.delivery.server.interrupt()
    with pytest.raises(ServerDown, match="Nothing listens") as refusal:
        release.rollback.plan(request)
    assert "through Kubernetes" in refusal.value.next_step
    release.estate.delivery.server.start()
    assert release.rollback.plan(request).refused == ""


def test_a_wrong_application_and_a_wrong_project_are_told_apart_from_a_missing_right(release: Release) -> None:
    """With the project the server says `not found`; without it the sentence names both meanings."""
    configured = release.environment.argocd
    connection = ArgoCdConnection(configured, nonce=release.environment.cluster.nonce)
    release.closing.callback(connection.close)
    with pytest.raises(NotFound, match="no such thing") as missing:
        ArgoCdRest(connection, replace(configured, application="nope")).application("nope")
    assert "argocd.application" in missing.value.next_step
    with pytest.raises(Forbidden) as elsewhere:
        ArgoCdRest(connection, replace(configured, project="nope")).application(APPLICATION)
    assert "argocd.project" in elsewhere.value.next_step
    with pytest.raises(Forbidden, match="not there"):
        ArgoCdRest(connection, replace(configured, project="")).application("nope")


def test_services_of_two_applications_are_refused(release: Release) -> None:
    """A rollback of one would leave the other's services alone."""
    tracking = {"argocd.argoproj.io/tracking-id": f"other:apps/Deployment:{NAMESPACE}/gospelib-auth"}
    release.registry.patch("deployments", NAMESPACE, "gospelib-auth", {"metadata": {"annotations": tracking}})
    assert "belong to other Applications too (other)" in release.rollback.plan(release.chosen(1)).refused


def test_facts_stay_while_pods_crash_and_move_when_the_policy_does(release: Release) -> None:
    """Status writes are no facts; somebody's change of the policy is."""
    request = release.chosen(1)
    preview = release.rollback.plan(request)
    release.registry.patch("deployments", NAMESPACE, "gospelib-gateway", {"status": {"readyReplicas": 0}})
    assert preview.fingerprint.moved(release.rollback.facts(request, preview)) == ()
    release.change_application({"spec": {"syncPolicy": {"automated": {"selfHeal": False}}}})
    assert [name for name, _, _ in preview.fingerprint.moved(release.rollback.facts(request, preview))] == [f"Application {APPLICATION}"]


def test_undo_after_auto_sync_was_put_back_freezes_again_first(release: Release) -> None:
    """Otherwise Argo CD refuses it; git is a debt again."""
    _, done, _ = carried_out(release.rollback, release.chosen(1))
    release.estate.delivery.repository.push("gateway", "v2.14.0")
    carried_out(release.sync, release.request())
    carried_out(release.resume, release.request(**captured(done)))
    undo = release.rollback.undo_plan(release.request(), done)
    assert [(call.id, call.debt.id if call.debt else "") for call in undo.calls] == [("freeze", "auto-sync"), ("rollback", "git")]


def test_undo_leaves_alone_what_is_as_it_was(release: Release) -> None:
    """Nothing was carried out: there is nothing to put back."""
    preview = release.rollback.plan(release.chosen(1))
    assert "nothing to put back" in release.rollback.undo_plan(release.request(), carried_calls(preview)).refused
