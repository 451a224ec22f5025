"""What actions ask of the systems they act on; raw Kubernetes objects, read and judged in `domain`.

Every call carries its own deadline and raises only errors of `domain.errors`.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from gospel_rollback_tui.domain.estate import HttpCheck, Service
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

    def hpa_for(self, kind: str, name: str) -> JsonObject | None:
        """Returns the autoscaler that targets the workload."""

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


class ErrorLines(Protocol):
    """Counts error lines in logs."""

    def since(self, service: Service, pods: Sequence[str], at: float) -> int | None:
        """Returns the error lines that these pods wrote since that wall time; None: their logs cannot be read."""
