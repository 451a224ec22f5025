"""Compares pod templates in the operator's words.

The diff knows containers, variables and volumes by their names, so that an image that moved reads `v2.15.0 → v2.14.0`
and not as two lists; whatever has no name of its own is shown by its path.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gospel_rollback_tui.domain.preview import DiffLine, Tone
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text
from gospel_rollback_tui.domain.text import clean, redact
from gospel_rollback_tui.domain.workloads import TEMPLATE_HASH

_VALUE_WIDTH = 200
"""Characters of a value that are shown."""

_SPECIAL = frozenset({"containers", "initContainers", "volumes"})


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """One difference between two pod templates."""

    subject: str
    """What differs, e.g. `gateway image`, `gateway env FEATURE_X`, `volume config`."""
    old: str
    """Empty: it is added."""
    new: str
    """Empty: it is removed."""

    @property
    def words(self) -> str:
        """The difference in a line, e.g. `gateway image v2.15.0 → v2.14.0`."""
        if not self.old:
            return f"{self.subject} added: {self.new}"
        if not self.new:
            return f"{self.subject} removed: {self.old}"
        return f"{self.subject} {self.old} → {self.new}"

    @property
    def line(self) -> DiffLine:
        """The difference as a line of a preview."""
        tone = Tone.NEW if not self.old else Tone.OLD if not self.new else Tone.CHANGED
        return DiffLine(tone, self.words)


def stripped(template: JsonObject) -> dict[str, Any]:
    """Returns a copy of a pod template without the `pod-template-hash` label, which belongs to one ReplicaSet.

    Only what is changed is copied: the parts below are shared with the argument.
    """
    copy = dict(template)
    metadata = child(template, "metadata")
    if TEMPLATE_HASH in child(metadata, "labels"):
        labels = {name: value for name, value in child(metadata, "labels").items() if name != TEMPLATE_HASH}
        copy["metadata"] = {**metadata, "labels": labels}
    return copy


def same_template(one: JsonObject, other: JsonObject) -> bool:
    """Returns whether two templates make the same pods: equal but for the hash label and empty metadata."""
    return _comparable(one) == _comparable(other)


def _comparable(template: JsonObject) -> dict[str, Any]:
    copy = stripped(template)
    metadata = {name: value for name, value in child(copy, "metadata").items() if value not in (None, {}, [])}
    return {**copy, "metadata": metadata}


def template_diff(old: JsonObject, new: JsonObject) -> tuple[TemplateChange, ...]:
    """Returns what differs, images first, then variables, the rest of each container, volumes, and other paths.

    Templates that are not the same always give at least one change.
    """
    before, after = _comparable(old), _comparable(new)
    if before == after:
        return ()
    found = [*_containers(before, after, "containers"), *_containers(before, after, "initContainers")]
    found += _named(before, after, ("spec", "volumes"), "volume ", _flat_words)
    for place, prefix in (("labels", "label "), ("annotations", "annotation ")):
        found += map_changes(child(before, "metadata", place), child(after, "metadata", place), prefix)
    rest_before = {name: value for name, value in child(before, "spec").items() if name not in _SPECIAL}
    rest_after = {name: value for name, value in child(after, "spec").items() if name not in _SPECIAL}
    found += map_changes(dict(leaves(rest_before)), dict(leaves(rest_after)), "")
    return tuple(found) or (TemplateChange("order of the template's lists", "as it is", "as it was in that revision"),)


def diff_lines(old: JsonObject, new: JsonObject) -> tuple[DiffLine, ...]:
    """Returns the diff as lines of a preview."""
    return tuple(change.line for change in template_diff(old, new))


def image_words(old: str, new: str) -> tuple[str, str]:
    """Returns two images shortened to what tells them apart: tags or digests where the repository is the same."""
    (repository, old_tag), (other, new_tag) = _split_image(old), _split_image(new)
    return (old_tag, new_tag) if repository == other and old_tag != new_tag and old_tag and new_tag else (old, new)


def image_tag(image: str) -> str:
    """Returns the tag of an image, or a short digest, or the image itself when it has neither."""
    return _split_image(image)[1] or image


def _split_image(image: str) -> tuple[str, str]:
    repository, at, digest = image.partition("@")
    if at:
        name, _, tag = repository.rpartition(":") if ":" in repository.rpartition("/")[2] else (repository, "", "")
        short = digest[:19]
        return (name or repository), f"{tag}@{short}" if tag else short
    head, slash, tail = image.rpartition("/")
    name, colon, tag = tail.partition(":")
    return (head + slash + name, tag) if colon else (image, "")


def _containers(old: JsonObject, new: JsonObject, place: str) -> Iterator[TemplateChange]:
    before, after = _by_name(old, "spec", place), _by_name(new, "spec", place)
    kind = "init container " if place == "initContainers" else "container "
    for name in (*before, *(name for name in after if name not in before)):
        if name not in after:
            yield TemplateChange(kind + name, text(before[name].get("image")) or "present", "")
        elif name not in before:
            yield TemplateChange(kind + name, "", text(after[name].get("image")) or "present")
        else:
            yield from _container(name, before[name], after[name])


def _container(name: str, old: JsonObject, new: JsonObject) -> Iterator[TemplateChange]:
    before, after = text(old.get("image")), text(new.get("image"))
    if before != after:
        yield TemplateChange(f"{name} image", *image_words(before, after))
    yield from _named(old, new, ("env",), f"{name} env ", _variable_words)
    yield from _named(old, new, ("volumeMounts",), f"{name} mount ", _flat_words, key="mountPath")
    rest_before = {key: value for key, value in old.items() if key not in {"name", "image", "env", "volumeMounts"}}
    rest_after = {key: value for key, value in new.items() if key not in {"name", "image", "env", "volumeMounts"}}
    yield from map_changes(dict(leaves(rest_before)), dict(leaves(rest_after)), f"{name} ")


def _by_name(value: JsonObject, *path: str, key: str = "name") -> dict[str, JsonObject]:
    return {text(item.get(key)): item for item in children(value, *path)}


def _named(
    old: JsonObject,
    new: JsonObject,
    path: tuple[str, ...],
    prefix: str,
    words: Callable[[JsonObject], str],
    key: str = "name",
) -> list[TemplateChange]:
    before, after = _by_name(old, *path, key=key), _by_name(new, *path, key=key)
    names = (*before, *(name for name in after if name not in before))
    return [
        TemplateChange(prefix + name, words(before[name]) if name in before else "", words(after[name]) if name in after else "")
        for name in names
        if before.get(name) != after.get(name)
    ]


def map_changes(old: Mapping[str, object], new: Mapping[str, object], prefix: str) -> list[TemplateChange]:
    """Returns what differs between two flat maps, each name with the prefix before it."""
    names = (*old, *(name for name in new if name not in old))
    return [
        TemplateChange(clean(prefix + name), _shown(old[name]) if name in old else "", _shown(new[name]) if name in new else "")
        for name in names
        if name not in old or name not in new or old[name] != new[name]
    ]


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yields (dotted path, leaf) of a JSON value; empty objects and lists are leaves."""
    if isinstance(value, Mapping) and value:
        for name, held in value.items():
            yield from leaves(held, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        for index, held in enumerate(value):
            yield from leaves(held, f"{path}[{index}]")
    else:
        yield path, value


def _flat_words(item: JsonObject) -> str:
    parts = (f"{path} {_shown(value)}" for path, value in leaves(item) if path not in {"name", "mountPath"})
    return clean(redact(", ".join(parts)), _VALUE_WIDTH) or "present"


def _variable_words(item: JsonObject) -> str:
    source = child(item, "valueFrom")
    if source:
        return _flat_words(source)
    name = text(item.get("name"))
    return redact(f"{name}={text(item.get('value'), _VALUE_WIDTH)}").removeprefix(f"{name}=") or '""'


def _shown(value: object) -> str:
    if isinstance(value, str):
        return clean(redact(value), _VALUE_WIDTH) or '""'
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    return text(value) or clean(str(value), _VALUE_WIDTH)
