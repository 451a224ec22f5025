"""When a Deployment last made progress, finer than the whole seconds its conditions can say."""

from datetime import timedelta

from gospel_rollback_tui.drill.kubernetes.controllers.conditions import find_condition
from gospel_rollback_tui.drill.kubernetes.controllers.deployment_status import NEW_SET_AVAILABLE, TIMED_OUT, deadline_seconds
from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json


class ProgressClock:
    """Measures the progress deadline; used by the controllers' thread alone."""

    def __init__(self, clock: Clock, speed: float) -> None:
        self._clock = clock
        self._speed = speed
        self._noted: dict[str, tuple[str, float]] = {}

    def note(self, deployment: Json) -> None:
        """Take note of a Progressing condition that was written just now."""
        condition = find_condition(deployment.get("status", {}), "Progressing")
        if condition is None:
            return
        mark = f"{condition['reason']} {condition['lastUpdateTime']} {deployment['status'].get('observedGeneration')}"
        uid = deployment["metadata"]["uid"]
        if uid not in self._noted or self._noted[uid][0] != mark:
            self._noted[uid] = (mark, self._clock.monotonic())

    def seconds_left(self, deployment: Json) -> float | None:
        """Return the real seconds to the deadline; `None` when none is running."""
        seconds = deadline_seconds(deployment)
        condition = find_condition(deployment.get("status", {}), "Progressing")
        if seconds is None or condition is None or condition["reason"] in (NEW_SET_AVAILABLE, TIMED_OUT):
            return None
        noted = self._noted.get(deployment["metadata"]["uid"])
        since = noted[1] if noted else self._clock.monotonic()
        return since + timedelta(seconds=seconds).total_seconds() / self._speed - self._clock.monotonic()
