"""A cluster in memory that speaks the actions' ports: patches are applied by the drill's own JSON Patch."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gospel_rollback_tui.actions.ports import Operations
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.change import moved_facts
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import FactsMoved, Forbidden, NotFound, Refused
from gospel_rollback_tui.domain.estate import HttpCheck, Service
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.runbook import Step
from gospel_rollback_tui.drill.kubernetes.patches.json_patch import apply_json_patch
from gospel_rollback_tui.drill.kubernetes.statuses import ApiError
from gospel_rollback_tui.engine.ports import StepRequest
from tests.diagnosis import scenes


@dataclass
class MemoryCluster:
    """Objects by name; `sent` is every change that was really made."""

    deployments: dict[str, dict[str, Any]] = field(default_factory=dict)
    sets: list[dict[str, Any]] = field(default_factory=list)
    all_pods: list[dict[str, Any]] = field(default_factory=list)
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    autoscaled: tuple[str, ...] = ()
    """Services whose replicas an autoscaler keeps."""
    against: Survey = field(default_factory=Survey)
    hidden: bool = False
    """Whether Applications may not be read."""
    gone: tuple[str, ...] = ()
    rights: bool = True
    sent: list[tuple[str, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Name of every object that a change was asked for, whether or not it was made."""
    rehearsed: list[str] = field(default_factory=list)
    would_refuse: str = ""
    """What a dry run is refused with; empty: it is not."""

    def deployment(self, name: str) -> JsonObject:
        """Returns the Deployment."""
        if name not in self.deployments:
            raise NotFound(f"Deployment {name} is not there.")
        return copy.deepcopy(self.deployments[name])

    def replica_sets(self, deployment: JsonObject) -> Sequence[JsonObject]:
        """Returns every ReplicaSet; owners tell them apart."""
        return self.sets

    def pods(self, selector: str) -> Sequence[JsonObject]:
        """Returns the pods of the selector's app."""
        app = selector.partition("=")[2]
        return [p for p in self.all_pods if p["metadata"]["name"].startswith(app)]

    def events(self, kind: str = "", name: str = "", uid: str = "") -> Sequence[JsonObject]:
        """Returns no events."""
        return []

    def beside(self, application: str) -> Survey:
        """Returns the autoscaled services, and what else works against a rollback."""
        return replace(self.against, autoscaled=self.autoscaled)

    def application(self, namespace: str, name: str) -> JsonObject:
        """Returns the Application."""
        if self.hidden:
            raise Forbidden("oncall may not get applications.")
        if name not in self.apps:
            raise NotFound(f"Application {name} is not there.")
        return copy.deepcopy(self.apps[name])

    def exists(self, kind: str, name: str) -> bool:
        """Returns whether nobody took the object away."""
        return name not in self.gone

    def patch_deployment(self, name: str, operations: Operations, *, dry_run: bool = False) -> JsonObject:
        """Patches as the API server does."""
        return self._patch(self.deployments, name, operations, dry_run=dry_run, kind="Deployment")

    def patch_application(self, namespace: str, name: str, change: Operations, *, dry_run: bool = False) -> JsonObject:
        """Patches as the API server does."""
        return self._patch(self.apps, name, change, dry_run=dry_run, kind="Application")

    def _patch(self, objects: dict[str, dict[str, Any]], name: str, operations: Operations, *, dry_run: bool, kind: str) -> JsonObject:
        listed = [dict(operation) for operation in operations]
        if not dry_run:
            self.asked.append(name)
        try:
            after: dict[str, Any] = apply_json_patch(copy.deepcopy(objects[name]), copy.deepcopy(listed))
        except ApiError as error:
            raise FactsMoved("The object is another one now.", moved=moved_facts(listed, objects[name])) from error
        if dry_run:
            if self.would_refuse:
                raise Refused(self.would_refuse)
            self.rehearsed.append(name)
            return after
        self.sent.append((kind, name))
        objects[name] = after
        return after

    def current(self) -> tuple[str, str]:
        """Returns who asks, and where."""
        return "https://cluster.test", "oncall"

    def may_patch(self, group: str, resource: str, name: str, namespace: str = "") -> bool:
        """Returns whether this identity has rights."""
        return self.rights


class Answers:
    """Answers requests by what a URL holds; 200 unless told otherwise."""

    def __init__(self) -> None:
        """Answers well."""
        self.status: dict[str, int] = {}

    def ask(self, check: HttpCheck) -> HttpAnswer:
        """Returns the answer."""
        return HttpAnswer(next((s for part, s in self.status.items() if part in check.url), 200), "", 0.01)


class Quiet:
    """Logs with a fixed number of error lines."""

    def __init__(self, errors: int | None = 0) -> None:
        """Takes the count; None: unreadable."""
        self.errors = errors

    def since(self, service: Service, pods: Sequence[str], at: float) -> int | None:
        """Returns the count."""
        return self.errors


def bad_release() -> MemoryCluster:
    """Returns the cluster of the default drill, the gateway at its third, bad revision."""
    gateway = scenes.deployment("gateway", "v2.15.0", 3, env={"FEATURE_X": "on"})
    gateway["metadata"]["annotations"]["argocd.argoproj.io/tracking-id"] = "gospelib-production:apps/Deployment:gospelib-production/gospelib-gateway"
    return MemoryCluster(
        deployments={"gospelib-gateway": gateway, "gospelib-auth": scenes.deployment("auth", "v2.14.0", 2)},
        sets=[
            scenes.replica_set("gateway", "v2.13.2", 1, scenes.NOW - 10 * scenes.DAY),
            scenes.replica_set("gateway", "v2.14.0", 2, scenes.NOW - 3 * scenes.DAY),
            scenes.replica_set("gateway", "v2.15.0", 3, scenes.ROLLOUT, wanted=2, env={"FEATURE_X": "on"}),
            scenes.replica_set("auth", "v2.14.0", 2, scenes.NOW - 3 * scenes.DAY, wanted=2),
        ],
        all_pods=[scenes.pod("gateway", n, 3) for n in (1, 2)],
        apps={"gospelib-production": scenes.application()},
    )


def request(**inputs: str) -> StepRequest:
    """Returns the roll-back step with those inputs; `revision_gateway` stands for `revision:gateway`."""
    step = Step("roll-back", "Freeze and roll back", "", "deployment.undo", Danger.REVERSIBLE, 660.0)
    named = {name.replace("_", ":", 1): value for name, value in inputs.items()}
    return StepRequest("0312-k7", scenes.ENVIRONMENT, step, named, "ann", scenes.VERSES)


def verification(cluster: MemoryCluster, answers: Answers, errors: int | None = 0) -> ServiceVerification:
    """Returns the verification over those in-memory ports."""
    return ServiceVerification(cluster, answers, Quiet(errors))
