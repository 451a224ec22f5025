"""The estate's git remote: a bare repository in a folder, written by git itself. Safe to use from any thread."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.repository.founding import BRANCH, DEVELOPER, Founding
from gospel_rollback_tui.drill.repository.git_program import BareGit, RepositoryError
from gospel_rollback_tui.drill.repository.import_stream import ImportStream
from gospel_rollback_tui.drill.repository.overlay import render
from gospel_rollback_tui.drill.repository.reading import RepositoryCommit, find_commit, read_commit, read_files
from gospel_rollback_tui.drill.repository.releases import Release
from gospel_rollback_tui.drill.repository.tree import KUSTOMIZATION, MANIFESTS, OVERLAY, base_file, with_image
from gospel_rollback_tui.drill.script import Script

PROTECTED = "protected"
"""Name of the file in the repository that makes its hook refuse pushes to the branch."""

PRE_RECEIVE = f"""#!/bin/sh
[ -e "$GIT_DIR/{PROTECTED}" ] || exit 0
while read -r old new ref; do
    if [ "$ref" = {BRANCH} ]; then
        echo "error: GH006: Protected branch update failed for {BRANCH}." >&2
        echo "" >&2
        echo "- Changes must be made through a pull request." >&2
        exit 1
    fi
done
"""

SETTINGS = """[gc]
	auto = 0
[receive]
	autogc = false
[core]
	logAllRefUpdates = true
"""


class EstateRepository:
    """The remote that the Application follows and that a rollback is pushed to."""

    def __init__(self, folder: Path, script: Script, now: datetime, sync_hook: str = "") -> None:
        """Make the repository of a script in a folder that is not there yet; its commits' times count from `now`.

        `sync_hook` is a manifest that the newest release brings beside what the script declares; empty for none.

        Raises:
            RepositoryError: Git is not installed, or refused.
        """
        self._git = BareGit(folder)
        self._lock = Lock()
        self._rendered: dict[str, list[Json]] = {}
        self._git.run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(folder))
        with (folder / "config").open("a", encoding="utf-8") as settings:
            settings.write(SETTINGS)
        hook = folder / "hooks" / "pre-receive"
        hook.parent.mkdir()
        hook.write_text(PRE_RECEIVE, encoding="utf-8")
        hook.chmod(0o755)
        founding = Founding(script, now, sync_hook)
        shas = founding.shas(self._import(founding.stream))
        self._releases = tuple(zip(shas, founding.releases, strict=True))
        if script.git.protected:
            self.protect()

    @property
    def folder(self) -> Path:
        """The bare repository itself."""
        return self._git.folder

    @property
    def url(self) -> str:
        """What git clones it by."""
        return self.folder.resolve().as_uri()

    @property
    def releases(self) -> tuple[tuple[str, Release], ...]:
        """The sha of each release of the script and what it declares, oldest first."""
        return self._releases

    @property
    def head(self) -> str:
        """The sha of the newest commit on the branch."""
        try:
            return (self.folder / BRANCH).read_text(encoding="ascii").strip()
        except FileNotFoundError:  # git has packed the refs
            return self._git.run("rev-parse", BRANCH).decode().strip()

    def branches(self, prefix: str = "") -> dict[str, str]:
        """Return the sha of each branch whose name begins so."""
        listed = self._git.run("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads/").decode()
        pairs = (line.split(" ") for line in listed.splitlines())
        return {name: sha for name, sha in pairs if name.startswith(prefix)}

    def find(self, revision: str) -> str | None:
        """Return the full sha of a commit by sha, part of one, branch or tag; None where there is no such commit."""
        return find_commit(self._git, revision)

    def commit(self, revision: str) -> RepositoryCommit | None:
        """Return a commit by any name that `find` knows; None where there is no such commit."""
        return read_commit(self._git, revision)

    def files(self, sha: str, folder: str = "") -> dict[str, str]:
        """Return the files of a commit below a folder, by path.

        Raises:
            RepositoryError: There is no such commit.
        """
        return read_files(self._git, sha, folder)

    def manifests(self, sha: str) -> list[Json]:
        """Return the objects that the production overlay declares at a commit; the caller may change them.

        Raises:
            OverlayError: The overlay does not build.
            RepositoryError: There is no such commit.
        """
        with self._lock:
            rendered = self._rendered.get(sha)
        if rendered is None:
            rendered = render(self.files(sha, MANIFESTS), OVERLAY)
            with self._lock:
                self._rendered[sha] = rendered
        return [copy_json(document) for document in rendered]

    def push(self, service: str, tag: str, author: str = DEVELOPER) -> str:
        """Commit another tag of a service's image to the branch, as somebody else, and return the sha.

        Where the tag was a release of the script, the service's base becomes that release's too, as by a revert.

        Raises:
            KeyError: The overlay has no image of that service.
        """
        files = {KUSTOMIZATION: with_image(self.files(self.head, OVERLAY)[KUSTOMIZATION], service, tag)}
        known = [sha for sha, release in self.releases if release.tag_of(service) == tag]
        if known:
            path = base_file(service)
            files[path] = self.files(known[-1], MANIFESTS)[path]
        return self.write(files, f"set image {service} {tag}", author)

    def write(self, files: Mapping[str, str], message: str, author: str = DEVELOPER, branch: str = "main") -> str:
        """Commit files to a branch, as somebody else and past the hook, and return the sha; a new branch begins at the Application's."""
        stream = ImportStream()
        ref = f"refs/heads/{branch}"
        parent = ref if branch in self.branches(branch) else BRANCH
        stream.commit(ref, author, datetime.now(UTC), message, files, parent=f"{parent}^0")
        return self._import(stream.content()).decode().strip()

    def merge(self, branch: str, message: str, author: str = DEVELOPER) -> str | None:
        """Merge a branch into the Application's as a forge does, and return the sha; None where they conflict.

        Raises:
            RepositoryError: There is no such branch, or somebody else has moved the Application's meanwhile.
        """
        head, side = self.head, self.find(f"refs/heads/{branch}")
        if side is None:
            raise RepositoryError(f"there is no branch {branch} to merge")
        code, output, complaint = self._git.attempt(("merge-tree", "--write-tree", head, side))
        if code == 1:
            return None
        if code != 0:
            raise RepositoryError(f"git merge-tree: {complaint.strip()}")
        name, _, address = author.partition(" <")
        identity = ("-c", f"user.name={name}", "-c", f"user.email={address.rstrip('>')}")
        tree = output.decode().split()[0]
        sha = self._git.run(*identity, "commit-tree", tree, "-p", head, "-p", side, "-m", message).decode().strip()
        self._git.run("update-ref", BRANCH, sha, head)
        return sha

    def protect(self) -> None:
        """Have pushes to the branch refused from now on."""
        (self.folder / PROTECTED).touch()

    def unprotect(self) -> None:
        """Let pushes to the branch through from now on."""
        (self.folder / PROTECTED).unlink(missing_ok=True)

    def take_away(self) -> None:
        """Have it be reachable by nobody from now on."""
        if self.folder.is_dir():
            self.folder.rename(self._away)

    def bring_back(self) -> None:
        """Have it be reachable again."""
        if self._away.is_dir():
            self._away.rename(self.folder)

    @property
    def _away(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.away")

    def _import(self, stream: bytes) -> bytes:
        """Add commits and tags in one run of git, and return the shas that it printed."""
        return self._git.run("fast-import", "--quiet", "--done", stdin=stream)
