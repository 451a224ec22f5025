"""Troubles that an API server really has: it is busy, or a right is gone."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from gospel_rollback_tui.drill.control_client import ControlError
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.real.conformance.case import Case, story
from tests.real.conformance.client import MERGE, Ask, Reply
from tests.real.conformance.comparing import refusal
from tests.real.conformance.stage import Stage

FLOW = "flowcontrol.apiserver.k8s.io/v1"


@contextmanager
def busy(stage: Stage) -> Iterator[None]:
    """Lets the API server be too busy for its operators: by the fault, or for real by a flow that has no seats."""
    try:
        stage.control.fault("too-many-requests")
    except ControlError:
        yield from _without_seats(stage)
        return
    try:
        yield
    finally:
        stage.control.fault("too-many-requests", on=False)


def _without_seats(stage: Stage) -> Iterator[None]:
    level = {
        "type": "Limited",
        "limited": {"nominalConcurrencyShares": 0, "lendablePercent": 0, "borrowingLimitPercent": 0, "limitResponse": {"type": "Reject"}},
    }
    subject = {"kind": "User", "user": {"name": "viewer"}}
    rule = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    flow = {
        "priorityLevelConfiguration": {"name": "no-seats"},
        "matchingPrecedence": 2,
        "rules": [{"subjects": [subject], "resourceRules": [rule]}],
    }
    kinds = (("prioritylevelconfigurations", "PriorityLevelConfiguration", level), ("flowschemas", "FlowSchema", flow))
    for plural, kind, spec in kinds:
        body = {"apiVersion": FLOW, "kind": kind, "metadata": {"name": "no-seats"}, "spec": spec}
        stage.admin.send(Ask("POST", f"/apis/{FLOW}/{plural}", body=body)).good()
    try:
        with _crowd(stage):
            yield
    finally:
        for plural, _, _ in reversed(kinds):
            stage.admin.send(Ask("DELETE", f"/apis/{FLOW}/{plural}/no-seats"))


@contextmanager
def _crowd(stage: Stage) -> Iterator[None]:
    """Keeps asking from three sides at once: a level without seats still serves whoever comes alone."""
    over = Event()

    def ask() -> None:
        while not over.is_set():
            stage.viewer.send(Ask("GET", stage.path("pods", group="v1", namespace=stage.endpoints.namespace)))

    crowd = [Thread(target=ask) for _ in range(3)]
    for one in crowd:
        one.start()
    try:
        yield
    finally:
        over.set()
        for one in crowd:
            one.join()


def _until(send: JsonValue, status: int) -> Reply:
    """Sends until the answer has a status: rights and flows take a moment to count."""
    for _ in range(400):
        reply = send()
        assert isinstance(reply, Reply)
        if reply.status == status:
            return reply
    raise AssertionError(f"never {status}: {reply.status} {reply.text[:300]}")


@story
def too_many_requests(stage: Stage) -> JsonValue:
    """429 is a text, no Status, and says when to come back."""
    pods = Ask("GET", stage.path("pods", group="v1", namespace=stage.endpoints.namespace), {"limit": "1"})
    with busy(stage):
        refused = _until(lambda: stage.viewer.send(pods), 429)
        spared = stage.admin.send(pods).status
    return [refusal(refused), spared, _until(lambda: stage.viewer.send(pods), 200).status]


@story
def a_right_that_is_gone(stage: Stage) -> JsonValue:
    """The operator may look and change nothing: 403 to patches and to the lock, and the review says so."""
    path = stage.path("deployments", "gospelib-content", namespace=stage.endpoints.namespace)
    patch = Ask("PATCH", path, {"dryRun": "All", "fieldManager": "gospel-rollback"}, {}, MERGE)
    attributes = {"verb": "patch", "group": "apps", "resource": "deployments", "namespace": stage.endpoints.namespace, "name": "gospelib-content"}
    body = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes}}
    review = Ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", body=body)
    stage.control.fault("forbidden")
    refused = _until(lambda: stage.operator.send(patch), 403)
    allowed = stage.operator.send(review).document["status"]["allowed"]
    lease = stage.operator.send(Ask("POST", stage.path("leases", group="coordination.k8s.io/v1", namespace=stage.endpoints.namespace), body={}))
    reads = stage.operator.send(Ask("GET", path)).status
    stage.control.fault("forbidden", on=False)
    again = _until(lambda: stage.operator.send(patch), 200).status
    return [refusal(refused), allowed, refusal(lease), reads, again]


CASES: tuple[Case, ...] = (too_many_requests, a_right_that_is_gone)
