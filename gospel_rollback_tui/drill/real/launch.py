"""Starts the real estate in a process of its own, and hands out what the simulated one's launcher does."""

import json
import selectors
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from gospel_rollback_tui.drill.endpoints import EndpointsError, from_json
from gospel_rollback_tui.drill.launch import LaunchError, SimulatedProcess
from gospel_rollback_tui.drill.real.peers import find_peers
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT

START_DEADLINE = 300.0
"""Seconds that a start may take on a loaded machine; an idle one needs about twenty-five."""


class RealProcess(SimulatedProcess):
    """A running real estate; leaving its `with` block ends it."""


def launch_real(directory: Path, script: str = DEFAULT_SCRIPT, faults: Sequence[str] = ()) -> RealProcess:
    """Starts a real estate, its files in `directory`, and returns it once it shows the script's scene.

    What it is about is said on this process's standard error until then.

    Raises:
        PeersMissing: Its programs have not been built.
        LaunchError: It ended before it was ready, or was not ready in time.
    """
    find_peers()
    argv = [sys.executable, "-P", "-m", "gospel_rollback_tui.drill.real", "--directory", str(directory), "--script", script]
    for fault in faults:
        argv += ["--fault", fault]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        return RealProcess(process, from_json(_first_line(process)))
    except EndpointsError as error:
        raise LaunchError(f"the real estate did not start: {error}") from error
    except BaseException:  # whatever ends the start, also Ctrl+C: no estate is left behind
        process.terminate()
        process.communicate()
        raise


def _first_line(process: subprocess.Popen[str]) -> str:
    """Returns what the estate prints when it is ready.

    Raises:
        LaunchError: It printed why there is none, or nothing in time.
    """
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(START_DEADLINE):
            raise LaunchError(f"the real estate was not ready after {START_DEADLINE:.0f} s")
    line = process.stdout.readline()
    if not line:
        raise LaunchError("the real estate ended before it was ready")
    answer = json.loads(line)
    if "error" in answer:
        raise LaunchError(f"the real estate did not start: {answer['error']}")
    return line
