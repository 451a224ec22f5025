"""What actions ask of the systems they act on; raw Kubernetes objects, read and judged in `domain`.

Every call carries its own deadline and raises only errors of `domain.errors`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.raw import JsonObject

Operations = list[dict[str, Any]]
"""A JSON Patch (RFC 6902)."""


class Workloads(Protocol):
    """Reads the namespace's workloads."""

    def deployment(self, name: str) -> JsonObject:
        """Returns the Deployment; raises NotFound."""

    def replica_sets(self, deployment: JsonObject) -> Sequence[JsonObject]:
        """Returns the ReplicaSets that the Deployment controls."""

    def pods(self, selector: str) -> Sequence[JsonObject]:
        """Returns the pods that the label selector finds."""

    def events(self, kind: str = "", name: str = "", uid: str = "") -> Sequence[JsonObject]:
        """Returns the events of the namespace, or of one object."""

    def application(self, namespace: str, name: str) -> JsonObject:
        """Returns the Argo CD Application object; raises NotFound."""

    def exists(self, kind: str, name: str) -> bool:
        """Returns whether the object that a pod template refers to is there."""


class Changes(Protocol):
    """Sends changes, each once."""

    def patch_deployment(self, name: str, operations: Operations, *, dry_run: bool = False) -> JsonObject:
        """Patches the Deployment; a failed `test` raises FactsMoved."""

    def patch_application(self, namespace: str, name: str, change: Operations, *, dry_run: bool = False) -> JsonObject:
        """Patches the Application object; a failed `test` raises FactsMoved."""


class ArgoCdApi(Protocol):
    """Argo CD's own API; raw JSON, judged in `domain`. A login that lacks rights raises Forbidden, one that is none CredentialsExpired."""

    def who(self) -> str:
        """Returns the account's name; raises CredentialsExpired when nobody is logged in."""

    def version(self) -> str:
        """Returns the server's version."""

    def may(self, action: str, project: str, name: str) -> bool:
        """Returns whether the account may `get`, `update` or `sync` the Application."""

    def application(self, name: str, *, refresh: bool = False) -> JsonObject:
        """Returns the Application; with `refresh` as compared with git just now."""

    def manifests(self, name: str, revisions: Sequence[str]) -> tuple[JsonObject, ...]:
        """Returns what the sources declare at those commits, one a source, hooks included; raises Refused when a commit is gone."""

    def revision(self, name: str, sha: str, source: int | None = None, entry: int | None = None) -> JsonObject:
        """Returns a commit's author, date, message and tags."""

    def managed_resources(self, name: str) -> tuple[JsonObject, ...]:
        """Returns every object of the Application, live and as git wants it."""

    def sync_windows(self, name: str) -> JsonObject:
        """Returns the windows of the Application's project, and whether it can be synced now."""

    def rollback(self, name: str, entry: int, *, prune: bool) -> JsonObject:
        """Starts a rollback and returns the Application."""

    def sync(self, name: str, revision: str, *, prune: bool, run: str) -> JsonObject:
        """Starts a sync that carries `run` and returns the Application; an empty revision is the branch's own."""

    def terminate(self, name: str) -> None:
        """Asks the operation under way to stop."""

    def patch(self, name: str, operations: Operations) -> JsonObject:
        """Patches the Application and returns it; a failed `test` raises FactsMoved."""


class BranchHead(Protocol):
    """Knows what the remote branch holds."""

    def remote_head(self) -> str:
        """Returns the sha that the remote branch is at now."""


class Whereabouts(Protocol):
    """Who we are and what we may."""

    def current(self) -> tuple[str, str]:
        """Returns (server, identity)."""

    def may_patch(self, group: str, resource: str, name: str, namespace: str = "") -> bool:
        """Returns whether this identity may patch the object."""


class WebProbe(Protocol):
    """Asks HTTP requests."""

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer, or why there is none; never raises."""


class Surveyor(Protocol):
    """Sees what may work against a rollback."""

    def beside(self, application: str) -> Survey:
        """Returns what is known beside the Application of that name, which is read on its own; what did not answer is unknown."""


class ErrorLines(Protocol):
    """Counts error lines in logs."""

    def since(self, service: Service, pods: Sequence[str], at: float) -> int | None:
        """Returns the error lines that these pods wrote since that wall time; None: their logs cannot be read."""
