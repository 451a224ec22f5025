"""The live list of a release rollback: the history's entries with age, commit, subject, tags and images, and which is suggested."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.argocd_release import Told
from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.together import as_far_as
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.evidence import Truth
from gospel_rollback_tui.domain.manifests import ObjectKey, images_run
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.domain.sync_history import Candidate, Images, candidates, history_from, suggested
from gospel_rollback_tui.domain.template import image_tag
from gospel_rollback_tui.engine.ports import ChoiceList, Option

ENTRY = "entry"
"""Input that names the entry: its id together with its commits."""
LIVE_SECONDS = 4.0
_QUESTION = "Which release does it go back to?"


@dataclass(frozen=True, slots=True)
class Running:
    """What the services run, and what was seen to be wrong with images."""

    images: Images
    unwell: Mapping[str, str]


def running(live: LiveEstate, environment: Environment) -> Running:
    """Reads every service's Deployment and history at the same time; what did not answer is left out."""
    found = as_far_as([partial(live.service, environment, service.name) for service in environment.services], LIVE_SECONDS)
    images: dict[ObjectKey, dict[str, str]] = {}
    unwell: dict[str, str] = {}
    for service in found:
        if service is None or isinstance(service, RollbackError):
            continue
        images[ObjectKey("Deployment", service.deployment.name)] = dict(service.deployment.images)
        for revision in service.revisions:
            if revision.failing or revision.once_ready is Truth.FALSE:
                words = "was served while users failed" if revision.failing else "was never ready"
                unwell |= {image: words for _, image in revision.images if not revision.current or revision.failing}
    return Running(images_run(images), unwell)


def entry_choice(application: JsonObject, told: Mapping[tuple[str, ...], Told], live: Running, now: float) -> ChoiceList:
    """Returns the entries, newest first; one that is gone from git, or is what runs, cannot be chosen."""
    entries = history_from(application)
    known = {revisions: one.images for revisions, one in told.items() if one.images is not None}
    found = candidates(entries, known, live.unwell, now)
    best = suggested(found, live.images)
    return ChoiceList(ENTRY, _QUESTION, tuple(_option(one, told.get(one.entry.revisions, Told()), live.images, now, one == best) for one in found))


def _option(one: Candidate, told: Told, live: Images, now: float, best: bool) -> Option:
    age = f"{span(now - one.entry.deployed)} ago" if one.entry.deployed is not None else "age not known"
    label = f"{one.entry.id}  {told.label(one.entry)}  {age}"
    flags = [
        one.entry.short if told.tags else "",
        told.subject,
        ", ".join(told.tags[1:]),
        _images(one, told, live),
        f"by {one.entry.by}" if one.entry.by else "",
    ]
    flags += [f"ran {span(one.ran)}" if one.ran is not None and not one.newest else "deployed last" if one.newest else ""]
    flags += ["rolled back from" if one.gone_back_from else "", one.unwell]
    return Option(one.entry.key, label, ", ".join(flag for flag in flags if flag), best, _refused(one, told, live))


def _images(one: Candidate, told: Told, live: Images) -> str:
    """Returns the images that would be other ones than those that run."""
    if one.images is None:
        return "" if told.refused else "images not read"
    now = dict(live)
    differing = [(workload, image) for workload, image in sorted(one.images) if workload in now and now[workload] != image]
    return ", ".join(f"{workload.split('/')[1]} {image_tag(image)}" for workload, image in differing[:3]) + (
        f" and {len(differing) - 3} more" if len(differing) > 3 else ""
    )


def _refused(one: Candidate, told: Told, live: Images) -> str:
    if not one.entry.revisions:
        return "it was recorded without its commit"
    if told.refused:
        return told.refused
    now = dict(live)
    declared = {workload: image for workload, image in one.images or () if workload in now}
    same = bool(declared) and all(now[workload] == image for workload, image in declared.items())
    return "it is what runs now" if one.newest and same else ""
