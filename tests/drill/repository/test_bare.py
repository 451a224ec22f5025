"""The estate's remote, by the git that made it and by a clone that pushes to it."""

import os
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.manifests import deployment_document
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.git_program import RepositoryError
from gospel_rollback_tui.drill.repository.tree import KUSTOMIZATION, with_image
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, OLDER_TAG, Script
from gospel_rollback_tui.drill.script_delivery import GitScene, LaterCommit
from gospel_rollback_tui.drill.scripts import SCRIPTS, find_script

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
THREE = "name: gospelib-gateway\n  count: 3"
REFUSAL = """remote: error: GH006: Protected branch update failed for refs/heads/main.
remote:
remote: - Changes must be made through a pull request.
"""
READY = find_script("ready-but-failing")


@pytest.fixture
def repository(tmp_path: Path) -> EstateRepository:
    """The repository of the default script."""
    return EstateRepository(tmp_path / "gospelib.git", READY, NOW)


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run git in a folder, with an identity and without anybody's settings."""
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    identity = ("-c", "user.name=Operator", "-c", "user.email=operator@gospelib.invalid")
    return subprocess.run(["git", *identity, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def clone(repository: EstateRepository, folder: Path) -> Path:
    """Return a clone of the repository with one commit that is not there."""
    assert git(folder, "clone", "--quiet", repository.url, "clone").returncode == 0
    (folder / "clone" / "README.md").write_text("changed\n", encoding="utf-8")
    assert git(folder / "clone", "commit", "--quiet", "--all", "--message=change").returncode == 0
    return folder / "clone"


def test_each_release_is_a_tagged_commit_of_its_time(repository: EstateRepository) -> None:
    """The newest release is the head of main, and each release's tag leads to its commit."""
    assert [release.tag_of("gateway") for _, release in repository.releases] == [OLDER_TAG, GOOD_TAG, BAD_TAG]
    sha, release = repository.releases[-1]
    assert repository.head == sha == repository.find("main") == repository.find("HEAD") == repository.find(sha[:7])
    commit = repository.commit(f"release/{BAD_TAG}")
    assert commit is not None
    assert (commit.sha, commit.message, commit.tags) == (sha, f"release {BAD_TAG}", (f"release/{BAD_TAG}",))
    assert commit.date == NOW - timedelta(seconds=int(release.before))
    assert commit.parents == (repository.releases[-2][0],)
    assert git(repository.folder, "fsck", "--strict").returncode == 0
    assert git(repository.folder, "cat-file", "-t", f"release/{GOOD_TAG}").stdout == "tag\n"


def test_the_same_script_at_the_same_moment_has_the_same_commits(repository: EstateRepository, tmp_path: Path) -> None:
    """Nothing but the script and the time goes into a commit."""
    assert EstateRepository(tmp_path / "again.git", READY, NOW).releases == repository.releases


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: str(script.id))
def test_a_commit_renders_to_the_deployments_of_its_release(script: Script, tmp_path: Path) -> None:
    """Every release of every script declares the Deployments that the estate was made of, and nothing of the cluster's."""
    repository = EstateRepository(tmp_path / "gospelib.git", script, NOW)
    for sha, release in repository.releases:
        rendered = [document for document in repository.manifests(sha) if document["kind"] == "Deployment"]
        expected = [deployment_document(script.history(service), revision) for service, revision in release.revisions]
        for document in expected:
            del document["metadata"]["annotations"]
        assert rendered == sorted(expected, key=lambda document: str(document["metadata"]["name"]))


def test_migrations_come_with_their_release(tmp_path: Path) -> None:
    """The bad release of auth brought a migration, up and down, that the one before it does not have."""
    repository = EstateRepository(tmp_path / "gospelib.git", find_script("reversible-migration"), NOW)
    folders = [set(repository.files(sha, "services/auth")) for sha, _ in repository.releases[-2:]]
    assert {path.rpartition("/")[2] for path in folders[1] - folders[0]} == {"000042_account_sessions.up.sql", "000042_account_sessions.down.sql"}


def test_names_that_lead_nowhere_are_no_commits(repository: EstateRepository) -> None:
    """Unknown shas, branches and anything that looks like an option find nothing."""
    for name in ("f" * 40, "nobranch", "--all", "", "main..HEAD", "main^{tree}"):
        assert repository.find(name) is None
        assert repository.commit(name) is None
    with pytest.raises(RepositoryError):
        repository.manifests("f" * 40)


def test_somebody_else_sets_another_image(repository: EstateRepository) -> None:
    """A release that was there before comes back with its own environment; an unknown tag changes the image alone."""
    before = repository.head
    sha = repository.push("gateway", GOOD_TAG)
    assert repository.head == sha
    commit = repository.commit(sha)
    assert commit is not None
    assert commit.parents == (before,)
    gateway = {d["metadata"]["name"]: d for d in repository.manifests(sha) if d["kind"] == "Deployment"}["gospelib-gateway"]
    container = gateway["spec"]["template"]["spec"]["containers"][0]
    assert container["image"].endswith(f":{GOOD_TAG}")
    assert [variable["name"] for variable in container["env"]] == ["PORT"]
    assert set(repository.files(sha)) == set(repository.files(before))
    repository.push("gateway", "v9")
    assert "newTag: v9\n" in repository.files(repository.head)[KUSTOMIZATION]
    with pytest.raises(KeyError):
        repository.push("nope", GOOD_TAG)


def test_a_push_is_taken_until_the_branch_is_protected(repository: EstateRepository, tmp_path: Path) -> None:
    """A protected branch refuses in the forge's words, other branches are taken, and taking the protection off opens it."""
    work = clone(repository, tmp_path)
    before = repository.head
    repository.protect()
    refused = git(work, "push", "--porcelain", "origin", "main")
    assert refused.returncode == 1
    assert "!\trefs/heads/main:refs/heads/main\t[remote rejected] (pre-receive hook declined)" in refused.stdout
    said = [line.rstrip() for line in refused.stderr.splitlines() if line.startswith("remote:")]
    assert said == [
        "remote: error: GH006: Protected branch update failed for refs/heads/main.",
        "remote:",
        "remote: - Changes must be made through a pull request.",
    ]
    assert git(work, "push", "--porcelain", "origin", "main:refs/heads/rollback/1").returncode == 0
    assert repository.head == before
    repository.unprotect()
    assert git(work, "push", "--porcelain", "origin", "main").returncode == 0
    assert repository.head == repository.branches("rollback/")["rollback/1"]


def test_a_branch_is_merged_with_both_parents(repository: EstateRepository) -> None:
    """The forge's merge keeps what both sides changed; where they changed the same, there is none."""
    base = repository.head
    git(repository.folder, "branch", "rollback/1", base)
    git(repository.folder, "branch", "rollback/2", base)
    side = repository.write({"README.md": "rolled back\n"}, "side", branch="rollback/1")
    repository.write({"README.md": "another\n"}, "other side", branch="rollback/2")
    head = repository.push("content", "v9")
    merged = repository.merge("rollback/1", "Merge pull request #42")
    assert merged == repository.head
    commit = repository.commit("main")
    assert commit is not None
    assert commit.parents == (head, side)
    files = repository.files(repository.head)
    assert files["README.md"] == "rolled back\n"
    assert "newTag: v9\n" in files[KUSTOMIZATION]
    assert repository.merge("rollback/2", "Merge pull request #43") is None
    assert repository.head == merged
    with pytest.raises(RepositoryError):
        repository.merge("rollback/3", "Merge pull request #44")


def test_the_newest_release_may_be_a_merge(tmp_path: Path) -> None:
    """A script may have its release merged: two parents, the first being the release before, and the tag on the merge."""
    repository = EstateRepository(tmp_path / "gospelib.git", replace(READY, git=GitScene(merged=True)), NOW)
    commit = repository.commit(f"release/{BAD_TAG}")
    assert commit is not None
    assert commit.sha == repository.head
    assert len(commit.parents) == 2
    assert commit.parents[0] == repository.releases[-2][0]
    assert repository.files(commit.parents[1]) == repository.files(commit.sha)


def test_commits_after_the_release_are_the_scripts_own(tmp_path: Path) -> None:
    """A later commit changes a part of a file or writes one, and the branch is protected where the script says so."""
    later = (
        LaterCommit(
            300.0, "Jo <jo@gospelib.invalid>", "gateway: keep three", KUSTOMIZATION, "name: gospelib-gateway\n  count: 3", "name: gospelib-gateway\n  count: 2"
        ),
        LaterCommit(200.0, "Jo <jo@gospelib.invalid>", "notes", "NOTES.md", "tell support\n"),
    )
    repository = EstateRepository(tmp_path / "gospelib.git", replace(READY, git=GitScene(protected=True, later=later)), NOW)
    commit = repository.commit("main")
    assert commit is not None
    assert (commit.message, commit.author, commit.date) == ("notes", "Jo <jo@gospelib.invalid>", NOW - timedelta(seconds=200))
    replicas = {d["metadata"]["name"]: d["spec"]["replicas"] for d in repository.manifests(commit.sha) if d["kind"] == "Deployment"}
    assert (replicas["gospelib-gateway"], replicas["gospelib-auth"]) == (3, 2)
    assert repository.files(commit.sha)["NOTES.md"] == "tell support\n"
    assert git(clone(repository, tmp_path), "push", "origin", "main").returncode == 1


def test_the_head_is_known_when_git_has_packed_its_refs(repository: EstateRepository) -> None:
    """Where a branch stands is git's own affair."""
    head = repository.head
    assert git(repository.folder, "pack-refs", "--all").returncode == 0
    assert repository.head == head


def test_an_image_is_set_in_its_own_entry() -> None:
    """Only the entry of the service changes, with every comment kept; a service without an entry is an error."""
    text = "# kept\nimages:\n- name: gospelib-a\n  newName: r/gospelib-a\n  newTag: v1\n- name: gospelib-b\n  newName: r/gospelib-b\n  newTag: v1\n"
    assert with_image(text, "b", "v2") == text[: -len("v1\n")] + "v2\n"
    with pytest.raises(KeyError):
        with_image(text, "c", "v2")
