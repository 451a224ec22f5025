"""Taking up a container's life where its pod's status left it."""

import re

from gospel_rollback_tui.drill.kubernetes.containers import FIRST_BACK_OFF, LONGEST_BACK_OFF, Container, Moment, Stage
from gospel_rollback_tui.drill.kubernetes.documents import Json, parse_timestamp

_BACK_OFF_TEXT = re.compile(r"back-off (?:(\d+)m)?(\d+)s ")
_MOST_DOUBLINGS = 5


def resume(container: Container, status: Json, now: Moment) -> None:
    """Set a container to the stage that an entry of `containerStatuses` shows."""
    state = status.get("state", {})
    container.restart_count = status.get("restartCount", 0)
    container.image_id = status.get("imageID", "")
    container.container_id = status.get("containerID", "")
    container.ended_before = status.get("lastState", {}).get("terminated")
    if running := state.get("running"):
        container.stage = Stage.RUNNING
        container.started_at = parse_timestamp(running["startedAt"])
        container.since = now.seconds - (now.date - container.started_at).total_seconds()
        container.ready = status.get("ready", False)
        container.back_off = _back_off_after(container.restart_count) if container.ended_before else 0.0
    elif terminated := state.get("terminated"):
        container.ended = terminated
        container.stage = Stage.DONE if container.runs_once and terminated.get("exitCode") == 0 else Stage.EXITED
        container.since = _second_of(terminated, now)
    elif waiting := state.get("waiting"):
        _resume_waiting(container, waiting, now)


def _resume_waiting(container: Container, waiting: Json, now: Moment) -> None:
    match waiting.get("reason"):
        case "CrashLoopBackOff":
            container.stage = Stage.CRASH_BACK_OFF
            container.ended = container.ended_before
            container.back_off = _stated_back_off(waiting.get("message", "")) or _back_off_after(container.restart_count)
            container.since = _second_of(container.ended or {}, now)
        case "ErrImagePull" | "ImagePullBackOff":
            container.stage = Stage.PULL_BACK_OFF
            container.back_off = LONGEST_BACK_OFF
            container.since = now.seconds
        case "CreateContainerConfigError":
            container.stage = Stage.CONFIG_ERROR
            container.since = now.seconds


def _second_of(terminated: Json, now: Moment) -> float:
    finished = terminated.get("finishedAt")
    return now.seconds - (now.date - parse_timestamp(finished)).total_seconds() if finished else now.seconds


def _stated_back_off(message: str) -> float:
    found = _BACK_OFF_TEXT.search(message)
    return int(found[1] or 0) * 60.0 + int(found[2]) if found else 0.0


def _back_off_after(restarts: int) -> float:
    return float(min(FIRST_BACK_OFF * 2 ** min(max(0, restarts - 1), _MOST_DOUBLINGS), LONGEST_BACK_OFF))
