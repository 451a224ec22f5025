"""What the screen costs on the link and the processor, and how soon a key is answered where the link is slow."""

import os
import select
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import yaml

from benchmarks.report import Row
from benchmarks.stopwatch import Watched
from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.launch import SimulatedProcess

PRESSES = 30
STOCK_PRESSES = 3
SETTLING_SECONDS = 6.0
"""Time in which the panes find their pace on the link."""
BETWEEN_SECONDS = 0.37
"""Time between two keys, no multiple of any interval at which panes are painted."""
REST_SECONDS = 20.0
TICKING = 0.1
"""Seconds between two changes of a service: ten a second."""
WORST_RATIO = 0.5
"""Share of what the same app takes that sends everything and never waits; above it, and above its goal, a measurement fails."""
_PIECE = 256
_KEYS = "øþłđħŧŋæœßµđðĸ"
"""Letters that nothing else on the screen has; each is pressed in turn."""
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Link:
    """A line and the terminal at its end; `goal` is for the median of key to paint, in seconds."""

    rate: int
    """Bytes a second."""
    columns: int
    rows: int
    goal: float

    @property
    def words(self) -> str:
        """The line and its terminal."""
        return f"{self.rate // 1000} kB/s, {self.columns}×{self.rows}"


LINKS = (Link(100_000, 200, 50, 0.020), Link(100_000, 80, 24, 0.020), Link(30_000, 200, 50, 0.060), Link(30_000, 80, 24, 0.060))


class Throttled(Watched):
    """An app on a terminal that takes so many bytes a second."""

    def __init__(self, command: Sequence[str], link: Link) -> None:
        """Starts it; nothing is held back until `rate` is set."""
        super().__init__(command, columns=link.columns, rows=link.rows)
        self.rate: int | None = None
        self._free = 0.0

    def _read(self) -> bool:
        if self.rate is None:
            return super()._read()
        if not select.select([self._master], [], [], 1.0)[0]:
            return True
        try:
            part = os.read(self._master, _PIECE)
        except OSError:
            return False
        self._free = max(self._free, time.perf_counter()) + len(part) / self.rate
        time.sleep(max(0.0, self._free - time.perf_counter()))  # the last byte arrives by then
        self.output += part
        return bool(part)


def link_rows(estate: SimulatedProcess, tool: Sequence[str]) -> tuple[list[Row], list[str]]:
    """Returns a row for every link, and what is worse than it may be."""
    control = ControlClient(estate.endpoints.control_url, estate.endpoints.nonce)
    config = ["--config", str(estate.endpoints.config_file)]
    rows, missed = [], []
    control.churn("gospelib-gateway", every=TICKING)
    for link in LINKS:
        with _filtering([*tool, *config], link) as app:
            taken = _taken(app, PRESSES)
        with _filtering([*tool, "--config", str(_stock(estate))], link) as app:
            stock = median(_taken(app, STOCK_PRESSES))
        middle, late = median(taken), quantiles(taken, n=20)[-1]
        what = f"key → paint while logs follow and pods change at 10 Hz, {link.words}"
        goal = f"goal {link.goal * 1000:.0f} ms; p95 {late * 1000:.0f} ms; {middle / stock:.2f} × sending everything and never waiting ({stock * 1000:.0f} ms)"
        rows.append((what, f"{middle * 1000:.0f} ms", goal))
        if middle > link.goal and middle / stock > WORST_RATIO:
            missed.append(f"{what}: {middle * 1000:.0f} ms, {middle / stock:.2f} × sending everything and never waiting")
    control.churn("gospelib-gateway", every=0)
    return rows, missed


def cost_rows(estate: SimulatedProcess, tool: Sequence[str]) -> list[Row]:
    """Returns bytes a second and the share of a core, at rest and while a service changes ten times a second."""
    control = ControlClient(estate.endpoints.control_url, estate.endpoints.nonce)
    rows = []
    for every, what in ((0.0, "at rest"), (TICKING, "while panes change at 10 Hz")):
        control.churn("gospelib-gateway", every=every)
        app = Watched([*tool, "--config", str(estate.endpoints.config_file)])
        try:
            app.until(b"roll back now")
            app.drain(SETTLING_SECONDS)
            before = _busy(app.process.pid)
            sent = app.drain(REST_SECONDS) / REST_SECONDS
            share = (_busy(app.process.pid) - before) / REST_SECONDS
        finally:
            app.close()
        goal = "goal 0.03" if not every else ""
        rows += [(f"bytes on the link {what}", f"{sent:.0f} B/s", ""), (f"processor {what}", f"{share:.3f} core", goal)]
    control.churn("gospelib-gateway", every=0)
    return rows


@contextmanager
def _filtering(command: Sequence[str], link: Link) -> Iterator[Throttled]:
    """The app with the followed logs alone on the screen and the filter's field open, its panes at their pace on that link."""
    app = Throttled(command, link)
    try:
        app.until(b"roll back now")
        for key, shown in (("p", b"Pods"), ("p", b"Health"), ("p", b"Logs"), ("/", b"nly lines that")):
            app.press(key)
            app.until(shown)
            app.drain(1.0)
        app.rate = link.rate
        app.drain(SETTLING_SECONDS)
        yield app
    finally:
        app.rate = None
        app.close()


def _taken(app: Throttled, presses: int) -> list[float]:
    """Returns the seconds from each key to its paint, the time included that the paint's own bytes take on the link."""
    taken = []
    for number in range(presses):
        key = _KEYS[number % len(_KEYS)]
        app.drain(BETWEEN_SECONDS)
        pressed = app.press(key)
        taken.append(app.until(key.encode(), since=pressed, deadline=600.0))
        if number % len(_KEYS) == len(_KEYS) - 1:
            app.press("\x15")
    return taken


def _stock(estate: SimulatedProcess) -> Path:
    """Returns a configuration that sends everything and never waits."""
    own = estate.endpoints.config_file
    settings = yaml.safe_load(own.read_text())
    settings["terminal"] = {"diff": False, "pace": False}
    other = own.with_name("stock.yaml")
    other.write_text(yaml.safe_dump(settings))
    return other


def _busy(pid: int) -> float:
    """Returns the processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
