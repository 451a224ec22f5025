"""Thousands of pods on a real API server: how soon they are on the screen, what they cost in memory, processor and bytes.

kubectl and, where it is on PATH, k9s look at the same pods in the same run.
"""

import copy
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from statistics import median

import urllib3
import yaml

from benchmarks.report import Row
from benchmarks.stopwatch import Watched, command_seconds
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.real.control_plane import CONTEXT, MANAGER, RealControlPlane
from gospel_rollback_tui.drill.real.peers import PeersMissing, find_peers

NAMESPACE = "crowd"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
SIZES = (6, 500, 5000)
GOALS = {6: "0.5", 500: "0.7", 5000: "0.7"}
"""Shares of k9s' time."""
K9S_MARKER = b"web-58b49b5ccb-0"
"""What k9s has shown once it shows pods."""
TURNS = 3
WRITERS = 8
REST_SECONDS = 15.0
TOOL = [sys.executable, "-m", "gospel_rollback_tui"]


class Crowd:
    """Ready pods of one service in a namespace of their own.

    A ConfigMap owns them, so that no controller counts them, and no node has them, so that none can be said to be lost.
    """

    def __init__(self, plane: RealControlPlane, folder: Path) -> None:
        """Makes the namespace and the owner."""
        self._plane = plane
        self._pool = urllib3.connectionpool.connection_from_url(
            plane.server, maxsize=WRITERS, ca_certs=str(plane.ca_file), headers={"Authorization": f"Bearer {plane.admin_token}"}
        )
        self._rolls = 0
        self.config = folder / "config.yaml"
        api = plane.api
        api.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}, MANAGER)
        owner = api.create(f"/api/v1/namespaces/{NAMESPACE}/configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "owner"}}, MANAGER)
        self._owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": str(owner["metadata"]["uid"]), "controller": True}
        self.size = 0
        self.config.write_text(yaml.safe_dump(self._configuration(folder)))

    def _configuration(self, folder: Path) -> dict[str, object]:
        cluster = {"context": CONTEXT, "namespace": NAMESPACE, "kubeconfig": str(self._plane.admin_kubeconfig)}
        services = {"web": {"deployment": "web", "selector": "app=web"}}
        environment = {"title": "CROWD", "tier": "staging", "cluster": cluster, "services": services}
        return {"default_environment": "crowd", "runs_dir": str(folder / "runs"), "environments": {"crowd": environment}}

    def grow(self, size: int) -> None:
        """Adds Ready pods until there are that many."""
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(self._add, range(self.size, size)))
        self.size = size

    def roll(self) -> None:
        """Changes every pod once, as a rollout would."""
        self._rolls += 1
        with ThreadPoolExecutor(WRITERS) as pool:
            list(pool.map(lambda number: self._tell(number, restarts=self._rolls), range(self.size)))

    def _add(self, number: int) -> None:
        self._send("POST", PODS, "application/json", _pod(number, self._owner))
        self._tell(number, restarts=0)

    def _tell(self, number: int, *, restarts: int) -> None:
        self._send("PATCH", f"{PODS}/{_name(number)}/status", "application/merge-patch+json", {"status": _status(restarts=restarts)})

    def _send(self, method: str, path: str, kind: str, body: Json) -> None:
        answer = self._pool.request(method, path, body=json.dumps(body), headers={**self._pool.headers, "Content-Type": kind})
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.data[:300]!r}")


def _name(number: int) -> str:
    return f"web-58b49b5ccb-{number:05}"


def _pod(number: int, owner: Json) -> Json:
    """Returns a pod about as long as those of a real estate."""
    environment = [{"name": f"SETTING_{index}", "value": "a value of some length, as they have"} for index in range(12)]
    container = {"name": "web", "image": "registry.example.com/web:v2.15.0", "env": environment, "ports": [{"containerPort": 8080}]}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _name(number), "labels": {"app": "web", "pod-template-hash": "58b49b5ccb"}, "ownerReferences": [copy.deepcopy(owner)]},
        "spec": {"schedulerName": "nobody", "containers": [container], "automountServiceAccountToken": False},
    }


def _status(*, restarts: int) -> Json:
    at = "2026-01-01T00:00:00Z"
    conditions = [{"type": kind, "status": "True", "lastTransitionTime": at} for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")]
    state = {
        "name": "web",
        "ready": True,
        "started": True,
        "restartCount": restarts,
        "image": "registry.example.com/web:v2.15.0",
        "imageID": "",
        "state": {"running": {"startedAt": at}},
    }
    return {"phase": "Running", "conditions": conditions, "containerStatuses": [state], "podIP": "10.0.0.1"}


def resident(pid: int) -> float:
    """Returns the megabytes of memory that a process holds."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def processor_seconds(pid: int) -> float:
    """Returns the processor time that a process has taken, its threads' included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _shown(command: list[str], marker: bytes, look: Callable[[Watched], None] = lambda _watched: None) -> float:
    watched = Watched(command)
    try:
        taken = watched.until(marker, deadline=120.0)
        look(watched)
        return taken
    finally:
        watched.close()


def _command(found: Crowd) -> list[str]:
    return [*TOOL, "--config", str(found.config)]


def _viewer(plane: RealControlPlane) -> list[str]:
    """Returns how k9s shows the same pods; empty: it is not on PATH."""
    program = shutil.which("k9s")
    return [program, "--kubeconfig", str(plane.admin_kubeconfig), "-n", NAMESPACE, "-c", "pods", "--readonly"] if program else []


def start_row(found: Crowd, plane: RealControlPlane) -> tuple[Row, str]:
    """Start to live pods at this size, in turns with kubectl's list and k9s; and what is worse than it may be."""
    ours, kubectl, k9s = [], [], []
    listing = [str(find_peers().program("kubectl")), "--kubeconfig", str(plane.admin_kubeconfig), "-n", NAMESPACE, "get", "pods"]
    watching = _viewer(plane)
    for _ in range(TURNS):
        ours.append(_shown(_command(found), f"{found.size} ready".encode()))
        kubectl.append(command_seconds(listing))
        if watching:
            k9s.append(_shown(watching, K9S_MARKER))
    taken = median(ours)
    against = f"{taken / median(kubectl):.2f} × kubectl get pods ({median(kubectl):.2f} s)"
    against += f", {taken / median(k9s):.2f} × k9s ({median(k9s):.2f} s; goal {GOALS[found.size]})" if k9s else ", no k9s on PATH"
    what = f"start → {found.size:,} live pods"
    return (what, f"{taken:.2f} s", against), f"{what}: slower than k9s" if k9s and taken > median(k9s) else ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a viewer takes at one size."""

    held: float
    """Megabytes at rest."""
    held_after: float
    """Megabytes after every pod has changed."""
    share: float
    """Cores at rest."""
    sent: float
    """Bytes a second on the terminal at rest."""
    sent_rolling: float
    """Bytes a second on the terminal while every pod changes."""


def cost_of(found: Crowd, command: list[str], marker: bytes) -> Cost:
    """Measures a viewer at rest, then while every pod changes."""
    watched = Watched(command)
    try:
        watched.until(marker, deadline=120.0)
        watched.drain(10.0)
        held, busy = resident(watched.process.pid), processor_seconds(watched.process.pid)
        sent = watched.drain(REST_SECONDS) / REST_SECONDS
        share = (processor_seconds(watched.process.pid) - busy) / REST_SECONDS
        rolling = threading.Thread(target=found.roll)
        rolling.start()
        seconds, changed = 0.0, 0
        while rolling.is_alive():
            changed += watched.drain(1.0)
            seconds += 1.0
        watched.drain(5.0)
        return Cost(held, resident(watched.process.pid), share, sent, changed / max(seconds, 1.0))
    finally:
        watched.close()


def cost_rows(found: Crowd, ours: Cost, k9s: Cost | None) -> list[Row]:
    """Memory, processor and bytes at this size, beside what k9s takes."""
    size = f"{found.size:,}"
    beside = ("", "", "")
    if k9s is not None:
        beside = (
            f"; k9s {k9s.held:.0f} MB, {k9s.held_after:.0f} after",
            f"; k9s {k9s.share:.3f}",
            f"; k9s {k9s.sent:.0f} B/s, {k9s.sent_rolling:.0f} while they change",
        )
    return [
        (f"memory at {size} pods", f"{ours.held:.0f} MB", f"goal 170 MB; {ours.held_after:.0f} MB after every pod changed (goal 230){beside[0]}"),
        (f"processor at rest, {size} pods", f"{ours.share:.3f} core", f"goal 0.03{beside[1]}"),
        (f"bytes on the terminal at rest, {size} pods", f"{ours.sent:.0f} B/s", f"{ours.sent_rolling:.0f} B/s while every pod changes{beside[2]}"),
    ]


def growth_row(ours: list[Cost], k9s: list[Cost]) -> Row:
    """What ten times as many pods cost more in memory; both lists hold the cost at 500, then at 5,000."""
    grown = ours[1].held - ours[0].held
    theirs = f"k9s {k9s[1].held - k9s[0].held:+.0f} MB" if k9s else "no k9s on PATH"
    return "memory, 500 → 5,000 pods", f"{grown:+.0f} MB", f"{grown / 4.5:.1f} MB a thousand pods; {theirs}"


def crowd_rows(folder: Path, say: Callable[[Row], None]) -> list[str]:
    """Measures at each size, smallest first, and returns what is worse than it may be; says so where the real components have not been built."""
    try:
        find_peers()
    except PeersMissing:
        say(("thousands of pods on a real API server", "not measured", "`make peers` builds what it takes"))
        return []
    missed: list[str] = []
    ours: list[Cost] = []
    k9s: list[Cost] = []
    with RealControlPlane() as plane:
        found = Crowd(plane, folder)
        for size in SIZES:
            found.grow(size)
            row, worse = start_row(found, plane)
            say(row)
            missed += [worse] if worse else []
            ours.append(cost_of(found, _command(found), f"{size} ready".encode()))
            watching = _viewer(plane)
            k9s += [cost_of(found, watching, K9S_MARKER)] if watching else []
            for row in cost_rows(found, ours[-1], k9s[-1] if k9s else None):
                say(row)
    say(growth_row(ours[1:], k9s[1:]))
    return missed


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as chosen:
        crowd_rows(Path(chosen), lambda row: print(" | ".join(row), flush=True))
