"""Reads the objects of the environment's namespace, raw, as the domain's readers take them."""

from collections.abc import Mapping
from typing import Any

from gospel_rollback_tui.domain.errors import NotFound
from gospel_rollback_tui.domain.raw import JsonObject, child
from gospel_rollback_tui.domain.workloads import controller_of, selector_text
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.exchange import path_of
from gospel_rollback_tui.infra.cluster.reading import READ_SECONDS, ClusterReader

_NAMED = {
    "ConfigMap": "configmaps",
    "Secret": "secrets",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "ServiceAccount": "serviceaccounts",
}


def deployment_path(namespace: str, name: str) -> str:
    """Returns the API path of a Deployment."""
    return path_of("apis", "apps", "v1", "namespaces", namespace, "deployments", name)


def application_path(namespace: str, name: str) -> str:
    """Returns the API path of an Argo CD Application."""
    return path_of("apis", "argoproj.io", "v1alpha1", "namespaces", namespace, "applications", name)


class ClusterWorkloads:
    """What runs in the environment's namespace, and what it needs."""

    def __init__(self, connection: ClusterConnection, *, deadline: float = READ_SECONDS) -> None:
        """`deadline`: seconds for one question, all attempts together."""
        self._namespace = connection.cluster.namespace
        self._reader = ClusterReader(connection, deadline=deadline)

    def deployment(self, name: str) -> dict[str, Any]:
        """Returns a Deployment; raises NotFound."""
        return self._reader.get(deployment_path(self._namespace, name))

    def deployments(self) -> tuple[dict[str, Any], ...]:
        """Returns every Deployment of the namespace."""
        return self._list("apis", "apps", "v1", kind="deployments")

    def replica_sets(self, deployment: JsonObject) -> tuple[dict[str, Any], ...]:
        """Returns the ReplicaSets that a Deployment controls; `deployment` is the raw object."""
        found = self._list("apis", "apps", "v1", kind="replicasets", labelSelector=selector_text(child(deployment, "spec", "selector")))
        uid = child(deployment, "metadata").get("uid")
        return tuple(item for item in found if controller_of(child(item, "metadata")).get("uid") == uid)

    def pods(self, selector: str = "") -> tuple[dict[str, Any], ...]:
        """Returns the pods that a label selector finds; empty: all of the namespace."""
        return self._list("api", "v1", kind="pods", **({"labelSelector": selector} if selector else {}))

    def events(self, kind: str = "", name: str = "", uid: str = "") -> tuple[dict[str, Any], ...]:
        """Returns the events about one object, about a kind, or all of the namespace."""
        fields = {"involvedObject.kind": kind, "involvedObject.name": name, "involvedObject.uid": uid}
        selector = ",".join(f"{field}={value}" for field, value in fields.items() if value)
        return self._list("api", "v1", kind="events", **({"fieldSelector": selector} if selector else {}))

    def config_maps(self) -> tuple[dict[str, Any], ...]:
        """Returns the ConfigMaps of the namespace, for who edited them when."""
        return self._list("api", "v1", kind="configmaps")

    def nodes(self) -> tuple[dict[str, Any], ...]:
        """Returns the cluster's nodes."""
        return self._reader.list_pages(path_of("api", "v1", "nodes")).items

    def autoscalers(self) -> tuple[dict[str, Any], ...]:
        """Returns every HorizontalPodAutoscaler of the namespace."""
        return self._list("apis", "autoscaling", "v2", kind="horizontalpodautoscalers")

    def application(self, namespace: str, name: str) -> dict[str, Any]:
        """Returns an Argo CD Application; raises NotFound, also where Argo CD is not installed."""
        return self._reader.get(application_path(namespace, name))

    def exists(self, kind: str, name: str) -> bool:
        """Returns whether an object that a pod template names is there.

        Args:
            kind: ConfigMap, Secret, PersistentVolumeClaim, ServiceAccount or PriorityClass.
            name: Its name.

        Raises:
            RollbackError: It could not be read; Forbidden, where reading that kind is not allowed.
        """
        return self._held(kind, name) is not None

    def keys(self, kind: str, name: str) -> frozenset[str] | None:
        """Returns the keys of a ConfigMap or Secret, never the values; None: it does not exist."""
        held = self._held(kind, name)
        return None if held is None else frozenset((*child(held, "data"), *child(held, "binaryData")))

    def _held(self, kind: str, name: str) -> Mapping[str, Any] | None:
        if kind == "PriorityClass":
            path = path_of("apis", "scheduling.k8s.io", "v1", "priorityclasses", name)
        else:
            path = path_of("api", "v1", "namespaces", self._namespace, _NAMED[kind], name)
        try:
            return self._reader.get(path)
        except NotFound:
            return None

    def _list(self, *api: str, kind: str, **query: str) -> tuple[dict[str, Any], ...]:
        return self._reader.list_pages(path_of(*api, "namespaces", self._namespace, kind), query).items
