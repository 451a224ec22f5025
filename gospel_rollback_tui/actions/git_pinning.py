"""Writes images into the overlay of the branch, and proves that the build then differs in exactly those images."""

from collections.abc import Mapping
from dataclasses import dataclass

from gospel_rollback_tui.actions.git_estate import GitEstate, Rendering
from gospel_rollback_tui.domain.branch_states import ServiceImages
from gospel_rollback_tui.domain.commits import Proposal
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.images import image_reference
from gospel_rollback_tui.domain.overlay import ImageEntry, image_entries, with_image
from gospel_rollback_tui.domain.rendered import image_repositories, images_of, more_than_images


@dataclass(frozen=True, slots=True)
class Pinned:
    """The branch with other images in its overlay."""

    proposal: Proposal
    rendering: Rendering
    file: str
    entries: tuple[tuple[ImageEntry, str], ...]
    """(entry as it was, image it is given)."""


def pinned(estate: GitEstate, images: ServiceImages) -> Pinned:
    """Returns the branch with those images, by service.

    Raises:
        Refused: The overlay has no entry for an image, or the build would differ in more or in less than these images.
    """
    head = estate.repository.head()
    path, text = estate.kustomization(head)
    entries = []
    for service, image in images.items():
        reference = image_reference(image)
        if reference.complaint:
            raise Refused(f"{service}: {reference.complaint}.")
        entry = _entry(image_entries(text, path), service, reference.repository, path)
        if entry.image != reference:
            text = with_image(text, path, entry.name, reference)
            entries.append((entry, image))
    proposal = estate.repository.edited({path: text})
    rendering = estate.rendering(head, proposal.tree)
    if not proposal.empty:
        _refuse_more(rendering, {str(entry.image): image for entry, image in entries})
    return Pinned(proposal, rendering, path, tuple(entries))


def _entry(entries: tuple[ImageEntry, ...], service: str, repository: str, path: str) -> ImageEntry:
    found = next((entry for entry in entries if entry.repository == repository), None)
    if found is None:
        known = ", ".join(entry.repository for entry in entries) or "no image at all"
        raise Refused(f"{service}: {path} makes no image {repository}; it makes {known}.", next_step="An entry that is added for it would change nothing.")
    return found


def _refuse_more(rendering: Rendering, wanted: Mapping[str, str]) -> None:
    """What is pinned must be in the build now, and nothing but it may differ afterwards."""
    if rendering.before is None or rendering.after is None:
        return
    known = images_of(rendering.before).values()
    absent = [image for image in wanted if image not in set(known)]
    if absent:
        others = ", ".join(sorted(image_repositories(known)))
        raise Refused(f"{absent[0]} is not among what the overlay builds ({others}): changing it would change nothing.")
    more = more_than_images(rendering.before, rendering.after, wanted)
    if more:
        raise Refused(f"The build would differ in more than the images: {more}.", next_step="Edit the overlay by hand, in a branch of its own.")
