"""Where a case plays: one estate, its people, and a quiet namespace beside the incident's."""

from dataclasses import dataclass, field

from gospel_rollback_tui.drill.control_client import ControlClient
from gospel_rollback_tui.drill.endpoints import EstateEndpoints
from gospel_rollback_tui.drill.kubernetes.documents import Json, JsonValue
from tests.real.conformance.client import ApiClient, Ask, Reply, client_of
from tests.real.conformance.shapes import Shape

QUIET = "conformance"
"""The namespace that only the cases write to."""

V1, V2 = "registry.invalid/web:v1", "registry.invalid/web:v2"


@dataclass
class Stage:
    """One estate as a case sees it; `name` is free for what the case makes."""

    endpoints: EstateEndpoints
    admin: ApiClient
    operator: ApiClient
    viewer: ApiClient
    name: str = ""
    sent: set[Shape] = field(default_factory=set)

    @property
    def control(self) -> ControlClient:
        """The estate's control endpoint."""
        return ControlClient(self.endpoints.control_url, self.endpoints.nonce)

    @property
    def stranger(self) -> ApiClient:
        """Somebody without credentials."""
        return self.admin.with_token("")

    @property
    def impostor(self) -> ApiClient:
        """Somebody with a token that nobody issued."""
        return self.admin.with_token("nobody-issued-this")

    def send(self, ask: Ask, by: str = "admin") -> Reply:
        """Sends a request of a table as one of the people, its names filled in."""
        client = getattr(self, by)
        assert isinstance(client, ApiClient)
        return client.send(ask.at(ns=QUIET, scene=self.endpoints.namespace, name=self.name))

    def path(self, plural: str, name: str = "", *, group: str = "apps/v1", namespace: str = "") -> str:
        """Returns the path of a collection of the quiet namespace, or of an object in it."""
        root = "/api/v1" if group == "v1" else f"/apis/{group}"
        return f"{root}/namespaces/{namespace or QUIET}/{plural}" + (f"/{name}" if name else "")

    def create(self, plural: str, document: Json, *, group: str = "apps/v1") -> Json:
        """Creates an object in the quiet namespace."""
        return self.admin.send(Ask("POST", self.path(plural, group=group), body=document)).good()

    def patch(self, path: str, body: JsonValue, content_type: str) -> Json:
        """Patches an object and returns it."""
        return self.admin.send(Ask("PATCH", path, body=body, content_type=content_type)).good()

    def settled(self, name: str) -> Json:
        """Waits until a Deployment of the quiet namespace is rolled out, and returns it."""
        return self.admin.until(f"{name} is rolled out", self.path("deployments", name), is_rolled_out)


def is_rolled_out(live: Json) -> bool:
    """Whether every pod of a Deployment is of its newest template and available, and no other is left."""
    status, wanted = live.get("status", {}), live["spec"]["replicas"]
    counts = [status.get(count, 0) for count in ("replicas", "updatedReplicas", "availableReplicas", "readyReplicas")]
    return status.get("observedGeneration") == live["metadata"]["generation"] and counts == [wanted] * 4 and not status.get("unavailableReplicas")


def deployment(name: str, image: str = V1, replicas: int = 1, **spec: JsonValue) -> Json:
    """Returns a Deployment with two containers, the first with an environment."""
    labels = {"app": name}
    containers = [
        {"name": "web", "image": image, "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "ports": [{"containerPort": 8080}]},
        {"name": "side", "image": "registry.invalid/side:v1"},
    ]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers}}
    metadata = {"name": name, "labels": labels, "annotations": {"kubernetes.io/change-cause": "first"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


def open_stage(endpoints: EstateEndpoints) -> Stage:
    """Returns the stage of an estate; the kubeconfigs of its other people lie beside its authority's certificate."""
    sent: set[Shape] = set()
    beside = endpoints.ca_file.parent
    stage = Stage(
        endpoints,
        admin=client_of(beside / "admin.kubeconfig", sent),
        operator=client_of(endpoints.kubeconfig, sent),
        viewer=client_of(beside / "restricted.kubeconfig", sent),
        sent=sent,
    )
    _furnish(stage)
    return stage


def _furnish(stage: Stage) -> None:
    """Makes what many cases look at: the namespace, a Deployment `web` at its second revision, five ConfigMaps."""
    stage.admin.send(Ask("POST", "/api/v1/namespaces", body={"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": QUIET}})).good()
    stage.create("deployments", deployment("web", replicas=2))
    for number in range(1, 6):
        metadata = {"name": f"shelf-{number}", "labels": {"app": "shelf", "odd": str(bool(number % 2)).lower()}}
        stage.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"k": "v"}}, group="v1")
    stage.settled("web")
    containers = [{"name": "web", "image": V2}]
    body = {"metadata": {"annotations": {"kubernetes.io/change-cause": "second"}}, "spec": {"template": {"spec": {"containers": containers}}}}
    stage.patch(stage.path("deployments", "web"), body, "application/strategic-merge-patch+json")
    stage.settled("web")
    stage.admin.until("the old pods are gone", stage.path("pods", group="v1"), lambda found: len(found["items"]) == 2)
