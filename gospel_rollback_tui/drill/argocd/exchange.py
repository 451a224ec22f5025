"""One call of the simulated Argo CD: what was asked, by whom, and the parts of the server that answer it."""

from dataclasses import dataclass
from threading import Event

from gospel_rollback_tui.drill.argocd.access import Caller, find_application
from gospel_rollback_tui.drill.argocd.repo_server import RepoServer
from gospel_rollback_tui.drill.argocd.sessions import Sessions
from gospel_rollback_tui.drill.argocd.windows import Windows, windows_of
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json
from gospel_rollback_tui.drill.kubernetes.http.messages import Request
from gospel_rollback_tui.drill.kubernetes.store import ObjectStore
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry


@dataclass(frozen=True, slots=True)
class ServerParts:
    """What the endpoints work with."""

    registry: SimulatedRegistry
    store: ObjectStore
    sessions: Sessions
    sources: RepoServer
    events: EventRecorder
    clock: Clock
    closing: Event
    """Set when the server ends."""

    def record(self, application: Json, reason: str, message: str) -> None:
        """Write the Kubernetes event that argocd-server writes about an Application."""
        self.events.record(application, "Normal", reason, message, component="argocd-server")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call on its way through an endpoint."""

    request: Request
    parts: ServerParts
    caller: Caller
    path: dict[str, str]
    """Values of the path's variables."""

    message: Json
    """The decoded body."""

    @property
    def query(self) -> dict[str, str]:
        """The query of the request."""
        return self.request.query

    def option(self, name: str) -> str:
        """Return a field that reads take from the query and changes from the body; empty when it is absent."""
        return str(self.message.get(name) or self.query.get(name, ""))

    def application(self, action: str) -> Json:
        """Return the Application that the path names, if the caller may do that to it.

        Raises:
            Refusal: 403 or 404.
        """
        return find_application(self.parts.registry, self.caller, self.path["name"], action, self.option("project"), self.option("appNamespace"))

    def windows(self, application: Json) -> Windows:
        """Return the sync windows of an Application as they are now."""
        project = self.parts.registry.get("appprojects", ARGOCD_NAMESPACE, application["spec"]["project"])
        return windows_of(project, application, self.parts.clock.now())
