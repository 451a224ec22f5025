"""What a Deployment can go back to: a revision of its history, or a known-good image."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.actions.live import LiveEstate, LiveService
from gospel_rollback_tui.actions.started import stopped_by_this_run
from gospel_rollback_tui.domain.change import replacement_refusal
from gospel_rollback_tui.domain.errors import NotFound
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.raw import JsonObject, child, children
from gospel_rollback_tui.domain.revisions import Revision
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.template import image_tag
from gospel_rollback_tui.engine.ports import FAILING, ChoiceList, Option, StepRequest

IMAGE = re.compile(r"[a-z0-9][a-z0-9._/-]*(?::\d+/[a-z0-9._/-]+)?(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?")
"""An image reference (distribution's reference grammar, without its upper limit)."""


@dataclass(frozen=True, slots=True)
class Target:
    """What one Deployment is given."""

    number: str
    """Revision number; empty: not one of the history."""
    label: str
    """The release in words, e.g. `v2.14.0`."""
    template: JsonObject = field(repr=False, hash=False)
    by_hand: str
    revision: Revision | None = None
    refused: str = ""
    """Why it cannot be; empty: it can."""


class Targets(Protocol):
    """How a step says what to go back to."""

    def choices(self, live: LiveEstate, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the live lists that set the step's inputs."""

    def services(self, request: StepRequest) -> tuple[str, ...]:
        """Returns the chosen services, in the configuration's order."""

    def of(self, live: LiveService, request: StepRequest) -> Target:
        """Returns what the service is given, or why it cannot be."""

    def title(self, lives: tuple[LiveService, ...], targets: tuple[Target, ...]) -> str:
        """Returns what the step does, in a line."""


def chosen_services(request: StepRequest) -> tuple[str, ...]:
    """Returns the services that the input `services` names and the estate has; without it those that this run has stopped."""
    wanted = [name.strip() for name in request.inputs.get("services", "").split(",") if name.strip()] or list(stopped_by_this_run(request))
    return tuple(s.name for s in request.environment.services if s.name in wanted)


def service_choice(live: LiveEstate, request: StepRequest) -> ChoiceList:
    """Returns the list of services, with the image each runs; one whose Deployment is gone cannot be chosen."""
    options = []
    failing = {name.strip() for name in request.inputs.get(FAILING, "").split(",")}
    for service in request.environment.services:
        try:
            deployment = live.deployment(request.environment, service.name)
            images = ", ".join(image_tag(image) for _, image in deployment.images)
            fails = service.name in failing
            options.append(Option(service.name, service.name, f"runs {images}, revision {deployment.revision}{', fails' if fails else ''}", suggested=fails))
        except NotFound:
            options.append(Option(service.name, service.name, refused="its Deployment is gone"))
    return ChoiceList("services", "Which services go back?", tuple(options), multiple=True)


def _title(lives: tuple[LiveService, ...], targets: tuple[Target, ...], verb: str) -> str:
    names = ", ".join(live.service.name for live in lives) or "nothing"
    labels = {target.label for target in targets}
    return f"{verb} {names} back to {labels.pop()}" if len(labels) == 1 else f"{verb} {names} back"


class RevisionTargets:
    """Targets from each Deployment's own history (`revision:SERVICE` in the inputs)."""

    def choices(self, live: LiveEstate, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, and the history of each chosen one."""
        lists = [service_choice(live, request)]
        for name in self.services(request):
            service = live.service(request.environment, name)
            suggested = service.revision(request.inputs.get(f"revision:{name}", "")) or service.suggested()
            options = tuple(_option(service, revision, suggested) for revision in service.revisions)
            lists.append(ChoiceList(f"revision:{name}", f"Which revision does {name} go back to?", options))
        return tuple(lists)

    def services(self, request: StepRequest) -> tuple[str, ...]:
        """Returns the chosen services."""
        return chosen_services(request)

    def of(self, live: LiveService, request: StepRequest) -> Target:
        """Returns the chosen revision's template; without a choice it is refused, since `the one before` may be the bad one again."""
        name = live.service.name
        number = request.inputs.get(f"revision:{name}", "")
        if not number:
            return Target("", "?", live.deployment.template, "", refused="no revision is chosen")
        revision = live.revision(number)
        if revision is None:
            return Target(number, f"revision {number}", live.deployment.template, "", refused=f"revision {number} is not in the history any more")
        command = f"rollout undo deployment/{live.deployment.name} --to-revision={number} -n {live.deployment.namespace}"
        by_hand = kubectl(request.environment.cluster, command)
        label = image_tag(revision.image(live.service.container))
        return Target(number, label, revision.template, by_hand, revision, replacement_refusal(live.deployment, revision.template))

    def title(self, lives: tuple[LiveService, ...], targets: tuple[Target, ...]) -> str:
        """Returns e.g. `Roll gateway back to v2.14.0`."""
        return _title(lives, targets, "Roll")


def _option(live: LiveService, revision: Revision, suggested: Revision | None) -> Option:
    image = image_tag(revision.image(live.service.container))
    ready = {Truth.TRUE: "was ready", Truth.FALSE: "was never ready", Truth.UNKNOWN: "not known to have been ready"}[revision.once_ready]
    ran = f"ran {span(revision.ran)}" if revision.ran else ""
    flags = ["current"] * revision.current + ["failing"] * revision.failing + ["rolled back from"] * revision.rolled_back_from
    detail = ", ".join(part for part in (ran, ready, revision.change_cause, *flags) if part)
    refused = "it is what runs now" if revision.current else ""
    return Option(str(revision.number), f"revision {revision.number}  {image}", detail, suggested is not None and suggested.number == revision.number, refused)


class ImageTargets:
    """Targets that give one container a known-good image (`image:SERVICE` in the inputs)."""

    def choices(self, live: LiveEstate, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, and for each chosen one the images that its history knows."""
        lists = [service_choice(live, request)]
        for name in self.services(request):
            service = live.service(request.environment, name)
            known: dict[str, Option] = {}
            for revision in service.revisions:
                image = revision.image(service.service.container)
                if image and not revision.current:
                    known.setdefault(image, Option(image, image_tag(image), f"revision {revision.number}"))
            lists.append(ChoiceList(f"image:{name}", f"Which image does {name} run?", tuple(known.values())))
        return tuple(lists)

    def services(self, request: StepRequest) -> tuple[str, ...]:
        """Returns the chosen services."""
        return chosen_services(request)

    def of(self, live: LiveService, request: StepRequest) -> Target:
        """Returns the Deployment's template with that one image replaced."""
        image = request.inputs.get(f"image:{live.service.name}", "").strip()
        template = live.deployment.template
        if not image:
            return Target("", "?", template, "", refused="no image is chosen")
        if not IMAGE.fullmatch(image):
            return Target("", image, template, "", refused="that is not an image reference")
        if not any(c.get("name") == live.service.container for c in children(template, "spec", "containers")):
            return Target("", image, template, "", refused=f"it has no container {live.service.container}")
        pinned = _with_image(template, live.service.container, image)
        command = f"set image deployment/{live.deployment.name} {live.service.container}={image} -n {live.deployment.namespace}"
        by_hand = kubectl(request.environment.cluster, command)
        return Target("", image_tag(image), pinned, by_hand, refused=replacement_refusal(live.deployment, pinned))

    def title(self, lives: tuple[LiveService, ...], targets: tuple[Target, ...]) -> str:
        """Returns e.g. `Pin gateway back to v2.14.0`."""
        return _title(lives, targets, "Pin")


def _with_image(template: JsonObject, container: str, image: str) -> JsonObject:
    spec = child(template, "spec")
    containers: list[Mapping[str, object]] = [{**c, "image": image} if c.get("name") == container else c for c in children(template, "spec", "containers")]
    return {**template, "spec": {**spec, "containers": containers}}
