"""The fault that kills the runner while its first change is on the wire."""

import signal
import subprocess
import sys

import pytest

from gospel_rollback_tui.drill.kubernetes.faults import Faults
from gospel_rollback_tui.drill.runner_kill import RunnerKill

PATCH = ("PATCH", "/apis/apps/v1/namespaces/n/deployments/d")
CHANGES = (
    PATCH,
    ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a"),
    ("PATCH", "/api/v1/applications/a"),
    ("POST", "/api/v1/applications/a/rollback"),
)


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_the_named_process_dies_when_its_change_arrives(change: tuple[str, str]) -> None:
    """It is killed before it can learn the outcome, and the connection is reset."""
    faults = Faults()
    kill = RunnerKill(faults)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        kill.name_runner(process.pid)
        kill.start()
        hold = faults.take_hold(*change)
        assert hold is not None
        hold.arrived.set()
        assert process.wait(60) == -signal.SIGKILL
        assert hold.finished.wait(60)
    assert hold.dropped


def test_only_the_first_change_is_held() -> None:
    """A change of the other kind that comes later is answered."""
    faults = Faults()
    RunnerKill(faults).start()
    hold = faults.take_hold(*PATCH)
    assert hold is not None
    hold.arrived.set()
    assert hold.finished.wait(60)
    other = faults.take_hold("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/a")
    assert other is not None
    assert other.finished.wait(60)
    assert not other.dropped


def test_a_disarmed_fault_lets_changes_through() -> None:
    """After it is switched off nothing is dropped."""
    faults = Faults()
    kill = RunnerKill(faults)
    kill.start()
    kill.close()
    hold = faults.take_hold(*PATCH)
    assert hold is not None
    assert hold.finished.is_set()
    assert not hold.dropped
