"""One commit, pushed once and never by force; what the remote says decides whether it happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.commits import Parcel
from gospel_rollback_tui.domain.errors import FactsMoved, NotSent, OutcomeUnknown, Refused
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.infra.repository.remotes import KUSTOMIZATION, MANIFESTS, Remote, kustomization, run

MARK = "0312-k7/git-back/1"


def parcel(repository: GitRepository, ref: str = "main", mark: str = MARK) -> Parcel:
    """Returns the way back to the release before, worked out on the branch as it was fetched."""
    proposal = repository.restored("release/v2.14.0", (MANIFESTS,))
    return Parcel(proposal.tree, proposal.parent, "Roll production back to v2.14.0", mark, ref)


def test_a_restored_folder_is_pushed_as_one_commit_with_the_runs_trailer(remote: Remote, repository: GitRepository) -> None:
    """What follows the branch finds the good release's files, and everybody can see whose commit it is."""
    before = remote.head()
    sha = repository.push(parcel(repository))
    assert remote.head() == sha
    assert run("git", "-C", str(remote.bare), "rev-parse", f"{sha}^").strip() == before
    assert "newTag: v2.15.0" not in remote.show(KUSTOMIZATION)
    message = run("git", "-C", str(remote.bare), "log", "-1", "--format=%an <%ae>%n%B", "main")
    assert message.startswith("Ann Operator <ann@example.com>\nRoll production back to v2.14.0\n")
    assert message.strip().endswith(f"Gospel-Rollback-Run: {MARK}")


def test_the_remote_tells_whether_it_happened(remote: Remote, repository: GitRepository, tmp_path: Path) -> None:
    """Another process with another clone sees the same: the trailer on the remote is the only witness."""
    assert repository.pushed(MARK, "main") == ""
    sha = repository.push(parcel(repository))
    assert repository.pushed(MARK, "main") == sha
    remote.pull()
    remote.commit("Somebody's next change", {"README.md": "more\n"})
    other = remote.repository(tmp_path / "another state")
    assert other.pushed(MARK, "main") == sha
    assert other.pushed(f"{MARK}0", "main") == ""


def test_a_branch_that_moved_after_the_preview_is_not_pushed_to(remote: Remote, repository: GitRepository) -> None:
    """The difference that was confirmed is not the one that would be made."""
    prepared = parcel(repository)
    theirs = remote.commit("Hotfix", {"README.md": "hot\n"})
    with pytest.raises(FactsMoved) as caught:
        repository.push(prepared)
    assert caught.value.moved == (("branch main", prepared.parent[:7], theirs[:7]),)
    assert remote.head() == theirs


def test_a_branch_that_moves_while_we_push_refuses_us(remote: Remote, repository: GitRepository, tmp_path: Path) -> None:
    """The server itself compares: between our last look and the push there is no gap."""
    prepared = parcel(repository)
    racer = remote.commit("Hotfix", {"README.md": "hot\n"}, push=False)
    remote.git("push", "-q", "origin", "HEAD:refs/heads/racer")
    repository_git = tmp_path / "racing-git"
    repository_git.write_text(f'#!/bin/sh\ncase " $* " in *" push "*) git -C {remote.bare} update-ref refs/heads/main {racer};; esac\nexec git "$@"\n')
    repository_git.chmod(0o755)
    racing = GitRepository(repository.place, tmp_path / "state", program=str(repository_git))
    with pytest.raises(FactsMoved, match="Somebody pushed"):
        racing.push(prepared)
    assert remote.head() == racer


def test_a_protected_branch_says_so_and_a_branch_of_its_own_goes_through(remote: Remote, repository: GitRepository) -> None:
    """The forge's words are shown, nothing was changed, and the pull request is the way on."""
    remote.protect()
    before = remote.head()
    assert repository.rehearse(parcel(repository)) == "", "a rehearsal cannot know the server's own rules"
    with pytest.raises(Refused, match="GH006: Protected branch update failed") as caught:
        repository.push(parcel(repository))
    assert "pull request" in caught.value.next_step
    sha = repository.push(parcel(repository, "rollback/0312-k7"))
    assert (remote.head(), remote.head("rollback/0312-k7")) == (before, sha)
    assert repository.pushed(MARK, "rollback/0312-k7") == sha
    assert repository.pushed(MARK, "main") == ""


def test_a_branch_of_ours_that_is_there_already_is_not_pushed_to(remote: Remote, repository: GitRepository) -> None:
    """What stands on it was made by an earlier attempt or by somebody else."""
    repository.push(parcel(repository, "rollback/0312-k7"))
    with pytest.raises(FactsMoved):
        repository.push(parcel(repository, "rollback/0312-k7", "0312-k7/git-back/2"))


def test_without_a_name_nothing_is_committed(repository: GitRepository, remote: Remote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The sentence says what to set; no commit by `root@host` ever reaches the branch."""
    prepared, before = parcel(repository), remote.head()
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    with pytest.raises(Refused, match=r"user\.name and user\.email"):
        repository.author()
    with pytest.raises(Refused, match=r"user\.name and user\.email"):
        repository.push(prepared)
    assert remote.head() == before


def test_a_key_that_cannot_sign_stops_before_the_push(repository: GitRepository, remote: Remote, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where commits must be signed, an unsigned one is never pushed instead."""
    before = remote.head()
    with (tmp_path / "gitconfig").open("a") as file:
        file.write("[commit]\n\tgpgSign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = /nowhere/key\n")
    assert repository.signs()
    with pytest.raises(NotSent, match="could not be signed"):
        repository.push(parcel(repository))
    assert remote.head() == before


def test_commits_are_signed_where_the_operators_settings_say_so(repository: GitRepository, remote: Remote, tmp_path: Path) -> None:
    """`commit.gpgSign` and `user.signingKey` are git's own, and hold for our commit too."""
    key = tmp_path / "key"
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    with (tmp_path / "gitconfig").open("a") as file:
        file.write(f"[commit]\n\tgpgSign = true\n[gpg]\n\tformat = ssh\n[user]\n\tsigningKey = {key}\n")
    sha = repository.push(parcel(repository))
    assert "-----BEGIN SSH SIGNATURE-----" in run("git", "-C", str(remote.bare), "cat-file", "commit", sha)


def test_a_hook_of_the_operators_that_never_ends_leaves_the_outcome_open(
    repository: GitRepository, remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The house's own rule before a push may run, but cannot hang us; what became of it is read from the remote."""
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-push").write_text("#!/bin/sh\nexec sleep 600\n")
    (hooks / "pre-push").chmod(0o755)
    with (tmp_path / "gitconfig").open("a") as file:
        file.write(f"[core]\n\thooksPath = {hooks}\n")
    monkeypatch.setattr("gospel_rollback_tui.infra.repository.pushing.PUSH_SECONDS", 1.0)
    with pytest.raises(OutcomeUnknown):
        repository.push(parcel(repository))
    assert repository.pushed(MARK, "main") == ""
    assert len(remote.log()) == 3


PUSHER = """
import sys
from pathlib import Path
from tests.infra.repository.test_pushing import parcel
from tests.infra.repository.remotes import Remote
remote = Remote(Path(sys.argv[1]), Path(sys.argv[2]))
repository = remote.repository(Path(sys.argv[3]))
print("prepared", flush=True)
print(repository.push(parcel(repository)), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("moment", ["between commit and push", "after the push"])
def test_a_process_killed_around_the_push_never_leads_to_two(remote: Remote, tmp_path: Path, moment: str) -> None:
    """Whoever takes over reads the remote: there it is, or it is not and is pushed once."""
    held = tmp_path / "held"
    if moment == "between commit and push":
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        (hooks / "pre-push").write_text(f"#!/bin/sh\ntouch {held}\nwhile [ ! -e {held}.go ]; do sleep 0.05; done\nexit 1\n")
        (hooks / "pre-push").chmod(0o755)
        with (tmp_path / "gitconfig").open("a") as file:
            file.write(f"[core]\n\thooksPath = {hooks}\n")
    argv = [sys.executable, "-c", PUSHER, str(remote.bare), str(remote.work), str(tmp_path / "state")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "prepared\n"
        if moment == "after the push":
            process.stdout.readline()
        else:
            _until(held.exists)
        os.killpg(process.pid, signal.SIGKILL)
    Path(f"{held}.go").touch()
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ann Operator\n\temail = ann@example.com\n")
    taken_over = remote.repository(tmp_path / "state")
    made = taken_over.pushed(MARK, "main")
    assert bool(made) is (moment == "after the push")
    if not made:
        taken_over.push(parcel(taken_over, mark="0312-k7/git-back/2"))
    assert remote.log() == ["Roll production back to v2.14.0", "Release v2.15.0", "Release v2.14.0", "Base"]
    assert remote.show(KUSTOMIZATION) == kustomization(gateway="v2.14.0", auth="v2.14.0")


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)
