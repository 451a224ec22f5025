"""The commits that the Application's branch went through."""

import pytest

from gospel_rollback_tui.drill.git_history import GitHistory
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, OLDER_TAG
from gospel_rollback_tui.drill.scripts import find_script


def test_there_is_a_commit_for_each_release() -> None:
    """The commits declare the gateway's releases in order, the newest being live."""
    git = GitHistory(find_script("ready-but-failing"))
    assert [commit.tag_of("gateway") for commit in git.commits()] == [OLDER_TAG, GOOD_TAG, BAD_TAG]
    assert git.head.tag_of("content") == GOOD_TAG
    assert len({commit.sha for commit in git.commits()}) == 3
    assert git.head.sha == GitHistory(find_script("ready-but-failing")).head.sha


def test_a_push_declares_another_tag_and_leaves_the_rest() -> None:
    """A revert commit brings a known release back, with its own environment."""
    git = GitHistory(find_script("ready-but-failing"))
    commit = git.push("gateway", GOOD_TAG)
    assert git.head is commit
    assert (commit.tag_of("gateway"), commit.tag_of("auth")) == (GOOD_TAG, GOOD_TAG)
    gateway = next(d for d in git.manifests(commit) if d["metadata"]["name"] == "gospelib-gateway")
    assert [e["name"] for e in gateway["spec"]["template"]["spec"]["containers"][0]["env"]] == ["PORT"]
    assert git.push("gateway", "v9").tag_of("gateway") == "v9"


def test_commits_are_found_by_sha_and_branch() -> None:
    """A branch means its newest commit, an unknown sha nothing."""
    git = GitHistory(find_script("ready-but-failing"))
    assert git.find("main") is git.head
    assert git.find(git.commits()[0].sha) is git.commits()[0]
    assert git.find("f" * 40) is None
    with pytest.raises(KeyError):
        git.push("nope", GOOD_TAG)
