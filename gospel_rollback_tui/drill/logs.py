"""What the containers of the simulated estate write: lines that follow from the script, the image and the time.

A line's time is computed from its container's start, so a log grows by itself and its numbers never move.
"""

import heapq
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import Clock, Json, parse_timestamp
from gospel_rollback_tui.drill.kubernetes.log_source import LogLine
from gospel_rollback_tui.drill.neighbours import neighbour_of
from gospel_rollback_tui.drill.script import LogPattern, Script, deployment_name

KEPT = timedelta(minutes=30)
"""How far back logs reach when the estate starts; what is older has been rotated away."""

PROBE = LogPattern('INFO request="GET /health" status=200 duration=1ms', 5.0)
SERVED = LogPattern('INFO request="GET /v1/verses/gen.1.1" status=200 duration=12ms', 1.5)


class ScriptedLogs:
    """The log source of a script; safe to use from any thread."""

    def __init__(self, script: Script, clock: Clock, versions: Callable[[str], int | None] = lambda _service: None) -> None:
        """Start the logs of an estate that starts now; a container writes by the schema as it stands when it begins."""
        self._script = script
        self._versions = versions
        self._clock = clock
        self._oldest = clock.now() - KEPT
        self._onset = clock.now() - timedelta(seconds=script.failing_before)
        self._logs: dict[tuple[str, str, datetime], _ContainerLog] = {}
        self._lock = Lock()

    def lines(self, pod: Json, container: str, *, previous: bool, start: int) -> Sequence[LogLine]:
        """Return the lines of a container from number `start` to the newest."""
        run = _run_of(pod, container, previous=previous)
        if run is None:
            return ()
        began, ended = run
        key = (pod["metadata"]["uid"], container, began)
        with self._lock:
            log = self._logs.get(key)
            if log is None:
                log = self._logs[key] = _ContainerLog(self._writing(pod, container, began))
            return log.until(min(ended or self._clock.now(), self._clock.now()), start)

    def _writing(self, pod: Json, container: str, began: datetime) -> Iterator[LogLine]:
        """Yield every line of a container in order, without end."""
        phase = zlib.crc32(pod["metadata"]["uid"].encode()) % 1000 / 1000
        streams = [_repeating(pattern, self._first(pattern, began), phase, order) for order, pattern in enumerate(self._patterns(pod, container))]
        return heapq.merge(*streams, key=lambda line: line.at)

    def _first(self, pattern: LogPattern, began: datetime) -> datetime:
        """Return the moment from which a pattern may write."""
        oldest = max(began, self._oldest) if pattern.every else began
        return max(oldest, self._onset) if pattern.since_onset else oldest

    def _patterns(self, pod: Json, container: str) -> tuple[LogPattern, ...]:
        """Return what a container writes, by its image."""
        service, tag = service_and_tag(pod, container)
        behaviour = neighbour_of(service, tag) or self._script.behaviour(service, tag, self._versions(service))
        starting = LogPattern(f"INFO {service} {tag} started", 0.0)
        serving = (SERVED,) if service == "gateway" and not behaviour.answers else ()
        return (starting, *behaviour.logs, PROBE, *serving)


class _ContainerLog:
    """The lines of one run of one container, as far as they were asked for."""

    def __init__(self, writing: Iterator[LogLine]) -> None:
        self._writing = writing
        self._written: list[LogLine] = []
        self._next = next(writing)

    def until(self, moment: datetime, start: int) -> list[LogLine]:
        """Return the lines from number `start` on that were written by that moment."""
        while self._next.at <= moment:
            self._written.append(self._next)
            self._next = next(self._writing)
        return self._written[start:]


def service_and_tag(pod: Json, container: str = "") -> tuple[str, str]:
    """Return the service that a pod belongs to and the tag of its image; sidecars count as their pod's service."""
    containers: list[dict[str, Any]] = pod["spec"]["containers"]
    chosen = next((c for c in containers if c["name"] == container), containers[0])
    repository, _, tag = chosen["image"].rpartition("/")[2].partition(":")
    return repository.removeprefix(deployment_name("")), tag


def _repeating(pattern: LogPattern, first: datetime, phase: float, order: int) -> Iterator[LogLine]:
    """Yield a pattern's lines: once, or again and again for ever, out of step from pod to pod."""
    if not pattern.every:
        yield LogLine(first + timedelta(milliseconds=10 * (order + 1)), pattern.text)
        return
    number = 0
    while True:
        yield LogLine(first + timedelta(seconds=pattern.every * (number + phase)), pattern.text)
        number += 1


def _run_of(pod: Json, container: str, *, previous: bool) -> tuple[datetime, datetime | None] | None:
    """Return when the asked-for run of a container began and ended; None when there was none."""
    status = _container_status(pod, container)
    states = [status.get("state", {}), status.get("lastState", {})]
    runs = [run for state in states for run in (state.get("running"), state.get("terminated")) if run and run.get("startedAt")]
    if previous:
        runs = [status["lastState"]["terminated"]] if status.get("lastState", {}).get("terminated") else []
    if not runs:
        return None
    ended = runs[0].get("finishedAt")
    return parse_timestamp(runs[0]["startedAt"]), parse_timestamp(ended) + timedelta(seconds=1) if ended else None


def _container_status(pod: Json, container: str) -> dict[str, Any]:
    """Return the status of a container, an empty one where the kubelet has not written any."""
    statuses: list[dict[str, Any]] = pod.get("status", {}).get("containerStatuses", [])
    return next((status for status in statuses if status["name"] == container), {})
