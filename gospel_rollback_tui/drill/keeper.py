"""Keeps an estate alive for a run that goes on after its screen was left.

It holds the estate's lifeline and ends with the run's runner. Run as `python -m gospel_rollback_tui.drill.keeper PID`.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

LOOK_SECONDS = 1.0


def main(arguments: Sequence[str]) -> int:
    """Waits until the process named by its pid has ended."""
    pid = int(arguments[0])
    born = _started(pid)
    while born and _started(pid) == born:
        time.sleep(LOOK_SECONDS)
    return 0


def _started(pid: int) -> str:
    """Returns when the process was started, by the kernel's ticks; empty: there is none (proc(5), field 22)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
