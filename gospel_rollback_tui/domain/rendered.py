"""What two builds of an overlay differ in, in the operator's words, and whether that is exactly what was wanted."""

from collections.abc import Iterable, Mapping
from typing import Any

from gospel_rollback_tui.domain.applying import applied
from gospel_rollback_tui.domain.images import image_reference
from gospel_rollback_tui.domain.manifests import ObjectKey, key_of, template_of, workload_images
from gospel_rollback_tui.domain.preview import DiffLine, Tone
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.release_diff import ObjectChange, object_diff

Build = tuple[JsonObject, ...]
"""Every object that an overlay makes."""


def rendered_diff(before: Build, after: Build) -> tuple[tuple[ObjectChange, ...], tuple[ObjectKey, ...]]:
    """Returns what becomes of each object that differs, and the objects that the second build has no more."""
    old, new = {key_of(one): one for one in before}, {key_of(one): one for one in after}
    changes = [ObjectChange(key, (), made=True, after=one) for key, one in new.items() if key not in old]
    for key, one in new.items():
        found, more = object_diff(old[key], one) if key in old else ((), 0)
        if found:
            changes.append(ObjectChange(key, found, more, before=old[key], after=one))
    return tuple(sorted(changes, key=lambda change: change.key)), tuple(sorted(key for key in old if key not in new))


def rendered_lines(before: Build, after: Build) -> tuple[DiffLine, ...]:
    """Returns the difference of two builds as lines of a preview."""
    changes, gone = rendered_diff(before, after)
    return (*(line for change in changes for line in change.lines), *(DiffLine(Tone.OLD, f"{key.words} not declared any more") for key in gone))


def differing(before: Build, after: Build) -> Build:
    """Returns the objects of the second build that the first has not exactly so."""
    old = {key_of(one): one for one in before}
    return tuple(one for one in after if old.get(key_of(one)) != one)


def images_of(build: Build) -> dict[tuple[str, str], str]:
    """Returns (object, container) → image of every workload of a build, e.g. (`Deployment gospelib-gateway`, `gateway`)."""
    return {(key.words, container): image for key, held in workload_images(build).items() for container, image in held.items()}


def image_repositories(images: Iterable[str]) -> frozenset[str]:
    """Returns the repositories of images, without tags and digests."""
    return frozenset(image_reference(image).repository for image in images)


def more_than_images(before: Build, after: Build, wanted: Mapping[str, str]) -> str:
    """Returns what the second build changes beside the wanted images; empty: nothing, and each of them is changed.

    Args:
        before: The build now.
        after: The build as it would be.
        wanted: Image now → image wanted.
    """
    expected = tuple(_replaced(one, wanted) for one in before)
    beside = rendered_lines(expected, after)
    if beside or {key_of(one) for one in expected} != {key_of(one) for one in after}:
        return "; ".join(line.text for line in beside[:4]) or "the set of objects"
    unchanged = [old for old in wanted if old in set(images_of(after).values())]
    return f"{unchanged[0]} is still there" if unchanged else ""


def got_only_images(now: Build, then: Build, deployments: Iterable[JsonObject]) -> bool:
    """Returns whether live Deployments run what a build declares but for their images, and another build would change more of their templates.

    Args:
        now: The build that was applied last.
        then: The build that declares the images that run.
        deployments: As the cluster has them.
    """
    old, new = ({key_of(one).words: one for one in build} for build in (now, then))
    kept_by_then = True
    for live in deployments:
        words = key_of({**live, "kind": "Deployment"}).words
        if words not in old or words not in new:
            return False
        last, declared, images = old[words], new[words], _images(live)
        pinned = _replaced(last, {image: images.get(container, image) for container, image in _images(last).items()})
        if not _keeps_template(live, pinned, last):
            return False
        kept_by_then = kept_by_then and _keeps_template(live, declared, last)
    return not kept_by_then


def _images(workload: JsonObject) -> dict[str, str]:
    return next(iter(workload_images([workload]).values()), {})


def _keeps_template(live: JsonObject, declared: JsonObject, last: JsonObject) -> bool:
    return template_of(applied(live, declared, last)) == template_of(live)


def _replaced(value: Any, wanted: Mapping[str, str]) -> Any:  # noqa: ANN401  (JSON values)
    if isinstance(value, Mapping):
        return {name: wanted.get(held, held) if name == "image" and isinstance(held, str) else _replaced(held, wanted) for name, held in value.items()}
    return [_replaced(one, wanted) for one in value] if isinstance(value, list) else value
