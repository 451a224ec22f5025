"""Objects as git declares them: what each is called, which images it runs, and which are hooks."""

from collections.abc import Iterable
from dataclasses import dataclass

from gospel_rollback_tui.domain.raw import JsonObject, child, children, text
from gospel_rollback_tui.domain.sync_history import Images

HOOK_ANNOTATIONS = ("argocd.argoproj.io/hook", "helm.sh/hook")
_NO_HOOK = frozenset({"", "Skip", "crd-install"})


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """What an object is called in one cluster; without the version, which changes nothing."""

    kind: str
    name: str
    namespace: str = ""
    group: str = ""

    @property
    def words(self) -> str:
        """E.g. `Deployment gospelib-gateway`."""
        return f"{self.kind} {self.name}"


def key_of(manifest: JsonObject, namespace: str = "") -> ObjectKey:
    """Returns an object's key; `namespace` is where it goes if it names none."""
    metadata = child(manifest, "metadata")
    version = text(manifest.get("apiVersion"))
    group = version.rpartition("/")[0]
    return ObjectKey(
        text(manifest.get("kind")), text(metadata.get("name")) or text(metadata.get("generateName")), text(metadata.get("namespace")) or namespace, group
    )


def template_of(manifest: JsonObject) -> JsonObject:
    """Returns the pod template of a workload, or an empty object for everything else."""
    spec = child(manifest, "spec")
    if manifest.get("kind") == "Pod":
        return manifest
    return child(spec, "jobTemplate", "spec", "template") or child(spec, "template")


def is_hook(manifest: JsonObject) -> bool:
    """Returns whether an object is a hook: applied by a sync at its phase, and never by a rollback."""
    annotations = child(manifest, "metadata", "annotations")
    return any(text(annotations.get(name)) not in _NO_HOOK for name in HOOK_ANNOTATIONS)


def hooks_of(manifests: Iterable[JsonObject]) -> tuple[str, ...]:
    """Returns the hooks with their phases, e.g. `Job migrate (PreSync)`."""
    found = []
    for manifest in manifests:
        annotations = child(manifest, "metadata", "annotations")
        phases = next((text(annotations.get(name)) for name in HOOK_ANNOTATIONS if text(annotations.get(name)) not in _NO_HOOK), "")
        if phases:
            found.append(f"{key_of(manifest).words} ({phases})")
    return tuple(found)


def workload_images(manifests: Iterable[JsonObject], namespace: str = "") -> dict[ObjectKey, dict[str, str]]:
    """Returns each workload's containers with their images, init containers included; hooks are left out."""
    found: dict[ObjectKey, dict[str, str]] = {}
    for manifest in manifests:
        spec = child(template_of(manifest), "spec")
        containers = (*children(spec, "initContainers"), *children(spec, "containers"))
        if containers and not is_hook(manifest):
            found[key_of(manifest, namespace)] = {text(one.get("name")): text(one.get("image")) for one in containers}
    return found


def images_run(workloads: dict[ObjectKey, dict[str, str]]) -> Images:
    """Returns (workload/container, image) pairs, by which two states of a release are compared."""
    return frozenset((f"{key.kind}/{key.name}/{container}", image) for key, held in workloads.items() for container, image in held.items())
