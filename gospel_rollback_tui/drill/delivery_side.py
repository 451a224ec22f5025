"""The GitOps side of the simulated estate: git, Argo CD's server and controller, what owns the Application, who else acts."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from gospel_rollback_tui.drill.argocd.accounts import ACCOUNTS, OPERATOR
from gospel_rollback_tui.drill.argocd.bystanders import bystanders
from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts, Loop
from gospel_rollback_tui.drill.argocd.exchange import ServerParts
from gospel_rollback_tui.drill.argocd.owners import ApplicationSet, Parent
from gospel_rollback_tui.drill.argocd.repo_server import POLL_SECONDS, RepoServer
from gospel_rollback_tui.drill.argocd.server import ArgoCdServer
from gospel_rollback_tui.drill.argocd.sessions import Sessions
from gospel_rollback_tui.drill.argocd.source import EstateSource
from gospel_rollback_tui.drill.gitops import ApplicationController
from gospel_rollback_tui.drill.kubernetes import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.documents import Clock
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.forge import Forge
from gospel_rollback_tui.drill.scene.delivery import APPLICATION_SET, PARENT
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, Script
from gospel_rollback_tui.drill.script_delivery import Owner
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry


@dataclass(frozen=True, slots=True)
class DeliveryPlace:
    """Where the GitOps side lives: its script, folder, cluster, repository and time."""

    script: Script
    directory: Path
    api: KubernetesApi
    repository: EstateRepository
    clock: Clock
    speed: float = 1.0
    """Divides the times that Argo CD and others wait by themselves."""


class DeliverySide:
    """Everything that delivers, from `start` to `close`."""

    def __init__(self, place: DeliveryPlace) -> None:
        """Prepare the parts; the Application has to be in the store already."""
        self._place = place
        self.repository = place.repository
        self.source = EstateSource(place.repository)
        self.sources = RepoServer(self.source, place.clock, POLL_SECONDS / place.speed)
        self.sessions = Sessions(ACCOUNTS, place.clock)
        registry = SimulatedRegistry(place.api.registry, "argocd-controller")
        self._parts = ControllerParts(registry, self.sources, place.clock, place.speed, place.api.events)
        self.controller = ApplicationController(self._parts)
        server = ServerParts(
            registry=SimulatedRegistry(place.api.registry, "argocd-server"),
            store=place.api.store,
            sessions=self.sessions,
            sources=self.sources,
            events=place.api.events,
            clock=place.clock,
            closing=Event(),
        )
        self.server = ArgoCdServer(server, place.api.nonce, place.directory / "argocd", place.api.faults)
        self.token_file = self._write_tokens()
        reviewed_after = place.script.git.reviewed_after
        self._forge = Forge(place.repository, None if reviewed_after is None else reviewed_after / place.speed)
        self._loops = list(self._other_loops())

    def start(self) -> None:
        """Serve, and let everybody act."""
        self.sources.remember([*(sha for sha, _ in self.repository.releases), self.repository.head])
        self.server.start()
        self.controller.start()
        self._forge.start()
        for loop in self._loops:
            loop.start()

    def close(self) -> None:
        """End every thread and server."""
        self.server.close()
        for loop in self._loops:
            loop.close()
        self._forge.close()
        self.controller.close()

    def wake(self) -> None:
        """Say that a Deployment or an Application may have changed; returns at once."""
        self.controller.wake()
        for loop in self._loops:
            loop.wake()

    def take_repository_away(self) -> None:
        """Have git be unreachable from now on, for Argo CD and for everybody else."""
        self.repository.take_away()

    def bring_repository_back(self) -> None:
        """Have git be reachable again."""
        self.repository.bring_back()

    def _write_tokens(self) -> Path:
        """Write an API token for each account to a file that only its owner can read; return the operator's."""
        folder = self._place.directory / "argocd"
        for account in ACCOUNTS:
            descriptor = os.open(folder / f"{account.name}.token", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self.sessions.api_token(account.name, identity=f"{account.name}-drill"))
        return folder / f"{OPERATOR.name}.token"

    def _other_loops(self) -> Iterator[Loop]:
        """Yield the loops of those that the script lets act beside the controller."""
        sync = self._place.script.sync
        if sync.owner is Owner.PARENT:
            spec = self._parts.registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)["spec"]
            yield Parent(self._parts, PARENT, spec).loop
        if sync.owner is Owner.APPLICATION_SET:
            yield ApplicationSet(self._parts, APPLICATION_SET).loop
        yield from bystanders(self._parts, self._place.script, self.repository)
