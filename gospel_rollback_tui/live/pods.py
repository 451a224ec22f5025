"""Rows of the pods pane: each pod with its service, its revision, and what its state is worth."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.estate import Service
from gospel_rollback_tui.domain.health import Verdict
from gospel_rollback_tui.domain.pod_state import PodState, pod_from
from gospel_rollback_tui.domain.pods import PodVerdict, judge_pod
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.snapshots import PodRow
from gospel_rollback_tui.live.rollouts import Workload

READY_SLACK = 1.5
"""Seconds between a container's start and a Ready transition that was not one: the API writes whole seconds."""


@dataclass(frozen=True, slots=True)
class SeenPod:
    """A pod and its judgement, made once an event, not once a picture."""

    pod: PodState
    verdict: PodVerdict


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a pod belongs."""

    service: str
    revision: int | None
    newest: bool | None


def seen_pod(raw: JsonObject) -> SeenPod:
    """Reads and judges a pod."""
    pod = pod_from(raw)
    return SeenPod(pod, judge_pod(pod))


class PodTable:
    """Makes the rows; the row of a pod that did not change and did not move is the one made before."""

    def __init__(self, services: Sequence[Service]) -> None:
        self._containers = {service.name: service.container for service in services}
        self._order = {service.name: index for index, service in enumerate(services)}
        self._selectors = {service.name: frozenset(part.strip() for part in service.selector.split(",") if part.strip()) for service in services}
        self._made: dict[str, tuple[SeenPod, _Place, PodRow]] = {}

    def rows(self, seen: Iterable[SeenPod], known: Sequence[Workload]) -> tuple[PodRow, ...]:
        """Returns a row for each pod of a service, in the services' order, failing first, then oldest first."""
        places = {one.uid: _place(workload, one.uid, one.revision) for workload in known for one in workload.replica_sets}
        made: dict[str, tuple[SeenPod, _Place, PodRow]] = {}
        for one in seen:
            place = places.get(one.pod.owner) or _Place(_selected(one.pod, self._selectors), None, None)
            if place.service:
                before = self._made.get(one.pod.uid)
                unchanged = before is not None and before[0] is one and before[1] == place
                made[one.pod.uid] = before if before is not None and unchanged else (one, place, _row(one, place, self._containers[place.service]))
        self._made = made
        return tuple(sorted((row for _, _, row in made.values()), key=self._rank))

    def _rank(self, row: PodRow) -> tuple[int, bool, float, str]:
        return self._order[row.service], row.verdict is not Verdict.BAD, row.created, row.name


def further_row(raw: JsonObject) -> PodRow:
    """Reads and judges a pod of a further namespace: no service of the estate's, and of no revision that is known here."""
    seen = seen_pod(raw)
    row = _row(seen, _Place("", None, None), "")
    done = seen.pod.phase == "Succeeded" and not seen.pod.deleting
    return replace(row, verdict=Verdict.GOOD) if done else row


def _place(workload: Workload, replica_set: str, revision: int) -> _Place:
    newest = None if workload.newest is None else workload.newest.uid == replica_set
    return _Place(workload.service, revision or None, newest)


def _selected(pod: PodState, selectors: Mapping[str, frozenset[str]]) -> str:
    """Returns the service whose equality selector the pod's labels meet; empty: none."""
    labels = {f"{name}={value}" for name, value in pod.labels}
    return next((service for service, wanted in selectors.items() if wanted and wanted <= labels), "")


def _row(one: SeenPod, place: _Place, container: str) -> PodRow:
    pod, judged = one.pod, one.verdict
    state, verdict = _state(one)
    images = dict(pod.declared)
    return PodRow(
        uid=pod.uid,
        name=pod.name,
        short=pod.name.rpartition("-")[2] or pod.name,
        service=place.service,
        state=state,
        verdict=verdict,
        ready=judged.serving,
        leaving=pod.deleting,
        restarts=judged.restarts,
        last_restart=judged.restarted,
        restart_reason=next((state.last_reason for state in pod.containers if state.last_reason), ""),
        created=pod.created or 0.0,
        image=images.get(container) or next(iter(images.values()), ""),
        node=pod.node,
        namespace=pod.namespace,
        revision=place.revision,
        template_hash=pod.template_hash,
        newest=place.newest,
        message=judged.message,
        pod=pod,
    )


def _state(one: SeenPod) -> tuple[str, Verdict]:
    """Returns what the pane calls the pod's state, and what it is worth."""
    pod, judged = one.pod, one.verdict
    if pod.deleting:
        return judged.reason, Verdict.UNKNOWN
    if judged.trouble:
        telling = judged.reason if judged.reason not in ("Running", "Pending", pod.phase) else judged.trouble
        return telling, Verdict.BAD
    if judged.serving:
        return "Ready", Verdict.GOOD
    if judged.reason != "Running":
        return judged.reason, Verdict.UNKNOWN
    return ("Not ready", Verdict.BAD) if _was_ready(pod) else ("Starting", Verdict.UNKNOWN)


def _was_ready(pod: PodState) -> bool:
    """Returns whether a running pod has been ready before: its Ready condition moved after its containers had started, or one restarted."""
    condition = pod.condition("Ready")
    started = [state.running_since for state in pod.containers if state.running_since is not None]
    if any(state.restarts for state in pod.containers):
        return True
    return condition is not None and condition.changed is not None and bool(started) and condition.changed > max(started) + READY_SLACK
