"""Namespaces beside that of the services: one whose pods the operator may read, and one whose pods nobody but its own people may."""

from contextlib import suppress

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import REGISTRY, Behaviour, LogPattern, PodFate

PAYMENTS = "payments"
VAULT = "vault"
WATCHED = (PAYMENTS, VAULT)
"""What the configuration watches of an estate that starts with them."""

_CRASHING = Behaviour(
    "ledger",
    "v4.2.0",
    PodFate.CRASH_LOOP,
    message="out of connections",
    logs=(LogPattern("FATAL could not connect to the ledger's database: remaining connection slots are reserved", 0.0),),
)
_DEPLOYMENTS = (("checkout", "v7.1.3", PAYMENTS), ("ledger", "v4.2.0", PAYMENTS), ("sealer", "v1.0.9", VAULT))
_REPLICAS = 2


def neighbour_of(service: str, tag: str) -> Behaviour | None:
    """Return how a program of the neighbours behaves; None: it is none of theirs."""
    if (service, tag) == (_CRASHING.service, _CRASHING.tag):
        return _CRASHING
    return Behaviour(service, tag) if (service, tag) in {(name, version) for name, version, _ in _DEPLOYMENTS} else None


class Neighbours:
    """Moves the neighbours in and out; safe to use from any thread."""

    def __init__(self, registry: Registry) -> None:
        """Leave the estate as it is."""
        self._registry = registry

    def move_in(self) -> None:
        """Create the namespaces and what runs in them, where it is not there yet."""
        for name in WATCHED:
            with suppress(ApiError):  # it is there already
                self._registry.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for name, tag, namespace in _DEPLOYMENTS:
            self._registry.apply(_deployment(name, tag, namespace))

    def move_out(self) -> None:
        """Delete what runs in the namespaces; they stay, empty."""
        for name, _, namespace in _DEPLOYMENTS:
            with suppress(ApiError):  # it has gone before
                self._registry.delete("deployments", namespace, name)


def _deployment(name: str, tag: str, namespace: str) -> Json:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": _REPLICAS,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": f"{REGISTRY}/{name}:{tag}"}]}},
        },
    }
