"""Nights on a real control plane: a scene that this process serves, with a short stability watch, played by keys."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.drill.configuration import write_configuration
from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.real.peers import Peers
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.scripts import find_script
from tests.e2e.drilling import Drill, end_runners
from tests.e2e.terminal import Terminal

Night = Callable[[str | Script], AbstractContextManager[Drill]]
"""Brings the control plane to the scene of a script, or of the script of that name, and serves it."""


@dataclass(frozen=True)
class ServedHere:
    """A real estate that this process serves."""

    endpoints: EstateEndpoints

    def is_running(self) -> bool:
        """Returns whether it answers: until the scene is closed, always."""
        return True


def app_with_kustomize(drill: Drill, peers: Peers) -> Terminal:
    """Starts the app with the real kustomize on its path, as on a jump host."""
    path = f"{peers.folder}{os.pathsep}{os.environ['PATH']}"
    return Terminal(["--config", str(drill.endpoints.config_file)], environ={"PATH": path})


def nights(plane: RealControlPlane, folder: Path) -> Night:
    """Returns what plays nights on a control plane, one after the other."""

    @contextmanager
    def _play(script: str | Script) -> Iterator[Drill]:
        with RealEstate(plane, find_script(script) if isinstance(script, str) else script) as scene:
            scene.audit.begin_here()
            endpoints = scene.describe(folder)
            write_configuration(endpoints, scene.script, "3s", "1s")
            drill = Drill(ServedHere(endpoints))
            try:
                yield drill
            finally:
                end_runners(drill)

    return _play
