"""Undo-fighters: each says what it does to the rollback, how soon, and what answers it."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.fighters import Fighter, Means, Survey, fighters, newer_commits, unfrozen
from gospel_rollback_tui.domain.newer_commits import Release, newer_than, release_made
from gospel_rollback_tui.domain.sync_history import Entry

HEALING = Application("gospelib", "argocd", "u1", {"selfHeal": True}, auto_sync=True, self_heal=True)
QUIET_APP = replace(HEALING, auto_sync=False)
QUIET = Survey(application_read=True, can_sync=True, branch=(), ci_runs=())


def _found(survey: Survey) -> tuple[Fighter, ...]:
    return fighters(survey)


def test_nothing_fights_where_nothing_owns_the_workloads() -> None:
    """Read, and nothing there, is not the same as not read."""
    assert _found(QUIET) == ()
    (unread,) = _found(Survey())
    assert unread.undoes == {Means.LIVE, Means.ARGOCD}
    assert not unread.frozen
    assert "not known" in unread.words


@pytest.mark.parametrize(
    ("application", "does", "soon"),
    [
        (HEALING, "self-heal", "within a second"),
        (replace(HEALING, self_heal=False), "overwrites", "next commit"),
    ],
)
def test_auto_sync_is_frozen_by_the_same_step(application: Application, does: str, soon: str) -> None:
    """What it would do is said, and nothing is left that would undo the change."""
    found = _found(replace(QUIET, application=application))
    assert does in found[-1].words
    assert soon in found[-1].words
    assert unfrozen(found, Means.LIVE) == () == unfrozen(found, Means.ARGOCD)


def test_auto_sync_that_is_off_fights_nobody() -> None:
    """Whatever else the policy says."""
    assert _found(replace(QUIET, application=replace(HEALING, auto_sync=False))) == ()


def test_an_application_set_leaves_git_as_the_only_means() -> None:
    """It comes before the Application that it owns, and both would undo what goes beside git."""
    found = _found(replace(QUIET, application=replace(HEALING, parent="ApplicationSet gospelib")))
    assert [fighter.who for fighter in found] == ["ApplicationSet gospelib", "Application gospelib"]
    assert unfrozen(found, Means.LIVE) == found == unfrozen(found, Means.ARGOCD)
    assert unfrozen(found, Means.GIT) == ()


def test_a_parent_application_does_not_put_auto_sync_on_again() -> None:
    """It is named, since it owns the policy, and undoes nothing."""
    found = _found(replace(QUIET, application=replace(HEALING, parent="Application apps")))
    assert found[0].who == "Application apps"
    assert unfrozen(found, Means.LIVE) == ()


@pytest.mark.parametrize(("held", "left"), [("", []), ("its annotation may not be changed", ["Image Updater"])])
def test_image_updater_is_stopped_first_by_every_way(held: str, left: list[str]) -> None:
    """It would set the newest image over what was patched and over what was pushed; where it cannot be stopped, no way holds by itself."""
    found = _found(replace(QUIET, application=replace(QUIET_APP, images_followed="gw=ecr.test/gw"), updater_held=held))
    assert [[fighter.who for fighter in unfrozen(found, means)] for means in Means] == [left] * len(Means)


@pytest.mark.parametrize(
    ("survey", "undone", "blocked"),
    [
        (replace(QUIET, application=replace(QUIET_APP, images_followed="gw=ecr.test/gw", parent="Application apps")), set(Means), set()),
        (replace(QUIET, can_sync=False, window="deny 22:00 for 8h"), set(), {Means.ARGOCD, Means.GIT}),
        (replace(QUIET, application=replace(QUIET_APP, operation="sync by ada since 03:05")), set(), {Means.ARGOCD, Means.GIT}),
        (replace(QUIET, ci_runs=("https://ci.test/1",)), set(Means), set()),
        (replace(QUIET, autoscaled=("gateway",)), set(), set()),
    ],
)
def test_each_other_fighter_undoes_or_blocks_its_own_means(survey: Survey, undone: set[Means], blocked: set[Means]) -> None:
    """One fighter each, with its answer."""
    (fighter,) = _found(survey)
    assert (set(fighter.undoes), set(fighter.blocks)) == (undone, blocked)
    assert fighter.frozen == fighter.who.startswith("The operation")
    assert fighter.answer
    assert fighter.answer in fighter.words


BRANCH = tuple(
    Commit(sha, (), "ada", at, subject, content=f"tree of {sha}")
    for sha, at, subject in (("d4", 400.0, "bump ai"), ("c3", 300.0, "Release v2.15.0"), ("b2", 200.0, "Release v2.14.0"), ("a1", 100.0, "first"))
)
HISTORY = (Entry(1, ("a1",), 110.0), Entry(2, ("b2",), 210.0), Entry(3, ("c3",), 310.0))


@pytest.mark.parametrize(
    ("application", "soon", "answer", "frozen"),
    [
        (HEALING, "within minutes while auto-sync is on", "auto-sync stays off until git says what runs", True),
        (QUIET_APP, "", "before anybody syncs", True),
        (replace(HEALING, parent="ApplicationSet gospelib"), "within minutes", "go by git", False),
    ],
)
def test_newer_commits_come_with_the_next_sync(application: Application, soon: str, answer: str, frozen: bool) -> None:
    """They are those behind what was deployed before the last deployment; a freeze that stays holds them back."""
    found = _found(replace(QUIET, application=replace(application, history=HISTORY), branch=BRANCH))
    fighter = next(one for one in found if one.who == "git")
    assert "holds 2 commits newer than this release (bump ai; Release v2.15.0), which a sync deploys" in fighter.words
    assert soon in fighter.words
    assert answer in fighter.words
    assert (set(fighter.undoes), set(fighter.blocks), fighter.frozen) == ({Means.LIVE, Means.ARGOCD}, set(), frozen)


def test_a_branch_that_cannot_be_read_is_unknown_and_not_empty() -> None:
    """Nothing is said of a branch that is not configured, or where no release can be told."""
    (unread,) = _found(replace(QUIET, branch=None, branch_unread="git.test did not answer."))
    assert "could not be read" in unread.words
    assert _found(replace(QUIET, branch=None)) == ()
    assert _found(replace(QUIET, branch=BRANCH)) == ()


@pytest.mark.parametrize(
    ("release", "newer"),
    [
        (None, ["d4", "c3"]),
        (Release(("d4",), 410.0), []),
        (Release(("a1",), 110.0), ["d4", "c3", "b2"]),
        (Release(("elsewhere",), 210.0), ["d4", "c3"]),
        (Release(("elsewhere",)), []),
        (release_made(HISTORY, 205.0), ["d4", "c3"]),
        (release_made(HISTORY, 350.0), ["d4"]),
    ],
)
def test_what_is_newer_is_told_by_the_commit_and_else_by_the_time(release: Release | None, newer: list[str]) -> None:
    """Without a release to go back to, the deployment before the last counts; an object tells its release by when it was made."""
    survey = replace(QUIET, application=replace(HEALING, history=HISTORY), branch=BRANCH, release=release)
    assert [commit.sha for commit in newer_commits(survey)] == newer


def test_a_branch_that_says_the_release_again_has_nothing_newer() -> None:
    """As after git was made equal: the newest commit has the same files."""
    assert newer_than((replace(BRANCH[0], content="tree of b2"), *BRANCH[1:]), Release(("b2",), 210.0)) == ()
