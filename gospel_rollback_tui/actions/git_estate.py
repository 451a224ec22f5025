"""What a change in git rests on: the branch's states with what each declares, what runs now, and what Argo CD follows and has deployed."""

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.git_ports import ApplicationReads, Repository
from gospel_rollback_tui.actions.ports import Workloads
from gospel_rollback_tui.actions.together import together
from gospel_rollback_tui.domain.branch_states import BranchState, ServiceImages, branch_states
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.errors import NotFound, Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.images import image_reference
from gospel_rollback_tui.domain.overlay import ImageEntry, image_entries, kustomization_of
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.rendered import Build, images_of
from gospel_rollback_tui.domain.sync_history import Entry, history_from
from gospel_rollback_tui.domain.workloads import deployment_from

MOST_STATES = 20
"""States of the branch that are offered: further back, a release is hardly one to go back to in an incident."""


@dataclass(frozen=True, slots=True)
class GitEstate:
    """Reads one environment's git, cluster and Argo CD."""

    repository: Repository
    workloads: Workloads
    applications: ApplicationReads

    def running(self, environment: Environment) -> ServiceImages:
        """Returns what each service's Deployment runs; services that cannot be read are left out."""
        found = together([partial(self._image, service.deployment, service.container) for service in environment.services])
        return {service.name: image for service, image in zip(environment.services, found, strict=True) if image}

    def _image(self, deployment: str, container: str) -> str:
        try:
            return dict(deployment_from(self.workloads.deployment(deployment)).images).get(container, "")
        except RollbackError:
            return ""

    def application(self, environment: Environment) -> JsonObject | None:
        """Returns the Application that owns the environment; None: there is none, or it cannot be read."""
        argocd = environment.argocd
        if not argocd.application:
            return None
        try:
            return self.applications.raw(argocd.namespace, argocd.application)
        except RollbackError:
            return None

    def states(self, environment: Environment, running: ServiceImages, application: JsonObject | None) -> tuple[BranchState, ...]:
        """Returns the states of the branch, newest first."""
        folder = self.repository.place.folder
        commits = self.repository.log(folder, MOST_STATES)
        read = together([partial(self._declared, environment, commit, running) for commit in commits])
        images = {commit.sha: declared for commit, (declared, _) in zip(commits, read, strict=True)}
        broken = {commit.sha: why for commit, (_, why) in zip(commits, read, strict=True)}
        return branch_states(commits, images, broken, self._deployed(application, folder))

    def _declared(self, environment: Environment, commit: Commit, running: ServiceImages) -> tuple[ServiceImages | None, str]:
        try:
            return self.declared(environment, commit.sha, running), ""
        except RollbackError as error:
            return None, error.text

    def declared(self, environment: Environment, revision: str, running: ServiceImages) -> ServiceImages | None:
        """Returns what the overlay declares for each service: by building it, or by its `images:` where no builder is.

        Raises:
            Refused: It does not build.
        """
        overlay = self.repository.place.overlay
        if not overlay:
            return None
        try:
            return built_images(environment, self.repository.rendered(revision, overlay))
        except NotFound:
            return {service: str(entry.image) for service, image in running.items() if (entry := self.entry_of(revision, image)) is not None}

    def _deployed(self, application: JsonObject | None, folder: str) -> Mapping[str, Entry]:
        entries = history_from(application) if application is not None else ()
        shas = tuple(dict.fromkeys(sha for entry in entries for sha in entry.revisions))
        contents = self.repository.contents(shas, folder)
        return {contents[sha]: entry for entry in entries for sha in entry.revisions if sha in contents}

    def kustomization(self, revision: str) -> tuple[str, str]:
        """Returns path and text of the overlay's kustomization; raises Refused when there is none, or two."""
        overlay = self.repository.place.overlay
        path = kustomization_of(self.repository.files(revision, overlay), overlay)
        return path, self.repository.file(revision, path)

    def entry_of(self, revision: str, image: str) -> ImageEntry | None:
        """Returns the entry of the overlay that makes an image; None: none does."""
        repository = image_reference(image).repository
        path, text = self.kustomization(revision)
        return next((entry for entry in image_entries(text, path) if entry.repository == repository), None)

    def rendering(self, parent: str, tree: str) -> "Rendering":
        """Returns what the overlay makes before and after a change; raises Refused when it would not build any more."""
        overlay = self.repository.place.overlay
        if not overlay:
            return Rendering(why_not="no overlay is configured (git.overlay)")
        try:
            after = self.repository.rendered(tree, overlay)
        except NotFound as error:
            return Rendering(why_not=error.text)
        try:
            return Rendering(self.repository.rendered(parent, overlay), after)
        except Refused as error:
            return Rendering(None, after, f"what the branch says now does not build: {error.text}")


@dataclass(frozen=True, slots=True)
class Rendering:
    """The manifests that a change makes."""

    before: Build | None = None
    after: Build | None = None
    """None: not built."""
    why_not: str = ""
    """Why they cannot be compared; empty: they can."""


def built_images(environment: Environment, build: Build) -> ServiceImages:
    """Returns the image of each service that a build declares."""
    images = images_of(build)
    found = {service.name: images.get((f"Deployment {service.deployment}", service.container), "") for service in environment.services}
    return {name: image for name, image in found.items() if image}


def other_overlays(overlay: str, files: Sequence[str]) -> tuple[str, ...]:
    """Returns the overlays beside ours that changed files belong to."""
    beside = posixpath.dirname(overlay)
    if not beside:
        return ()
    mine = [path.removeprefix(f"{beside}/").partition("/")[0] for path in files if path.startswith(f"{beside}/") and not path.startswith(f"{overlay}/")]
    return tuple(sorted(set(mine)))
