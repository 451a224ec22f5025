"""Starts the simulated estate in a process of its own, and ends it.

The estate's standard input is its lifeline: it ends when no process holds the other end any more, so it cannot
outlive the drill. A process that must keep the estate alive after the launcher has gone inherits
`SimulatedProcess.lifeline`. The estate has a session of its own: a key or a hang-up in the drill's terminal does not
reach it.
"""

import selectors
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from gospel_rollback_tui.drill.configuration import STABILITY_HOLD, STABILITY_SAMPLE
from gospel_rollback_tui.drill.endpoints import EndpointsError, EstateEndpoints, from_json
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT

START_DEADLINE = 30.0
"""Seconds that a start may take on a loaded machine; an idle one needs well under one."""

STOP_DEADLINE = 5.0
"""Seconds between SIGTERM and SIGKILL."""


class LaunchError(RuntimeError):
    """The estate did not start; the message holds what it said."""


class SimulatedProcess:
    """A running simulated estate; leaving its `with` block ends it."""

    def __init__(self, process: subprocess.Popen[str], endpoints: EstateEndpoints) -> None:
        self._process = process
        self.endpoints = endpoints

    @property
    def lifeline(self) -> int:
        """The descriptor that keeps the estate alive while anybody holds it open."""
        assert self._process.stdin is not None
        return self._process.stdin.fileno()

    def is_running(self) -> bool:
        """Return whether the estate's process is still there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End the estate and wait for it; a second call changes nothing."""
        _end(self._process)

    def __enter__(self) -> Self:
        """Return the estate itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End the estate."""
        self.stop()


def launch_simulated(
    directory: Path,
    script: str = DEFAULT_SCRIPT,
    faults: Sequence[str] = (),
    *,
    hold: str = STABILITY_HOLD,
    sample: str = STABILITY_SAMPLE,
    speed: float = 1.0,
) -> SimulatedProcess:
    """Start a simulated estate in `directory` and return it once it answers.

    `hold` and `sample` are the durations of the stability watch in the configuration that the estate writes; `speed`
    divides the times that Argo CD, its owners and colleagues wait by themselves. What the estate has to complain about goes to `estate.log` in the directory.

    Raises:
        LaunchError: It ended before it was ready, or was not ready in time.
    """
    argv = [sys.executable, "-P", "-m", "gospel_rollback_tui.drill.simulated", "--directory", str(directory), "--script", script]
    argv += ["--stability-hold", hold, "--stability-sample", sample, "--speed", str(speed)]
    for fault in faults:
        argv += ["--fault", fault]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = directory / "estate.log"
    with log.open("w", encoding="utf-8") as complaints:
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, start_new_session=True)
    try:
        return SimulatedProcess(process, from_json(_first_line(process)))
    except EndpointsError as error:
        _end(process)
        lines = log.read_text(encoding="utf-8").strip().splitlines()
        raise LaunchError(f"the simulated estate did not start: {lines[-1] if lines else 'it said nothing'}") from error
    except BaseException:  # whatever ends the start, also Ctrl+C: no estate is left behind
        _end(process)
        raise


def _first_line(process: subprocess.Popen[str]) -> str:
    """Return what the estate prints when it is ready, or an empty line if it ends before."""
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if not selector.select(START_DEADLINE):
            raise LaunchError(f"the simulated estate was not ready after {START_DEADLINE:.0f} s")
    return process.stdout.readline()


def _end(process: subprocess.Popen[str]) -> None:
    """Terminate a process, wait for it, and close its pipes."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
