"""The simulated API server as the adapter's other side."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from gospel_rollback_tui.domain.estate import Cluster
from gospel_rollback_tui.drill.kubernetes.access import Rule
from gospel_rollback_tui.drill.kubernetes.api import KubernetesApi
from gospel_rollback_tui.drill.kubernetes.behaviours import ContainerBehaviour, Fate, PodBehaviour
from gospel_rollback_tui.drill.kubernetes.faults import Hold
from gospel_rollback_tui.drill.kubernetes.identities import Tokens, User
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection, Timeouts

NONCE = "n0nce"
NAMESPACE = "shop"
IMAGE = "registry.example/web"
TIMEOUTS = Timeouts(connect=3.0, read=8.0, change=8.0)

_OBSERVER = Rule(subjects=("observers",), verbs=("get", "list", "watch"))
_OPERATOR = Rule(subjects=("operators",), namespaces=(NAMESPACE, "argocd"))


def _behaviour(pod: dict[str, Any]) -> PodBehaviour:
    """Images tagged `broken` crash, everything else runs."""
    broken = any(container["image"].endswith(":broken") for container in pod["spec"]["containers"])
    return PodBehaviour(ContainerBehaviour(Fate.CRASHES) if broken else ContainerBehaviour(start_seconds=0.05, ready_seconds=0.05))


def a_cluster(folder: Path) -> KubernetesApi:
    """Returns a simulated API server with two nodes, the namespace `shop`, and three users."""
    users = {
        "token-ana": User("ana", groups=("operators",)),
        "token-ben": User("ben", groups=("operators",)),
        "token-eve": User("eve", groups=("observers",)),
    }
    api = KubernetesApi(directory=folder, nonce=NONCE, tokens=Tokens(dict(users)), rules=(_OBSERVER, _OPERATOR), behaviour=_behaviour, speed=10)
    api.add_namespace(NAMESPACE)
    api.add_namespace("argocd")
    api.add_nodes(2)
    return api


def connected(api: KubernetesApi, folder: Path, user: str = "ana", nonce: str = NONCE, clock: Callable[[], float] = time.time) -> ClusterConnection:
    """Returns a connection of that user, by a kubeconfig of its own."""
    path = folder / f"kubeconfig-{user}"
    path.write_text(yaml.safe_dump(api.kubeconfig(user, namespace=NAMESPACE, context="here")))
    return ClusterConnection(Cluster("here", NAMESPACE, str(path), nonce=nonce), timeouts=TIMEOUTS, clock=clock)


def a_deployment(name: str = "web", tag: str = "v1", replicas: int = 2) -> dict[str, Any]:
    """Returns a Deployment as an operator would write it."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": f"{IMAGE}:{tag}"}]},
            },
        },
    }


def an_application() -> dict[str, Any]:
    """Returns an Argo CD Application that syncs by itself and heals."""
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop", "namespace": "argocd"},
        "spec": {
            "project": "default",
            "source": {"repoURL": "https://git.example/shop", "path": ".", "targetRevision": "main"},
            "destination": {"server": "https://kubernetes.default.svc", "namespace": NAMESPACE},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}, "syncOptions": ["CreateNamespace=true"]},
        },
    }


def drop(hold: Hold) -> None:
    """Breaks the connection of a held answer once its request has been acted on."""
    assert hold.arrived.wait(20)
    hold.drop()


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Waits until a condition holds; fails when it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.02)
