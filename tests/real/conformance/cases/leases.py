"""The lock between operators: one Lease, made and swapped."""

from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import Ask
from tests.real.conformance.comparing import refusal, whole
from tests.real.conformance.stage import Stage

GROUP = "coordination.k8s.io/v1"
NOW = "2026-01-01T00:00:00.000000Z"


def lease(name: str, **spec: JsonValue) -> Json:
    """Returns a Lease as the tool writes it."""
    notes = {"gospel-rollback/owner": "ann@jump-1", "gospel-rollback/run": "r1", "gospel-rollback/intent": ""}
    held = {"holderIdentity": "ann@jump-1 r1", "leaseDurationSeconds": 30, "renewTime": NOW, "acquireTime": NOW, "leaseTransitions": 1}
    return {"apiVersion": GROUP, "kind": "Lease", "metadata": {"name": name, "annotations": notes}, "spec": {**held, **spec}}


@story
def a_lock_is_taken_and_swapped(stage: Stage) -> JsonValue:
    """Created once, refused twice, swapped with its version, refused with an old one, deleted."""
    where = stage.endpoints.namespace
    folder, path = (stage.path("leases", name, group=GROUP, namespace=where) for name in ("", stage.name))
    send = stage.operator.send
    made = send(Ask("POST", folder, body=lease(stage.name)))
    twice = send(Ask("POST", folder, body=lease(stage.name)))
    read = send(Ask("GET", path))
    held = read.document
    held["spec"]["renewTime"] = "2026-01-01T00:00:10.000000Z"
    renewed = send(Ask("PUT", path, body=held))
    late = send(Ask("PUT", path, body=held))
    unconditional = send(Ask("PUT", path, body={**held, "metadata": {"name": stage.name}}))
    freed = renewed.document
    freed["spec"].pop("holderIdentity")
    free = send(Ask("PUT", path, body=freed))
    gone = send(Ask("DELETE", path))
    absent = send(Ask("PUT", path, body=freed))
    good = {name: whole(reply) for name, reply in {"made": made, "read": read, "renewed": renewed, "free": free, "gone": gone}.items()}
    bad = {name: refusal(reply) for name, reply in {"twice": twice, "late": late, "unconditional": unconditional, "absent": absent}.items()}
    return {**good, **bad}


@story
def what_no_lease_may_say(stage: Stage) -> JsonValue:
    """Times without microseconds, a duration of nothing, a holder of nothing."""
    folder = stage.path("leases", group=GROUP, namespace=stage.endpoints.namespace)
    wrong: dict[str, Json] = {
        "whole seconds": {"renewTime": "2026-01-01T00:00:00Z"},
        "no time": {"renewTime": "yesterday"},
        "no duration": {"leaseDurationSeconds": 0},
        "text for a number": {"leaseDurationSeconds": "30"},
        "no transitions": {"leaseTransitions": -1},
        "empty holder": {"holderIdentity": ""},
    }
    return {name: refusal(stage.operator.send(Ask("POST", folder, {"dryRun": "All"}, lease(stage.name, **spec)))) for name, spec in wrong.items()}


CASES: tuple[Case, ...] = (a_lock_is_taken_and_swapped, what_no_lease_may_say)
