"""Whether a push reaches what Argo CD follows, and where a pull request of a branch is opened."""

from dataclasses import replace

import pytest

from gospel_rollback_tui.domain.git_place import GitPlace, git_place, source_mismatch
from gospel_rollback_tui.domain.pull_requests import host_and_path, pull_request_link, same_repository
from tests.diagnosis import scenes

GITLAB = "merge_request%5Bsource_branch%5D=rollback%2F0312-k7&merge_request%5Btarget_branch%5D=main"
PLACE = GitPlace("git@github.com:gospelib/gospelib.git", "main", manifests="infra/k8s", overlay="infra/k8s/overlays/production")


def application(**source: str) -> dict[str, object]:
    """Returns an Application that follows that very place, but for what is named."""
    full = {"repoURL": "https://github.com/gospelib/gospelib", "targetRevision": "main", "path": "infra/k8s/overlays/production/", **source}
    return {"metadata": {"name": "gospelib-production"}, "spec": {"source": full}}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, ""),
        ({"repoURL": "ssh://git@ssh.github.com:443/gospelib/gospelib.git"}, ""),
        ({"targetRevision": "refs/heads/main"}, ""),
        ({"targetRevision": "HEAD"}, ""),
        ({"targetRevision": ""}, ""),
        ({"repoURL": "https://github.com/gospelib/other"}, "follows https://github.com/gospelib/other, not"),
        ({"targetRevision": "release/v2.14.0"}, "follows release/v2.14.0, not the branch main"),
        ({"path": "infra/k8s/overlays/staging"}, "builds infra/k8s/overlays/staging, not"),
    ],
)
def test_a_push_that_argo_cd_would_not_see_is_refused(source: dict[str, str], words: str) -> None:
    """Repository, branch and folder must be the Application's own; ssh and https addresses mean the same."""
    found = source_mismatch(PLACE, application(**source), default_branch="main")
    assert words in found
    assert bool(words) == bool(found)


def test_one_of_several_sources_is_enough() -> None:
    """Values may come from elsewhere."""
    several = application()
    spec = several["spec"]
    assert isinstance(spec, dict)
    spec["sources"] = [{"repoURL": "https://charts.example.com", "targetRevision": "1.0"}, spec.pop("source")]
    assert source_mismatch(PLACE, several) == ""


def test_a_head_that_means_another_branch_is_told() -> None:
    """`HEAD` is whatever the remote says it is."""
    assert "follows trunk" in source_mismatch(PLACE, application(targetRevision="HEAD"), default_branch="trunk")
    assert "follows HEAD" in source_mismatch(PLACE, application(targetRevision="HEAD"))


def test_the_place_is_read_from_the_names_of_the_environment() -> None:
    """Without repository or branch there is none."""
    names = (("git.repository", "r"), ("git.branch", "refs/heads/main"), ("git.manifests", "/infra/k8s/"), ("git.overlay", "infra/k8s/overlays/production"))
    environment = replace(scenes.ENVIRONMENT, names=names)
    assert git_place(environment) == GitPlace("r", "main", "", "infra/k8s", "infra/k8s/overlays/production")
    assert git_place(replace(environment, names=names[1:])) is None


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("git@github.com:Gospelib/gospelib.git", "https://github.com/Gospelib/gospelib/compare/main...rollback/0312-k7?expand=1"),
        ("https://github.example.com/o/n.git", "https://github.example.com/o/n/compare/main...rollback/0312-k7?expand=1"),
        (
            "ssh://git@gitlab.example.com:2222/group/sub/n.git",
            "https://gitlab.example.com/group/sub/n/-/merge_requests/new?" + GITLAB,
        ),
        ("git@bitbucket.org:o/n.git", "https://bitbucket.org/o/n/pull-requests/new?source=rollback%2F0312-k7&dest=main"),
        ("https://user:secret@github.com/o/n.git", "https://github.com/o/n/compare/main...rollback/0312-k7?expand=1"),
        ("git@git.example.com:o/n.git", ""),
        ("/srv/git/gospelib.git", ""),
        ("file:///srv/github/gospelib.git", ""),
    ],
)
def test_the_forge_is_known_by_its_host(address: str, link: str) -> None:
    """Another forge gets no invented address; a password in the remote's address never gets into a link."""
    assert pull_request_link(address, "rollback/0312-k7", "main") == link


def test_addresses_are_compared_by_what_they_mean() -> None:
    """Local paths have no host, and are compared as they are."""
    assert host_and_path("git@github.com:O/n.git") == ("github.com", "o/n")
    assert same_repository("/srv/g.git", "file:///srv/g")
    assert not same_repository("/srv/g.git", "/srv/h.git")
    assert not same_repository("git@github.com:o/n", "git@gitlab.com:o/n")
