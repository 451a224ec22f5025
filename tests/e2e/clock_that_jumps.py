"""Runs a Python module with a wall clock that jumps an hour ahead at SIGUSR1: `python clock_that_jumps.py PYTHON -m MODULE ARGUMENT…`."""

import runpy
import signal
import sys
import time

JUMP_SECONDS = 3600.0

_real, _ahead = time.time, [0.0]


def _jumped() -> float:
    return _real() + _ahead[0]


def _jump(_number: int, _frame: object) -> None:
    _ahead[0] += JUMP_SECONDS


if __name__ == "__main__":
    time.time = _jumped
    signal.signal(signal.SIGUSR1, _jump)
    sys.argv = sys.argv[3:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
