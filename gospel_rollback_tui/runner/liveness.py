"""Whether a runner lives: by its process id and start time, so that a number used again by another program fools nobody."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from gospel_rollback_tui.domain.decisions import PROTOCOL_VERSION
from gospel_rollback_tui.engine.process import Process

NAME = "runner.json"
"""The file in a run's folder that says which process runs it."""
_STATE, _START_TICKS = 0, 19
_BEHIND_NAME = 2


@dataclass(frozen=True, slots=True)
class RunnerMark:
    """What tells a runner's process from every other."""

    pid: int
    ticks: int
    """Start time in clock ticks since the machine's start."""
    boot: str
    """The machine's start, by the kernel's own id."""
    protocol: int = PROTOCOL_VERSION


def _stat_fields(pid: int) -> list[str]:
    """Returns the fields of /proc/PID/stat behind the name, which may itself hold blanks and brackets; empty: no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + _BEHIND_NAME :].split()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def this_process() -> RunnerMark:
    """Returns the mark of the calling process."""
    return mark_of(os.getpid())


def mark_of(pid: int) -> RunnerMark:
    """Returns the mark of a process; that of one that has ended is never found alive."""
    fields = _stat_fields(pid)
    return RunnerMark(pid, int(fields[_START_TICKS]) if fields else 0, _boot())


def journal_process(mark: RunnerMark, now: float) -> Process:
    """Returns the process as the journal remembers it, at wall time `now`."""
    try:
        uptime = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError):
        return Process(mark.pid, now)
    return Process(mark.pid, round(now - uptime + mark.ticks / os.sysconf("SC_CLK_TCK"), 2))


def lives(mark: RunnerMark | None) -> bool:
    """Returns whether that very process still runs; one that has ended and was not waited for does not."""
    if mark is None or mark.boot != _boot():
        return False
    fields = _stat_fields(mark.pid)
    return bool(fields) and fields[_STATE] not in ("Z", "X") and int(fields[_START_TICKS]) == mark.ticks


def write_mark(folder: Path, mark: RunnerMark) -> None:
    """Writes the mark into the run's folder, whole or not at all."""
    fresh = folder / f"{NAME}.{mark.pid}"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(mark), file)
    fresh.replace(folder / NAME)


def read_mark(folder: Path) -> RunnerMark | None:
    """Returns the mark of the folder's runner, None if it has none that can be read."""
    try:
        data = json.loads((folder / NAME).read_text())
        return RunnerMark(int(data["pid"]), int(data["ticks"]), str(data["boot"]), int(data["protocol"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
