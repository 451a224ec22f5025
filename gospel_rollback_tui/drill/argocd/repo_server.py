"""What Argo CD knows of git: a branch's commit as it was seen last, and the manifests of every commit it has rendered once.

Recorded from Argo CD 3.2: a push is noticed by itself after minutes, on a refresh at once; what was rendered before is
still there when git is not.
"""

from collections.abc import Iterable
from threading import Lock
from typing import Protocol

from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, copy_json

POLL_SECONDS = 166.0
"""Time after which a branch is looked up again without being asked to."""

_FULL_SHA = 40


class GitError(Exception):
    """Git does not give what it was asked for; the message is what Argo CD repeats."""


class UnreachableError(GitError):
    """The repository cannot be reached."""


class UnknownRevisionError(GitError):
    """The repository has no such branch, tag or commit."""


class GitRemote(Protocol):
    """The repository that an Application's source names."""

    @property
    def url(self) -> str:
        """The address that `repoURL` holds."""

    def resolve(self, name: str) -> str:
        """Return the sha of a branch, tag or shortened sha; raise UnreachableError or UnknownRevisionError."""

    def manifests(self, sha: str) -> list[Json]:
        """Return the objects that a commit declares; raise UnreachableError, UnknownRevisionError or GitError."""

    def metadata(self, sha: str) -> Json:
        """Return author, date, message and tags of a commit; raise UnreachableError or UnknownRevisionError."""


class RepoServer:
    """Asks git and remembers the answers; safe to use from any thread."""

    def __init__(self, remote: GitRemote, clock: Clock, poll_seconds: float = POLL_SECONDS) -> None:
        """Remember nothing yet of that repository."""
        self.remote = remote
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._branches: dict[str, tuple[str, float]] = {}
        self._rendered: dict[str, list[Json]] = {}
        self._lock = Lock()

    def head(self, branch: str, *, fresh: bool = False) -> str:
        """Return the commit of a branch, as it was seen lately unless it is to be looked up again.

        Raises:
            GitError: It has to be looked up, and cannot be.
        """
        now = self._clock.monotonic()
        with self._lock:
            seen = self._branches.get(branch)
        if seen is not None and not fresh and now - seen[1] < self._poll_seconds:
            return seen[0]
        try:
            sha = self.remote.resolve(branch)
        except GitError:
            with self._lock:
                self._branches.pop(branch, None)
            raise
        with self._lock:
            self._branches[branch] = (sha, now)
        return sha

    def resolve(self, revision: str) -> str:
        """Return the sha that a request means; a whole sha is taken as it is, whether git has it or not.

        Raises:
            GitError: Git cannot be asked, or does not know the name.
        """
        return revision if is_full_sha(revision) else self.remote.resolve(revision)

    def manifests(self, sha: str) -> list[Json]:
        """Return the objects that a commit declares, from memory where they were rendered before.

        Raises:
            GitError: They were not, and git does not give them.
        """
        with self._lock:
            known = self._rendered.get(sha)
        if known is None:
            known = self.remote.manifests(sha)
            with self._lock:
                self._rendered[sha] = known
        return [copy_json(document) for document in known]

    def remember(self, shas: Iterable[str]) -> None:
        """Render commits now, so that they are known also when git is not there any more."""
        for sha in shas:
            self.manifests(sha)

    def forget(self, sha: str) -> None:
        """Drop what was rendered of a commit, as a cache does after a day."""
        with self._lock:
            self._rendered.pop(sha, None)


def is_full_sha(revision: str) -> bool:
    """Whether a revision is a whole commit id."""
    return len(revision) == _FULL_SHA and all(character in "0123456789abcdef" for character in revision)
