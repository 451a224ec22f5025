"""A cluster in memory beside a real git remote: what runs, what the branch says, and what Argo CD has deployed."""

from dataclasses import dataclass, replace
from pathlib import Path

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.catalogue import GIT_PIN, GIT_RESTORE, GIT_REVERT
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.git_change import ChangeInGit, Working
from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_pin import PinnedImages
from gospel_rollback_tui.actions.git_ports import Images
from gospel_rollback_tui.actions.git_push import GitPush
from gospel_rollback_tui.actions.git_restore import RestoredFolder
from gospel_rollback_tui.actions.git_revert import RevertedCommits
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.preview import Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec, Step
from gospel_rollback_tui.engine.ports import StepRequest
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.actions.cluster import MemoryCluster, bad_release
from tests.diagnosis import scenes
from tests.infra.repository.remotes import OVERLAY, Remote

RUN = "0312-k7"


@dataclass
class Place:
    """One estate: its remote, our view of it, and its cluster."""

    remote: Remote
    repository: GitRepository
    cluster: MemoryCluster
    folder: Path
    """Holds our clones."""

    @staticmethod
    def make(folder: Path) -> "Place":
        """Returns the estate with the bad release in git and in the cluster."""
        remote = Remote.make(folder)
        cluster = bad_release()
        application = cluster.apps["gospelib-production"]
        application["spec"]["source"] = {"repoURL": str(remote.bare), "targetRevision": "main", "path": OVERLAY}
        place = Place(remote, remote.repository(folder / "state"), cluster, folder / "state")
        place.deployed("release/v2.14.0", "release/v2.15.0")
        return place

    def deployed(self, *revisions: str) -> None:
        """Has Argo CD's history say that those were deployed, oldest first."""
        shas = [self.remote.git("rev-parse", f"{revision}^{{commit}}").strip() for revision in revisions]
        entries = [{"id": 40 + number, "revision": sha, "deployedAt": scenes.stamp(scenes.NOW)} for number, sha in enumerate(shas)]
        self.cluster.apps["gospelib-production"]["status"]["history"] = entries

    def runs(self, **tags: str) -> None:
        """Has Deployments run those tags, whatever git says."""
        for name, tag in tags.items():
            self.cluster.deployments[f"gospelib-{name}"] = scenes.deployment(name, tag, 4)

    def raw(self, namespace: str, name: str) -> JsonObject:
        """Reads the Application."""
        return self.cluster.application(namespace, name)

    def action(self, spec: ActionSpec, images: Images | None = None) -> ChangeInGit:
        """Returns the action of that name."""
        estate = GitEstate(self.repository, self.cluster, self)
        working: dict[str, Working] = {
            GIT_RESTORE.name: RestoredFolder(estate),
            GIT_REVERT.name: RevertedCommits(estate),
            GIT_PIN.name: PinnedImages(estate, images),
        }
        return ChangeInGit(spec, GitPush(estate, Freezing(Applications(self.cluster, self.cluster, self.cluster))), working[spec.name])


def request(attempt: int = 1, **inputs: str) -> StepRequest:
    """Returns the step with those inputs; `image_gateway` stands for `image:gateway`."""
    step = Step("git-back", "Put git back", "", "git.restore", Danger.REVERSIBLE, 60.0)
    named = {name.replace("image_", "image:"): value for name, value in inputs.items()}
    return StepRequest(RUN, scenes.ENVIRONMENT, step, named, "ann", None, attempt)


def done(preview: Preview) -> list[CallRun]:
    """Returns the calls of a preview as the journal has them once they took effect."""
    return [CallRun(call.id, call.where, call.body, call.undo, scenes.NOW) for call in preview.calls]


def notices(preview: Preview) -> dict[str, str]:
    """Returns the labelled lines of a prompt."""
    return {notice.label: notice.text for notice in preview.notices}


def again(step: StepRequest, attempt: int) -> StepRequest:
    """Returns the same step as another attempt."""
    return replace(step, attempt=attempt)
