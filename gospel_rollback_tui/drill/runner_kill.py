"""The `kill` fault: the runner dies while the answer to its first change is on the wire.

A change on the wire proves that its intent is in the journal, and the held answer that its result is not: the worst
moment there is. The estate only knows the process that has been named to it; without one it resets the connection.
"""

import os
import signal
from contextlib import suppress
from threading import Thread

from gospel_rollback_tui.drill.kubernetes.faults import Faults, Hold

CHANGES = (("PATCH", "*/deployments/*"), ("PATCH", "*/applications/*"), ("POST", "*/applications/*"))
"""Method and path of the requests that count as a first change, those to Argo CD too; the lock's Lease is none."""


class RunnerKill:
    """Waits for the first change and kills who sent it, once."""

    def __init__(self, faults: Faults) -> None:
        """Prepare the fault; `start` arms it."""
        self._faults = faults
        self._holds: list[Hold] = []
        self._runner: int | None = None
        self._done = False

    def name_runner(self, pid: int) -> None:
        """Name the process to kill."""
        self._runner = pid

    def start(self) -> None:
        """Arm, anew if need be: hold the answer of the next change of each kind."""
        self.close()
        self._done = False
        self._holds = [self._faults.hold(method, path) for method, path in CHANGES]
        for hold in self._holds:
            Thread(target=self._wait, args=(hold,), name="runner-kill", daemon=True).start()

    def close(self) -> None:
        """Disarm: later changes are answered."""
        self._done = True
        for hold in self._holds:
            hold.release()

    def _wait(self, hold: Hold) -> None:
        hold.arrived.wait()
        if self._done:
            return
        self._done = True
        if self._runner is not None:
            with suppress(ProcessLookupError):
                os.kill(self._runner, signal.SIGKILL)
        hold.drop()
        for other in self._holds:
            other.release()
