"""Both estates, each started once for the session, and what the cases said of them."""

from collections.abc import Iterator

import pytest

from gospel_rollback_tui.drill.launch import launch_simulated
from gospel_rollback_tui.drill.real.launch import launch_real
from gospel_rollback_tui.drill.real.peers import Peers
from tests.real.conformance.case import Played
from tests.real.conformance.stage import open_stage

SCRIPT = "crash-loop"
"""The scene beside which the cases play: it has Ready pods, crashing ones, and an Application."""


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The simulated estate."""
    with launch_simulated(tmp_path_factory.mktemp("simulated"), SCRIPT) as process:
        yield Played(open_stage(process.endpoints))


@pytest.fixture(scope="session")
def real(peers: Peers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The real estate; without the peers, none."""
    assert peers.program("kube-apiserver").exists()
    with launch_real(tmp_path_factory.mktemp("real"), SCRIPT) as process:
        yield Played(open_stage(process.endpoints))
