"""A cluster for each test, fast, with pods that fare as their image's tag says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gospel_rollback_tui.drill.kubernetes import ContainerBehaviour, Fate, Json, KubernetesApi, LogLine, PodBehaviour, Rule, Tokens, User, WrittenLogs
from gospel_rollback_tui.drill.kubernetes.documents import JsonValue
from tests.drill.kubernetes.builders import CRASHING, NAMESPACE, UNCONFIGURED, UNPLACEABLE, UNPULLABLE, UNREADY
from tests.drill.kubernetes.client import Client
from tests.drill.waiting import wait_for

SPEED = 20.0
NONCE = "nonce-of-this-test"
_BY_IMAGE = {
    CRASHING: ContainerBehaviour(Fate.CRASHES, exit_code=3, message="panic: no database"),
    UNPULLABLE: ContainerBehaviour(Fate.PULL_FAILS),
    UNREADY: ContainerBehaviour(Fate.NEVER_READY),
    UNCONFIGURED: ContainerBehaviour(Fate.CONFIG_MISSING, message='configmap "settings" not found'),
}


def by_image(pod: Json) -> PodBehaviour:
    """Let every container fare as its image says."""
    containers = [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]
    unschedulable = "0/3 nodes are available: 3 Insufficient cpu." if any(c["image"] == UNPLACEABLE for c in containers) else None
    return PodBehaviour(containers={c["name"]: _BY_IMAGE.get(c["image"], ContainerBehaviour()) for c in containers}, unschedulable=unschedulable)


@dataclass
class Cluster:
    """A running API server and what tests need of it."""

    api: KubernetesApi
    logs: WrittenLogs
    clients: list[Client] = field(default_factory=list)

    def client(self, token: str | None = "admin-token") -> Client:
        """Return a client with a token, by default the one nothing is forbidden to."""
        client = Client(self.api, token)
        self.clients.append(client)
        return client

    def log(self, pod: str, container: str, line: LogLine, *, previous: bool = False) -> None:
        """Let a container have written a line."""
        self.logs.write(NAMESPACE, pod, container, line, previous=previous)

    def pods(self, selector: str = "app=web") -> list[Json]:
        """Return the pods that a label selector matches."""
        return self.api.registry.list("pods", NAMESPACE, selector)

    def deployment(self, name: str = "web") -> Json:
        """Return a Deployment."""
        return self.api.registry.get("deployments", NAMESPACE, name)

    def create(self, document: dict[str, Any]) -> Json:
        """Store an object."""
        return self.api.registry.create(document)

    def rolled_out(self, name: str = "web") -> bool:
        """Whether a Deployment's rollout is complete and its old pods are gone."""
        deployment = self.deployment(name)
        status, replicas = deployment["status"], deployment["spec"]["replicas"]
        counters = ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas")
        return (
            status.get("observedGeneration") == deployment["metadata"]["generation"]
            and all(status.get(counter, 0) == replicas for counter in counters)
            and len(self.pods(f"app={name}")) == replicas
        )

    def create_rolled_out(self, document: dict[str, Any]) -> Json:
        """Store a Deployment and wait until it runs."""
        self.create(document)
        name = document["metadata"]["name"]
        wait_for(lambda: self.rolled_out(name))
        return self.deployment(name)

    def container(self, selector: str = "app=web", name: str = "web") -> Json:
        """Return the status of a container of the only pod that matches; empty before it has one."""
        statuses = [one for pod in self.pods(selector) for one in pod["status"].get("containerStatuses", []) if one["name"] == name]
        return statuses[0] if statuses else {}

    def events(self, reason: str) -> list[Json]:
        """Return the events of a reason."""
        return [event for event in self.api.registry.list("events", NAMESPACE) if event["reason"] == reason]


def _tokens() -> Tokens:
    return Tokens(
        {
            "admin-token": User("admin", ("system:masters",)),
            "operator-token": User("operator", ("operators",), uid="operator"),
            "viewer-token": User("viewer"),
        }
    )


RULES = (
    Rule(subjects=("operators",), verbs=("get", "list", "watch")),
    Rule(subjects=("operators",), verbs=("patch",), groups=("apps",), resources=("deployments", "deployments/scale"), namespaces=(NAMESPACE,)),
    Rule(subjects=("viewer",), verbs=("get", "list"), groups=("apps",), resources=("deployments",), namespaces=(NAMESPACE,), names=("web",)),
)


@pytest.fixture
def make_cluster(tmp_path: Path) -> Iterator[Callable[..., Cluster]]:
    """Makes clusters that end with the test; arguments are those of the API server."""
    made: list[Cluster] = []

    def make(**settings: JsonValue) -> Cluster:
        logs = WrittenLogs()
        defaults = {"nonce": NONCE, "tokens": _tokens(), "rules": RULES, "log_source": logs, "behaviour": by_image, "speed": SPEED}
        api = KubernetesApi(directory=tmp_path / f"cluster-{len(made)}", **{**defaults, **settings})
        cluster = Cluster(api, logs)
        made.append(cluster)
        api.start()
        api.add_namespace(NAMESPACE)
        api.add_nodes(3)
        return cluster

    yield make
    for cluster in made:
        for client in cluster.clients:
            client.close()
        cluster.api.close()


@pytest.fixture
def cluster(make_cluster: Callable[..., Cluster]) -> Cluster:
    """A cluster with three nodes and an empty namespace."""
    return make_cluster()


@pytest.fixture
def client(cluster: Cluster) -> Client:
    """A client of the cluster to which nothing is forbidden."""
    return cluster.client()


@pytest.fixture
def operator(cluster: Cluster) -> Client:
    """A client that may read everything and patch Deployments."""
    return cluster.client("operator-token")
