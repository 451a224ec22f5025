"""The pod table: readiness, the one word for a pod's state, restarts."""

from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.tables.columns import AGE, NAME, Cell, Column, field
from gospel_rollback_tui.drill.kubernetes.tables.durations import age

_ANY_EXIT = "ExitCode"


def _statuses(document: Json, key: str = "containerStatuses") -> list[Json]:
    statuses: list[Json] = document.get("status", {}).get(key, [])
    return statuses


def _sidecars(document: Json) -> set[str]:
    return {one["name"] for one in document["spec"].get("initContainers", []) if one.get("restartPolicy") == "Always"}


def _counted(document: Json) -> list[Json]:
    sidecars = _sidecars(document)
    return [one for one in _statuses(document, "initContainerStatuses") if one["name"] in sidecars] + _statuses(document)


def ready_cell(document: Json, _now: datetime) -> Cell:
    """Read how many of the pod's containers are ready."""
    total = len(document["spec"].get("containers", [])) + len(_sidecars(document))
    return f"{sum(1 for one in _counted(document) if one.get('ready'))}/{total}"


def restarts_cell(document: Json, now: datetime) -> Cell:
    """Read the restarts of all containers and how long ago the last one was."""
    counted = _counted(document)
    total = sum(one.get("restartCount", 0) for one in counted)
    ends = [one.get("lastState", {}).get("terminated", {}).get("finishedAt") for one in counted]
    last = max((end for end in ends if end), default=None)
    return f"{total} ({age(last, now)} ago)" if total and last else str(total)


def status_cell(document: Json, _now: datetime) -> Cell:
    """Read the one word that says how a pod is."""
    status = document.get("status", {})
    word = status.get("reason") or status.get("phase") or "Unknown"
    for condition in status.get("conditions", []):
        if condition.get("type") == "PodScheduled" and condition.get("reason") == "SchedulingGated":
            word = "SchedulingGated"
    word, initialising = _init_word(document, word)
    if not initialising:
        word = _container_word(document, word)
    if document["metadata"].get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return word


def _init_word(document: Json, word: str) -> tuple[str, bool]:
    """Return the word for the first init container that is not done, and whether there is one."""
    sidecars = _sidecars(document)
    total = len(document["spec"].get("initContainers", []))
    for index, one in enumerate(_statuses(document, "initContainerStatuses")):
        state = one.get("state", {})
        if state.get("terminated", {}).get("exitCode", -1) == 0 or (one["name"] in sidecars and one.get("started")):
            continue
        if terminated := state.get("terminated"):
            return f"Init:{terminated.get('reason') or _ANY_EXIT + ':' + str(terminated['exitCode'])}", True
        reason = state.get("waiting", {}).get("reason", "")
        if reason and reason != "PodInitializing":
            return f"Init:{reason}", True
        return f"Init:{index}/{total}", True
    return word, False


def _container_word(document: Json, word: str) -> str:
    running = False
    for one in reversed(_statuses(document)):
        state = one.get("state", {})
        if reason := state.get("waiting", {}).get("reason"):
            word = reason
        elif terminated := state.get("terminated"):
            word = terminated.get("reason") or f"{_ANY_EXIT}:{terminated.get('exitCode')}"
        elif one.get("ready") and "running" in state:
            running = True
    if word == "Completed" and running:
        ready = any(c.get("type") == "Ready" and c.get("status") == "True" for c in document["status"].get("conditions", []))
        return "Running" if ready else "NotReady"
    return word


POD_COLUMNS = (
    NAME,
    Column("Ready", ready_cell),
    Column("Status", status_cell),
    Column("Restarts", restarts_cell),
    AGE,
    Column("IP", field("status.podIP"), 1),
    Column("Node", field("spec.nodeName"), 1),
    Column("Nominated Node", field("status.nominatedNodeName"), 1),
    Column("Readiness Gates", lambda _document, _now: "<none>", 1),
)
