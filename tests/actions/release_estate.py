"""The simulated estate in this process, with every action on Argo CD over the real adapters."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.argocd_freeze import SwitchAutoSyncOff
from gospel_rollback_tui.actions.argocd_release import Releases
from gospel_rollback_tui.actions.argocd_rollback import RollBackRelease
from gospel_rollback_tui.actions.argocd_sync import SyncRelease
from gospel_rollback_tui.actions.freezing import Freezing
from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_pin import PinnedImages
from gospel_rollback_tui.actions.kustomize_apply import ApplyPinnedImages
from gospel_rollback_tui.actions.resuming import CAPTURED, ResumeAutoSync
from gospel_rollback_tui.actions.terminating import TerminateOperation
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.config.settings import load_settings
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.git_place import git_place
from gospel_rollback_tui.domain.preview import CheckState, Preview
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.kubernetes.documents import Json
from gospel_rollback_tui.drill.script import APPLICATION, ARGOCD_NAMESPACE, NAMESPACE, Script
from gospel_rollback_tui.drill.script_delivery import GitScene, SyncScene
from gospel_rollback_tui.drill.scripts import DEFAULT_SCRIPT, find_script
from gospel_rollback_tui.drill.simulated import SimulatedEstate
from gospel_rollback_tui.drill.simulated_registry import SimulatedRegistry
from gospel_rollback_tui.engine.ports import Action, StepRequest
from gospel_rollback_tui.infra.argocd.api import ArgoCdRest
from gospel_rollback_tui.infra.argocd.connection import ArgoCdConnection
from gospel_rollback_tui.infra.cluster.applying import ClusterApply
from gospel_rollback_tui.infra.cluster.changes import ClusterChanges
from gospel_rollback_tui.infra.cluster.connection import ClusterConnection
from gospel_rollback_tui.infra.cluster.workloads import ClusterWorkloads
from gospel_rollback_tui.infra.estate_reads import ClusterErrorLines, ClusterRights
from gospel_rollback_tui.infra.probes import HttpProbe
from gospel_rollback_tui.infra.repository.branch_log import BranchLog
from gospel_rollback_tui.infra.repository.repository import GitRepository
from gospel_rollback_tui.infra.survey import EstateSurvey
from tests.drill.waiting import wait_for


@dataclass(slots=True)
class ReleaseActions:
    """Every action on Argo CD over the adapters that reach an estate, as one account."""

    environment: Environment
    connection: ClusterConnection
    argocd: ArgoCdConnection

    @property
    def api(self) -> ArgoCdRest:
        """Argo CD's API."""
        return ArgoCdRest(self.argocd, self.environment.argocd)

    @property
    def _cluster(self) -> tuple[ClusterWorkloads, ClusterChanges, ClusterRights]:
        return ClusterWorkloads(self.connection), ClusterChanges(self.connection), ClusterRights(self.connection)

    @property
    def verification(self) -> ServiceVerification:
        """The look at services."""
        probe = HttpProbe(nonce=self.environment.cluster.nonce)
        return ServiceVerification(self._cluster[0], probe, ClusterErrorLines(self.connection), lambda: self.connection.cluster_now() - time.time())

    @property
    def survey(self) -> EstateSurvey:
        """What stands beside."""
        return EstateSurvey(self.connection, self.environment, commits=BranchLog(self.repository).newest)

    @property
    def repository(self) -> GitRepository:
        """Our view of git; its clone lies beside the kubeconfig."""
        place = git_place(self.environment)
        assert place is not None
        return GitRepository(place, Path(self.environment.cluster.kubeconfig).parent / "clones")

    @property
    def rollback(self) -> RollBackRelease:
        """The release rollback."""
        return RollBackRelease(*self._cluster, self.verification, self.survey, self.api, Releases(self.api))

    @property
    def sync(self) -> SyncRelease:
        """The sync with git."""
        workloads, _, rights = self._cluster
        return SyncRelease(workloads, rights, self.verification, self.survey, self.api, Releases(self.api))

    @property
    def terminate(self) -> TerminateOperation:
        """The end of a stuck operation."""
        return TerminateOperation(self.api, self._cluster[2])

    @property
    def freeze(self) -> SwitchAutoSyncOff:
        """The freeze alone."""
        return SwitchAutoSyncOff(*self._cluster, self.api)

    @property
    def resume(self) -> ResumeAutoSync:
        """Auto-sync on again."""
        return ResumeAutoSync(*self._cluster, api=self.api)

    @property
    def apply(self) -> ApplyPinnedImages:
        """Known-good images applied beside git."""
        applications = Applications(*self._cluster, self.api)
        estate = GitEstate(self.repository, self._cluster[0], applications)
        return ApplyPinnedImages(PinnedImages(estate), ClusterApply(self.connection), Freezing(applications), self._cluster[2], self.verification, self.survey)

    def request(self, **inputs: str) -> StepRequest:
        """Returns a step with those inputs."""
        step = Step("roll-back", "Roll the release back", "", "argocd.rollback", Danger.REVERSIBLE, 660.0)
        return StepRequest("0312-k7", self.environment, step, inputs, "ann", self.environment.symptoms[0])

    def chosen(self, number: int) -> StepRequest:
        """Returns the step with the history entry of that number chosen."""
        key = next(option.value for option in self.rollback.choices(self.request())[0].options if option.value.startswith(f"{number}@"))
        return self.request(entry=key)


@dataclass(slots=True)
class Release(ReleaseActions):
    """The actions, and the simulated estate that they reach."""

    estate: SimulatedEstate
    registry: SimulatedRegistry
    closing: ExitStack

    def application(self) -> Any:  # noqa: ANN401 - JSON
        """Returns the Application object as it is."""
        return self.registry.get("applications", ARGOCD_NAMESPACE, APPLICATION)

    def image(self, service: str) -> str:
        """Returns the tag that a service's Deployment has now."""
        deployment: Any = self.registry.get("deployments", NAMESPACE, f"gospelib-{service}")
        return str(deployment["spec"]["template"]["spec"]["containers"][0]["image"].rpartition(":")[2])

    def change_application(self, patch: Json) -> None:
        """Changes the Application beside everybody."""
        self.registry.patch("applications", ARGOCD_NAMESPACE, APPLICATION, patch)

    def as_viewer(self) -> "Release":
        """Returns the same estate reached by somebody who may change nothing in the cluster, and as before in Argo CD."""
        viewer = str(self.estate._api.ca_file.with_name("restricted.kubeconfig"))
        environment = replace(self.environment, cluster=replace(self.environment.cluster, kubeconfig=viewer))
        connection = ClusterConnection(environment.cluster)
        self.closing.callback(connection.close)
        return Release(environment, connection, self.argocd, self.estate, self.registry, self.closing)

    def as_account(self, name: str) -> "Release":
        """Returns the same estate reached with another account's token of Argo CD."""
        token = str(self.estate.delivery.token_file.with_name(f"{name}.token"))
        environment = replace(self.environment, argocd=replace(self.environment.argocd, token_file=token))
        argocd = ArgoCdConnection(environment.argocd, nonce=environment.cluster.nonce)
        self.closing.callback(argocd.close)
        return Release(environment, self.connection, argocd, self.estate, self.registry, self.closing)


def script_of(sync: SyncScene | None = None, git: GitScene | None = None) -> Script:
    """Returns the default night with another GitOps scene."""
    script = find_script(DEFAULT_SCRIPT)
    return replace(script, sync=sync or script.sync, git=git or script.git)


@contextmanager
def an_estate(directory: Path, script: Script | None = None, *, speed: float = 1.0) -> Iterator[Release]:
    """Serves an estate until the block ends."""
    with ExitStack() as closing:
        estate = SimulatedEstate(directory, script or script_of(), speed=speed)
        closing.callback(estate.close)
        endpoints = estate.start()
        environment = load_settings(endpoints.config_file, {}).environments[0]
        connection = ClusterConnection(environment.cluster)
        closing.callback(connection.close)
        argocd = ArgoCdConnection(environment.argocd, nonce=environment.cluster.nonce)
        closing.callback(argocd.close)
        registry = SimulatedRegistry(estate._api.registry, "kubectl-edit")
        yield Release(environment, connection, argocd, estate, registry, closing)


def carried_out(action: Action, request: StepRequest, preview: Preview | None = None) -> tuple[Preview, tuple[CallRun, ...], tuple[CheckState, ...]]:
    """Plans, sends every call and looks until all is well or one condition is final."""
    planned = preview or action.plan(request)
    assert planned.refused == ""
    since = time.time()
    for call in planned.calls:
        action.send(request, call)
        wait_for(lambda call=call: action.happened(request, call) is not False)  # type: ignore[misc]
    seen: list[tuple[CheckState, ...]] = []

    def over() -> bool:
        seen.append(action.checks(request, planned, since))
        return all(state.passed for state in seen[-1]) or any(state.final for state in seen[-1])

    wait_for(over)
    return planned, tuple(CallRun(c.id, c.where, c.body, c.undo, since) for c in planned.calls), seen[-1]


def carried_calls(preview: Preview) -> tuple[CallRun, ...]:
    """Returns the preview's calls as the journal would have them."""
    return tuple(CallRun(c.id, c.where, c.body, c.undo, 0.0) for c in preview.calls)


def captured(done: tuple[CallRun, ...]) -> dict[str, str]:
    """Returns what the engine would hand the step that puts auto-sync back."""
    return {CAPTURED: json.dumps(next(call.undo["captured"] for call in done if call.id == "freeze"))}
