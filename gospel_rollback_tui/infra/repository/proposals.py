"""Changes worked out in our clone and shown before anything is committed: trees, never anybody's work tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.domain.commits import Commit, Proposal
from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.patch_lines import patch_lines
from gospel_rollback_tui.domain.text import clean
from gospel_rollback_tui.infra.repository.clone import Clone
from gospel_rollback_tui.infra.repository.git import Git
from gospel_rollback_tui.infra.repository.history import History

CHECKOUT_SECONDS = 120.0
"""For the files of a whole repository."""
_NAMED = 6
"""Conflicting files that a sentence names."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """Works out trees on top of the branch as it was last fetched."""

    clone: Clone
    history: History

    def restored(self, source: str, paths: Sequence[str]) -> Proposal:
        """Returns the branch with those paths exactly as they were in the source commit; raises Refused when it has none of them."""
        git, head = self.clone.git, self.history.head()
        for path in paths:
            if not git.run("cat-file", "-e", f"{source}:{path}").well:
                raise Refused(f"{path} was not there in {source[:7]}: restoring it would delete it.", next_step="Choose another commit.")
        with self.clone.held(), self.clone.scratch() as scratch:
            index, empty = scratch / "index", scratch / "tree"
            empty.mkdir()
            git.need("read-tree", head, index=index)
            git.need("restore", f"--source={source}", "--staged", "--", *paths, index=index, tree=empty)
            return self._proposal(head, git.need("write-tree", index=index).strip())

    def edited(self, files: Mapping[str, str]) -> Proposal:
        """Returns the branch with those files' texts replaced; raises Refused when one is not there."""
        git, head = self.clone.git, self.history.head()
        with self.clone.held(), self.clone.scratch() as scratch:
            index = scratch / "index"
            git.need("read-tree", head, index=index)
            for path, text in files.items():
                mode = git.need("ls-tree", "--format=%(objectmode)", head, path).strip()
                if not mode:
                    raise Refused(f"{path} is not in {head[:7]}.")
                blob = git.need("hash-object", "-w", "--no-filters", "--stdin", read=text.encode()).strip()
                git.need("update-index", "--cacheinfo", f"{mode},{blob},{path}", index=index)
            return self._proposal(head, git.need("write-tree", index=index).strip())

    def reverted(self, commits: Sequence[Commit], mainline: int | None) -> Proposal:
        """Returns the branch without what those commits brought.

        Args:
            commits: Newest first.
            mainline: Number of the parent that a merge is undone towards, 1 for the branch it was merged into.

        Raises:
            Refused: One of them cannot be reverted, or conflicts with what came later; the files are named, and nothing is left behind.
        """
        head = self.history.head()
        _refuse_unfit(commits, mainline)
        with self.clone.held(), self.clone.scratch() as scratch:
            tree = scratch / "tree"
            self.clone.git.need("worktree", "prune")
            self.clone.git.need("worktree", "add", "--quiet", "--detach", str(tree), head, deadline=CHECKOUT_SECONDS)
            try:
                return self._proposal(head, self._revert(Git(_folder_of(tree), self.clone.program), tree, commits, mainline))
            finally:
                self.clone.git.run("worktree", "remove", "--force", str(tree))

    def _revert(self, git: Git, tree: Path, commits: Sequence[Commit], mainline: int | None) -> str:
        for commit in commits:
            towards = ("--mainline", str(mainline)) if commit.merge and mainline else ()
            ended = git.run("revert", "--no-edit", "--no-commit", *towards, commit.sha, tree=tree, deadline=CHECKOUT_SECONDS)
            if not ended.well:
                conflicts = _unmerged(git, tree)
                if conflicts:
                    raise Refused(
                        f"Reverting {commit.short} conflicts with later changes in {conflicts}.", next_step="Restore the folder to a good commit instead."
                    )
                raise NotSent(f"git could not revert {commit.short}: {ended.words()}")
        return git.need("write-tree", tree=tree).strip()

    def _proposal(self, parent: str, tree: str) -> Proposal:
        git = self.clone.git
        names = git.need("diff-tree", "-r", "-z", "--no-renames", "--name-status", parent, tree).split("\0")
        files = tuple((kind, clean(path)) for kind, path in zip(names[0::2], names[1::2], strict=False))
        patch = git.need("diff-tree", "-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--unified=0", parent, tree)
        return Proposal(parent, tree, files, patch_lines(patch))


def _folder_of(tree: Path) -> Path:
    """Returns the git folder of a linked work tree, which its `.git` file names."""
    return Path((tree / ".git").read_text().removeprefix("gitdir:").strip())


def _refuse_unfit(commits: Sequence[Commit], mainline: int | None) -> None:
    for commit in commits:
        if not commit.parents:
            raise Refused(f"{commit.short} is the first commit: reverting it would delete every file.")
        if commit.merge and mainline is None:
            parents = ", ".join(f"{number} is {parent[:7]}" for number, parent in enumerate(commit.parents, 1))
            raise Refused(f"{commit.short} is a merge: say which parent stays ({parents}).", next_step="Choose 1 to undo what was merged in.")
        if commit.merge and mainline is not None and not 1 <= mainline <= len(commit.parents):
            raise Refused(f"{commit.short} has no parent {mainline}: it has {len(commit.parents)}.")


def _unmerged(git: Git, tree: Path) -> str:
    """Returns the conflicting files in words; empty: it was no conflict."""
    listed = git.run("diff", "--name-only", "--diff-filter=U", "-z", tree=tree).text.split("\0")
    names = [clean(name) for name in dict.fromkeys(listed) if name]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
