"""The objects that an Application manages, told from others by the tracking annotation that Argo CD leaves on them."""

from collections.abc import Iterable
from dataclasses import dataclass

from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.drill.manifests import TRACKING_ANNOTATION
from gospel_rollback_tui.drill.ports import Registry
from gospel_rollback_tui.drill.script import NAMESPACE

MANAGED_KINDS = {"Deployment": "deployments", "ConfigMap": "configmaps", "Service": "services", "Job": "jobs", "CronJob": "cronjobs"}
"""Resource name by the kinds that the overlay may hold."""

NOT_FOUND = 404


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """What tells one managed object from another."""

    group: str
    kind: str
    namespace: str
    name: str


def group_of(document: Json) -> str:
    """Return the API group of an object, empty for the core group."""
    group, separator, _ = str(document["apiVersion"]).partition("/")
    return group if separator else ""


def identity_of(document: Json) -> Identity:
    """Return the identity of an object that git declares or the cluster has."""
    metadata = document["metadata"]
    return Identity(group_of(document), document["kind"], metadata.get("namespace") or NAMESPACE, metadata["name"])


def plural_of(kind: str) -> str:
    """Return the resource name of a kind.

    Raises:
        KeyError: No overlay of the estate has such objects.
    """
    return MANAGED_KINDS[kind]


def tracked(document: Json, application: str) -> Json:
    """Return an object with the annotation by which its Application knows it again."""
    identity = identity_of(document)
    value = f"{application}:{identity.group}/{identity.kind}:{identity.namespace}/{identity.name}"
    metadata = document["metadata"]
    annotations = {**metadata.get("annotations", {}), TRACKING_ANNOTATION: value}
    return {**document, "metadata": {**metadata, "namespace": identity.namespace, "annotations": annotations}}


def managed_by(registry: Registry, application: str, declared: Iterable[Identity]) -> dict[Identity, Json]:
    """Return the live objects that an Application tracks, and those that git declares whoever tracks them."""
    found: dict[Identity, Json] = {}
    for plural in MANAGED_KINDS.values():
        for document in registry.list(plural, NAMESPACE):
            if document["metadata"].get("annotations", {}).get(TRACKING_ANNOTATION, "").startswith(f"{application}:"):
                found[identity_of(document)] = document
    for identity in declared:
        if identity not in found and identity.kind in MANAGED_KINDS:
            live = _live(registry, identity)
            if live is not None:
                found[identity] = live
    return found


def _live(registry: Registry, identity: Identity) -> Json | None:
    try:
        return registry.get(plural_of(identity.kind), identity.namespace, identity.name)
    except ApiError as error:
        if error.code == NOT_FOUND:
            return None
        raise
