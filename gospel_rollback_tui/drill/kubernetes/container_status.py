"""Containers as pod status shows them, and the phase and conditions that follow."""

from collections.abc import Sequence

from gospel_rollback_tui.drill.kubernetes.behaviours import ContainerBehaviour
from gospel_rollback_tui.drill.kubernetes.containers import Container, Stage
from gospel_rollback_tui.drill.kubernetes.documents import Json, timestamp


def container_status(container: Container, behaviour: ContainerBehaviour, waiting_reason: str) -> Json:
    """Return the entry of `containerStatuses` for a container."""
    running = container.stage is Stage.RUNNING
    status: Json = {
        "name": container.name,
        "state": _state(container, behaviour, waiting_reason),
        "lastState": _last_state(container),
        "ready": container.stage is Stage.DONE if container.runs_once else container.ready,
        "restartCount": container.restart_count,
        "image": container.image,
        "imageID": container.image_id,
        "started": running,
    }
    if container.container_id:
        status["containerID"] = container.container_id
    return status


def _state(container: Container, behaviour: ContainerBehaviour, waiting_reason: str) -> Json:
    match container.stage:
        case Stage.RUNNING:
            return {"running": {"startedAt": timestamp(container.started_at)} if container.started_at else {}}
        case Stage.DONE | Stage.EXITED:
            return {"terminated": container.ended}
        case Stage.PULL_ERROR:
            return _waiting("ErrImagePull", container.pull_error(behaviour))
        case Stage.PULL_BACK_OFF:
            return _waiting("ImagePullBackOff", f'Back-off pulling image "{container.image}": ErrImagePull: {container.pull_error(behaviour)}')
        case Stage.CONFIG_ERROR:
            return _waiting("CreateContainerConfigError", behaviour.message)
        case Stage.CRASH_BACK_OFF:
            wait = f"{int(container.back_off)}s" if container.back_off < 60 else f"{int(container.back_off // 60)}m{int(container.back_off % 60)}s"
            return _waiting("CrashLoopBackOff", f"back-off {wait} restarting failed container={container.name} pod={container.pod}")
        case _:
            return _waiting(waiting_reason, "")


def _waiting(reason: str, message: str) -> Json:
    return {"waiting": {"reason": reason, "message": message} if message else {"reason": reason}}


def _last_state(container: Container) -> Json:
    if container.stage is Stage.CRASH_BACK_OFF and container.ended:
        return {"terminated": container.ended}
    return {"terminated": container.ended_before} if container.ended_before else {}


def phase_of(initial: Sequence[Container], usual: Sequence[Container], *, restarts: bool) -> str:
    """Return a pod's phase."""
    if any(not one.is_done for one in initial):
        failed = not restarts and any(one.stage is Stage.EXITED for one in initial)
        return "Failed" if failed else "Pending"
    if any(one.stage in (Stage.CREATING, Stage.PULL_ERROR, Stage.PULL_BACK_OFF, Stage.CONFIG_ERROR) and one.ended is None for one in usual):
        return "Pending"
    if not restarts and all(one.stage is Stage.EXITED for one in usual):
        return "Failed"
    return "Running"


def unready_names(containers: Sequence[Container]) -> str:
    """Return the names of containers that are not ready, as a condition's message lists them."""
    return " ".join(one.name for one in containers if not one.ready)
