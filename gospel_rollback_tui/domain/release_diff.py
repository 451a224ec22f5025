"""What going to a commit changes in a release: per object the image, the replicas, the configuration, and what would be left over."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.applying import applied
from gospel_rollback_tui.domain.manifests import ObjectKey, hooks_of, is_hook, key_of, template_of
from gospel_rollback_tui.domain.preview import DiffLine, Tone
from gospel_rollback_tui.domain.raw import JsonObject, child, flag, text
from gospel_rollback_tui.domain.template import TemplateChange, leaves, map_changes, template_diff

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
LINES = 6
"""Changes of one object that are listed; the rest is counted."""
NEVER_PRUNED = frozenset({"PersistentVolumeClaim", "PersistentVolume", "Namespace", "CustomResourceDefinition", "StatefulSet", "Secret"})
"""Kinds whose loss is no rollback."""
_OWN = ("status", "metadata")


@dataclass(frozen=True, slots=True)
class Managed:
    """An object of the release as it is now."""

    key: ObjectKey
    live: JsonObject = field(repr=False, hash=False)
    """Empty: it is not there."""
    last: JsonObject = field(repr=False, hash=False)
    """What was applied to it last, as far as that is known."""


def managed_from(items: Iterable[JsonObject]) -> tuple[Managed, ...]:
    """Reads `managed-resources`: states are JSON texts; hooks are left out."""
    found = []
    for item in items:
        live = _parsed(item.get("liveState"))
        if flag(item.get("hook")) or is_hook(live):
            continue
        key = ObjectKey(text(item.get("kind")), text(item.get("name")), text(item.get("namespace")), text(item.get("group")))
        last = _parsed(child(live, "metadata", "annotations").get(LAST_APPLIED)) or _parsed(item.get("targetState"))
        found.append(Managed(key, live, last))
    return tuple(found)


def _parsed(state: object) -> JsonObject:
    try:
        value = json.loads(state) if isinstance(state, str) and state else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """What becomes of one object."""

    key: ObjectKey
    changes: tuple[TemplateChange, ...]
    more: int = 0
    """Changes beside these that are only counted."""
    made: bool = False
    """It is not there and is made."""
    before: JsonObject = field(default_factory=dict, repr=False, hash=False)
    after: JsonObject = field(default_factory=dict, repr=False, hash=False)

    @property
    def lines(self) -> tuple[DiffLine, ...]:
        """The changes as lines of a preview, the object's name before the first."""
        if self.made:
            return (DiffLine(Tone.NEW, f"{self.key.words} made"),)
        shown = tuple(change.line for change in self.changes[:LINES])
        rest = len(self.changes) - len(shown) + self.more
        more = (DiffLine(Tone.CHANGED, f"and {rest} more"),) if rest else ()
        return (DiffLine(Tone.SAME, self.key.words), *shown, *more)


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """What going to a commit changes."""

    changed: tuple[ObjectChange, ...]
    """Workloads first."""
    left: tuple[ObjectKey, ...]
    """Live objects that the commit does not have: pruned if that is chosen, otherwise they stay and run on."""
    hooks: tuple[str, ...]
    """Hooks of the commit, which a rollback does not run."""

    def of(self, key: ObjectKey) -> ObjectChange | None:
        """Returns what becomes of an object; None: nothing."""
        return next((change for change in self.changed if (change.key.kind, change.key.name) == (key.kind, key.name)), None)


def release_diff(manifests: Iterable[JsonObject], managed: Iterable[Managed], namespace: str) -> ReleaseDiff:
    """Compares what a commit declares with what is live.

    Args:
        manifests: What the commit declares, hooks included.
        managed: What is live, with what was applied last.
        namespace: Where objects go that name no namespace.
    """
    wanted = {key_of(manifest, namespace): manifest for manifest in manifests if not is_hook(manifest)}
    there = {one.key: one for one in managed}
    changes = []
    for key, manifest in wanted.items():
        found = there.get(key) or there.get(_unspaced(key))
        if found is None or not found.live:
            changes.append(ObjectChange(key, (), made=True, after=manifest))
            continue
        after = applied(found.live, manifest, found.last)
        differences, more = object_diff(found.live, after)
        if differences:
            changes.append(ObjectChange(key, differences, more, before=found.live, after=after))
    known = {*wanted, *(_unspaced(key) for key in wanted)}
    left = sorted(one.key for key, one in there.items() if one.live and key not in known)
    return ReleaseDiff(tuple(sorted(changes, key=_workloads_first)), tuple(left), hooks_of(manifests))


def _unspaced(key: ObjectKey) -> ObjectKey:
    """Objects of the cluster have no namespace, though a manifest without one is given the release's."""
    return ObjectKey(key.kind, key.name, "", key.group)


def _workloads_first(change: ObjectChange) -> tuple[bool, ObjectKey]:
    return not template_of(change.after), change.key


def object_diff(before: JsonObject, after: JsonObject) -> tuple[tuple[TemplateChange, ...], int]:
    """Returns what differs between two states of an object, in the operator's words, and how much more is only counted.

    Putting a value into harmless words costs more than comparing it, and nobody reads hundreds. A Secret's values are
    never among them.
    """
    if after.get("kind", before.get("kind")) == "Secret":
        return _secret(before, after), 0
    found = list(template_diff(template_of(before), template_of(after))) if template_of(after) else []
    more = 0
    compared = ((_rest(before), _rest(after), ""), *((_noted(before, place), _noted(after, place), f"{place[:-1]} ") for place in ("labels", "annotations")))
    for old, new, prefix in compared:
        names = [name for name in dict.fromkeys((*old, *new)) if name not in old or name not in new or old[name] != new[name]]
        told = names[: max(0, LINES - len(found))]
        found += map_changes({name: old[name] for name in told if name in old}, {name: new[name] for name in told if name in new}, prefix)
        more += len(names) - len(told)
    return tuple(found), more


def _secret(before: JsonObject, after: JsonObject) -> tuple[TemplateChange, ...]:
    old, new = {**child(before, "data"), **child(before, "stringData")}, {**child(after, "data"), **child(after, "stringData")}
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return tuple(TemplateChange(f"key {text(name)}", "as it is" if name in old else "", "another value" if name in new else "") for name in names)


def _rest(manifest: JsonObject) -> Mapping[str, object]:
    """Returns every leaf but those of the pod template, the metadata and the status."""
    found: dict[str, object] = {}
    for name, value in manifest.items():
        if name in _OWN:
            continue
        held = {k: v for k, v in value.items() if k not in ("template", "jobTemplate")} if name == "spec" and isinstance(value, Mapping) else value
        found |= {_shortened(path): leaf for path, leaf in leaves(held, name)}
    return found


def _shortened(path: str) -> str:
    """A ConfigMap's keys, replicas and the like are known without the part they stand in."""
    for part in ("spec.", "data."):
        if path.startswith(part):
            return path.removeprefix(part)
    return path


def _noted(manifest: JsonObject, place: str) -> dict[str, object]:
    held = child(manifest, "metadata", place)
    return {name: value for name, value in held.items() if name != LAST_APPLIED}
