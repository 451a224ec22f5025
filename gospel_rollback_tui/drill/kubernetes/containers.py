"""The life of one container on its node, as a small machine driven by time.

Rule: no clock and no store here; every step is told the time and tells what to report.
"""

import enum
from dataclasses import dataclass, field
from datetime import datetime

from gospel_rollback_tui.drill.kubernetes.behaviours import ContainerBehaviour, Fate
from gospel_rollback_tui.drill.kubernetes.documents import Json, digest, timestamp

FIRST_BACK_OFF = 10.0
LONGEST_BACK_OFF = 300.0
_PROBE_PERIOD = 10.0
_RETRY_AT_ONCE = 0.1
_PULL_ERROR_SHOWN = 0.5
_HEALTHY_RUN = 600.0
_NEVER = float("inf")


class Stage(enum.Enum):
    """Where in its life a container is."""

    CREATING = "creating"
    PULL_ERROR = "pull error"
    PULL_BACK_OFF = "pull back-off"
    CONFIG_ERROR = "configuration error"
    RUNNING = "running"
    EXITED = "exited"
    CRASH_BACK_OFF = "crash back-off"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something the node reports as an event about a container."""

    kind: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a step, as the machine needs it."""

    seconds: float
    """Monotonic, in simulated seconds."""
    date: datetime


@dataclass(slots=True)
class Container:
    """One container of one pod."""

    name: str
    image: str
    pod: str
    """`name_namespace(uid)` of its pod, as messages show it."""
    runs_once: bool
    """Whether it is an init container that must end before others start."""
    restarts: bool
    """Whether it is started again after it ended badly."""
    stage: Stage = Stage.CREATING
    since: float = _NEVER
    """When the stage began; infinite until the container's turn has come."""
    started_at: datetime | None = None
    ready: bool = False
    restart_count: int = 0
    back_off: float = 0.0
    probes_failed: int = 0
    image_id: str = ""
    """Digest reference of the image once it was pulled."""
    container_id: str = ""
    """Identity of the newest run."""
    ended: Json | None = None
    """How the present run ended."""
    ended_before: Json | None = None
    """How the run before ended."""
    _happenings: list[Happening] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether containers that come after this one may start."""
        return self.stage is Stage.DONE if self.runs_once else self.stage is Stage.RUNNING

    def begin(self, now: Moment) -> None:
        """Let the container's turn come."""
        if self.since == _NEVER:
            self.since = now.seconds

    def advance(self, behaviour: ContainerBehaviour, now: Moment) -> list[Happening]:
        """Go through every change of stage that is due and return what to report."""
        while (due := self.due(behaviour)) <= now.seconds:
            self._change(behaviour, now, due)
        happenings, self._happenings = self._happenings, []
        return happenings

    def due(self, behaviour: ContainerBehaviour) -> float:
        """Return the simulated second of the next change, infinite when none is to come."""
        match self.stage:
            case Stage.CREATING:
                return self.since + behaviour.start_seconds
            case Stage.PULL_ERROR:
                return self.since + _PULL_ERROR_SHOWN
            case Stage.PULL_BACK_OFF | Stage.CRASH_BACK_OFF:
                return self.since + self.back_off
            case Stage.CONFIG_ERROR:
                return self.since + FIRST_BACK_OFF
            case Stage.EXITED:
                return self.since + _RETRY_AT_ONCE if self.restarts else _NEVER
            case Stage.RUNNING:
                return self._running_due(behaviour)
            case _:
                return _NEVER

    def _running_due(self, behaviour: ContainerBehaviour) -> float:
        if behaviour.fate is Fate.CRASHES or self.runs_once:
            return self.since + behaviour.run_seconds
        if behaviour.fate is Fate.NEVER_READY:
            return self.since if self.ready else self.since + behaviour.ready_seconds + self.probes_failed * _PROBE_PERIOD
        return _NEVER if self.ready else self.since + behaviour.ready_seconds

    def _change(self, behaviour: ContainerBehaviour, now: Moment, due: float) -> None:
        match self.stage:
            case Stage.CREATING:
                self._create(behaviour, now)
            case Stage.PULL_ERROR:
                self.back_off = min(max(FIRST_BACK_OFF, self.back_off * 2), LONGEST_BACK_OFF)
                self._enter(Stage.PULL_BACK_OFF, now)
                self._report("Normal", "BackOff", f'Back-off pulling image "{self.image}"')
                self._report("Warning", "Failed", "Error: ImagePullBackOff")
            case Stage.PULL_BACK_OFF | Stage.CONFIG_ERROR:
                self._create(behaviour, now)
            case Stage.EXITED:
                self._after_exit(behaviour, now)
            case Stage.CRASH_BACK_OFF:
                self._restart(behaviour, now)
            case _:
                self._while_running(behaviour, now, due)

    def _create(self, behaviour: ContainerBehaviour, now: Moment) -> None:
        if behaviour.fate is Fate.PULL_FAILS:
            self._enter(Stage.PULL_ERROR, now)
            self._report("Normal", "Pulling", f'Pulling image "{self.image}"')
            self._report("Warning", "Failed", f'Failed to pull image "{self.image}": {self.pull_error(behaviour)}')
            self._report("Warning", "Failed", "Error: ErrImagePull")
        elif behaviour.fate is Fate.CONFIG_MISSING:
            self._enter(Stage.CONFIG_ERROR, now)
            self._report("Warning", "Failed", f"Error: {behaviour.message}")
        else:
            self.back_off = 0.0
            self._report("Normal", "Pulled", f'Container image "{self.image}" already present on machine and can be accessed by the pod')
            self._run(now)

    def pull_error(self, behaviour: ContainerBehaviour) -> str:
        """Return what the runtime says about an image it cannot pull."""
        resolved = f'failed to pull and unpack image "{self.image}": failed to resolve reference "{self.image}"'
        return behaviour.message or f"rpc error: code = NotFound desc = {resolved}: {self.image}: not found"

    def _run(self, now: Moment) -> None:
        self._enter(Stage.RUNNING, now)
        self.image_id = digest_reference(self.image)
        self.container_id = f"containerd://{digest([self.pod, self.name, self.restart_count])}"
        self.started_at = now.date
        self.probes_failed = 0
        self._report("Normal", "Created", f"Created container: {self.name}")
        self._report("Normal", "Started", f"Started container {self.name}")

    def _while_running(self, behaviour: ContainerBehaviour, now: Moment, due: float) -> None:
        if behaviour.fate is Fate.CRASHES:
            if due - self.since >= _HEALTHY_RUN:
                self.back_off = 0.0
            self._exit(behaviour.exit_code, behaviour.exit_reason, behaviour.message, Stage.EXITED, now)
        elif self.runs_once:
            self._exit(0, "Completed", "", Stage.DONE, now)
        elif behaviour.fate is Fate.NEVER_READY:
            self.ready = False
            self.probes_failed = max(self.probes_failed + 1, 1 + int((now.seconds - self.since - behaviour.ready_seconds) // _PROBE_PERIOD))
            self._report("Warning", "Unhealthy", f"Readiness probe failed: {behaviour.probe_message}")
        else:
            self.ready = True

    def _exit(self, code: int, reason: str, message: str, stage: Stage, now: Moment) -> None:
        started = timestamp(self.started_at) if self.started_at else None
        self.ended = {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": timestamp(now.date), "containerID": self.container_id}
        if message:
            self.ended["message"] = message
        self._enter(stage, now)

    def _after_exit(self, behaviour: ContainerBehaviour, now: Moment) -> None:
        if self.back_off == 0.0:
            self.back_off = FIRST_BACK_OFF
            self._restart(behaviour, now)
            return
        self._enter(Stage.CRASH_BACK_OFF, now)
        self._report("Warning", "BackOff", f"Back-off restarting failed container {self.name} in pod {self.pod}")

    def _restart(self, behaviour: ContainerBehaviour, now: Moment) -> None:
        if self.stage is Stage.CRASH_BACK_OFF:
            self.back_off = min(self.back_off * 2, LONGEST_BACK_OFF)
        if behaviour.fate is Fate.PULL_FAILS:
            self._create(behaviour, now)
            return
        self.ended_before, self.ended = self.ended, None
        self.restart_count += 1
        self._report("Normal", "Pulled", f'Container image "{self.image}" already present on machine and can be accessed by the pod')
        self._run(now)

    def _enter(self, stage: Stage, now: Moment) -> None:
        self.stage = stage
        self.since = now.seconds
        self.ready = False

    def _report(self, kind: str, reason: str, message: str) -> None:
        self._happenings.append(Happening(kind, reason, message))


def digest_reference(image: str) -> str:
    """Return the digest reference of an image: the stated digest, or one that follows from its name."""
    repository, separator, stated = image.partition("@")
    if separator:
        return f"{repository}@{stated}"
    if ":" in repository.rpartition("/")[2]:
        repository = repository.rpartition(":")[0]
    return f"{repository}@sha256:{digest(image)}"
