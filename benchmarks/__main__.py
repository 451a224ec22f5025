"""Runs every measurement and writes benchmarks/README.md."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from benchmarks.crowd import crowd_rows
from benchmarks.delivery import diff_row, ways_row
from benchmarks.link import cost_rows, link_rows
from benchmarks.report import REPORT, Row, write
from benchmarks.schema import gate_row
from benchmarks.stopwatch import Watched, command_seconds, in_turns, repeated
from gospel_rollback_tui.domain.events import Kind
from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.launch import SimulatedProcess, launch_simulated
from gospel_rollback_tui.engine.run_folder import list_runs

TIMES = 9
INCIDENTS = 3
"""Estates on which the way from first paint to the change is measured: each can be rolled back once."""
READING_SECONDS = 0.5
"""How long the prompt stands before `y`: it arms after 0.4 s."""
TOOL = [sys.executable, "-m", "gospel_rollback_tui"]
BARE = [sys.executable, "-m", "benchmarks.bare_app"]
FIRST_PAINT = b"DRILL"


def app_on(estate: SimulatedProcess) -> Watched:
    """Returns the app, started against the estate."""
    return Watched([*TOOL, "--config", str(estate.endpoints.config_file)])


def help_row() -> Row:
    """`--help` against a bare interpreter."""
    taken, bare = in_turns(lambda: command_seconds([*TOOL, "--help"]), lambda: command_seconds([sys.executable, "-c", "pass"]), TIMES)
    return "`--help`", f"{taken * 1000:.0f} ms", f"{taken / bare:.1f} × a bare interpreter ({bare * 1000:.0f} ms)"


def first_paint_row(estate: SimulatedProcess) -> Row:
    """Start to first paint against a bare Textual app."""

    def _shown(command: Sequence[str], marker: bytes) -> float:
        watched = Watched(command)
        try:
            return watched.until(marker)
        finally:
            watched.close()

    config = ["--config", str(estate.endpoints.config_file)]
    ours, bare = in_turns(lambda: _shown([*TOOL, *config], FIRST_PAINT), lambda: _shown(BARE, b"first paint"), TIMES)
    return "start → first paint", f"{ours * 1000:.0f} ms", f"{ours / bare:.2f} × a bare Textual app ({bare * 1000:.0f} ms; goal 1.5)"


def live_pods_row(estate: SimulatedProcess) -> Row:
    """Start to the first live pods."""

    def _once() -> float:
        watched = app_on(estate)
        try:
            return watched.until(b"2 of 2")
        finally:
            watched.close()

    taken = repeated(_once, 3)
    return "start → live pods", f"{taken * 1000:.0f} ms", ""


def key_row(estate: SimulatedProcess) -> Row:
    """A key to its paint while pods change ten times a second, and the bytes that the panes send meanwhile."""
    ControlClient(estate.endpoints.control_url, estate.endpoints.nonce).churn("gospelib-gateway", every=0.1)
    watched = app_on(estate)
    try:
        watched.until(b"2 of 2")
        watched.drain(3.0)
        sent = watched.drain(5.0) / 5
        taken = []
        for _ in range(10):
            pressed = watched.press("?")
            taken.append(watched.until(b"help", since=pressed))
            watched.drain(0.3)
            watched.press("\x1b")
            watched.drain(0.7)
    finally:
        watched.close()
    middle = sorted(taken)[len(taken) // 2]
    return "key → paint while panes change at 10 Hz", f"{middle * 1000:.0f} ms", f"{sent / 1000:.1f} kB/s on the link meanwhile"


def change_rows(folder: Path) -> list[Row]:
    """First paint to the change on the wire by two keys at 300 ms a round trip, and confirmation to request."""
    taken = []
    for number in range(INCIDENTS):
        estate_folder = folder / str(number)
        estate_folder.mkdir()
        taken.append(_rolled_back(estate_folder))
    whole, gate = (median(seconds) for seconds in zip(*taken, strict=True))
    return [
        ("first paint → change on the wire, two keys, 300 ms round trip", f"{whole:.1f} s", f"{READING_SECONDS} s of it the prompt is read"),
        ("confirmation → intent of the first call, 300 ms round trip", f"{gate:.1f} s", "the gate reads everything again in between"),
    ]


def _rolled_back(folder: Path) -> tuple[float, float]:
    """Returns the seconds from first paint to the first call's intent, and from the confirmation to it."""
    with launch_simulated(folder, faults=("slow-api",)) as estate:
        watched = app_on(estate)
        try:
            painted = watched.until(FIRST_PAINT) + watched.began
            watched.until(b"roll back now")
            watched.press("r")
            watched.until(b"go back")
            watched.drain(READING_SECONDS)
            watched.press("y")
            intent = _first_intent(estate)
        finally:
            watched.close()
    wall = time.time() - time.perf_counter()
    return intent["sent"] - (painted + wall), intent["sent"] - intent["confirmed"]


def _first_intent(estate: SimulatedProcess) -> dict[str, float]:
    end = time.perf_counter() + 60
    while time.perf_counter() < end:
        for found in list_runs(estate.endpoints.directory / "runs"):
            records = [json.loads(line) for line in (found.folder / "journal.jsonl").read_text().splitlines()]
            times = {record["kind"]: record["at"] for record in reversed(records)}
            if Kind.INTENT.value in times:
                return {"confirmed": times[Kind.CONFIRMED.value], "sent": times[Kind.INTENT.value]}
        time.sleep(0.05)
    raise TimeoutError("nothing was sent")


def main() -> None:
    """Measures, prints and writes; fails where a ratio is worse than it may be."""
    load = os.getloadavg()[0]
    rows = []
    for alone in (help_row, gate_row):
        rows.append(alone())
        print(" | ".join(rows[-1]), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "still").mkdir()
        with launch_simulated(Path(folder, "still")) as estate:
            measures: tuple[Callable[[SimulatedProcess], Row], ...] = (
                first_paint_row,
                live_pods_row,
                lambda estate: ways_row(app_on(estate)),
                lambda estate: diff_row(estate.endpoints),
                key_row,
            )
            for measure in measures:
                rows.append(measure(estate))
                print(" | ".join(rows[-1]), flush=True)
            rows += cost_rows(estate, TOOL)
            keys, missed = link_rows(estate, TOOL)
            rows += keys
        Path(folder, "slow").mkdir()
        rows += change_rows(Path(folder, "slow"))
        Path(folder, "crowd").mkdir()
        missed += crowd_rows(Path(folder, "crowd"), rows.append)
    write(rows, load)
    print(REPORT.read_text())
    if missed:
        sys.exit("\n".join(["Worse than it may be:", *missed]))


if __name__ == "__main__":
    main()
