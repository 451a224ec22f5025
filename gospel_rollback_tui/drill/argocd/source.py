"""The estate's git remote as Argo CD meets it, with the words in which it says what went wrong."""

from gospel_rollback_tui.drill.argocd.repo_server import GitError, UnknownRevisionError, UnreachableError, is_full_sha
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp
from gospel_rollback_tui.drill.managed_objects import tracked
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.overlay import OverlayError
from gospel_rollback_tui.drill.script import APPLICATION


class EstateSource:
    """Reads branches, manifests and commits of the estate's repository; safe to use from any thread."""

    def __init__(self, repository: EstateRepository) -> None:
        """Read that repository."""
        self._repository = repository
        self._gone: frozenset[str] = frozenset()

    @property
    def url(self) -> str:
        """The address that `repoURL` holds."""
        return self._repository.url

    def lose(self, sha: str) -> None:
        """Have a commit be gone, as after a forced push and a clean-up."""
        self._gone |= {sha}

    def resolve(self, name: str) -> str:
        """Return the sha of a branch, tag or shortened sha.

        Raises:
            UnreachableError: The repository is not there.
            UnknownRevisionError: It has no such name.
        """
        self._check()
        sha = self._repository.find(name)
        if sha is None or sha in self._gone:
            raise UnknownRevisionError(f"unable to resolve '{name}' to a commit SHA")
        return sha

    def manifests(self, sha: str) -> list[Json]:
        """Return the objects that a commit declares, with the annotations of the Application that tracks them.

        Raises:
            UnreachableError: The repository is not there.
            UnknownRevisionError: It does not have the commit.
            GitError: Its overlay does not build.
        """
        self._check_commit(sha)
        try:
            return [tracked(document, APPLICATION) for document in self._repository.manifests(sha)]
        except OverlayError as error:
            raise GitError(f"`kustomize build` failed exit status 1: Error: {error}") from None

    def metadata(self, sha: str) -> Json:
        """Return author, date, message and tags of a commit.

        Raises:
            UnreachableError: The repository is not there.
            UnknownRevisionError: It does not have the commit.
        """
        self._check_commit(sha)
        commit = self._repository.commit(sha)
        assert commit is not None
        described = {"author": commit.author, "date": timestamp(commit.date), "message": commit.message}
        return {**described, "tags": list(commit.tags)} if commit.tags else described

    def _check_commit(self, sha: str) -> None:
        self._check()
        if sha in self._gone or not is_full_sha(sha) or self._repository.find(sha) is None:
            fetched = f"git fetch origin {sha} --tags --force --prune failed exit status 128: fatal: git upload-pack: not our ref {sha}"
            raise UnknownRevisionError(f"Failed to checkout revision {sha}: {fetched}")

    def _check(self) -> None:
        if not (self._repository.folder / "HEAD").is_file():
            raise UnreachableError("failed to list refs: repository not found")
