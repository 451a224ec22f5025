"""What git says the estate should be: commits, each with the manifests it declares. Safe to use from any thread."""

import hashlib
from dataclasses import dataclass
from threading import Lock

from gospel_rollback_tui.drill.kubernetes.documents import Json, copy_json
from gospel_rollback_tui.drill.manifests import deployment_document
from gospel_rollback_tui.drill.script import Revision, Script


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of the overlay: which revision of each service it declares."""

    sha: str
    revisions: tuple[tuple[str, Revision], ...]
    deployed_before: float
    """Seconds from its sync to the start of the estate; 0 for commits made while the estate runs."""

    def tag_of(self, service: str) -> str:
        """Return the image tag that the commit declares for a service."""
        return dict(self.revisions)[service].tag


class GitHistory:
    """The commits that the Application's branch went through."""

    def __init__(self, script: Script) -> None:
        """Build one commit a release, oldest first."""
        self._histories = {history.service: history for history in script.histories}
        self._commits = list(_released(script))
        self._lock = Lock()

    @property
    def head(self) -> Commit:
        """The newest commit of the branch."""
        with self._lock:
            return self._commits[-1]

    def commits(self) -> tuple[Commit, ...]:
        """Return every commit, oldest first."""
        with self._lock:
            return tuple(self._commits)

    def find(self, sha: str) -> Commit | None:
        """Return the commit of that sha; a branch name means the newest one."""
        if sha in ("", "main", "HEAD"):
            return self.head
        return next((commit for commit in self.commits() if commit.sha == sha), None)

    def push(self, service: str, tag: str) -> Commit:
        """Commit another tag of a service, as a revert of its overlay would.

        Raises:
            KeyError: The estate has no such service.
        """
        with self._lock:
            newest = dict(self._commits[-1].revisions)
            known = [revision for revision in self._histories[service].revisions if revision.tag == tag]
            newest[service] = known[-1] if known else Revision(tag, 0.0, f"set image {tag}")
            commit = Commit(_sha(len(self._commits), newest), tuple(newest.items()), 0.0)
            self._commits.append(commit)
            return commit

    def manifests(self, commit: Commit) -> list[Json]:
        """Return the Deployments that a commit declares."""
        return [copy_json(deployment_document(self._histories[service], revision)) for service, revision in commit.revisions]


def _released(script: Script) -> list[Commit]:
    """Return a commit for each moment at which some service was released, oldest first."""
    moments = sorted({revision.applied_before for history in script.histories for revision in history.revisions}, reverse=True)
    commits = []
    for number, moment in enumerate(moments):
        live = {
            history.service: next((r for r in reversed(history.revisions) if r.applied_before >= moment), history.revisions[0]) for history in script.histories
        }
        commits.append(Commit(_sha(number, live), tuple(live.items()), moment))
    return commits


def _sha(number: int, revisions: dict[str, Revision]) -> str:
    """Return a commit id that is the same in every estate of the same script."""
    declared = "\n".join(f"{service} {revision.tag}" for service, revision in revisions.items())
    return hashlib.sha1(f"{number}\n{declared}".encode(), usedforsecurity=False).hexdigest()
