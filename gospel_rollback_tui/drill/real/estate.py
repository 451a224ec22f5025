"""The real estate: a control plane at the scene of a script, with the services, logs and owner that go with it."""

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from gospel_rollback_tui.drill.argocd.bystanders import bystanders
from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts
from gospel_rollback_tui.drill.argocd.repo_server import RepoServer
from gospel_rollback_tui.drill.argocd.source import EstateSource
from gospel_rollback_tui.drill.configuration import write_configuration
from gospel_rollback_tui.drill.endpoints import EstateEndpoints, ServiceEndpoints
from gospel_rollback_tui.drill.kubernetes.documents import Json, SystemClock
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.logs import ScriptedLogs
from gospel_rollback_tui.drill.loopback_http import LoopbackServer
from gospel_rollback_tui.drill.prometheus import PrometheusAnswers
from gospel_rollback_tui.drill.real.argocd.accounts import ON_CALL
from gospel_rollback_tui.drill.real.argocd.door import ArgoCdDoor
from gospel_rollback_tui.drill.real.audit import AuditLog
from gospel_rollback_tui.drill.real.control import RealControl
from gospel_rollback_tui.drill.real.control_plane import CONTEXT, RealControlPlane
from gospel_rollback_tui.drill.real.credentials import write_private
from gospel_rollback_tui.drill.real.follower import CollectionFollower, is_ready, ready_tags
from gospel_rollback_tui.drill.real.loader import SceneLoader
from gospel_rollback_tui.drill.real.log_files import PodLogWriter
from gospel_rollback_tui.drill.real.registry import RealRegistry, collection_path
from gospel_rollback_tui.drill.real.releasing import STUCK_HOOK
from gospel_rollback_tui.drill.real.troubles import ApiServerSwitch, Delivery, RealTroubles
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.forge import Forge
from gospel_rollback_tui.drill.script import NAMESPACE, SERVICE_PORTS, Script
from gospel_rollback_tui.drill.scripts import find_script
from gospel_rollback_tui.drill.services import ServiceAnswers

RATE_SECONDS = 5.0
"""Seconds over which its Prometheus takes rates."""

Say = Callable[[str], None]
"""Takes a line for whoever waits for the estate."""


class _Part(Protocol):
    """Something that runs between `start` and `close`."""

    def start(self) -> None:
        """Begins."""

    def close(self) -> None:
        """Ends."""


def _silently(_line: str) -> None:
    """Says nothing."""


class RealEstate:
    """A loaded scene and the drill's own parts around it; closing it leaves the control plane running."""

    def __init__(self, plane: RealControlPlane, script: Script, say: Say = _silently) -> None:
        """Loads the script and starts the parts; returns when the cluster shows the incident and serves its logs.

        Raises:
            EstateError: The cluster did not get there.
        """
        self.plane = plane
        self.script = script
        hook = STUCK_HOOK if script.sync.stuck else ""
        self.git = EstateRepository(plane.folder / "git" / f"{secrets.token_hex(4)}.git", script, datetime.now(UTC), hook)
        self.registry = RealRegistry(plane.api, "argocd-controller")
        self.audit = AuditLog(plane.audit_file)
        clock = SystemClock()
        self.nonce = SceneLoader(plane, self.registry, script, self.git, say).load()
        self.users_failing_since = datetime.now(UTC)
        self.argocd = ArgoCdDoor(plane.argocd.port, self.nonce, plane.folder / f"argocd-requests-{self.nonce[:8]}.jsonl")
        delivery = Delivery(self.argocd, self.git, plane.argocd.expired_token)
        metrics = PrometheusAnswers(script, self.ready_tags, window=RATE_SECONDS)
        self.troubles = RealTroubles(self.registry, ApiServerSwitch(plane.stop_api_server, plane.start_api_server), delivery, metrics)
        self._pods = CollectionFollower(plane.api, collection_path("pods", NAMESPACE), self._on_change)
        self._log_writer = PodLogWriter(plane.folder / "pod-logs", self.registry, self._pods, ScriptedLogs(script, clock))
        self._services = LoopbackServer(self.nonce, ServiceAnswers(script, self.ready_tags))
        self._prometheus = LoopbackServer(self.nonce, metrics)
        self._control = RealControl(self.registry, self.audit, self.troubles, delivery)
        self._control_server = LoopbackServer(self.nonce, self._control)
        parts = ControllerParts(self.registry.writing_as("gospel-rollback"), RepoServer(EstateSource(self.git), clock), clock)
        others: tuple[_Part, ...] = (Forge(self.git, script.git.reviewed_after), *bystanders(parts, script, self.git))
        self._parts: tuple[_Part, ...] = (self._pods, self._log_writer, self._services, self._prometheus, self._control_server, self.argocd, *others)
        for part in self._parts:
            part.start()
        try:
            wait_until("the logs of the pods are served", self._logs_are_served, alive=plane.check)
        except BaseException:  # whatever ends the start, also Ctrl+C: no part is left running
            self.close()
            raise

    @property
    def public_url(self) -> str:
        """Returns the base of the public API and, below `/services/NAME/`, of every service's probes."""
        return self._services.url

    @property
    def control_url(self) -> str:
        """Returns the base of the control endpoint."""
        return self._control_server.url

    def ready_tags(self, service: str) -> list[str]:
        """Returns the image tag of each pod of a service that serves now."""
        return ready_tags(self._pods.objects(), service)

    def pods(self) -> Sequence[Json]:
        """Returns the pods of the estate as they were seen last."""
        return self._pods.objects()

    def describe(self, directory: Path) -> EstateEndpoints:
        """Returns how to reach the estate, with a kubeconfig and a configuration written to a folder."""
        kubeconfig = write_private(directory / "kubeconfig", self.plane.kubeconfig.read_text(encoding="utf-8"))
        probes = f"{self.public_url}/services"
        endpoints = EstateEndpoints(
            nonce=self.nonce,
            directory=directory,
            pid=os.getpid(),
            script=self.script.id,
            kubeconfig=kubeconfig,
            context=CONTEXT,
            namespace=NAMESPACE,
            api_url=self.plane.server,
            ca_file=self.plane.ca_file,
            public_url=self.public_url,
            services=tuple(ServiceEndpoints(name, f"{probes}/{name}/health", f"{probes}/{name}/ready") for name in SERVICE_PORTS),
            control_url=self.control_url,
            users_failing_since=self.users_failing_since,
            config_file=directory / "config.yaml",
            argocd_url=self.argocd.url,
            argocd_token_file=self._write_tokens(directory / "argocd"),
            git_url=self.git.url,
            prometheus_url=self._prometheus.url,
        )
        write_configuration(endpoints, self.script)
        return endpoints

    def _write_tokens(self, folder: Path) -> Path:
        """Writes an API token of each account to a file of its own, and returns the on-call engineer's."""
        folder.mkdir(mode=0o700, exist_ok=True)
        for account, token in self.plane.argocd.tokens.items():
            write_private(folder / f"{account}.token", token)
        return folder / f"{ON_CALL.name}.token"

    def close(self) -> None:
        """Stops the drill's own parts."""
        self._control.close()
        self.troubles.close()
        for part in reversed(self._parts):
            part.close()

    def __enter__(self) -> Self:
        """Returns itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes."""
        self.close()

    def _on_change(self) -> None:
        self._log_writer.wake()

    def _logs_are_served(self) -> bool:
        try:
            for pod in filter(is_ready, self.pods()):
                self.plane.api.text(f"{collection_path('pods', NAMESPACE)}/{pod['metadata']['name']}/log?tailLines=1")
        except ApiError:
            return False
        return bool(self.pods())


def load_estate(plane: RealControlPlane, script: str) -> RealEstate:
    """Loads the script of that name into a control plane.

    Raises:
        UnknownScriptError: There is no such script.
        EstateError: The cluster did not get to the script's scene.
    """
    return RealEstate(plane, find_script(script))
