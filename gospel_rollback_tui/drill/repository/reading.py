"""Reads commits and their files out of the estate's repository."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from gospel_rollback_tui.drill.repository.git_program import BareGit

_REVISION = re.compile(r"(?!.*\.\.)[0-9A-Za-z][0-9A-Za-z._/+-]*")
_FIELDS = "%H%x00%P%x00%an <%ae>%x00%at%x00%D%x00%B"
_TAG = "tag: "


@dataclass(frozen=True, slots=True)
class RepositoryCommit:
    """One commit as git tells it."""

    sha: str
    parents: tuple[str, ...]
    author: str
    """As git writes one: `Name <address>`."""

    date: datetime
    """When the author made it, in UTC."""

    message: str
    """Without the line end after the last line."""

    tags: tuple[str, ...]
    """Names of the tags that point at it, annotated ones too."""


def find_commit(git: BareGit, revision: str) -> str | None:
    """Return the full sha of a commit by sha, part of one, branch or tag; None where there is no such commit."""
    if not _REVISION.fullmatch(revision):
        return None
    code, output, _ = git.attempt(("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"))
    return output.decode().strip() if code == 0 else None


def read_commit(git: BareGit, revision: str) -> RepositoryCommit | None:
    """Return a commit by any name that `find_commit` knows; None where there is no such commit."""
    if not _REVISION.fullmatch(revision):
        return None
    code, output, _ = git.attempt(("log", "-1", "--no-show-signature", "--decorate-refs=refs/tags/", f"--format={_FIELDS}", revision, "--"))
    if code != 0:
        return None
    sha, parents, author, seconds, names, message = output.decode(errors="replace").split("\0")
    tags = tuple(name.removeprefix(_TAG) for name in names.split(", ") if name.startswith(_TAG))
    return RepositoryCommit(sha, tuple(parents.split()), author, datetime.fromtimestamp(int(seconds), UTC), message.rstrip("\n"), tags)


def read_files(git: BareGit, sha: str, folder: str = "") -> dict[str, str]:
    """Return the files of a commit below a folder, by path.

    Raises:
        RepositoryError: There is no such commit.
    """
    listed = git.run("ls-tree", "-r", "-z", "--full-tree", sha, *([f"{folder}/"] if folder else [])).decode()
    entries = [entry.split("\t", 1) for entry in listed.split("\0") if entry]
    blobs = "".join(f"{description.split()[2]}\n" for description, _ in entries)
    content = git.run("cat-file", "--batch=%(objectsize)", stdin=blobs.encode())
    files: dict[str, str] = {}
    start = 0
    for _, path in entries:
        end = content.index(b"\n", start)
        size = int(content[start:end])
        files[path] = content[end + 1 : end + 1 + size].decode(errors="replace")
        start = end + size + 2
    return files
