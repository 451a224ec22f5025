"""A drill on a terminal, with the estate's own record as the witness of what was really sent."""

import json
import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from gospel_rollback_tui.domain.events import Event, Kind
from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.drill.launch import launch_simulated
from gospel_rollback_tui.engine.run_folder import list_runs
from gospel_rollback_tui.runner.liveness import lives, read_mark
from tests.e2e.terminal import DEADLINE, Terminal
from tests.real.conformance.argocd_shapes import TAKEN, argocd_shapes_of
from tests.real.conformance.shapes import SHAPES_VARIABLE, read_shapes, shapes_of

OPERATOR = "operator"
"""Who the drill's kubeconfig is: everybody else in the record is the estate itself."""


class Served(Protocol):
    """An estate that can be reached: in a process of its own, or in this one."""

    @property
    def endpoints(self) -> EstateEndpoints:
        """How it is reached."""

    def is_running(self) -> bool:
        """Whether it still answers."""


@dataclass
class Drill:
    """A served estate, and the ways to look at it and at the runs against it."""

    estate: Served
    _seen: dict[Path, int] = field(default_factory=dict)
    """The journals as they were read last, and how long they were."""
    _events: list[Event] = field(default_factory=list)

    @property
    def endpoints(self) -> EstateEndpoints:
        """How the estate is reached."""
        return self.estate.endpoints

    @property
    def control(self) -> ControlClient:
        """The estate's control endpoint."""
        return ControlClient(self.endpoints.control_url, self.endpoints.nonce)

    @property
    def runs_dir(self) -> Path:
        """Folder of the runs against it."""
        return self.endpoints.directory / "runs"

    def app(self, *arguments: str, columns: int = 120, rows: int = 36) -> Terminal:
        """Starts the app against the estate on a terminal of that size."""
        return Terminal(["--config", str(self.endpoints.config_file), *arguments], columns=columns, rows=rows)

    def sent(self) -> list[str]:
        """Returns `PATCH object` of every change of a workload or Application that was really made."""
        theirs = ("/leases", "selfsubject")
        changes = [c for c in self.control.changes() if c["user"] == OPERATOR and not c.get("dry_run") and not any(part in c["path"] for part in theirs)]
        return [f"{c['method']} {c['path'].rpartition('/')[2]}" for c in changes]

    def image(self, service: str) -> str:
        """Returns the image that a service's Deployment declares now."""
        found = self.control.object("deployments", self.endpoints.namespace, f"gospelib-{service}")
        return str(found["spec"]["template"]["spec"]["containers"][0]["image"])

    def events(self) -> list[Event]:
        """Returns the records of the newest run; empty: none was opened."""
        seen = {journal: journal.stat().st_size for journal in self.runs_dir.glob("*/journal.jsonl")}
        if seen != self._seen:  # to prove a journal takes longer than a wait between two looks at it
            found = list_runs(self.runs_dir)
            whole, _, _half = (found[0].folder / "journal.jsonl").read_text().rpartition("\n") if found else ("", "", "")  # the last may be half written
            self._events = [Event(d["seq"], d["at"], Kind(d["kind"]), d["data"]) for d in map(json.loads, whole.splitlines())]
            self._seen = seen
        return self._events

    def count(self, kind: Kind) -> int:
        """Returns how many records of that kind the newest run has."""
        return sum(event.kind is kind for event in self.events())

    def has(self, kind: Kind) -> bool:
        """Returns whether the newest run has a record of that kind."""
        return self.count(kind) > 0

    def of_step(self, kind: Kind, step: str) -> list[Event]:
        """Returns the records of a kind about one step."""
        return [event for event in self.events() if event.kind is kind and event.data.get("step") == step]

    def resumed(self) -> bool:
        """Returns whether a runner has taken the newest run up again."""
        return any(event.kind is Kind.RUNNER and event.data["state"] == "resumed" for event in self.events())

    def wait_for(self, kind: Kind, deadline: float = DEADLINE) -> Event:
        """Waits until the newest run has a record of that kind, and returns it."""
        end = time.monotonic() + deadline
        while True:
            found = [event for event in self.events() if event.kind is kind]
            if found:
                return found[-1]
            assert time.monotonic() < end, f"no record {kind.value}; there are {[e.kind.value for e in self.events()]}"
            time.sleep(0.05)  # the journal is a file: nothing tells when it grows


def runner_pid(drill: Drill) -> int:
    """Returns the pid of the newest runner that the journal names."""
    return int(drill.wait_for(Kind.RUNNER).data["pid"])


@contextmanager
def served(
    directory: Path, script: str = "ready-but-failing", *, faults: Sequence[str] = (), hold: str = "6s", sample: str = "1s", speed: float = 1.0
) -> Iterator[Drill]:
    """Serves the simulated estate of a script; the stability watch holds for `hold` instead of fifteen minutes, and delivery acts `speed` times as fast."""
    with launch_simulated(directory, script, faults, hold=hold, sample=sample, speed=speed) as estate:
        drill = Drill(estate)
        try:
            yield drill
            _assert_covered(drill)
        finally:
            end_runners(drill)


def end_runners(drill: Drill) -> None:
    """Ends the runners of runs that a test left open: nobody is left to practise with."""
    for folder in drill.runs_dir.glob("*/"):
        mark = read_mark(folder)
        if mark is not None and lives(mark):
            with suppress(ProcessLookupError):
                os.kill(mark.pid, signal.SIGKILL)


def _assert_covered(drill: Drill) -> None:
    """Fails with the kinds of request that no real peer was sent: to Argo CD, and to the API server if the environment names the file of the cases' kinds."""
    if not drill.estate.is_running():
        return
    unproved = argocd_shapes_of(drill.control.argocd_requests()) - TAKEN
    assert not unproved, "never sent to the real Argo CD:\n" + "\n".join(sorted(map(str, unproved)))
    file = os.environ.get(SHAPES_VARIABLE)
    if file and Path(file).exists():  # the suite that writes it uses these plays too
        missing = shapes_of(drill.control.requests()) - read_shapes(Path(file))
        assert not missing, "no conformance case sends:\n" + "\n".join(sorted(map(str, missing)))
