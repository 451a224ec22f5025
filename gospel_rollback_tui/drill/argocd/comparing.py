"""What the controller sees when it sets the cluster against git: which objects differ, and how well each is."""

from dataclasses import dataclass
from typing import Any

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.managed_objects import Identity, managed_by
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.sync_rules import deployment_health, is_drifted, worst_health

_WITH_HEALTH = ("Deployment", "Service")


@dataclass(frozen=True, slots=True)
class Comparison:
    """One look at the cluster, against the objects of one commit."""

    declared: dict[Identity, Json]
    live: dict[Identity, Json]

    @property
    def drifted(self) -> list[Identity]:
        """What git declares and the cluster has otherwise, or not at all."""
        return [identity for identity, document in self.declared.items() if is_drifted(document, self.live.get(identity))]

    @property
    def superfluous(self) -> list[Identity]:
        """What the Application once brought and git does not declare any more."""
        return [identity for identity in self.live if identity not in self.declared]

    @property
    def sync(self) -> str:
        """The Application's sync status."""
        return "OutOfSync" if self.drifted or self.superfluous else "Synced"

    @property
    def health(self) -> str:
        """The Application's health: the worst of what git declares; what is absent counts as Missing, whatever it is."""
        return worst_health([word for identity in self.declared if (word := self._health(identity))])

    def resources(self) -> list[Json]:
        """Return the `resources` of the Application's status."""
        drifted, superfluous = set(self.drifted), set(self.superfluous)
        return [self._resource(identity, drifted, superfluous) for identity in sorted({**self.declared, **self.live})]

    def _resource(self, identity: Identity, drifted: set[Identity], superfluous: set[Identity]) -> Json:
        different = identity in drifted or identity in superfluous
        resource = described(identity, self.declared.get(identity) or self.live[identity])
        resource["status"] = "OutOfSync" if different else "Synced"
        if identity in superfluous:
            resource["requiresPruning"] = True
        return resource

    def _health(self, identity: Identity) -> str:
        """Return the health of an object; empty for kinds that have none."""
        live = self.live.get(identity)
        if live is None:
            return "Missing"
        if identity.kind not in _WITH_HEALTH:
            return ""
        return deployment_health(live) if identity.kind == "Deployment" else "Healthy"


def described(identity: Identity, document: Json) -> dict[str, Any]:
    """Return the names of an object as statuses hold them; the core group is left out."""
    names = {"version": document["apiVersion"].rpartition("/")[2], "kind": identity.kind, "namespace": identity.namespace, "name": identity.name}
    return {"group": identity.group, **names} if identity.group else names


def compare(registry: Registry, application: str, declared: dict[Identity, Json]) -> Comparison:
    """Set the live objects of an Application against those of a commit."""
    return Comparison(declared, managed_by(registry, application, declared))
