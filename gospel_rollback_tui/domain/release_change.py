"""A service that changes releases: from what runs to what it goes back to, as far as its database is concerned."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from gospel_rollback_tui.domain.estate import Environment, Service
from gospel_rollback_tui.domain.manifests import is_hook, key_of, template_of
from gospel_rollback_tui.domain.raw import JsonObject, child, children, text

_MIGRATES = re.compile(r"\bmigrat(?:e|es|ion|ions)\b|\balembic\b|\bflyway\b|\bdbmate\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """One service between two releases."""

    service: Service
    running: str
    """What runs now: an image reference, or a commit."""
    target: str
    """What it goes back to, likewise."""
    migrates_at_start: bool = False
    """Whether the pods migrate when they start: as configured, or as seen."""


def migrates_at_start(template: JsonObject, service: Service | None = None) -> bool:
    """Returns whether pods migrate when they start: as the service's configuration says, otherwise as their template names it.

    Named is a migration by an init container's name, image or command, or by a container's command. What the program itself
    does before it serves nobody sees here: the configuration has to say it.
    """
    if service is not None and service.migrates_at_start is not None:
        return service.migrates_at_start
    spec = child(template, "spec")
    begins = [*_words(spec, "initContainers", "name", "image"), *_words(spec, "containers")]
    return any(_MIGRATES.search(word) for word in begins)


def _words(spec: JsonObject, containers: str, *fields: str) -> list[str]:
    found: list[str] = []
    for container in children(spec, containers):
        found += [text(container.get(field)) for field in fields]
        for list_of in ("command", "args"):
            listed = container.get(list_of)
            found += [text(word) for word in listed] if isinstance(listed, list) else []
    return found


def release_changes(environment: Environment, pairs: Iterable[tuple[JsonObject, JsonObject]]) -> tuple[ReleaseChange, ...]:
    """Returns the services that change their image; each pair is a Deployment as it is and as it becomes."""
    services = {service.deployment: service for service in environment.services}
    found = []
    for before, after in pairs:
        service = services.get(key_of(before).name) if before.get("kind") == "Deployment" else None
        if service is not None:
            found.append(service_change(service, template_of(before), template_of(after)))
    return tuple(change for change in found if change is not None)


def rendered_changes(environment: Environment, before: Iterable[JsonObject], after: Iterable[JsonObject]) -> tuple[ReleaseChange, ...]:
    """Returns the services that change their image between two sets of manifests, as a sync brings them: its hooks run too, and may migrate."""
    wanted = tuple(after)
    becomes = {key_of(manifest): manifest for manifest in wanted}
    pairs = ((manifest, becomes.get(key_of(manifest), {})) for manifest in before)
    found = release_changes(environment, ((was, becoming) for was, becoming in pairs if becoming))
    hooked = any(is_hook(manifest) and _names_a_migration(manifest) for manifest in wanted)
    return tuple(replace(change, migrates_at_start=True) for change in found) if hooked else found


def _names_a_migration(hook: JsonObject) -> bool:
    return bool(_MIGRATES.search(key_of(hook).name)) or migrates_at_start(template_of(hook))


def service_change(service: Service, before: JsonObject, after: JsonObject) -> ReleaseChange | None:
    """Returns the change of a service between two pod templates; None: its image stays."""
    running, target = _image(before, service.container), _image(after, service.container)
    if not running or not target or running == target:
        return None
    return ReleaseChange(service, running, target, migrates_at_start(before, service))


def _image(template: JsonObject, container: str) -> str:
    return next((text(one.get("image")) for one in children(child(template, "spec"), "containers") if one.get("name") == container), "")
