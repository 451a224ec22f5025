"""What the cluster holds now, kept up to date by list and watch in a thread."""

from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.logs import service_and_tag
from gospel_rollback_tui.drill.real.api import DrillApi

_RETRY_SECONDS = 0.3


class CollectionFollower:
    """Follows one collection; its thread ends with the API server, or soon after `close`."""

    def __init__(self, api: DrillApi, path: str, changed: Callable[[], None]) -> None:
        """Prepares to follow the collection at a path; `changed` is called in the thread after each change and must return at once."""
        self._api = api
        self._path = path
        self._changed = changed
        self._objects: dict[str, Json] = {}
        self._lock = Lock()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=f"follow {path}", daemon=True)

    def start(self) -> None:
        """Begins to follow."""
        self._thread.start()

    def close(self) -> None:
        """Asks the thread to end; one that waits for news does so when the server goes away."""
        self._stopping.set()

    def objects(self) -> list[Json]:
        """Returns the objects as they were seen last; not to be changed."""
        with self._lock:
            return list(self._objects.values())

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except ApiError:  # a watch that ended, a version that is gone, a server that restarts: list again
                self._stopping.wait(_RETRY_SECONDS)

    def _follow(self) -> None:
        listed = self._api.get(self._path)
        with self._lock:
            self._objects = {item["metadata"]["uid"]: item for item in listed["items"]}
        self._changed()
        for event in self._api.watch(self._path, listed["metadata"]["resourceVersion"]):
            if self._stopping.is_set() or event["type"] == "ERROR":
                return
            if event["type"] != "BOOKMARK":
                self._store(event["type"], event["object"])
                self._changed()

    def _store(self, kind: str, item: Json) -> None:
        with self._lock:
            if kind == "DELETED":
                self._objects.pop(item["metadata"]["uid"], None)
            else:
                self._objects[item["metadata"]["uid"]] = item


def is_ready(pod: Json) -> bool:
    """Says whether a pod serves: its Ready condition is True and it is not on its way out."""
    conditions = pod.get("status", {}).get("conditions", [])
    return "deletionTimestamp" not in pod["metadata"] and any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def ready_tags(pods: Sequence[Json], service: str) -> list[str]:
    """Returns the image tag of each pod of a service that serves."""
    tags = [service_and_tag(pod) for pod in pods if is_ready(pod)]
    return [tag for name, tag in tags if name == service]
