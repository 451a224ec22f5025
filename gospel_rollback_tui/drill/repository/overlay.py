"""A stand-in for `kustomize build` that knows what the estate's own overlay uses, and refuses the rest.

That is: `resources`, `namespace`, `images` and `replicas`. What it returns for them is what kustomize 5.5 prints, in
the same order; where it refuses, it uses kustomize's words.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from gospel_rollback_tui.drill.kubernetes.documents import Json

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_FIELDS = ("apiVersion", "kind", "resources", "namespace", "images", "replicas")
_FIRST = (
    *("Namespace", "ResourceQuota", "StorageClass", "CustomResourceDefinition", "ServiceAccount", "PodSecurityPolicy", "Role", "ClusterRole"),
    *("RoleBinding", "ClusterRoleBinding", "ConfigMap", "Secret", "Endpoints", "Service", "LimitRange", "PriorityClass", "PersistentVolume"),
    *("PersistentVolumeClaim", "Deployment", "StatefulSet", "CronJob", "PodDisruptionBudget"),
)
"""The kinds that kustomize prints first, in its order; others follow."""

_WITHOUT_NAMESPACE = ("Node", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "PersistentVolume", "StorageClass")
_SCALED = ("Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class OverlayError(ValueError):
    """An overlay that does not build; the message is what kustomize would say, without its `Error: `."""


def render(files: Mapping[str, str], folder: str) -> list[Json]:
    """Return the objects that a folder of a repository's files declares.

    Raises:
        OverlayError: It does not build.
    """
    return sorted(_declared(files, folder), key=_place_in_print)


def _declared(files: Mapping[str, str], folder: str) -> list[Json]:
    """Return the objects of a folder in the order in which they are declared."""
    kustomization = _kustomization(files, folder)
    objects = [found for resource in kustomization.get("resources") or () for found in _resource(files, folder, resource)]
    for document in objects:
        if "namespace" in kustomization:
            _move(document, kustomization["namespace"])
        for container in _containers(document):
            container["image"] = _image(container["image"], kustomization.get("images") or ())
    for replicas in kustomization.get("replicas") or ():
        _scale(objects, replicas["name"], replicas["count"])
    return objects


def _kustomization(files: Mapping[str, str], folder: str) -> dict[str, Any]:
    present = [name for name in FILE_NAMES if f"{folder}/{name}" in files]
    if not present:
        raise OverlayError(f"unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{folder}'")
    if len(present) > 1:
        raise OverlayError(f"Found multiple kustomization files under: {folder}\n")
    try:
        document = yaml.load(files[f"{folder}/{present[0]}"], Loader=_LOADER)  # noqa: S506 - a safe loader either way
    except yaml.YAMLError as error:
        raise OverlayError(f"invalid Kustomization: yaml: {_line_of(error)}") from error
    if not isinstance(document, dict):
        raise OverlayError("invalid Kustomization: json: cannot unmarshal the document into a Kustomization")
    for field in document:
        if field not in _FIELDS:
            raise OverlayError(f'invalid Kustomization: json: unknown field "{field}"')
    return document


def _resource(files: Mapping[str, str], folder: str, resource: str) -> list[Json]:
    """Return what a file holds, or what another folder declares."""
    path = posixpath.normpath(posixpath.join(folder, resource))
    if path in files:
        try:
            return [document for document in yaml.load_all(files[path], Loader=_LOADER) if document]
        except yaml.YAMLError as error:
            raise OverlayError(f"accumulating resources: accumulation err='accumulating resources from '{resource}': {_line_of(error)}'") from error
    if any(name.startswith(f"{path}/") for name in files):
        return _declared(files, path)
    raise OverlayError(f"accumulating resources: accumulation err='accumulating resources from '{resource}': open {path}: no such file or directory'")


def _place_in_print(document: Json) -> tuple[int, str, str, str]:
    """Return what kustomize orders its output by."""
    kind, metadata = document["kind"], document["metadata"]
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST), kind, metadata.get("namespace", ""), metadata["name"]


def _move(document: Json, namespace: str) -> None:
    """Put an object into a namespace; one that is a namespace becomes that one."""
    if document["kind"] == "Namespace":
        document["metadata"]["name"] = namespace
    elif document["kind"] not in _WITHOUT_NAMESPACE:
        document["metadata"]["namespace"] = namespace


def _containers(document: Json) -> list[Json]:
    """Return the containers of an object that has a pod template."""
    template = document.get("spec", {}).get("template") if document["kind"] != "ConfigMap" else None
    pod: dict[str, Any] = (template or {}).get("spec", {})
    return [*pod.get("initContainers", []), *pod.get("containers", [])]


def _image(image: str, changes: Sequence[Mapping[str, Any]]) -> str:
    """Return an image's name after the entry that names it; a digest stands beside the tag it is given with."""
    for change in changes:
        matched = re.fullmatch(rf"{re.escape(change['name'])}(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?", image)
        if matched is None:
            continue
        name = change.get("newName", change["name"])
        tag, digest = change.get("newTag", ""), change.get("digest", "")
        kept = "" if tag or digest else image.removeprefix(change["name"])
        return f"{name}{kept}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
    return image


def _scale(objects: Sequence[Json], name: str, count: int) -> None:
    scaled = [document for document in objects if document["kind"] in _SCALED and document["metadata"]["name"] == name]
    if not scaled:
        raise OverlayError(f"resource with name {name} does not match a config with the following GVK {list(_SCALED)}")
    for document in scaled:
        document["spec"]["replicas"] = count


def _line_of(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: {getattr(error, 'problem', '')}" if mark else str(error)
