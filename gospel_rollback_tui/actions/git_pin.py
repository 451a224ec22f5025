"""Gives services known-good images in git: one entry of the overlay each, proved in the build and in the registry."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_pinning import pinned
from gospel_rollback_tui.actions.git_ports import Images
from gospel_rollback_tui.actions.git_prompt import Wanted
from gospel_rollback_tui.actions.git_words import image_words, not_what_runs, paid, paid_notice, pin_by_hand
from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.targets import chosen_services, service_choice
from gospel_rollback_tui.actions.together import together
from gospel_rollback_tui.domain.branch_states import ServiceImages
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.images import ImageReference, image_reference
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.sync_history import history_from
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

MOST_IMAGES = 15
"""Images of a repository that are offered."""


@dataclass(frozen=True, slots=True)
class PinnedImages:
    """The overlay with other images of some services (`services` and `image:SERVICE` in the inputs); without a choice, those that run."""

    estate: GitEstate
    images: Images | None = None
    """None: no registry is configured."""
    now: Callable[[], float] = time.time

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, and for each chosen one the images that its registry or its Deployment's history knows."""
        live = LiveEstate(self.estate.workloads)
        names = chosen_services(request)
        lists = (ChoiceList(f"image:{name}", f"Which image does git say for {name}?", self._options(live, request, name)) for name in names)
        return service_choice(live, request), *lists

    def _options(self, live: LiveEstate, request: StepRequest, name: str) -> tuple[Option, ...]:
        service = live.service(request.environment, name)
        container = service.service.container
        running = dict(service.deployment.images).get(container, "")
        ran = {revision.image(container): revision.number for revision in reversed(service.revisions)}
        options = {image: Option(image, image_reference(image).label, f"revision {number} of its Deployment") for image, number in ran.items() if image}
        repository = image_reference(running).repository
        for known in self.images.newest(repository, MOST_IMAGES) if self.images is not None and running else ():
            pushed = f"pushed {span(self.now() - known.pushed)} ago" if known.pushed else "in the registry"
            for reference in [ImageReference(repository, tag) for tag in known.tags] or [ImageReference(repository, "", known.digest)]:
                image = str(reference)
                was = f"{pushed}, revision {ran[image]} of its Deployment" if image in ran else pushed
                options[image] = Option(image, reference.label, was)
        said = self._said(request, name, running) == running
        if running in options:
            refused = "git says it already" if said else ""
            options[running] = Option(running, image_reference(running).label, "it runs now", suggested=not said, refused=refused)
        target = service.suggested()
        good = target.image(container) if target is not None and said else ""
        if good in options:
            options[good] = replace(options[good], suggested=True)
        return tuple(options.values())

    def _said(self, request: StepRequest, name: str, running: str) -> str:
        """Returns the image that the branch declares for a service; empty: it cannot be told."""
        declared = self.estate.declared(request.environment, self.estate.repository.head(), {name: running}) or {}
        return declared.get(name, "")

    def wanted(self, request: StepRequest, application: JsonObject | None) -> Wanted:
        """Returns the overlay with the chosen images; each must be in the registry as far as that can be told."""
        estate, environment = self.estate, request.environment
        running = estate.running(environment)
        images = self.chosen(request, running)
        notices = self.proved(images)
        found = pinned(estate, images)
        place = estate.repository.place
        words = image_words({entry.name: image for entry, image in found.entries})
        return Wanted(
            found.proposal,
            f"Pin {image_words(images)} on {place.branch}",
            f"Pin {image_words(images)} in {environment.name}",
            words,
            found.rendering,
            notices=(*notices, *self._beside(application), *paid_notice(environment, found.rendering, running)),
            by_hand=pin_by_hand(place.branch, place.overlay, tuple((entry.name, image) for entry, image in found.entries)),
            refused=not_what_runs(request.step, environment, found.rendering, running),
            debts=paid(environment, found.rendering, running),
        )

    def chosen(self, request: StepRequest, running: ServiceImages) -> ServiceImages:
        """Returns the image of each chosen service; without a choice those that run and that git does not say."""
        names = chosen_services(request)
        images = {name: self._named(request.inputs.get(f"image:{name}", ""), running.get(name, "")) for name in names}
        if any(images.values()):
            missing = [name for name, image in images.items() if not image]
            if missing:
                raise Refused(f"No image is chosen for {', '.join(missing)}.")
            return images
        declared = self.estate.declared(request.environment, self.estate.repository.head(), running) or {}
        beside = {name: image for name, image in running.items() if declared.get(name, image) != image and (not names or name in names)}
        if not beside:
            raise Refused("No image is chosen, and git says what runs already.", next_step="Choose services and images.")
        return beside

    @staticmethod
    def _named(chosen: str, running: str) -> str:
        """A tag or digest alone means the repository that the service runs from."""
        chosen, repository = chosen.strip(), image_reference(running).repository
        if not chosen or not repository or "/" in chosen:
            return chosen
        if chosen.startswith("sha256:"):
            return f"{repository}@{chosen}"
        return chosen if image_reference(chosen).tag else f"{repository}:{chosen}"

    def proved(self, images: ServiceImages) -> tuple[Notice, ...]:
        """Asks the registry; raises Refused for an image that it does not have."""
        listed = tuple(images.values())
        registry = self.images
        found = together([partial(registry.exists, image) for image in listed]) if registry is not None else (None,) * len(listed)
        absent = [image for image, there in zip(listed, found, strict=True) if there is False]
        if absent:
            raise Refused(f"The registry has no {', '.join(absent)}: pods could not start.", next_step="Choose an image that is there.")
        unknown = [image_reference(image).label for image, there in zip(listed, found, strict=True) if there is None]
        return (Notice("Registry", f"not asked whether {', '.join(unknown)} is there", warning=True),) if unknown else ()

    def _beside(self, application: JsonObject | None) -> tuple[Notice, ...]:
        """What else the next sync brings: commits of the manifests that are newer than what was deployed last."""
        repository, folder = self.estate.repository, self.estate.repository.place.folder
        entries = history_from(application) if application is not None else ()
        last = entries[-1].revisions if entries else ()
        contents = repository.contents((repository.head(), *last), folder)
        deployed = {contents[sha] for sha in last if sha in contents}
        if not deployed or contents.get(repository.head(), "") in deployed:
            return ()
        return (Notice("Also brings", f"changes of {folder} that were pushed since the last deployment", warning=True),)
