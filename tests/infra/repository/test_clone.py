"""Our own clone: made once, refused when it would be dangerous, and nothing of the operator's is touched or can hang us."""

import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NoRoute, NotFound, NotSent, Refused
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.infra.repository import clone as module
from gospel_rollback_tui.infra.repository.clone import Clone
from gospel_rollback_tui.infra.repository.git import quiet_ssh
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, OVERLAY, Remote, kustomization, run


def test_branch_and_tags_follow_the_remote(remote: Remote, repository: GitRepository) -> None:
    """A tag that was moved or taken away is not believed any longer."""
    assert [tag.name for tag in repository.tags("release/")] == ["release/v2.15.0", "release/v2.14.0"]
    run("git", "-C", str(remote.bare), "tag", "-f", "release/v2.14.0", "main")
    run("git", "-C", str(remote.bare), "tag", "-d", "release/v2.15.0")
    newer = remote.commit("More", {"README.md": "more\n"}, push=False)
    remote.git("push", "-q", "origin", "main")
    repository.fetch()
    assert repository.head() == newer == repository.remote_head()
    assert [tag.name for tag in repository.tags()] == ["release/v2.14.0"]
    assert repository.default_branch() == "main"


def test_a_branch_that_was_set_back_on_the_remote_is_followed(remote: Remote, repository: GitRepository) -> None:
    """Somebody's force is the remote's truth; ours is never used."""
    run("git", "-C", str(remote.bare), "update-ref", "refs/heads/main", "main~1")
    repository.fetch()
    assert repository.head() == remote.head()


def test_a_shallow_repository_is_refused(remote: Remote, tmp_path: Path) -> None:
    """A revert in one deletes every file and ends with 0."""
    shallow = tmp_path / "shallow.git"
    run("git", "clone", "-q", "--bare", "--depth", "1", f"file://{remote.bare}", str(shallow))
    repository = GitRepository(GitPlace(str(shallow), "main", overlay=OVERLAY), tmp_path / "other state")
    with pytest.raises(Refused, match="shallow copy") as caught:
        repository.fetch()
    assert "full repository" in caught.value.next_step


def test_our_own_clone_made_shallow_by_somebody_is_refused(remote: Remote, repository: GitRepository, tmp_path: Path) -> None:
    """Whoever tidied up there, no revert is worked out in it."""
    clone = Clone(repository.place, tmp_path / "state")
    (clone.path / "shallow").write_text(f"{remote.head()}\n")
    with pytest.raises(Refused, match="shallow copy"):
        repository.fetch()


@pytest.mark.parametrize(
    ("address", "branch", "error", "words"),
    [
        ("{bare}", "stage", NotFound, "has no branch stage"),
        ("/nowhere/gospelib.git", "main", NotFound, "There is no repository at /nowhere/gospelib.git"),
        ("https://bot:hunter22@127.0.0.1:1/gospelib.git", "main", NoRoute, "https://bot:«redacted»@127.0.0.1:1/gospelib.git was not reached"),
        ("ssh://git@127.0.0.1:1/gospelib.git", "main", NotSent, "127.0.0.1"),
    ],
)
def test_what_cannot_be_reached_is_said_in_a_sentence(remote: Remote, tmp_path: Path, address: str, branch: str, error: type[Exception], words: str) -> None:
    """With the address, without the password in it."""
    repository = GitRepository(GitPlace(address.format(bare=remote.bare), branch, overlay=OVERLAY), tmp_path / "other state")
    with pytest.raises(error, match=words.replace(".", r"\.")):
        repository.fetch()


def test_a_password_in_the_address_is_in_a_file_that_only_we_read(tmp_path: Path) -> None:
    """And never among a command's arguments."""
    repository = GitRepository(GitPlace("https://bot:hunter22@127.0.0.1:1/gospelib.git", "main"), tmp_path / "state")
    with pytest.raises(NoRoute):
        repository.fetch()
    (config,) = (tmp_path / "state").glob("*.git/config")
    assert "hunter22" in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_git_that_is_not_here_is_said(tmp_path: Path) -> None:
    """Nothing of the step can be done by the tool, and by hand is no better."""
    repository = GitRepository(GitPlace("/x", "main"), tmp_path / "state", program="no-such-git")
    with pytest.raises(NotSent, match="no-such-git cannot be started"):
        repository.fetch()


def test_the_operators_own_repository_is_left_alone(remote: Remote, repository: GitRepository) -> None:
    """Every file of it, its index and its `.git` included, is the same after everything we do."""
    (remote.work / "README.md").write_text("half an edit\n")
    remote.git("add", "README.md")

    def picture() -> dict[str, str]:
        files = (path for path in remote.work.rglob("*") if path.is_file())
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mtime_ns) for path in files}

    before, here = picture(), Path.cwd()
    os.chdir(remote.work)
    try:
        repository.fetch()
        repository.restored("release/v2.14.0", (MANIFESTS,))
        repository.reverted([remote.head()])
        repository.edited({KUSTOMIZATION: kustomization(gateway="v1")})
        repository.rendered(repository.head(), OVERLAY)
    finally:
        os.chdir(here)
    assert picture() == before


def test_surroundings_that_lead_git_elsewhere_do_not(remote: Remote, repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator's shell inside a rebase, odd settings, hooks that hang: our answers are the same."""
    expected = repository.restored("release/v2.14.0", (MANIFESTS,)).tree
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text("#!/bin/sh\nexec sleep 600\n")
        (hooks / name).chmod(0o755)
    with (tmp_path / "gitconfig").open("a") as file:
        file.write(
            f"[core]\n\thooksPath = {hooks}\n\tpager = less\n\tautocrlf = true\n\tquotePath = true\n[color]\n\tui = always\n[log]\n\tshowSignature = true\n"
            "[diff]\n\tnoprefix = true\n\trenames = copies\n\texternal = /bin/false\n"
            "[push]\n\tfollowTags = true\n[fetch]\n\tprune = false\n[commit]\n\tverbose = true\n"
        )
    for name, value in {"GIT_DIR": "/nowhere", "GIT_INDEX_FILE": "/nowhere/index", "GIT_WORK_TREE": "/", "GIT_EDITOR": "vi", "GIT_TRACE": "1"}.items():
        monkeypatch.setenv(name, value)
    repository.fetch()
    proposal = repository.restored("release/v2.14.0", (MANIFESTS,))
    assert proposal.tree == expected
    assert proposal.files == (("M", KUSTOMIZATION),)
    assert [line.text for line in proposal.diff] == [KUSTOMIZATION, "  newTag: v2.15.0 # set by the release", "  newTag: v2.14.0 # set by the release"]
    assert [commit.subject for commit in repository.log(MANIFESTS, 5)] == ["Release v2.15.0", "Release v2.14.0", "Base"]
    assert repository.reverted([repository.head()]).tree == expected


def hold(place: GitPlace, folder: Path, held: Path, go: Path) -> None:
    """Holds the clone in another process until it may go."""
    with Clone(place, folder).held():
        held.touch()
        while not go.exists():
            time.sleep(0.02)


def test_two_apps_work_one_after_the_other(repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not let go is named after a while, and nothing is done beside it."""
    held, go = tmp_path / "held", tmp_path / "go"
    other = multiprocessing.get_context("spawn").Process(target=hold, args=(repository.place, tmp_path / "state", held, go))
    other.start()
    while not held.exists():
        time.sleep(0.02)
    monkeypatch.setattr(module, "LOCK_SECONDS", 0.1)
    with pytest.raises(NotSent, match="Another app of this host"):
        repository.fetch()
    monkeypatch.setattr(module, "LOCK_SECONDS", 30.0)
    go.touch()
    repository.fetch()
    other.join()


def test_what_a_killed_process_left_is_taken_away(repository: GitRepository, remote: Remote, tmp_path: Path) -> None:
    """Scratch folders of dead processes, and lock files that no git can hold any more."""
    clone = Clone(repository.place, tmp_path / "state")
    left = tmp_path / "state" / f"{clone.name}.work-999999999-x"
    left.mkdir()
    stale, fresh = clone.path / "packed-refs.lock", clone.path / "info.lock"
    for lock in (stale, fresh):
        lock.touch()
    os.utime(stale, (1.0, 1.0))
    remote.commit("More", {"README.md": "more\n"})
    repository.fetch()
    repository.restored("release/v2.14.0", (MANIFESTS,))
    assert not left.exists()
    assert (stale.exists(), fresh.exists()) == (False, True)


def test_a_clone_that_was_half_made_is_made_anew(repository: GitRepository, tmp_path: Path) -> None:
    """A process killed while it made the clone leaves no clone."""
    clone = Clone(repository.place, tmp_path / "state")
    (clone.path / "HEAD").unlink()
    repository.fetch()
    assert repository.head()


@pytest.mark.parametrize(
    ("own", "quiet"),
    [
        ("", "ssh -oBatchMode=yes -oConnectTimeout=10"),
        ("ssh -i ~/.ssh/deploy", "ssh -i ~/.ssh/deploy -oBatchMode=yes -oConnectTimeout=10"),
        ("/usr/bin/ssh", "/usr/bin/ssh -oBatchMode=yes -oConnectTimeout=10"),
        ("plink -batch", "plink -batch"),
        ("'broken", "'broken"),
    ],
)
def test_the_operators_own_ssh_is_used_and_asks_nothing(own: str, quiet: str) -> None:
    """Another program than ssh knows no such options."""
    assert quiet_ssh(own) == quiet


def test_core_ssh_command_is_respected(tmp_path: Path) -> None:
    """What it is given tells that it was run, in batch mode, with nobody to ask."""
    said = tmp_path / "said"
    ssh = tmp_path / "ssh"
    ssh.write_text(f'#!/bin/sh\necho "$@" > {said}\nif [ -t 0 ]; then echo terminal >> {said}; fi\necho "Permission denied (publickey)." >&2\nexit 255\n')
    ssh.chmod(0o755)
    with (tmp_path / "gitconfig").open("a") as file:
        file.write(f"[core]\n\tsshCommand = {ssh} -i mine\n")
    repository = GitRepository(GitPlace("git@forge.test:gospelib/gospelib.git", "main"), tmp_path / "state")
    with pytest.raises(NotSent, match=r"does not let this login in: .*Permission denied"):
        repository.fetch()
    assert said.read_text().startswith("-i mine -oBatchMode=yes -oConnectTimeout=10")
    assert "terminal" not in said.read_text()
