"""Changes: what is sent, and what a refusal tells."""

from collections.abc import Callable
from typing import Any

import pytest

from gospel_rollback_tui.domain.change import replace_template
from gospel_rollback_tui.domain.errors import FactsMoved, Refused
from gospel_rollback_tui.domain.workloads import deployment_from
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from tests.domain.cluster_objects import a_deployment, a_template
from tests.infra.cluster.scripted import Heard, Reply, Script, ScriptedServer, status

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

_LIVE = a_template("registry/web:v2")
_OPERATIONS = replace_template(deployment_from(a_deployment(_LIVE)), a_template(), "why")
_UNEXPLAINED = status(422, "Invalid", "the server rejected our request due to an error in our request")


def _refusing(now: Reply) -> Script:
    return lambda heard: _UNEXPLAINED if heard.method == "PATCH" else now


def test_a_deployment_is_patched_as_this_tool(serve: Serve, connect: Connect) -> None:
    """By JSON Patch, under its own field manager, with the token, and the answer is the object."""
    server = serve(lambda heard: Reply(200, {"kind": "Deployment"}))
    assert ClusterChanges(connect(server)).patch_deployment("web", _OPERATIONS) == {"kind": "Deployment"}
    sent = server.heard[0]
    assert (sent.method, sent.path) == ("PATCH", "/apis/apps/v1/namespaces/ns/deployments/web")
    assert sent.query == {"fieldManager": "gospel-rollback"}
    assert sent.headers["content-type"] == "application/json-patch+json"
    assert sent.headers["authorization"] == "Bearer t0ken"
    assert sent.body == _OPERATIONS


def test_a_dry_run_says_so(serve: Serve, connect: Connect) -> None:
    """The server is asked to store nothing."""
    server = serve(lambda heard: Reply())
    ClusterChanges(connect(server)).patch_deployment("web", _OPERATIONS, dry_run=True)
    assert server.heard[0].query["dryRun"] == "All"


def test_an_application_is_patched_by_merge_or_by_operations(serve: Serve, connect: Connect) -> None:
    """A custom resource takes no strategic merge."""
    server = serve(lambda heard: Reply())
    changes = ClusterChanges(connect(server))
    changes.patch_application("argocd", "app", {"spec": {}})
    changes.patch_application("argocd", "app", [{"op": "test", "path": "/metadata/uid", "value": "u"}])
    assert [heard.headers["content-type"] for heard in server.heard] == ["application/merge-patch+json", "application/json-patch+json"]
    assert server.heard[0].path == "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/app"


@pytest.mark.parametrize(
    ("now", "moved"),
    [
        (Reply(200, a_deployment(a_template("registry/web:v3"))), (("web image", "v2", "v3"),)),
        (status(404, "NotFound", "gone"), (("object", "there", "gone"),)),
        (status(403, "Forbidden", "no"), ()),
    ],
)
def test_a_failed_test_is_told_by_what_moved(serve: Serve, connect: Connect, now: Reply, moved: tuple[Any, ...]) -> None:
    """The server does not say which test failed: the object is read again."""
    with pytest.raises(FactsMoved) as caught:
        ClusterChanges(connect(serve(_refusing(now)))).patch_deployment("web", _OPERATIONS)
    assert caught.value.moved == moved
    assert caught.value.next_step


def test_a_refusal_with_every_test_holding_is_no_moved_fact(serve: Serve, connect: Connect) -> None:
    """A path that does not exist gives the same answer as a failed test."""
    with pytest.raises(Refused) as caught:
        ClusterChanges(connect(serve(_refusing(Reply(200, a_deployment(_LIVE)))))).patch_deployment("web", _OPERATIONS)
    assert type(caught.value) is Refused


def test_a_validation_error_is_shown_as_it_is(serve: Serve, connect: Connect) -> None:
    """What is invalid is said, and nothing is read again."""
    invalid = status(422, "Invalid", 'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1', causes=[{"field": "spec.replicas"}])
    server = serve(lambda heard: invalid)
    with pytest.raises(Refused, match=r"spec\.replicas"):
        ClusterChanges(connect(server)).patch_deployment("web", _OPERATIONS)
    assert server.methods() == ["PATCH"]


def test_a_change_of_the_template_does_not_depend_on_key_order(serve: Serve, connect: Connect) -> None:
    """What was read is sent back as it was read."""
    bodies: list[Any] = []

    def _note(heard: Heard) -> Reply:
        bodies.append(heard.body)
        return Reply()

    ClusterChanges(connect(serve(_note))).patch_deployment("web", _OPERATIONS)
    assert bodies[0][1]["value"] == _LIVE
