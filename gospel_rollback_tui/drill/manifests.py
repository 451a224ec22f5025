"""The Kubernetes objects of the estate as git declares them, built from a script."""

from collections.abc import Sequence
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.script import (
    APPLICATION,
    NAMESPACE,
    SERVICE_PORTS,
    ConfigEdit,
    History,
    Revision,
    deployment_name,
    image_name,
)

REPLICAS = 2
PROGRESS_DEADLINE_SECONDS = 600
TRACKING_ANNOTATION = "argocd.argoproj.io/tracking-id"
CHANGE_CAUSE_ANNOTATION = "kubernetes.io/change-cause"


def deployment_document(history: History, revision: Revision) -> Json:
    """Return the Deployment of a service at one revision."""
    name = deployment_name(history.service)
    strategy: Json = {"type": "Recreate"} if history.recreate else {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": {"app": name, "app.kubernetes.io/part-of": "gospelib"},
            "annotations": {
                CHANGE_CAUSE_ANNOTATION: revision.change_cause,
                TRACKING_ANNOTATION: f"{APPLICATION}:apps/Deployment:{NAMESPACE}/{name}",
            },
        },
        "spec": {
            "replicas": REPLICAS,
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": PROGRESS_DEADLINE_SECONDS,
            "selector": {"matchLabels": {"app": name}},
            "strategy": strategy,
            "template": {"metadata": {"labels": {"app": name}}, "spec": _pod_spec(history.service, revision)},
        },
    }


def _pod_spec(service: str, revision: Revision) -> Json:
    """Return the pod spec of a service at one revision; its one container has the service's name."""
    port = SERVICE_PORTS[service]
    container: dict[str, Any] = {
        "name": service,
        "image": image_name(service, revision.tag),
        "ports": [{"name": "http", "containerPort": port}],
        "env": [{"name": "PORT", "value": str(port)}, *({"name": name, "value": value} for name, value in revision.env)],
        "envFrom": [{"configMapRef": {"name": f"{service}-env"}}],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}, "periodSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/health", "port": "http"}, "periodSeconds": 10},
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "512Mi"}},
    }
    return {"containers": [container], "terminationGracePeriodSeconds": 30}


def config_map_document(name: str, content: Sequence[tuple[str, str]]) -> Json:
    """Return a ConfigMap of the estate."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": dict(content)}


def config_maps(edits: Sequence[ConfigEdit]) -> list[tuple[Json, ConfigEdit | None]]:
    """Return every ConfigMap of the estate, each with the edit that somebody made to it, if any."""
    edited = {edit.name: edit for edit in edits}
    names = [*(f"{service}-env" for service in SERVICE_PORTS), *(name for name in edited if name.removesuffix("-env") not in SERVICE_PORTS)]
    return [(config_map_document(name, edited[name].content if name in edited else (("LOG_LEVEL", "info"),)), edited.get(name)) for name in names]
