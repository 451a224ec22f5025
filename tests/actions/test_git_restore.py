"""Going back in git by restoring the folder: which commit, what it makes of the manifests, one push, and what it pays."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_RESTORE
from gospel_rollback_tui.domain.application import IMAGES_FOLLOWED
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.workloads import TRACKING_ID
from tests.actions.git_places import Place, again, done, notices, request
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, OVERLAY, deployment, kustomization


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The estate with the bad release everywhere."""
    return Place.make(tmp_path)


def suggested(place: Place) -> str:
    """Returns the label of the suggested commit; empty: none is."""
    options = place.action(GIT_RESTORE).choices(request())[0].options
    return next((option.label for option in options if option.suggested), "")


def test_the_newest_good_release_is_suggested_while_the_cluster_runs_what_git_says(place: Place) -> None:
    """It was deployed, has other images, and is not what the branch says now."""
    commits, ways = place.action(GIT_RESTORE).choices(request())
    assert suggested(place).startswith("v2.14.0")
    now, good, _ = commits.options
    assert now.refused == "it is what the branch says now"
    assert "all v2.14.0, deployed as 40" in good.detail
    assert [option.suggested for option in ways.options] == [True, False]


def test_after_an_undo_beside_git_the_commit_that_says_what_runs_is_suggested(place: Place) -> None:
    """The debt is paid by making git say what runs, not by another rollback."""
    place.remote.commit("Release v2.14.1", {KUSTOMIZATION: kustomization(gateway="v2.14.1", auth="v2.14.0")}, tag="release/v2.14.1")
    place.remote.commit("Release v2.16.0", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.14.0")}, tag="release/v2.16.0")
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    assert suggested(place).startswith("v2.14.0")


def test_a_state_that_the_branch_has_already_left_is_not_suggested(place: Place) -> None:
    """After one rollback the release before in the list is the bad one again."""
    place.remote.commit("Roll back", {KUSTOMIZATION: kustomization(gateway="v2.14.0", auth="v2.14.0")})
    place.deployed("release/v2.14.0", "release/v2.15.0", "HEAD")
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    assert suggested(place) == ""


def test_the_preview_shows_manifests_and_files_and_what_it_undoes(place: Place) -> None:
    """Without a choice it is the suggested commit's."""
    place.remote.commit("Another replica", {f"{MANIFESTS}/base/auth.yaml": deployment("auth").replace("replicas: 2", "replicas: 3")})
    preview = place.action(GIT_RESTORE).plan(request())
    assert (preview.refused, preview.title) == ("", "Put infra/k8s on main back to v2.14.0")
    (call,) = preview.calls
    lines = [line.text for line in call.diff]
    assert lines[:4] == ["Deployment gospelib-auth", "replicas 3 → 2", "Deployment gospelib-gateway", "gateway image v2.15.0 → v2.14.0"]
    assert "  newTag: v2.15.0 # set by the release" in lines
    said = notices(preview)
    assert said["Undoes"].startswith("2 newer commits: ")
    assert "Another replica (Release bot," in said["Undoes"]
    assert "by Ann Operator <ann@example.com>: Roll production back to v2.14.0" in said["Commit"]
    assert any(f"restore --source={place.remote.git('rev-parse', 'release/v2.14.0').strip()}" in command for command in preview.by_hand)


def test_it_is_pushed_once_seen_on_the_remote_and_pays_the_debt(place: Place) -> None:
    """What runs is what git then says."""
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    (call,) = preview.calls
    assert call.body["pays"] == ["git"]
    assert action.facts(step, preview) == preview.fingerprint
    assert (action.happened(step, call), action.checks(step, preview, 0.0)[0].passed) == (False, None)
    assert action.send(step, call).endswith(" on main")
    assert action.happened(step, call)
    assert all(check.passed for check in action.checks(step, preview, 0.0))
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")
    assert "It would change nothing" in action.plan(again(request(commit=place.remote.head()), 2)).refused


def test_a_commit_that_says_something_else_than_what_runs_leaves_the_debt_open(place: Place) -> None:
    """The operator may choose it, is told what will be deployed, and still owes."""
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    base = place.remote.git("rev-list", "--max-parents=0", "HEAD").strip()
    preview = place.action(GIT_RESTORE).plan(request(commit=base))
    assert preview.calls[0].body["pays"] == []
    assert "all v2.14.0: Argo CD's next sync changes that" in notices(preview)["Runs now"]
    paying = request(commit=base)
    paying = replace(paying, step=replace(paying.step, pays=("git",)))
    assert "all v2.14.0 runs: git would say something else" in place.action(GIT_RESTORE).plan(paying).refused


def test_images_that_no_commit_says_are_written_into_the_overlay(place: Place) -> None:
    """Only one of two services was rolled back: git is made to say exactly that."""
    place.remote.commit("Release v2.16.0", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.16.0")})
    place.runs(gateway="v2.15.0", auth="v2.16.0")
    assert suggested(place) == "what runs now"
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    assert [line.text for line in preview.calls[0].diff][:2] == ["Deployment gospelib-gateway", "gateway image v2.16.0 → v2.15.0"]
    action.send(step, preview.calls[0])
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.15.0", auth="v2.16.0")


def test_where_only_the_image_went_back_git_gets_only_the_image_too(place: Place) -> None:
    """A commit says that image, and another setting beside it that does not run: it would leave the cluster unequal to git."""
    setting = {f"{MANIFESTS}/base/gateway.yaml": deployment("gateway") + "        env: [{name: ROUTE_CACHE, value: 'on'}]\n"}
    place.remote.commit("Cache routes", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.14.0"), **setting})
    place.runs(gateway="v2.15.0", auth="v2.14.0")
    assert suggested(place).startswith("v2.15.0")
    live = place.cluster.deployments["gospelib-gateway"]["spec"]["template"]["spec"]["containers"][0]
    live["env"] = [{"name": "ROUTE_CACHE", "value": "on"}]
    assert suggested(place) == "what runs now"
    preview = place.action(GIT_RESTORE).plan(request())
    assert [line.text for line in preview.calls[0].diff][:2] == ["Deployment gospelib-gateway", "gateway image v2.16.0 → v2.15.0"]
    assert preview.calls[0].body["pays"] == ["git"]


def test_a_push_in_between_is_a_new_attempt_with_a_new_preview(place: Place) -> None:
    """The gate sees it in the facts; after the gate the push itself refuses."""
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    theirs = place.remote.commit("Hotfix", {"README.md": "hot\n"})
    ((name, old, new),) = preview.fingerprint.moved(action.facts(step, preview))
    assert name.startswith("branch main of ")
    assert (old, new) == (preview.calls[0].body["parent"][:12], theirs[:12])
    with pytest.raises(FactsMoved):
        action.send(step, preview.calls[0])
    second = action.plan(again(step, 2))
    action.send(step, second.calls[0])
    assert place.remote.log()[:2] == ["Roll production back to v2.14.0", "Hotfix"]
    assert place.remote.show("README.md") == "hot\n"


def test_a_protected_branch_goes_by_a_pull_request_the_second_time(place: Place) -> None:
    """The refusal is remembered, the branch is of the run's own, and only the merge fulfils the step."""
    place.remote.protect()
    action, step = place.action(GIT_RESTORE), request()
    with pytest.raises(Refused, match="GH006"):
        action.send(step, action.plan(step).calls[0])
    assert [option.suggested for option in action.choices(step)[1].options] == [False, True]
    second = action.plan(again(step, 2))
    (call,) = second.calls
    assert (call.body["ref"], second.yes) == ("rollback/0312-k7", "push rollback/0312-k7")
    assert "on rollback/0312-k7" in action.send(step, call)
    assert action.happened(step, call)
    (check,) = action.checks(step, second, 0.0)
    assert check.passed is None
    assert "waits for the pull request" in check.words
    (place.remote.bare / "hooks" / "pre-receive").unlink()
    place.remote.git("fetch", "-q", "origin")
    place.remote.git("merge", "-q", "--squash", "origin/rollback/0312-k7")
    place.remote.commit("Roll back (#7)", {})
    assert action.checks(step, second, 0.0)[0].passed, "a squashed merge has another commit and the same files"


def test_an_earlier_branch_of_the_run_is_not_pushed_over(place: Place) -> None:
    """What stands there may be under review."""
    action = place.action(GIT_RESTORE)
    step = request(where="pull-request")
    action.send(step, action.plan(step).calls[0])
    assert action.plan(again(step, 2)).calls[0].body["ref"] == "rollback/0312-k7-2"


def test_undo_takes_the_commit_back_and_owes_again(place: Place) -> None:
    """Forward only: another commit, and git says the bad release once more."""
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    action.send(step, preview.calls[0])
    undo = action.undo_plan(again(step, 2), done(preview))
    (call,) = undo.calls
    assert (undo.yes, call.debt.id if call.debt else "") == ("put it back", "git")
    action.send(step, call)
    assert place.remote.log()[0] == 'Revert "Roll production back to v2.14.0"'
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.15.0", auth="v2.14.0")
    assert "It would change nothing" in action.undo_plan(again(step, 3), done(preview)).refused


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"targetRevision": "stage"}, "follows stage, not the branch main"),
        ({"path": "infra/k8s/overlays/staging"}, "builds infra/k8s/overlays/staging"),
        ({"repoURL": "git@github.com:gospelib/other.git"}, "follows git@github.com:gospelib/other.git"),
    ],
)
def test_a_push_that_argo_cd_would_not_see_is_refused(place: Place, change: dict[str, str], words: str) -> None:
    """Repository, branch and folder are compared with the Application's own."""
    place.cluster.apps["gospelib-production"]["spec"]["source"].update(change)
    assert words in place.action(GIT_RESTORE).plan(request()).refused


def test_a_commit_that_does_not_build_cannot_be_chosen(place: Place) -> None:
    """The builder's own words say why."""
    broken = place.remote.commit("Broken", {f"{MANIFESTS}/base/kustomization.yaml": "resources:\n- nowhere.yaml\n"})
    place.remote.commit("Mended", {f"{MANIFESTS}/base/kustomization.yaml": "resources:\n- gateway.yaml\n- auth.yaml\n"})
    action = place.action(GIT_RESTORE)
    refused = next(option.refused for option in action.choices(request())[0].options if option.value == broken)
    assert "does not build" in refused
    assert "nowhere.yaml" in action.plan(request(commit=broken)).refused


def test_a_commit_from_elsewhere_is_refused(place: Place) -> None:
    """A sha of no commit, and one that the branch does not hold."""
    action = place.action(GIT_RESTORE)
    assert "not in the repository" in action.plan(request(commit="deadbeef")).refused
    place.remote.git("checkout", "-q", "-b", "other")
    other = place.remote.commit("Elsewhere", {KUSTOMIZATION: kustomization(gateway="v9", auth="v9")}, tag="v9.0.0")
    assert "not on main" in action.plan(request(commit=other)).refused


def test_other_overlays_that_go_back_too_are_named(place: Place) -> None:
    """The folder is restored as a whole; another environment may follow the same branch."""
    place.remote.commit("Staging", {f"{MANIFESTS}/overlays/staging/kustomization.yaml": "resources: [../../base]\n"})
    assert notices(place.action(GIT_RESTORE).plan(request()))["Reaches"].startswith("the overlay staging too")


def test_an_unreadable_application_is_said_rather_than_taken_for_a_match(place: Place) -> None:
    """Git may still be the only way: the operator decides."""
    del place.cluster.apps["gospelib-production"]
    preview = place.action(GIT_RESTORE).plan(request(commit="release/v2.14.0"))
    assert preview.refused == ""
    assert "was not compared" in notices(preview)["Argo CD"]


def test_without_a_builder_the_files_are_shown_and_the_overlay_is_read_as_text(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither kustomize nor kubectl is on this host: said, not guessed."""
    only_git = tmp_path / "bin"
    only_git.mkdir()
    (only_git / "git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(only_git))
    place.repository = place.remote.repository(tmp_path / "state")
    place.runs(gateway="v2.14.0", auth="v2.14.0")
    preview = place.action(GIT_RESTORE).plan(request())
    assert preview.title.endswith("back to v2.14.0")
    assert notices(preview)["Manifests"] == "not rendered: neither kustomize nor kubectl is here"
    assert preview.calls[0].diff[0].text == f"{OVERLAY}/kustomization.yaml"


def _followed(place: Place, parent: str = "") -> dict[str, str]:
    """Has Image Updater follow the Application, which a parent deploys or nobody."""
    tracked = {TRACKING_ID: f"{parent}:argoproj.io/Application:argocd/gospelib-production"} if parent else {}
    annotations = {IMAGES_FOLLOWED: "gateway=registry.test/gospelib-gateway", **tracked}
    place.cluster.apps["gospelib-production"]["metadata"]["annotations"] = annotations
    return annotations


def _follows(place: Place) -> bool:
    return IMAGES_FOLLOWED in place.cluster.apps["gospelib-production"]["metadata"]["annotations"]


def test_image_updater_is_stopped_before_the_push_and_owed_afterwards(place: Place) -> None:
    """It would commit the newest image over the push; the policy stays, since auto-sync is what applies the commit."""
    _followed(place)
    policy = place.cluster.apps["gospelib-production"]["spec"]["syncPolicy"]
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    assert [call.id for call in preview.calls] == ["freeze:images", "push"]
    assert [call.debt.id for call in preview.calls if call.debt] == ["image-updater"]
    assert preview.needs_reason == ""
    assert "taken off in the same step" in notices(preview)["Against"]
    assert action.facts(step, preview).digest == preview.fingerprint.digest
    assert [action.happened(step, call) for call in preview.calls] == [False, False]
    for call in preview.calls:
        action.send(step, call)
        assert _follows(place) is False
    assert [action.happened(step, call) for call in preview.calls] == [True, True]
    assert all(check.passed for check in action.checks(step, preview, 0.0))
    assert [check.name for check in action.checks(step, preview, 0.0)] == list(preview.checks)
    assert place.cluster.apps["gospelib-production"]["spec"]["syncPolicy"] == policy


def test_the_undo_of_a_push_lets_image_updater_follow_as_before(place: Place) -> None:
    """The commit is taken back first, and the annotation is what it was."""
    annotations = _followed(place)
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    for call in preview.calls:
        action.send(step, call)
    again_step = again(step, 2)
    undo = action.undo_plan(again_step, done(preview))
    assert [call.id for call in undo.calls] == ["push", "thaw:images"]
    for call in undo.calls:
        action.send(again_step, call)
    assert all(check.passed for check in action.checks(again_step, undo, 0.0))
    assert [check.name for check in action.checks(again_step, undo, 0.0)] == list(undo.checks)
    assert place.cluster.apps["gospelib-production"]["metadata"]["annotations"] == annotations


def test_where_the_push_was_refused_the_undo_is_the_annotation_alone(place: Place) -> None:
    """Nothing is on the branch that could be taken back."""
    annotations = _followed(place)
    action, step = place.action(GIT_RESTORE), request()
    preview = action.plan(step)
    action.send(step, preview.calls[0])
    undo = action.undo_plan(step, done(preview)[:1])
    assert [call.id for call in undo.calls] == ["thaw:images"]
    assert action.facts(step, undo).digest == undo.fingerprint.digest
    action.send(step, undo.calls[0])
    assert place.cluster.apps["gospelib-production"]["metadata"]["annotations"] == annotations
    assert action.undo_plan(step, done(preview)[:1]).refused.startswith("There is nothing to put back")


@pytest.mark.parametrize(("parent", "rights", "why"), [("apps", True, "Application apps would put its annotation back"), ("", False, "cannot be stopped")])
def test_an_updater_that_cannot_be_stopped_takes_a_written_reason(place: Place, parent: str, rights: bool, why: str) -> None:
    """A parent puts the annotation back, or this login may not take it off: the push goes on, and what follows is signed for."""
    _followed(place, parent)
    place.cluster.rights = rights
    preview = place.action(GIT_RESTORE).plan(request())
    assert [call.id for call in preview.calls] == ["push"]
    assert preview.needs_reason.startswith("Image Updater sets the newest image again")
    assert why in preview.needs_reason
    assert why in notices(preview)["Against"]
