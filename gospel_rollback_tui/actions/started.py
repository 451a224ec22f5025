"""Starts again what a run has stopped: a rollback of its code wants as many pods as before in the same patch."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from gospel_rollback_tui.domain.change import scale_to
from gospel_rollback_tui.domain.debts import STOPPED_DEBT
from gospel_rollback_tui.domain.preview import DiffLine, Json, PlannedCall, Tone
from gospel_rollback_tui.domain.workloads import Deployment
from gospel_rollback_tui.engine.ports import StepRequest

CAPTURED_REPLICAS = f"captured:{STOPPED_DEBT.id}"
"""Input that the engine sets from what the stop captured, as JSON: service → replicas."""


def stopped_by_this_run(request: StepRequest) -> dict[str, int]:
    """Returns the services that this run has stopped, with the replicas that each had."""
    found = json.loads(request.inputs.get(CAPTURED_REPLICAS, "{}"))
    return {name: int(replicas) for name, replicas in found.items()}


def starting(request: StepRequest, call: PlannedCall, deployment: Deployment) -> PlannedCall:
    """Returns the patch of a service, which wants its pods again where this run has stopped it."""
    replicas = stopped_by_this_run(request).get(call.body["service"], 0)
    if not replicas or deployment.replicas:
        return call
    scaled = _scaled(call, deployment, replicas)
    return replace(scaled, body={**scaled.body, "replicas": replicas}, undo={**scaled.undo, "replicas": deployment.replicas})


def stopping_again(call: PlannedCall, captured: Json, deployment: Deployment) -> PlannedCall:
    """Returns the patch that puts a template back, which also wants as few pods as there were where the step had started them: they are owed again."""
    replicas = captured.get("replicas")
    if replicas is None or replicas == deployment.replicas:
        return call
    scaled = _scaled(call, deployment, replicas)
    return replace(scaled, body={**scaled.body, "owes": [STOPPED_DEBT.id]})


def _scaled(call: PlannedCall, deployment: Deployment, replicas: int) -> PlannedCall:
    _, *scale = scale_to(deployment, replicas)  # the patch tests the uid already
    tool = call.by_hand.partition(" rollout ")[0].partition(" set ")[0]
    return replace(
        call,
        summary=f"{call.summary}, {replicas} replicas",
        body={**call.body, "operations": [*call.body["operations"], *scale]},
        by_hand=f"{call.by_hand} && {tool} scale deployment {deployment.name} --replicas={replicas} -n {deployment.namespace}",
        diff=(*call.diff, DiffLine(Tone.CHANGED, f"replicas {deployment.replicas} → {replicas}")),
    )


def paid_by(request: StepRequest, calls: Sequence[PlannedCall], wanted: Callable[[str], bool]) -> tuple[PlannedCall, ...]:
    """Returns the calls, the last of which says what becomes of the debt for stopped services: paid once every one of them is wanted again, kept before.

    Args:
        request: The step.
        calls: Its patches.
        wanted: Tells of a service whether pods of it are wanted already; asked only of those that the calls do not start.
    """
    starts = {call.body["service"] for call in calls if call.body.get("replicas")}
    stopped = stopped_by_this_run(request)
    if not stopped or not calls:
        return tuple(calls)
    becomes = "pays" if all(name in starts or wanted(name) for name in stopped) else "keeps"
    return (*calls[:-1], replace(calls[-1], body={**calls[-1].body, becomes: [STOPPED_DEBT.id]}))
