"""What actions ask of the git repository that Argo CD follows; every call is git itself, in a clone of our own.

Reads raise `NotSent` and its kinds, `NotFound`, and `Refused` with git's, the builder's or the server's words.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gospel_rollback_tui.domain.commits import Commit, Parcel, Proposal, Tag
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.domain.images import KnownImage
from gospel_rollback_tui.domain.raw import JsonObject


class Repository(Protocol):
    """One branch of one repository; what it says is as of the last fetch, but for the calls that name the remote."""

    @property
    def place(self) -> GitPlace:
        """Where it is."""

    def fetch(self) -> None:
        """Brings branch and tags as the remote has them; refuses a shallow repository."""

    def head(self) -> str:
        """Returns the commit of the branch."""

    def remote_head(self, ref: str = "") -> str:
        """Returns the commit of a branch as the remote says now, the followed one if none is named; empty: there is no such branch."""

    def default_branch(self) -> str:
        """Returns the branch that the remote's HEAD means; empty: it does not say."""

    def author(self) -> str:
        """Returns who a commit will be by; raises Refused when git does not know."""

    def signs(self) -> bool:
        """Returns whether a commit will be signed."""

    def protected(self, ref: str) -> str:
        """Returns with which words the server has refused a direct push to the branch; empty: it has not."""

    def log(self, folder: str, limit: int) -> tuple[Commit, ...]:
        """Returns the states that the branch went through and that changed the folder, newest first."""

    def commit(self, sha: str, folder: str = "") -> Commit:
        """Returns one commit; raises NotFound when it is gone."""

    def on_branch(self, sha: str) -> bool:
        """Returns whether the branch holds the commit."""

    def contents(self, revisions: Sequence[str], folder: str) -> dict[str, str]:
        """Returns revision → id of the folder as that revision has it; those without it are left out."""

    def tags(self, prefix: str = "") -> tuple[Tag, ...]:
        """Returns the release tags, newest version first."""

    def file(self, revision: str, path: str) -> str:
        """Returns a file's text; raises NotFound."""

    def files(self, revision: str, folder: str) -> tuple[str, ...]:
        """Returns the names of the files right in a folder; raises NotFound."""

    def restored(self, source: str, paths: Sequence[str]) -> Proposal:
        """Returns the branch with those paths exactly as they were in the source commit; nothing is committed."""

    def reverted(self, commits: Sequence[str], mainline: int | None = None) -> Proposal:
        """Returns the branch without what those commits brought; conflicts raise Refused with the files, and nothing is left behind."""

    def edited(self, files: Mapping[str, str]) -> Proposal:
        """Returns the branch with those files' texts replaced."""

    def rendered(self, revision: str, overlay: str) -> tuple[JsonObject, ...]:
        """Returns every object that the overlay makes at a commit or tree; raises NotFound where no builder is, Refused when it does not build."""

    def rehearse(self, parcel: Parcel) -> str:
        """Returns why a push would fail, the server's own rules not asked; empty: it would not."""

    def push(self, parcel: Parcel) -> str:
        """Makes one commit with the trailer and pushes it once, never by force; raises FactsMoved when the branch has moved."""

    def pushed(self, mark: str, ref: str) -> str:
        """Returns the commit on the remote branch that carries the trailer; empty: there is none."""


class ApplicationReads(Protocol):
    """Reads Argo CD's Application on whichever way answers."""

    def raw(self, namespace: str, name: str) -> JsonObject:
        """Returns the Application as read; raises NotFound."""


class ServerSideApply(Protocol):
    """Applies fields of single objects, under our own name."""

    def live(self, manifest: JsonObject) -> JsonObject:
        """Returns the object as it is now; raises NotFound."""

    def apply(self, manifest: JsonObject, *, dry_run: bool = False, force: bool = False) -> JsonObject:
        """Applies the fields that the manifest names; raises FieldConflict where they belong to others and `force` is not given."""


class Images(Protocol):
    """Asks an image registry."""

    def exists(self, image: str) -> bool | None:
        """Returns whether the tag or digest is there; None: nobody can tell."""

    def newest(self, repository: str, limit: int) -> tuple[KnownImage, ...]:
        """Returns the images of a repository, last pushed first; empty: nobody can tell."""
