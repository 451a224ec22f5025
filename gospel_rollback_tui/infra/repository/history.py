"""What our clone knows of the branch: commits, tags, files. Nothing here asks the remote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.commits import Commit, Tag
from gospel_rollback_tui.domain.errors import NotFound, NotSent
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.repository.clone import Clone

_FIELDS = "%H%x00%P%x00%an%x00%ct%x00%s%x00"
"""A commit holds no NUL, so that nothing in it can be taken for another field."""
_WIDTH = 200


@dataclass(frozen=True, slots=True)
class History:
    """Reads of the clone as it was last fetched."""

    clone: Clone

    def head(self) -> str:
        """Returns the commit of the remote branch; raises NotFound before the first fetch."""
        ended = self.clone.git.run("rev-parse", "--verify", "--quiet", f"{self.clone.tracking}^{{commit}}")
        if not ended.well:
            raise NotFound(f"The branch {self.clone.place.branch} has not been fetched.")
        return ended.text.strip()

    def log(self, folder: str, limit: int) -> tuple[Commit, ...]:
        """Returns the states that the branch itself went through and that changed the folder, newest first.

        Only first parents: what a merged branch looked like on its way was never what this branch said.
        """
        paths = ("--", folder) if folder else ()
        output = self.clone.git.need("log", "--first-parent", f"--max-count={limit}", f"--format={_FIELDS}", self.head(), *paths)
        return self._commits(output, folder)

    def commit(self, sha: str, folder: str = "") -> Commit:
        """Returns one commit; raises NotFound when the branch's repository has none of that name."""
        ended = self.clone.git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{sha}^{{commit}}")
        if not ended.well:
            raise NotFound(f"Commit {clean(sha, 40)} is not in the repository (any more).")
        output = self.clone.git.need("log", "--max-count=1", f"--format={_FIELDS}", ended.text.strip())
        return self._commits(output, folder)[0]

    def on_branch(self, sha: str) -> bool:
        """Returns whether the branch holds the commit."""
        return self.clone.git.run("merge-base", "--is-ancestor", sha, self.head()).well

    def tags(self) -> tuple[Tag, ...]:
        """Returns every tag with the commit it points at, in no order."""
        output = self.clone.git.need("for-each-ref", "--format=%(refname:lstrip=2)%00%(objectname)%00%(*objectname)", "refs/tags")
        rows = (line.split("\0") for line in output.splitlines() if line.count("\0") == 2)
        return tuple(Tag(clean(name, _WIDTH), peeled or direct) for name, direct, peeled in rows)

    def contents(self, revisions: Sequence[str], folder: str) -> dict[str, str]:
        """Returns revision → id of the folder as that revision has it; those without it are left out."""
        asked = "".join(f"{revision}:{folder}\n" for revision in revisions)
        output = self.clone.git.need("cat-file", "--batch-check=%(objectname)", read=asked.encode()) if revisions else ""
        answers = output.splitlines()
        return {revision: answer for revision, answer in zip(revisions, answers, strict=False) if " " not in answer}

    def file(self, revision: str, path: str) -> str:
        """Returns a file's text; raises NotFound when the revision has none of that name."""
        ended = self.clone.git.run("cat-file", "blob", f"{revision}:{path}")
        if not ended.well:
            raise NotFound(f"{path} is not in {revision[:7]}.")
        return ended.text

    def files(self, revision: str, folder: str) -> tuple[str, ...]:
        """Returns the names of the files right in a folder; raises NotFound when there is no such folder."""
        ended = self.clone.git.run("ls-tree", "-z", "--name-only", f"{revision}:{folder}")
        if not ended.well:
            raise NotFound(f"{folder} is not in {revision[:7]}.")
        return tuple(name for name in ended.text.split("\0") if name)

    def texts(self, revision: str, folder: str) -> dict[str, str]:
        """Returns name → text of the files right in a folder, undecodable bytes replaced; empty: the revision has no such folder.

        A git that fails has not said that the folder is not there: NotSent.
        """
        found = self.contents([revision], folder).get(revision)
        if found is None:
            return {}
        rows = (row.partition("\t") for row in self.clone.git.need("ls-tree", "-z", found).split("\0") if row)
        blobs = {name: entry.split()[2] for entry, _, name in rows if entry.split()[1] == "blob"}
        asked = "".join(f"{sha}\n" for sha in blobs.values()).encode()
        ended = self.clone.git.run("cat-file", "--batch", read=asked)
        if not ended.well:
            raise NotSent(f"git cannot read {folder} in {revision[:7]}: {ended.words()}.")
        return dict(zip(blobs, _batch(ended.output), strict=True))

    def newest_of(self, commits: Iterable[str]) -> tuple[str, ...]:
        """Returns the commits in the order in which the branch would unwind them, newest first; those it does not hold are left out."""
        wanted = set(commits)
        listed = self.clone.git.need("rev-list", "--topo-order", self.head()).split()
        return tuple(sha for sha in listed if sha in wanted)

    def _commits(self, output: str, folder: str) -> tuple[Commit, ...]:
        parts = output.split("\0")
        rows = [parts[at : at + 5] for at in range(0, len(parts) - 5 + 1, 5)]
        tagged: dict[str, list[str]] = {}
        for tag in self.tags():
            tagged.setdefault(tag.sha, []).append(tag.name)
        shas = [row[0].strip() for row in rows]
        content = self.contents(shas, folder)
        return tuple(
            Commit(sha, tuple(row[1].split()), clean(row[2], _WIDTH), float(row[3]), clean(row[4], _WIDTH), tuple(tagged.get(sha, ())), content.get(sha, ""))
            for sha, row in zip(shas, rows, strict=True)
        )


def _batch(content: bytes) -> list[str]:
    """Returns the texts of what `git cat-file --batch` printed: a line `SHA blob LENGTH`, that many bytes, and an end of line, again and again."""
    found, at = [], 0
    while at < len(content):
        end = content.index(b"\n", at)
        length = int(content[at:end].split()[2])
        found.append(content[end + 1 : end + 1 + length].decode(errors="replace"))
        at = end + 1 + length + 1
    return found
