"""Rolls Deployments back: to a revision of their history, or to a pinned image, with what would revert it frozen first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.catalogue import UNDO
from gospel_rollback_tui.actions.freezing import CALLS, FreezePlan, Freezing, frozen_by, policy_fact
from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.actions.live import LiveEstate, LiveService
from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Surveyor, WebProbe, Whereabouts, Workloads
from gospel_rollback_tui.actions.prompt import bundle_preview
from gospel_rollback_tui.actions.schema_check import SchemaGates, check_again, check_schema, with_changes
from gospel_rollback_tui.actions.started import paid_by, starting, stopping_again
from gospel_rollback_tui.actions.targets import Target, Targets
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.application import Application
from gospel_rollback_tui.domain.change import change_cause, replace_template
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.fighters import Survey
from gospel_rollback_tui.domain.newer_commits import release_made
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview, digest_of
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.release_change import service_change
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.template import diff_lines, image_tag, same_template
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from, images_of
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

PUT_BACK = "put it back"
"""What `y` says in the prompt of an undo."""
UNREAD_POLICY = ("Argo CD's Application", "may not be read by this login")
"""Stands in the fingerprint where the owner cannot be read; that it can be read by then moves the facts."""


@dataclass(frozen=True, slots=True)
class RollBackDeployments:
    """The bundle of scenario 1: auto-sync off where it is on, then one patch a service."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    probe: WebProbe
    verification: ServiceVerification
    surveyor: Surveyor
    targets: Targets
    spec: ActionSpec = UNDO
    api: ArgoCdApi | None = None
    """None: Argo CD's API is not configured."""
    gates: SchemaGates | None = None
    """None: nobody looks at databases."""

    @property
    def _live(self) -> LiveEstate:
        return LiveEstate(self.workloads, self._applications.raw)

    @property
    def _applications(self) -> Applications:
        return Applications(self.workloads, self.changes, self.whereabouts, self.api)

    @property
    def _freezing(self) -> Freezing:
        return Freezing(self._applications)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services, then for each chosen one what it can go back to."""
        return self.targets.choices(self._live, request)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the bundle: every patch is dry-run by the server, what it rests on is fingerprinted."""
        names = self.targets.services(request)
        lives = together([partial(self._live.service, request.environment, name) for name in names])
        survey, where = both(lambda: self._survey(request, lives), self.whereabouts.current)
        application = survey.application
        targets = tuple(self.targets.of(live, request) for live in lives)
        pairs = ((live.service, live.deployment.template, target.template) for live, target in zip(lives, targets, strict=True))
        changes = tuple(change for pair in pairs if (change := service_change(*pair)))
        (refused, freeze), schema = both(
            lambda: both(lambda: self._refusal(request, lives, targets), lambda: self._freeze(request, application)),
            lambda: check_schema(self.gates, changes),
        )
        refused = refused or freeze.refused
        made = [] if refused else [_held(self._patch(request, live, target), freeze) for live, target in zip(lives, targets, strict=True)]
        patches = paid_by(request, made, lambda name: self._live.deployment(request.environment, name).replicas > 0)
        if application is not None and patches:
            patches = (replace(patches[0], debt=GIT_DEBT), *patches[1:])
        stays = {item for live, target in zip(lives, targets, strict=True) if target.revision for item in self._live.stays(target.revision)}
        return bundle_preview(
            request,
            title=self.targets.title(lives, targets),
            where=where,
            lives=lives,
            survey=_towards(survey, targets),
            calls=with_changes((*freeze.calls, *patches), schema),
            fingerprint=schema.beside(self._fingerprint(tuple(live.deployment for live in lives), survey)),
            stays=tuple(sorted(stays)),
            refused=refused,
            danger=max(self.spec.danger, request.step.danger),
            schema=schema,
        )

    def _survey(self, request: StepRequest, lives: tuple[LiveService, ...]) -> Survey:
        found = self._live.survey(request.environment, tuple(live.deployment for live in lives), self.surveyor)
        names = {live.service.name for live in lives}
        return replace(found, autoscaled=tuple(name for name in found.autoscaled if name in names))

    def _freeze(self, request: StepRequest, application: Application | None) -> FreezePlan:
        """Returns what switches auto-sync off; planning it has the server check it."""
        return FreezePlan() if application is None else self._freezing.plan(request.environment.cluster, application)

    def _refusal(self, request: StepRequest, lives: tuple[LiveService, ...], targets: tuple[Target, ...]) -> str:
        if not lives:
            return "No service is chosen."
        reasons = together([partial(self._service_refusal, request, live, target) for live, target in zip(lives, targets, strict=True)])
        return next((reason for reason in reasons if reason), "")

    def _service_refusal(self, request: StepRequest, live: LiveService, target: Target) -> str:
        """Returns why the service cannot be rolled back, the server's own dry run being asked last; empty: it can."""
        if target.refused:
            return f"{live.service.name}: {target.refused}"
        revision, name = target.revision, live.deployment.name
        missing, allowed = both(lambda: self._live.missing(revision) if revision else (), lambda: self.whereabouts.may_patch("apps", "deployments", name))
        if missing:
            return f"{live.service.name}: revision {target.number} needs {', '.join(missing)}, which is gone; go by git, which makes it again."
        if not allowed:
            return f"This login may not patch Deployment {name}."
        return _refused_dry(self.changes, self._freezing, (self._patch(request, live, target),))

    def _patch(self, request: StepRequest, live: LiveService, target: Target) -> PlannedCall:
        deployment, what = live.deployment, f"to {target.label}"
        operations = replace_template(deployment, target.template, change_cause(request.run, request.operator, what))
        patch = PlannedCall(
            id=f"patch:{live.service.name}",
            title=f"{live.service.name} patched",
            where=f"PATCH Deployment {deployment.name}",
            summary=f"{image_tag(dict(deployment.images).get(live.service.container, ''))} → {target.label}",
            body={"kind": "Deployment", "name": deployment.name, "service": live.service.name, "operations": operations, "template": target.template},
            undo={"kind": "Deployment", "name": deployment.name, "service": live.service.name, "template": deployment.template, "uid": deployment.uid},
            by_hand=target.by_hand,
            diff=diff_lines(deployment.template, target.template),
        )
        return starting(request, patch, deployment)

    def _fingerprint(self, deployments: tuple[Deployment, ...], survey: Survey) -> Fingerprint:
        facts = [fact for deployment in deployments for fact in deployment_facts(deployment)]
        if survey.application is not None:
            facts.append(policy_fact(survey.application))
        if not survey.application_read:
            facts.append(UNREAD_POLICY)
        return Fingerprint(tuple(facts))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads uid and template of each Deployment, and the owner's sync policy."""
        names = [call.body["name"] for call in _patches(preview)]
        deployments = tuple(deployment_from(raw) for raw in together([partial(self.workloads.deployment, name) for name in names]))
        (application, read), schema = both(
            lambda: self._live.owner_if_readable(request.environment, deployments), lambda: check_again(self.gates, request.environment, preview)
        )
        return schema.beside(self._fingerprint(deployments, Survey(application=application, application_read=read)))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the one patch."""
        if call.id in CALLS:
            return self._freezing.send(call)
        if call.body.get("frozen"):
            self._freezing.hold(call.body["frozen"])
        after = deployment_from(self.changes.patch_deployment(call.body["name"], call.body["operations"]))
        return f"Deployment {after.name}: generation {after.generation}"

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the object is what the call makes it; how many pods of a service that was started may be its autoscaler's word by now."""
        if call.id in CALLS:
            return self._freezing.happened(call)
        now = deployment_from(self.workloads.deployment(call.body["name"]))
        return same_template(now.template, call.body["template"]) and (not call.body.get("replicas") or now.replicas > 0)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks at each service once, and at the symptom; of an undo only that it holds, since what it goes back to may be what fails."""
        found: list[CheckState] = []
        if preview.yes == PUT_BACK:
            return tuple(self.verification.unreverted(request.environment.service(c.body["service"]), c.body["template"]) for c in _patches(preview))
        for call in _patches(preview):
            found += self.verification.of(request.environment.service(call.body["service"]), call.body["template"], since)
        if request.symptom is not None:
            found.append(self.verification.answers(f"{request.symptom.label()} answers {request.symptom.expect_status}", request.symptom))
        return tuple(found)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews putting the captured templates back, newest first, and auto-sync as it was last."""
        names = [call.undo["service"] for call in done if call.undo["kind"] == "Deployment"]
        lives = tuple(self._live.service(request.environment, name) for name in names)
        survey = self._survey(request, lives)
        application = survey.application
        calls: list[PlannedCall] = []
        refused = ""
        for call in reversed(done):
            try:
                calls += self._undo_call(request, call, {live.service.name: live for live in lives})
            except RollbackError as error:
                refused = refused or error.text
        if calls and application is not None and application.auto_sync:
            freeze = self._freeze(request, application)
            unpaid = [_held(replace(call, debt=GIT_DEBT, body={**call.body, "pays": []}), freeze) for call in calls]
            calls, refused = [*freeze.calls, *unpaid], refused or freeze.refused
        if not calls:
            refused = refused or "There is nothing to put back: everything is as it was before the step."
        return bundle_preview(
            request,
            title=f"Undo: {request.step.title}",
            where=self.whereabouts.current(),
            lives=lives,
            survey=replace(survey, branch=None, branch_unread=""),
            calls=tuple(calls),
            fingerprint=self._fingerprint(tuple(live.deployment for live in lives), survey),
            stays=(),
            refused=refused or _refused_dry(self.changes, self._freezing, tuple(calls)),
            danger=max(Danger.REVERSIBLE, request.step.danger),
            yes=PUT_BACK,
        )

    def _undo_call(self, request: StepRequest, call: CallRun, lives: dict[str, LiveService]) -> tuple[PlannedCall, ...]:
        """Returns the call that puts one object back; none where it is as it was already."""
        if call.undo["kind"] == "Application":
            return self._freezing.undo(request.environment.cluster, call)
        live = lives[call.undo["service"]]
        template: JsonObject = call.undo["template"]
        if same_template(template, live.deployment.template):
            return ()
        image = dict(images_of(template)).get(live.service.container, "")
        command = f"set image deployment/{live.deployment.name} {live.service.container}={image} -n {live.deployment.namespace}"
        by_hand = kubectl(request.environment.cluster, command)
        patch = self._patch(request, live, Target("", image_tag(image), template, by_hand))
        patch = stopping_again(patch, call.undo, live.deployment)
        return (replace(patch, body={**patch.body, "pays": [GIT_DEBT.id]}),)


def _refused_dry(changes: Changes, freezing: Freezing, calls: tuple[PlannedCall, ...]) -> str:
    """Returns why the server would refuse one of the patches, by its own dry run; empty: it would not."""

    def refusal(call: PlannedCall) -> str:
        """Has the server check one."""
        try:
            if call.body["kind"] == "Deployment":
                changes.patch_deployment(call.body["name"], call.body["operations"], dry_run=True)
            else:
                freezing.rehearse(call)
        except RollbackError as error:
            return f"The server's dry run of {call.where} says: {error.text}"
        return ""

    return next((reason for reason in together([partial(refusal, call) for call in calls]) if reason), "")


def _towards(survey: Survey, targets: Sequence[Target]) -> Survey:
    """Returns the survey with the release that the oldest of the targets came with."""
    made = [target.revision.created for target in targets if target.revision is not None and target.revision.created is not None]
    if not made or survey.application is None:
        return survey
    return replace(survey, release=release_made(survey.application.history, min(made)))


def _held(call: PlannedCall, freeze: FreezePlan) -> PlannedCall:
    """Returns the call, which looks before it is sent whether what was frozen still is."""
    return replace(call, body={**call.body, "frozen": frozen_by(freeze.calls)}) if freeze.calls else call


def _patches(preview: Preview) -> tuple[PlannedCall, ...]:
    return tuple(call for call in preview.calls if call.body["kind"] == "Deployment")


def deployment_facts(deployment: Deployment) -> tuple[tuple[str, str], ...]:
    """Returns what a patch of the Deployment rests on: its uid and its template, with the images in words."""
    images = ", ".join(image_tag(image) for _, image in deployment.images)
    return (
        (f"Deployment {deployment.name} uid", deployment.uid),
        (f"Deployment {deployment.name} template", f"{images} · {digest_of(deployment.template)}"),
    )
