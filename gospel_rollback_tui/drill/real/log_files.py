"""The logs of the real estate's pods: lines of the script in files that kwok serves as a kubelet would.

The pods run nothing. What their containers would have written is computed from the script, the image and the start of each
container, and appended to a file a container in the form of the container runtime interface; a `Logs` object a pod tells
kwok which files they are.
"""

from datetime import UTC
from pathlib import Path
from threading import Event, Thread

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.logs import ScriptedLogs
from gospel_rollback_tui.drill.real.follower import CollectionFollower
from gospel_rollback_tui.drill.real.registry import CONFLICT, RealRegistry

_PERIOD_SECONDS = 0.5


def log_line(line: LogLine) -> str:
    """Returns a line as container runtimes write it: time, stream, F for a whole line, text."""
    return f"{line.at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%f')}000Z stdout F {line.text}\n"


def run_began(status: Json) -> str:
    """Returns the start of the run that a container's log shows, empty before its first one."""
    for state in (status.get("state", {}), status.get("lastState", {})):
        for run in (state.get("running"), state.get("terminated")):
            if run and run.get("startedAt"):
                return str(run["startedAt"])
    return ""


class _ContainerFile:
    """One container's log file and the one of its run before."""

    def __init__(self, folder: Path, container: str) -> None:
        self.container = container
        self.current = folder / f"{container}.log"
        self.previous = folder / f"{container}.previous.log"
        self._began = ""
        self._written = 0

    def catch_up(self, pod: Json, status: Json, logs: ScriptedLogs) -> None:
        """Appends what the container has written since the last time; a new run starts a new file."""
        began = run_began(status)
        if not began:
            return
        if began != self._began:
            if self._began:
                self._append(logs, pod, previous=True)
                self.current.replace(self.previous)
            self._began, self._written = began, 0
        self._append(logs, pod, previous=False)

    def _append(self, logs: ScriptedLogs, pod: Json, *, previous: bool) -> None:
        lines = logs.lines(pod, self.container, previous=previous, start=self._written)
        self._written += len(lines)
        with self.current.open("a", encoding="utf-8") as file:
            file.writelines(log_line(line) for line in lines)


class PodLogWriter:
    """Writes the logs of every pod that is followed; one thread."""

    def __init__(self, folder: Path, registry: RealRegistry, pods: CollectionFollower, logs: ScriptedLogs) -> None:
        """Prepares to write below a folder."""
        self._folder = folder
        self._registry = registry
        self._pods = pods
        self._logs = logs
        self._files: dict[str, list[_ContainerFile]] = {}
        self._wake = Event()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="pod-logs", daemon=True)

    def start(self) -> None:
        """Begins to write."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Says that a pod may have changed; returns at once."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.wait(_PERIOD_SECONDS)
            self._wake.clear()
            try:
                for pod in self._pods.objects():
                    self._write(pod)
            except ApiError:
                continue  # the pod is gone or the server away: the next round tries again

    def _write(self, pod: Json) -> None:
        statuses = {status["name"]: status for status in pod.get("status", {}).get("containerStatuses", [])}
        if not any(run_began(status) for status in statuses.values()):
            return
        for file in self._files_of(pod):
            file.catch_up(pod, statuses.get(file.container, {}), self._logs)

    def _files_of(self, pod: Json) -> list[_ContainerFile]:
        """Returns the files of a pod's containers; at the first time, tells kwok of them."""
        uid = pod["metadata"]["uid"]
        if uid not in self._files:
            folder = self._folder / uid
            folder.mkdir(parents=True, exist_ok=True)
            files = [_ContainerFile(folder, container["name"]) for container in pod["spec"]["containers"]]
            try:
                self._registry.create(_logs_object(pod, files))
            except ApiError as error:
                if error.code != CONFLICT:
                    raise
            self._files[uid] = files
        return self._files[uid]


def _logs_object(pod: Json, files: list[_ContainerFile]) -> Json:
    """Returns the object that tells kwok where a pod's logs are; it goes when the pod goes."""
    metadata = pod["metadata"]
    owner = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": "Logs",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "ownerReferences": [owner]},
        "spec": {
            "logs": [{"containers": [file.container], "logsFile": str(file.current), "previousLogsFile": str(file.previous), "follow": True} for file in files]
        },
    }
