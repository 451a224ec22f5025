"""Server-side apply: our own name, conflicts by field, and any kind that the cluster serves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gospel_rollback_tui.domain.errors import FieldConflict, NotFound, OutcomeUnknown, Refused
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.infra.cluster.applying import ClusterApply
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from tests.infra.cluster.scripted import Heard, Reply, Script, ScriptedServer, status
from tests.infra.cluster.simulated import IMAGE, NAMESPACE, a_cluster, a_deployment, connected

Serve = Callable[[Script], ScriptedServer]
Connect = Callable[..., ClusterConnection]

APPS = {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}, {"name": "deployments/scale", "kind": "Scale", "namespaced": True}]}
WEB = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"{IMAGE}:v2"}]}}},
}
CAUSES = [
    {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "argocd-controller" using apps/v1',
        "field": '.spec.template.spec.containers[name="web"].image',
    }
]


def answering(reply: Reply) -> Script:
    """Serves discovery, and that answer to every patch."""
    return lambda heard: reply if heard.method == "PATCH" else Reply(200, APPS)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubernetesApi]:
    """A simulated API server that ends with the test."""
    with a_cluster(tmp_path / "api") as served:
        yield served


def patches(server: ScriptedServer) -> list[Heard]:
    """Returns the patches that were heard."""
    return [heard for heard in server.heard if heard.method == "PATCH"]


def test_an_object_is_applied_as_this_tool_and_not_by_force(serve: Serve, connect: Connect) -> None:
    """The path comes from the cluster's own list, asked once."""
    server = serve(answering(Reply(200, {"kind": "Deployment"})))
    applied = ClusterApply(connect(server))
    applied.apply(WEB, dry_run=True)
    assert applied.apply(WEB, force=True) == {"kind": "Deployment"}
    rehearsed, sent = patches(server)
    assert sent.path == "/apis/apps/v1/namespaces/ns/deployments/web"
    assert (rehearsed.query, sent.query) == ({"fieldManager": "gospel-rollback", "dryRun": "All"}, {"fieldManager": "gospel-rollback", "force": "true"})
    assert sent.headers["content-type"] == "application/apply-patch+yaml"
    assert sent.body == WEB
    methods = [heard.method for heard in server.heard]
    assert methods[methods.index("PATCH") :] == ["PATCH", "PATCH"]


def test_conflicts_are_told_by_field_and_manager(serve: Serve, connect: Connect) -> None:
    """Whose field it is decides whether to take it over."""
    conflict = status(409, "Conflict", "Apply failed with 1 conflict")
    body: dict[str, Any] = {**(conflict.body if isinstance(conflict.body, dict) else {}), "details": {"causes": CAUSES}}
    with pytest.raises(FieldConflict, match=r"image \(argocd-controller\)") as caught:
        ClusterApply(connect(serve(answering(Reply(409, body))))).apply(WEB)
    assert caught.value.fields == (("argocd-controller", '.spec.template.spec.containers[name="web"].image'),)


def test_a_kind_that_the_cluster_does_not_serve_is_refused(serve: Serve, connect: Connect) -> None:
    """Nothing is sent for it."""
    server = serve(answering(Reply(200, {})))
    with pytest.raises(NotFound, match=r"no Gateway of apps/v1"):
        ClusterApply(connect(server)).apply({**WEB, "kind": "Gateway"})
    with pytest.raises(Refused, match="no Kubernetes object"):
        ClusterApply(connect(server)).apply({"kind": "Deployment"})
    assert not patches(server)


def test_a_lost_answer_is_not_taken_for_a_failure(serve: Serve, connect: Connect) -> None:
    """It may have been applied; a rehearsal cannot."""
    server = serve(answering(Reply(504, {})))
    with pytest.raises(OutcomeUnknown):
        ClusterApply(connect(server)).apply(WEB)


def test_only_the_named_fields_change_on_a_served_cluster(api: KubernetesApi, tmp_path: Path) -> None:
    """An image of one container; replicas and labels stay as somebody else set them."""
    api.registry.apply(a_deployment(replicas=3))
    connection = connected(api, tmp_path)
    applied = ClusterApply(connection)
    manifest = {**WEB, "metadata": {"name": "web", "namespace": NAMESPACE}}
    assert applied.apply(manifest, dry_run=True, force=True)["spec"]["template"]["spec"]["containers"][0]["image"] == f"{IMAGE}:v2"
    assert applied.live(manifest)["spec"]["template"]["spec"]["containers"][0]["image"] == f"{IMAGE}:v1"
    applied.apply(manifest, force=True)
    now = applied.live(manifest)
    assert (now["spec"]["replicas"], now["spec"]["template"]["spec"]["containers"][0]["image"]) == (3, f"{IMAGE}:v2")
    connection.close()
