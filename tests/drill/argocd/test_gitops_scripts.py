"""The scripts in which delivery gets in the way: each one's hindrance as an operator meets it, over the API and over git."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.gitops_scripts import GITOPS_SCRIPTS
from gospel_rollback_tui.drill.repository.tree import KUSTOMIZATION, OVERLAY
from gospel_rollback_tui.drill.script import BAD_TAG, GOOD_TAG, image_name
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.troubles import OPERATOR
from tests.drill.argocd.bench import APP, FREEZE, Bench
from tests.drill.waiting import wait_for

IDENTITY = ("-c", "user.name=On call", "-c", "user.email=on-call@gospelib.invalid")


class Clone:
    """The operator's own clone of the repository, worked on by git itself."""

    def __init__(self, url: str, folder: Path) -> None:
        """Clone."""
        self._folder = folder
        subprocess.run(["git", "clone", "--quiet", url, str(folder)], check=True, capture_output=True)

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run git in the clone, whatever comes of it."""
        return subprocess.run(["git", *IDENTITY, *arguments], cwd=self._folder, capture_output=True, text=True)

    def set_tag(self, tag: str) -> None:
        """Commit another tag of the gateway's image."""
        file = self._folder / KUSTOMIZATION
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        at = next(number for number, line in enumerate(lines) if "name: gospelib-gateway" in line)
        lines[at + 2] = f"  newTag: {tag}\n"
        file.write_text("".join(lines), encoding="utf-8")
        assert self.git("commit", "--quiet", "--all", "--message", f"gateway back to {tag}").returncode == 0


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Yield a started bench of the script that the test names, ten times as fast."""
    script = find_script(request.param)
    bench = Bench(tmp_path / "estate", script, speed=10.0)
    bench.start()
    if "git-down" in script.faults:
        bench.delivery.take_repository_away()
    yield bench
    bench.close()


def playing(name: str) -> pytest.MarkDecorator:
    """Mark a test of one script."""
    return pytest.mark.parametrize("bench", [name], indirect=True)


def is_bad(bench: Bench) -> bool:
    """Return whether the gateway runs the bad release."""
    return bench.image() == image_name("gateway", BAD_TAG)


@pytest.mark.parametrize("bench", [script.id for script in GITOPS_SCRIPTS if script.id != "git-down"], indirect=True)
def test_every_script_begins_as_git_says(bench: Bench) -> None:
    """Nothing differs and nothing is done until somebody does something."""
    bench.call("GET", f"{APP}?refresh=normal")
    status = bench.application()["status"]
    assert (status["sync"]["status"], status["sync"]["revision"], "conditions" in status) == ("Synced", bench.repository.head, False)
    assert is_bad(bench)


@playing("rollback-refused")
def test_rollback_refused(bench: Bench) -> None:
    """Auto-sync is on: that is what refuses it, and an undo by hand would stay."""
    assert bench.rollback(1).refusal[2] == "rollback cannot be initiated when auto-sync is enabled"
    assert bench.application()["spec"]["syncPolicy"]["automated"]["selfHeal"] is False


@playing("merge-commit")
def test_merge_commit(bench: Bench, tmp_path: Path) -> None:
    """A revert needs to be told the mainline; with it a real push brings the good release."""
    clone = Clone(bench.repository.url, tmp_path / "clone")
    assert "is a merge but no -m option was given" in clone.git("revert", "--no-edit", "HEAD").stderr
    assert clone.git("revert", "--no-edit", "-m", "1", "HEAD").returncode == 0
    assert clone.git("push", "--quiet", "origin", "main").returncode == 0
    assert bench.refresh()["operation"]["sync"]["revision"] == clone.git("rev-parse", "HEAD").stdout.strip()
    wait_for(lambda: bench.image() == image_name("gateway", GOOD_TAG))


@playing("protected-branch")
def test_protected_branch(bench: Bench, tmp_path: Path) -> None:
    """A push to the branch is refused by the hook, one to a branch beside it is not, and a reviewer merges that."""
    clone = Clone(bench.repository.url, tmp_path / "clone")
    clone.set_tag(GOOD_TAG)
    refused = clone.git("push", "--porcelain", "origin", "main")
    assert refused.returncode == 1
    assert "[remote rejected] (pre-receive hook declined)" in refused.stdout
    assert "GH006" in refused.stderr
    before = bench.repository.head
    assert clone.git("push", "--quiet", "origin", "HEAD:refs/heads/rollback/1").returncode == 0
    assert bench.repository.branches("rollback/")
    wait_for(lambda: bench.repository.head != before)
    bench.refresh()
    wait_for(lambda: bench.image() == image_name("gateway", GOOD_TAG))


@playing("parent-enables")
def test_parent_enables(bench: Bench) -> None:
    """Auto-sync that was taken away comes back, and with it the refusal."""
    bench.freeze()
    wait_for(lambda: "automated" in bench.application()["spec"]["syncPolicy"])
    assert bench.rollback(1).status == 400


@playing("applicationset")
def test_applicationset(bench: Bench) -> None:
    """Both ways to switch auto-sync off are answered 200 and undone."""
    for patch in (FREEZE, json.dumps({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})):
        assert bench.patch(patch).status == 200
        wait_for(lambda: bench.application()["spec"]["syncPolicy"].get("automated") == {"prune": True, "selfHeal": True})


@playing("image-updater")
def test_image_updater(bench: Bench, tmp_path: Path) -> None:
    """A real push back to the good tag is followed by a commit of the updater's own."""
    clone = Clone(bench.repository.url, tmp_path / "clone")
    clone.set_tag(GOOD_TAG)
    assert clone.git("push", "--quiet", "origin", "main").returncode == 0
    pushed = bench.repository.head
    wait_for(lambda: bench.repository.head != pushed)
    bench.refresh()
    wait_for(lambda: is_bad(bench) and "operation" not in bench.application())


@playing("push-conflict")
def test_push_conflict(bench: Bench, tmp_path: Path) -> None:
    """Between fetch and push somebody else was there: the push is rejected and nothing is lost."""
    clone = Clone(bench.repository.url, tmp_path / "clone")
    clone.set_tag(GOOD_TAG)
    before = bench.repository.head
    bench.freeze()
    wait_for(lambda: bench.repository.head != before)
    rejected = clone.git("push", "--porcelain", "origin", "main")
    assert (rejected.returncode, "[rejected] (fetch first)" in rejected.stdout) == (1, True)


@playing("revert-conflict")
def test_revert_conflict(bench: Bench, tmp_path: Path) -> None:
    """The release cannot be reverted by itself; a restore of the overlay's files can be made."""
    clone = Clone(bench.repository.url, tmp_path / "clone")
    release = bench.repository.releases[-1][0]
    assert clone.git("revert", "--no-edit", release).returncode == 1
    assert f"{OVERLAY}/release.yaml" in clone.git("diff", "--name-only", "--diff-filter=U").stdout
    assert clone.git("revert", "--abort").returncode == 0
    good = bench.repository.releases[-2][0]
    assert clone.git("restore", f"--source={good}", "--staged", "--worktree", "--", OVERLAY).returncode == 0
    assert [entry["revision"] for entry in bench.application()["status"]["history"]][-2:] == [release, bench.repository.head]


@playing("stuck-operation")
def test_stuck_operation(bench: Bench) -> None:
    """A rollback is refused while the sync of the release is under way, which ends only by being terminated."""
    assert bench.rollback(1).refusal[2] == "another operation is already in progress"
    assert bench.application()["status"]["operationState"]["message"].startswith("waiting for completion of hook")
    bench.call("DELETE", f"{APP}/operation")
    assert bench.ended()["message"] == "Operation terminated"
    assert bench.rollback(1).status == 200
    bench.ended()
    assert not is_bad(bench)


@playing("somebody-syncs")
def test_somebody_syncs(bench: Bench) -> None:
    """The rollback succeeds, and a colleague's sync undoes it; the record tells whose it was."""
    bench.rollback(1)
    wait_for(lambda: len(bench.application()["status"]["history"]) == 5)
    bench.ended()
    assert is_bad(bench)
    assert [entry["initiatedBy"]["username"] for entry in bench.application()["status"]["history"][-2:]] == [OPERATOR, "miriam"]


@playing("sync-window")
def test_sync_window(bench: Bench) -> None:
    """A rollback is accepted and does nothing; the window is there to be read before."""
    assert bench.call("GET", f"{APP}/syncwindows").json["canSync"] is False
    bench.freeze()
    assert bench.rollback(1).status == 200
    wait_for(lambda: bench.application()["status"].get("operationState", {}).get("message") == "Sync operation blocked by sync window")
    assert is_bad(bench)


@playing("history-emptied")
def test_history_emptied(bench: Bench) -> None:
    """No id is known; git still has every release."""
    assert "history" not in bench.application()["status"]
    assert bench.rollback(1).refusal[2].endswith("does not have deployment with id 1")
    assert len(bench.repository.releases) == 3


@playing("git-down")
def test_git_down(bench: Bench, tmp_path: Path) -> None:
    """Neither a clone nor a PATCH works; a freeze of the object does, and then a rollback from what Argo CD has seen."""
    with pytest.raises(subprocess.CalledProcessError):
        Clone(bench.repository.url, tmp_path / "clone")
    assert bench.patch(FREEZE).status == 400
    bench.merge({"spec": {"syncPolicy": {"automated": {"enabled": False}}}})
    assert bench.rollback(1).status == 200
    assert bench.ended()["phase"] == "Succeeded"
    assert not is_bad(bench)


def test_every_script_is_tested() -> None:
    """A new one comes with its test."""
    tests: dict[str, Callable[..., None]] = {name: value for name, value in globals().items() if name.startswith("test_")}
    assert {f"test_{script.id.replace('-', '_')}" for script in GITOPS_SCRIPTS} <= set(tests)
