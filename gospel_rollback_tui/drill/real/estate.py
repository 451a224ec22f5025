"""The real estate: a control plane at the scene of a script, with the services, logs and owner that go with it."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from gospel_rollback_tui.drill.git_history import GitHistory
from gospel_rollback_tui.drill.gitops import ApplicationController
from gospel_rollback_tui.drill.kubernetes.documents import Json, SystemClock
from gospel_rollback_tui.drill.logs import ScriptedLogs
from gospel_rollback_tui.drill.loopback_http import LoopbackServer
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.follower import CollectionFollower, ready_tags
from gospel_rollback_tui.drill.real.loader import SceneLoader
from gospel_rollback_tui.drill.real.log_files import PodLogWriter
from gospel_rollback_tui.drill.real.registry import RealRegistry, collection_path
from gospel_rollback_tui.drill.script import ARGOCD_NAMESPACE, NAMESPACE, Script
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.services import ServiceAnswers


class RealEstate:
    """A loaded scene and the drill's own parts around it; closing it leaves the control plane running."""

    def __init__(self, plane: RealControlPlane, script: Script) -> None:
        """Loads the script and starts the parts; returns when the cluster shows the incident.

        Raises:
            EstateError: The cluster did not get there.
        """
        self.plane = plane
        self.script = script
        self.git = GitHistory(script)
        self.registry = RealRegistry(plane.api)
        clock = SystemClock()
        self.nonce = SceneLoader(plane, self.registry, script, self.git).load()
        self._owner = ApplicationController(self.registry, self.git, clock)
        self._pods = self._follow("pods", NAMESPACE)
        self._followers = (self._pods, self._follow("deployments", NAMESPACE), self._follow("applications", ARGOCD_NAMESPACE))
        self._log_writer = PodLogWriter(plane.folder / "pod-logs", self.registry, self._pods, ScriptedLogs(script, clock))
        self._services = LoopbackServer(self.nonce, ServiceAnswers(script, self.ready_tags))
        for part in (*self._followers, self._owner, self._log_writer, self._services):
            part.start()

    @property
    def public_url(self) -> str:
        """Returns the base of the public API and, below `/services/NAME/`, of every service's probes."""
        return self._services.url

    @property
    def log_folder(self) -> Path:
        """Returns where the files are that kwok serves as logs."""
        return self.plane.folder / "pod-logs"

    def ready_tags(self, service: str) -> list[str]:
        """Returns the image tag of each pod of a service that serves now."""
        return ready_tags(self._pods.objects(), service)

    def pods(self) -> Sequence[Json]:
        """Returns the pods of the estate as they were seen last."""
        return self._pods.objects()

    def close(self) -> None:
        """Stops the drill's own parts."""
        for part in (self._services, self._log_writer, self._owner, *self._followers):
            part.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes."""
        self.close()

    def _follow(self, resource: str, namespace: str) -> CollectionFollower:
        return CollectionFollower(self.plane.api, collection_path(resource, namespace), self._owner.wake)


def load_estate(plane: RealControlPlane, script: str) -> RealEstate:
    """Loads the script of that name into a control plane.

    Raises:
        UnknownScriptError: There is no such script.
        EstateError: The cluster did not get to the script's scene.
    """
    return RealEstate(plane, find_script(script))
