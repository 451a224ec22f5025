"""Others who act while somebody rolls back: Image Updater, a colleague who syncs, a colleague who pushes."""

from collections.abc import Iterator

from gospel_rollback_tui.drill.argocd.controller_parts import ControllerParts, Loop
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.git_program import RepositoryError
from gospel_rollback_tui.drill.scene.delivery import IMAGE_LIST_ANNOTATION
from gospel_rollback_tui.drill.script import Script, deployment_name, image_name
from gospel_rollback_tui.drill.several_sources import commit_of, deployed, sources_of, target_of
from gospel_rollback_tui.drill.sync_rules import is_automated

UPDATER = "argocd-image-updater <noreply@argoproj.io>"
COLLEAGUE = "miriam"
COLLEAGUE_AUTHOR = "Miriam Adeyemi <miriam@gospelib.invalid>"
PUSH_AFTER = 60.0
"""Seconds after which the colleague pushes whatever happens."""

RUNBOOK = "docs/on-call.md"


class ImageUpdater:
    """Commits the newest tag of an image to git as long as the Application's annotation lists it."""

    def __init__(self, parts: ControllerParts, repository: EstateRepository, newest: dict[str, str], every: float) -> None:
        """Look every so many seconds whether the overlay has those tags, by service."""
        self._parts = parts
        self._repository = repository
        self._newest = newest
        self._every = every / parts.speed
        self._next = parts.clock.monotonic() + self._every
        self.loop = Loop("image-updater", self._turn)

    def _turn(self) -> None:
        if self._parts.clock.monotonic() < self._next:
            return
        self._next = self._parts.clock.monotonic() + self._every
        followed = self._parts.application()["metadata"].get("annotations", {}).get(IMAGE_LIST_ANNOTATION, "")
        try:
            declared = self._declared_images()
            for service, tag in self._newest.items():
                if f"/{deployment_name(service)}" in followed and image_name(service, tag) not in declared:
                    self._repository.push(service, tag, UPDATER)
        except (RepositoryError, OSError):
            return  # no git, no update: it looks again in a while

    def _declared_images(self) -> set[str]:
        documents = [one for one in self._repository.manifests(self._repository.head) if one["kind"] == "Deployment"]
        return {container["image"] for document in documents for container in document["spec"]["template"]["spec"]["containers"]}


class SyncingColleague:
    """Sees an Application that is OutOfSync after a rollback, and syncs it, once."""

    def __init__(self, parts: ControllerParts, after: float) -> None:
        """Sync so many seconds after a rollback has ended."""
        self._parts = parts
        self._after = after / parts.speed
        self._seen: float | None = None
        self._done = False
        self.loop = Loop("syncing-colleague", self._turn)

    def _turn(self) -> None:
        application = self._parts.application()
        if self._done or "operation" in application or not _is_rolled_back(application):
            return
        now = self._parts.clock.monotonic()
        self._seen = now if self._seen is None else self._seen
        if now - self._seen < self._after:
            return
        self._done = True
        sync = deployed(application["spec"], [self._parts.sources.head(target_of(source)) for source in sources_of(application["spec"])])
        operation = {"sync": sync, "initiatedBy": {"username": COLLEAGUE}, "retry": {}}
        self._parts.patch({"operation": operation, "status": {"operationState": None}})


def _is_rolled_back(application: Json) -> bool:
    """Whether the last operation was somebody's, and left another revision than git's newest."""
    state = application["status"].get("operationState", {})
    sync = state.get("operation", {}).get("sync", {})
    mine = bool(state.get("operation", {}).get("initiatedBy", {}).get("username"))
    newest = commit_of(application["status"]["sync"])
    return mine and state.get("phase") == "Succeeded" and not sync.get("dryRun") and commit_of(sync) != newest


class PushingColleague:
    """Commits something of their own to the branch, once: when auto-sync is switched off, or after a while."""

    def __init__(self, parts: ControllerParts, repository: EstateRepository) -> None:
        """Push to that repository, past the hook, as somebody with the right to."""
        self._parts = parts
        self._repository = repository
        self._until = parts.clock.monotonic() + PUSH_AFTER / parts.speed
        self._was_automated = is_automated(parts.application())
        self._done = False
        self.loop = Loop("pushing-colleague", self._turn)

    def _turn(self) -> None:
        switched_off = self._was_automated and not is_automated(self._parts.application())
        if self._done or not (switched_off or self._parts.clock.monotonic() >= self._until):
            return
        self._done = True
        self._repository.write({RUNBOOK: "# On call\n\nWho to wake, and when.\n"}, "on-call notes", COLLEAGUE_AUTHOR)


def bystanders(parts: ControllerParts, script: Script, repository: EstateRepository) -> Iterator[Loop]:
    """Yield the loops of those whom a script lets act."""
    if script.sync.image_updater is not None:
        newest = {history.service: history.revisions[-1].tag for history in script.histories}
        yield ImageUpdater(parts, repository, newest, script.sync.image_updater).loop
    if script.sync.somebody_syncs is not None:
        yield SyncingColleague(parts, script.sync.somebody_syncs).loop
    if script.git.somebody_pushes:
        yield PushingColleague(parts, repository).loop
