"""The repository of one environment, as actions ask for it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gospel_rollback_tui.domain.commits import Commit, Parcel, Proposal, Tag
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.versions import newest_first
from gospel_rollback_tui.infra.kustomize import Kustomize
from gospel_rollback_tui.infra.repository.clone import Clone
from gospel_rollback_tui.infra.repository.exporting import Exports
from gospel_rollback_tui.infra.repository.history import History
from gospel_rollback_tui.infra.repository.proposals import Proposals
from gospel_rollback_tui.infra.repository.pushing import Pushing

REMEMBERED = 64
"""Builds that are remembered: equal files make equal manifests, whatever commit holds them."""


class GitRepository:
    """Implements the actions' `Repository`; nothing is run before the first question."""

    def __init__(self, place: GitPlace, folder: Path, builder: Kustomize | None = None, *, program: str = "git") -> None:
        """Keeps its clone among those in `folder`."""
        self.place = place
        self._clone = Clone(place, folder, program)
        self._history = History(self._clone)
        self._proposals = Proposals(self._clone, self._history)
        self._exports = Exports(self._clone)
        self._pushing = Pushing(self._clone)
        self._builder = builder or Kustomize()
        self._built: dict[tuple[str, str], tuple[JsonObject, ...]] = {}

    def fetch(self) -> None:
        """Brings branch and tags as the remote has them."""
        self._clone.fetch()

    def head(self) -> str:
        """Returns the commit of the remote branch as it was last fetched."""
        return self._history.head()

    def remote_head(self, ref: str = "") -> str:
        """Returns the commit of a branch as the remote says now, the followed one if none is named; empty: there is no such branch."""
        branch = ref or self.place.branch
        return self._pushing.remote_heads(branch).get(branch, "")

    def default_branch(self) -> str:
        """Returns the branch that the remote's HEAD means; empty: it does not say."""
        return self._pushing.default_branch()

    def author(self) -> str:
        """Returns who a commit will be by; raises Refused when git does not know."""
        return self._pushing.author()

    def signs(self) -> bool:
        """Returns whether a commit will be signed."""
        return self._pushing.signs()

    def protected(self, ref: str) -> str:
        """Returns with which words the server has refused a direct push to the branch; empty: it has not."""
        return self._pushing.protected(ref)

    def log(self, folder: str, limit: int) -> tuple[Commit, ...]:
        """Returns the states that the branch went through and that changed the folder, newest first."""
        return self._history.log(folder, limit)

    def commit(self, sha: str, folder: str = "") -> Commit:
        """Returns one commit; raises NotFound when it is gone."""
        return self._history.commit(sha, folder)

    def on_branch(self, sha: str) -> bool:
        """Returns whether the branch holds the commit."""
        return self._history.on_branch(sha)

    def contents(self, revisions: Sequence[str], folder: str) -> dict[str, str]:
        """Returns revision → id of the folder as that revision has it."""
        return self._history.contents(revisions, folder)

    def tags(self, prefix: str = "") -> tuple[Tag, ...]:
        """Returns the release tags, newest version first."""
        return newest_first(self._history.tags(), prefix)

    def file(self, revision: str, path: str) -> str:
        """Returns a file's text; raises NotFound."""
        return self._history.file(revision, path)

    def files(self, revision: str, folder: str) -> tuple[str, ...]:
        """Returns the names of the files right in a folder; raises NotFound."""
        return self._history.files(revision, folder)

    def texts(self, revision: str, folder: str) -> dict[str, str]:
        """Returns name → text of the files right in a folder; empty: the revision has no such folder."""
        return self._history.texts(revision, folder)

    def restored(self, source: str, paths: Sequence[str]) -> Proposal:
        """Returns the branch with those paths exactly as they were in the source commit."""
        return self._proposals.restored(source, paths)

    def reverted(self, commits: Sequence[str], mainline: int | None = None) -> Proposal:
        """Returns the branch without what those commits brought; raises Refused for one that it does not hold."""
        ordered = self._history.newest_of(commits)
        absent = [sha[:7] for sha in commits if sha not in ordered]
        if absent:
            raise Refused(f"{', '.join(absent)} is not on {self.place.branch}: there is nothing to revert.")
        return self._proposals.reverted([self._history.commit(sha) for sha in ordered], mainline)

    def edited(self, files: Mapping[str, str]) -> Proposal:
        """Returns the branch with those files' texts replaced."""
        return self._proposals.edited(files)

    def rendered(self, revision: str, overlay: str) -> tuple[JsonObject, ...]:
        """Returns every object that the overlay makes at a commit or tree.

        Only the folder of all manifests is written out; the whole repository where the build needs more.

        Raises:
            NotFound: No builder is here.
            Refused: The revision has no such folder, or it does not build; with the builder's words.
        """
        self._builder.builder()
        if not self._history.contents([revision], overlay):
            raise Refused(f"{overlay} is not in {revision[:7]}.", next_step="Choose another commit.")
        folder = self.place.manifests if overlay.startswith(f"{self.place.manifests}/") else overlay
        content = self._history.contents([revision], folder).get(revision, "")
        key = (content, overlay)
        if not content or key not in self._built:
            try:
                built = self._build(revision, folder, overlay)
            except Refused:
                if not folder:
                    raise
                return self._build(revision, "", overlay)
            self._built = {**dict(list(self._built.items())[-REMEMBERED:]), key: built}
            return built
        return self._built[key]

    def _build(self, revision: str, folder: str, overlay: str) -> tuple[JsonObject, ...]:
        with self._exports.of(revision, folder) as top:
            return self._builder.build(top, overlay)

    def rehearse(self, parcel: Parcel) -> str:
        """Returns why a push would fail as far as git can tell; the server's own rules are asked by the push alone."""
        return self._pushing.rehearse(parcel)

    def push(self, parcel: Parcel) -> str:
        """Makes one commit with the trailer and pushes it once; returns its sha."""
        return self._pushing.push(parcel)

    def pushed(self, mark: str, ref: str) -> str:
        """Returns the commit on the remote branch that carries the trailer; empty: there is none."""
        return self._pushing.pushed(mark, ref)
