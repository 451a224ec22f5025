"""Taking commits out of the branch: merges knowingly, conflicts shown, and good later commits kept."""

from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import GIT_REVERT
from tests.actions.git_places import Place, again, done, notices, request
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, deployment, kustomization

AUTH = f"{MANIFESTS}/base/auth.yaml"
GATEWAY = f"{MANIFESTS}/base/gateway.yaml"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """The estate with the bad release everywhere."""
    return Place.make(tmp_path)


def carried_out(place: Place, commits: str) -> None:
    """Plans and sends the revert."""
    action = place.action(GIT_REVERT)
    preview = action.plan(request(commits=commits))
    assert preview.refused == ""
    action.send(request(), preview.calls[0])


def test_only_the_chosen_commit_goes(place: Place) -> None:
    """A later good change of the same folder stays, which a restored folder would take back."""
    bad = place.remote.head()
    place.remote.commit("Three replicas", {AUTH: deployment("auth").replace("replicas: 2", "replicas: 3")})
    carried_out(place, commits=bad)
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")
    assert "replicas: 3" in place.remote.show(AUTH)
    assert place.remote.log()[0] == 'Revert "Release v2.15.0"'
    assert f"This reverts commit {bad}." in place.remote.message()


def test_several_commits_go_in_one(place: Place) -> None:
    """In whatever order they were chosen, the newest is undone first."""
    first = place.remote.head()
    second = place.remote.commit("Release v2.16.0", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.14.0")})
    carried_out(place, commits=f"{first},{second}")
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")
    assert len(place.remote.log()) == 5


def test_without_a_choice_nothing_is_planned_and_the_newest_is_offered_first(place: Place) -> None:
    """Which commit is bad is a judgement: no default."""
    action = place.action(GIT_REVERT)
    assert "No commit is chosen" in action.plan(request()).refused
    commits, _ways = action.choices(request())
    assert commits.multiple
    assert [option.suggested for option in commits.options] == [True, False, False]
    assert commits.options[-1].refused == "it is the first commit"


def test_a_merge_is_undone_towards_the_parent_that_was_chosen(place: Place) -> None:
    """Both parents are shown, the consequence for landing it again is said."""
    before = place.remote.show(GATEWAY)
    merge = place.remote.merge("Probe", {GATEWAY: deployment("gateway").replace("replicas: 2", "replicas: 5")})
    action = place.action(GIT_REVERT)
    refused = action.plan(request(commits=merge)).refused
    assert f"{merge[:7]} is a merge: say which parent stays" in refused
    mainline = action.choices(request(commits=merge))[1]
    assert [option.label.split("  ")[2] for option in mainline.options] == ["Release v2.15.0", "Probe"]
    assert mainline.options[0].suggested
    preview = action.plan(request(commits=merge, mainline="1"))
    assert "to land it again, revert this revert" in notices(preview)["Merge"]
    action.send(request(), preview.calls[0])
    assert place.remote.show(GATEWAY) == before
    assert f"This reverts commit {merge}, reversing changes made to" in place.remote.message()
    assert "has no parent 3" in action.plan(request(commits=merge, mainline="3")).refused


def test_a_conflict_names_the_files_and_leaves_nothing_behind(place: Place) -> None:
    """The branch is as before, no work tree is left, and the next revert works."""
    bad = place.remote.head()
    place.remote.commit("Release v2.16.0", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.14.0")})
    action = place.action(GIT_REVERT)
    refused = action.plan(request(commits=bad)).refused
    assert f"Reverting {bad[:7]} conflicts with later changes in {KUSTOMIZATION}." in refused
    assert "Restore the folder" in refused
    assert not list(place.folder.glob("*.work-*"))
    assert not list(place.folder.glob("*.git/worktrees/*"))
    carried_out(place, commits=place.remote.head())


def test_what_was_reverted_already_is_no_conflict(place: Place) -> None:
    """Git ends both with 1; here one is refused as changing nothing."""
    bad = place.remote.head()
    carried_out(place, commits=bad)
    assert place.action(GIT_REVERT).plan(request(2, commits=bad)).refused == "It would change nothing: the branch says that already."


def test_a_commit_that_the_branch_does_not_hold_is_refused(place: Place) -> None:
    """A revert of it would be a guess."""
    place.remote.git("checkout", "-q", "-b", "other")
    other = place.remote.commit("Elsewhere", {"x": "1\n"}, tag="v9.0.0")
    assert f"{other[:7]} is not on main" in place.action(GIT_REVERT).plan(request(commits=other)).refused


def test_undo_brings_it_back(place: Place) -> None:
    """The revert of a revert: the tree as it was."""
    bad = place.remote.head()
    action, step = place.action(GIT_REVERT), request(commits=bad)
    preview = action.plan(step)
    action.send(step, preview.calls[0])
    action.send(step, action.undo_plan(again(step, 2), done(preview)).calls[0])
    assert place.remote.log()[0] == 'Revert "Revert "Release v2.15.0""'
    assert place.remote.show(KUSTOMIZATION) == kustomization(gateway="v2.15.0", auth="v2.14.0")
