"""What the controller's loops share: the Application they work for, and how they read and write it."""

import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from gospel_rollback_tui.drill.argocd.comparing import Comparison, compare
from gospel_rollback_tui.drill.argocd.repo_server import RepoServer
from gospel_rollback_tui.drill.argocd.windows import Windows, windows_of
from gospel_rollback_tui.drill.kubernetes.controllers.recorder import EventRecorder
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.managed_objects import identity_of
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE

TICK_SECONDS = 0.25
"""Between two looks when nothing has changed: a back-off or a window ends without any event."""

_NO_PROJECT: Json = {"spec": {}}


@dataclass(frozen=True, slots=True)
class ControllerParts:
    """The estate's Application, its cluster and its git."""

    registry: Registry
    sources: RepoServer
    clock: Clock
    speed: float = 1.0
    """Divides the times that Argo CD waits by itself: back-offs, retries."""

    events: EventRecorder | None = None
    """Where the controller's Kubernetes events go; None where nobody reads them."""

    def record(self, application: Json, reason: str, message: str) -> None:
        """Write the Kubernetes event that the controller writes about an Application."""
        if self.events is not None:
            self.events.record(application, "Normal", reason, message, component="argocd-application-controller")

    def application(self) -> Json:
        """Return the Application.

        Raises:
            ApiError: There is none, or it cannot be read.
        """
        return self.registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)

    def patch(self, patch: Json) -> Json:
        """Merge a patch into the Application and return it."""
        return self.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, patch)

    def compare(self, sha: str) -> Comparison:
        """Set the cluster against a commit.

        Raises:
            GitError: Git does not give what it declares.
        """
        declared = {identity_of(document): document for document in self.sources.manifests(sha)}
        return compare(self.registry, APPLICATION, declared)

    def windows(self, application: Json) -> Windows:
        """Return the sync windows of an Application as they are now."""
        try:
            project = self.registry.get("appprojects", ARGOCD_NAMESPACE, application["spec"]["project"])
        except ApiError:
            project = _NO_PROJECT
        return windows_of(project, application, self.clock.now())


class Loop:
    """A thread that does one thing whenever it is woken, and now and then unasked."""

    def __init__(self, name: str, turn: Callable[[], None]) -> None:
        """Prepare; `start` begins."""
        self._turn = turn
        self._wake = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Have the next turn come at once."""
        self._wake.set()

    def wait(self, seconds: float) -> bool:
        """Sleep within a turn; tell whether the loop is to end."""
        return self._stopping.wait(seconds)

    def close(self) -> None:
        """End the thread after its turn."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()
            try:
                self._turn()
            except ApiError:
                continue  # the object moved or went away under the loop: it looks again at its next turn
            except Exception:  # noqa: BLE001 - the boundary of a worker's thread: a spec that makes no sense must not end the controller
                traceback.print_exc(file=sys.stderr)
