"""Objects that tests put into a cluster."""

from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import JsonValue

NAMESPACE = "kx"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
EVENTS = f"/api/v1/namespaces/{NAMESPACE}/events"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
REPLICA_SETS = f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"
LEASES = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases"
CONFIG_MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
APPLICATIONS = f"/apis/argoproj.io/v1alpha1/namespaces/{NAMESPACE}/applications"
WEB = f"{DEPLOYMENTS}/web"

GOOD, BETTER = "ecr.test/web:v1", "ecr.test/web:v2"
CRASHING, UNPULLABLE, UNREADY, UNPLACEABLE, UNCONFIGURED = (f"ecr.test/web:{tag}" for tag in ("crash", "nopull", "unready", "nowhere", "noconfig"))


def a_container(name: str = "web", image: str = GOOD, **more: JsonValue) -> dict[str, Any]:
    """Return a container."""
    return {"name": name, "image": image, **more}


def a_deployment(
    name: str = "web", image: str = GOOD, *, replicas: int = 3, containers: list[dict[str, Any]] | None = None, **spec: JsonValue
) -> dict[str, Any]:
    """Return a Deployment; further arguments are fields of its spec."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers or [a_container(image=image)]}},
            **spec,
        },
    }


def a_stateful_set(name: str = "db", image: str = GOOD, *, replicas: int = 2) -> dict[str, Any]:
    """Return a StatefulSet."""
    document = a_deployment(name, image, replicas=replicas, containers=[a_container("db", image)])
    document["kind"] = "StatefulSet"
    document["spec"]["serviceName"] = name
    return document


def a_config_map(name: str, **content: str) -> dict[str, Any]:
    """Return a ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": NAMESPACE}, "data": content}


def an_application(name: str = "gw") -> dict[str, Any]:
    """Return an Argo CD Application."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"project": "gospelib", "syncPolicy": {"automated": {"prune": True, "selfHeal": True}}},
        "status": {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}},
    }


def image_patch(image: str, container: str = "web") -> dict[str, Any]:
    """Return the strategic merge patch that sets a container's image."""
    return {"spec": {"template": {"spec": {"containers": [{"name": container, "image": image}]}}}}
