"""Runs the app with a view into it: `python watched_app.py PYTHON -m MODULE ARGUMENT…`.

Every tick of the app's timer adds a line of JSON to the file that WATCHED_REPORT names. SIGUSR1 holds what the screens see still, as
long as it is not sent again: what is painted then is the same however often it is painted. SIGUSR2 has threads compute until it is
sent again, as a flood of everything would. WATCHED_HASTE divides every duration of
the painting, so that as much is painted, asked and waited for in a fraction of the time; the rest of the app keeps its own.
"""

import json
import os
import runpy
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from gospel_rollback_tui.ui import terminal

REPORT, HASTE = "WATCHED_REPORT", "WATCHED_HASTE"
_DURATIONS = {"pace": ("_EARLY", "_STUCK", "_WINDOW", "_CALM"), "outflow": ("ANSWER_SECONDS",)}

_THREADS = 6
"""Threads that compute; each takes its turns from the painting."""

_still, _computes = [False], [False]
_flow: list[Any] = [None]
"""How the terminal kept up, by the last tick."""


def _hold(_number: int, _frame: object) -> None:
    _still[0] = not _still[0]


def _load(_number: int, _frame: object) -> None:
    _computes[0] = not _computes[0]
    for number in range(_THREADS if _computes[0] else 0):
        threading.Thread(target=_compute, name=f"load-{number}", daemon=True).start()


def _compute() -> None:
    while _computes[0]:
        pass


def _hurry(haste: float) -> None:
    """Divides the durations before anybody takes them over."""
    from gospel_rollback_tui.ui import outflow, pace

    modules = {"pace": pace, "outflow": outflow}
    for module, names in _DURATIONS.items():
        for name in names:
            setattr(modules[module], name, getattr(modules[module], name) / haste)
    pace.INTERVALS = tuple(seconds / haste for seconds in pace.INTERVALS)  # type: ignore[assignment] # as many as there were


def _watch(report: str) -> None:
    """Has each tick reported, and a glance kept while it is held still."""
    from gospel_rollback_tui.ui.app import RollbackApp
    from gospel_rollback_tui.ui.outflow import Flow
    from gospel_rollback_tui.ui.pace import Pace
    from gospel_rollback_tui.ui.sight import Glance, Sight

    real_look, real_tick, real_due, app_look = Sight.look, RollbackApp.tick, Pace.due, RollbackApp.look
    file = Path(report).open("a", buffering=1)  # noqa: SIM115  open as long as the app runs

    def look(self: Sight) -> Glance:
        return self.glance if _still[0] else real_look(self)

    def look_at_all(self: RollbackApp) -> None:
        if not _still[0]:
            app_look(self)

    def due(self: Pace, now: float, flow: Flow) -> bool:
        _flow[0] = flow
        return real_due(self, now, flow)

    def tick(self: RollbackApp) -> None:
        real_tick(self)
        file.write(json.dumps(_state(self)) + "\n")

    Sight.look = look  # type: ignore[method-assign] # this is what the program is for
    RollbackApp.look = look_at_all  # type: ignore[method-assign]
    Pace.due = due  # type: ignore[method-assign]
    RollbackApp.tick = tick  # type: ignore[method-assign]


def _state(app: Any) -> dict[str, Any]:  # noqa: ANN401  (its private parts are looked at)
    flow, snapshot = app.outflow, app.desk.estate.snapshot()
    heard = snapshot.rollout.status.heard if snapshot is not None else None
    return {
        "pid": os.getpid(),
        "still": _still[0],
        "writes": flow._writes,
        "under_way": flow._handed - flow.arrived,
        "left_out": flow.left_out,
        "flow": str(_flow[0]),
        "words": app.pace.words,
        "threads": sorted(thread.name for thread in threading.enumerate()),
        "heard": time.monotonic() - heard.monotonic if heard is not None else None,
    }


if __name__ == "__main__":
    terminal.scrub(os.environ)  # Textual reads it when it is imported
    signal.signal(signal.SIGUSR1, _hold)
    signal.signal(signal.SIGUSR2, _load)
    if HASTE in os.environ:
        _hurry(float(os.environ[HASTE]))
    _watch(os.environ[REPORT])
    sys.argv = sys.argv[3:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
