"""The real control plane as fixtures; the tests here need what `make peers` builds."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.real.control_plane import RealControlPlane
from gospel_rollback_tui.drill.real.estate import RealEstate
from gospel_rollback_tui.drill.real.peers import REQUIRE_VARIABLE, Peers, PeersMissing, find_peers
from gospel_rollback_tui.drill.real.waiting import wait_until
from gospel_rollback_tui.drill.script import Script
from gospel_rollback_tui.drill.scripts import find_script
from tests.real.nights import Night, nights

LoadEstate = Callable[[str | Script], RealEstate]
"""Loads a script, or the one of that name, and returns the estate, which the fixture closes."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test of this folder as one that needs the peers."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker("real")


@pytest.fixture(scope="session")
def peers() -> Peers:
    """The programs that `make peers` built; without them the test is skipped, or fails where they are required."""
    try:
        return find_peers()
    except PeersMissing as error:
        if os.environ.get(REQUIRE_VARIABLE) == "1":
            pytest.fail(f"{error.sentences()} {REQUIRE_VARIABLE}=1 forbids to go on without.", pytrace=False)
        pytest.skip(error.text)


@pytest.fixture(scope="session")
def control_plane(peers: Peers) -> Iterator[RealControlPlane]:
    """One control plane for all tests: starting it takes seconds."""
    with RealControlPlane(peers) as plane:
        yield plane


@pytest.fixture
def estate(control_plane: RealControlPlane) -> Iterator[LoadEstate]:
    """Loads scripts into the control plane, and stops the drill's own parts after the test."""
    loaded: list[RealEstate] = []

    def load(script: str | Script) -> RealEstate:
        for earlier in loaded:
            earlier.close()
        loaded.append(RealEstate(control_plane, find_script(script) if isinstance(script, str) else script))
        return loaded[-1]

    yield load
    for one in loaded:
        one.close()


@pytest.fixture
def night(control_plane: RealControlPlane, tmp_path: Path) -> Night:
    """Plays scripts on the control plane that all tests share, with a short stability watch."""
    return nights(control_plane, tmp_path)


def eventually(what: str, holds: Callable[[], bool]) -> None:
    """Waits until a condition holds; raises with the words given when it does not for two minutes."""
    wait_until(what, holds)
