"""Which state of the branch to go back to, by what was deployed, what runs, and what was left already."""

import pytest

from gospel_rollback_tui.domain.branch_states import BranchState, branch_states, says_what_runs, suggested_state, undone
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.sync_history import Entry

IMAGES = {"a": {"web": "r/web:v1"}, "b": {"web": "r/web:v2"}, "c": {"web": "r/web:v3"}, "other": {"web": "r/web:v1"}}


def states(contents: str, deployed: str = "abc", tagged: str = "", broken: str = "", unread: str = "") -> tuple[BranchState, ...]:
    """Returns states, newest first, named by their contents' letters; commits are numbered from the newest."""
    commits = [
        Commit(f"{index}{letter}", ("p",), "ann", 0.0, letter, (f"release/v{letter}",) if letter in tagged else (), letter)
        for index, letter in enumerate(contents)
    ]
    images = {commit.sha: None if commit.content in unread else IMAGES[commit.content] for commit in commits}
    why = {commit.sha: "it does not build" for commit in commits if commit.content in broken}
    return branch_states(commits, images, why, {letter: Entry(40 + index, (letter,)) for index, letter in enumerate(deployed)})


@pytest.mark.parametrize(
    ("found", "running", "suggested"),
    [
        (states("cba"), "c", "1b"),  # the newest good release
        (states("cba"), "a", "2a"),  # the cluster was changed beside git: what runs, not another rollback
        (states("cba", deployed="ac"), "c", "2a"),  # b was never deployed
        (states("cba", deployed="", tagged="a"), "c", "2a"),  # nothing is known to have been deployed: a tag counts
        (states("cba", deployed=""), "c", ""),
        (states("bcba"), "b", "3a"),  # c was left already, and the older b says what the branch says now
        (states("cba", broken="b"), "c", "2a"),
        (states("cba", unread="b"), "c", "2a"),
        (states("cba", unread="c"), "c", ""),  # what the branch says now is not known
        (states("cb"), "a", ""),  # no commit says what runs
        (states(""), "c", ""),
    ],
)
def test_the_state_to_go_back_to(found: tuple[BranchState, ...], running: str, suggested: str) -> None:
    """By content, never by being the one before."""
    chosen = suggested_state(found, IMAGES[running])
    assert (chosen.commit.sha if chosen else "") == suggested


def test_states_know_what_they_are() -> None:
    """What the branch says now, what it has left, what Argo CD deployed, and where the folder is missing."""
    found = states("bcba")
    assert [state.now for state in found] == [True, False, True, False]
    assert [state.gone_back_from for state in found] == [False, True, False, False]
    assert [state.deployed.id if state.deployed else 0 for state in found] == [41, 42, 41, 40]
    assert branch_states([Commit("x", (), "ann", 0.0, "x")], {}, {}, {})[0].broken == "it has no such folder"
    assert states("ca", tagged="a")[1].label == "va"
    assert found[0].label == "0b"


def test_what_runs_is_said_only_where_both_are_known() -> None:
    """An estate that cannot be read equals nothing."""
    state = states("a")[0]
    assert says_what_runs(state, {"web": "r/web:v1"})
    assert not says_what_runs(state, {})
    assert not says_what_runs(state, {"web": "r/web:v1", "auth": "r/auth:v1"})
    assert not says_what_runs(states("a", unread="a")[0], {"web": "r/web:v1"})


def test_what_going_back_undoes_are_the_newer_commits() -> None:
    """A commit that is not among the states undoes nothing that could be named."""
    found = states("cba")
    assert [commit.sha for commit in undone(found, found[2])] == ["0c", "1b"]
    assert undone(found, BranchState(Commit("z", (), "ann", 0.0, "z"))) == ()
