"""What a pod template needs beside itself: rolling back a template brings none of it back."""

from collections.abc import Iterator
from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, children, flag, text


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """An object that a template names."""

    kind: str
    """ConfigMap, Secret, PersistentVolumeClaim, ServiceAccount or PriorityClass."""
    name: str
    key: str = ""
    """Key of a ConfigMap or Secret that must be there; empty: any."""
    optional: bool = False
    """Pods start without it."""
    where: str = ""
    """Who needs it, e.g. `gateway env DB_URL`."""


def references_of(template: JsonObject) -> tuple[Reference, ...]:
    """Returns every object a pod template refers to, each once: a need that is not optional hides one that is."""
    found: dict[tuple[str, str, str], Reference] = {}
    for reference in _all(child(template, "spec")):
        place = (reference.kind, reference.name, reference.key)
        if reference.name and (place not in found or (found[place].optional and not reference.optional)):
            found[place] = reference
    return tuple(sorted(found.values()))


def _all(spec: JsonObject) -> Iterator[Reference]:
    for container in children(spec, "initContainers") + children(spec, "containers"):
        yield from _of_container(container)
    for volume in children(spec, "volumes"):
        yield from _of_volume(volume, f"volume {text(volume.get('name'))}")
    for secret in children(spec, "imagePullSecrets"):
        yield Reference("Secret", text(secret.get("name")), where="image pull")
    account = text(spec.get("serviceAccountName")) or text(spec.get("serviceAccount"))
    yield Reference("ServiceAccount", account, where="service account")
    yield Reference("PriorityClass", text(spec.get("priorityClassName")), where="priority")


def _of_container(container: JsonObject) -> Iterator[Reference]:
    name = text(container.get("name"))
    for source in children(container, "envFrom"):
        yield from _config_or_secret(source, "configMapRef", "secretRef", f"{name} envFrom")
    for variable in children(container, "env"):
        where = f"{name} env {text(variable.get('name'))}"
        yield from _config_or_secret(child(variable, "valueFrom"), "configMapKeyRef", "secretKeyRef", where)


def _config_or_secret(source: JsonObject, config: str, secret: str, where: str) -> Iterator[Reference]:
    for kind, field in (("ConfigMap", config), ("Secret", secret)):
        named = child(source, field)
        yield Reference(kind, text(named.get("name")), text(named.get("key")), flag(named.get("optional")), where)


def _of_volume(volume: JsonObject, where: str) -> Iterator[Reference]:
    yield from _projection(volume, where)
    claim = child(volume, "persistentVolumeClaim")
    yield Reference("PersistentVolumeClaim", text(claim.get("claimName")), where=where)
    yield Reference("Secret", text(child(volume, "csi", "nodePublishSecretRef").get("name")), where=where)
    for source in children(volume, "projected", "sources"):
        yield from _projection(source, where)


def _projection(source: JsonObject, where: str) -> Iterator[Reference]:
    """A secret is named `secretName` in a volume and `name` in a projected source."""
    for kind, field in (("ConfigMap", "configMap"), ("Secret", "secret")):
        named = child(source, field)
        name = text(named.get("secretName")) or text(named.get("name"))
        optional = flag(named.get("optional"))
        items = children(named, "items")
        if not items:
            yield Reference(kind, name, "", optional, where)
        for item in items:
            yield Reference(kind, name, text(item.get("key")), optional, where)
