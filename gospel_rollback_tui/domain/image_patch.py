"""The smallest object that a server-side apply needs to give a workload other images: its identity, and the images that change."""

from typing import Any

from gospel_rollback_tui.domain.manifests import key_of, template_of, workload_images
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text


def changed_images(before: JsonObject, after: JsonObject) -> dict[str, str]:
    """Returns container → image of each container, init containers included, whose image differs in `after`."""
    old, new = (next(iter(workload_images([one]).values()), {}) for one in (before, after))
    return {name: image for name, image in new.items() if old.get(name) != image}


def image_patch(manifest: JsonObject, images: dict[str, str], namespace: str) -> dict[str, Any]:
    """Returns the manifest with nothing but those containers' images: no other field becomes ours.

    Args:
        manifest: A workload of a build.
        images: Container → image.
        namespace: Where it goes if it names no namespace.
    """
    key = key_of(manifest, namespace)
    spec: dict[str, Any] = {}
    for place in ("initContainers", "containers"):
        named = [text(one.get("name")) for one in children(template_of(manifest), "spec", place)]
        chosen = [{"name": name, "image": images[name]} for name in named if name in images]
        if chosen:
            spec[place] = chosen
    template = {"template": {"spec": spec}}
    return {
        "apiVersion": text(manifest.get("apiVersion")),
        "kind": key.kind,
        "metadata": {"name": key.name, "namespace": key.namespace},
        "spec": {"jobTemplate": {"spec": template}} if child(manifest, "spec", "jobTemplate") else template,
    }


def images_in(patch: JsonObject) -> dict[str, str]:
    """Returns container → image of what `image_patch` made."""
    return next(iter(workload_images([patch]).values()), {})
