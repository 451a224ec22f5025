"""Stops services: scales their Deployments to nothing, with what would start them again frozen first, and remembers their replicas."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.catalogue import STOP
from gospel_rollback_tui.actions.deployment import PUT_BACK, UNREAD_POLICY
from gospel_rollback_tui.actions.freezing import CALLS, FreezePlan, Freezing, frozen_by, policy_fact
from gospel_rollback_tui.actions.kubectl import kubectl
from gospel_rollback_tui.actions.live import LiveEstate, LiveService
from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Surveyor, Whereabouts, Workloads
from gospel_rollback_tui.actions.prompt import against, unstopped
from gospel_rollback_tui.actions.targets import chosen_services, service_choice
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.domain.change import scale_to
from gospel_rollback_tui.domain.debts import STOPPED_DEBT
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.domain.fighters import Means, Survey
from gospel_rollback_tui.domain.preview import CheckState, DiffLine, Fingerprint, Notice, PlannedCall, Preview, Tone
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class StopServices:
    """The bundle that stops services: auto-sync off where it is on, then one patch a service."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    surveyor: Surveyor
    api: ArgoCdApi | None = None
    """None: Argo CD's API is not configured."""
    spec: ActionSpec = STOP

    @property
    def _freezing(self) -> Freezing:
        return Freezing(self._applications)

    @property
    def _applications(self) -> Applications:
        return Applications(self.workloads, self.changes, self.whereabouts, self.api)

    @property
    def _live(self) -> LiveEstate:
        return LiveEstate(self.workloads, self._applications.raw)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the services."""
        return (replace(service_choice(self._live, request), question="Which services are stopped?"),)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the bundle: every patch is dry-run by the server."""
        lives = together([partial(self._live.service, request.environment, name) for name in _chosen(request)])
        deployments = tuple(live.deployment for live in lives)
        survey, where = both(lambda: self._live.survey(request.environment, deployments, self.surveyor), self.whereabouts.current)
        application = survey.application
        freeze = FreezePlan() if application is None else self._freezing.plan(request.environment.cluster, application)
        calls = tuple(self._call(request, live, 0) for live in lives if live.deployment.replicas)
        frozen = frozen_by(freeze.calls) if freeze.calls else None
        held = _owed(tuple(replace(call, body={**call.body, "frozen": frozen}) for call in calls))
        refused = self._refusal(lives, calls) or freeze.refused
        return self._preview(request, where, survey, () if refused else (*freeze.calls, *held), deployments, refused)

    def _refusal(self, lives: Sequence[LiveService], calls: Sequence[PlannedCall]) -> str:
        """Returns why nothing can be stopped, the server's own dry run being asked last; empty: it can."""
        if not lives:
            return "No service is chosen."
        if not calls:
            return "Nothing is left to stop: no pod is wanted."
        denied = [live.deployment.name for live in lives if not self.whereabouts.may_patch("apps", "deployments", live.deployment.name)]
        return f"This login may not patch Deployment {denied[0]}." if denied else self._dry_run(calls)

    def _dry_run(self, calls: Sequence[PlannedCall]) -> str:
        try:
            for call in calls:
                self.changes.patch_deployment(call.body["name"], call.body["operations"], dry_run=True)
        except RollbackError as error:
            return f"The server's dry run of {call.where} says: {error.text}"
        return ""

    def _call(self, request: StepRequest, live: LiveService, replicas: int) -> PlannedCall:
        """Returns the patch of one service."""
        deployment, name = live.deployment, live.service.name
        command = f"scale deployment {deployment.name} --replicas={replicas} -n {deployment.namespace}"
        body = {"kind": "Deployment", "name": deployment.name, "service": name, "operations": scale_to(deployment, replicas), "replicas": replicas}
        return PlannedCall(
            id=f"scale:{name}",
            title=f"{name} {'started' if replicas else 'stopped'}",
            where=f"PATCH Deployment {deployment.name}",
            summary=f"{deployment.replicas} → {replicas} replicas",
            body=body,
            undo={"kind": "Deployment", "service": name, "replicas": deployment.replicas},
            by_hand=kubectl(request.environment.cluster, command),
            diff=(DiffLine(Tone.CHANGED, f"{name} replicas {deployment.replicas} → {replicas}"),),
        )

    def _preview(
        self,
        request: StepRequest,
        where: tuple[str, str],
        survey: Survey,
        calls: tuple[PlannedCall, ...],
        deployments: tuple[Deployment, ...],
        refused: str,
    ) -> Preview:
        cluster, (server, identity) = request.environment.cluster, where
        names = [call.body["service"] for call in calls if call.id not in CALLS]
        scaled = [f"{name}'s autoscaler does nothing while it wants no pods" for name in survey.autoscaled if name in names]
        return Preview(
            step=request.step.id,
            title=f"Stop {', '.join(names) or 'nothing'}",
            target=cluster.namespace,
            where=f"{cluster.context} · {server} · as {identity}",
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=_fingerprint(deployments, survey),
            notices=(
                *([Notice("Users", f"every request to {', '.join(names)} fails until it is started again", warning=True)] if names else []),
                *(Notice("Stays", words) for words in scaled),
                *against(survey, Means.LIVE),
                *([Notice("Differs", request.step.differs)] if request.step.differs else []),
            ),
            checks=tuple(f"no pod of {name} is left" for name in names),
            undo="as many replicas as before" + (", auto-sync as it was" if any(call.id in CALLS for call in calls) else ""),
            by_hand=tuple(call.by_hand for call in calls),
            yes="stop",
            refused=refused,
            needs_reason=unstopped(survey, Means.LIVE),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads uid and replicas of each Deployment, and the owner's sync policy."""
        names = [name for name, _ in preview.fingerprint.facts if name.startswith(_REPLICAS)]
        deployments = tuple(deployment_from(self.workloads.deployment(name.removeprefix(_REPLICAS))) for name in names)
        application, read = self._live.owner_if_readable(request.environment, deployments)
        return _fingerprint(deployments, Survey(application=application, application_read=read))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the one patch."""
        if call.id in CALLS:
            return self._freezing.send(call)
        if call.body.get("frozen"):
            self._freezing.hold(call.body["frozen"])
        after = deployment_from(self.changes.patch_deployment(call.body["name"], call.body["operations"]))
        return f"Deployment {after.name}: {after.replicas} replicas wanted"

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether pods are wanted or not, as the call says; how many of a service that was started may be its autoscaler's word by now."""
        if call.id in CALLS:
            return self._freezing.happened(call)
        wanted: int = call.body["replicas"]
        return bool(deployment_from(self.workloads.deployment(call.body["name"])).replicas) is bool(wanted)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once at what is left of each service; of an undo, whether as many pods are wanted as before."""
        return tuple(self._check(request, call) for call in preview.calls if call.id not in CALLS)

    def _check(self, request: StepRequest, call: PlannedCall) -> CheckState:
        name, wanted = call.body["service"], call.body["replicas"]
        live = self._live.service(request.environment, name)
        if wanted:
            return CheckState(f"{name} is wanted again", passed=live.deployment.replicas > 0, words=f"{live.deployment.replicas} replicas, {wanted} before")
        reverted = live.deployment.replicas > 0
        left = f"{len(live.pods)} pod{'' if len(live.pods) == 1 else 's'} left" if live.pods else "none is left"
        words = f"somebody or something wants {live.deployment.replicas} again" if reverted else left
        return CheckState(f"no pod of {name} is left", passed=False if reverted else True if not live.pods else None, words=words, final=reverted)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews as many replicas as before, and auto-sync as it was last."""
        calls: list[PlannedCall] = []
        refused = ""
        lives = {n: self._live.service(request.environment, n) for n in (call.undo["service"] for call in done if call.undo["kind"] == "Deployment")}
        for call in reversed(done):
            try:
                if call.undo["kind"] == "Application":
                    calls += self._freezing.undo(request.environment.cluster, call)
                elif lives[call.undo["service"]].deployment.replicas != call.undo["replicas"]:
                    calls.append(self._call(request, lives[call.undo["service"]], call.undo["replicas"]))
            except RollbackError as error:
                refused = refused or error.text
        deployments = tuple(live.deployment for live in lives.values())
        survey = self._live.survey(request.environment, deployments, self.surveyor)
        refused = refused or ("" if calls else "There is nothing to put back: everything is as it was before the step.")
        preview = self._preview(request, self.whereabouts.current(), survey, tuple(calls), deployments, refused)
        notices = tuple(notice for notice in preview.notices if notice.label != "Users")
        return replace(
            preview, title=f"Undo: {request.step.title}", notices=notices, yes=PUT_BACK, undo="", needs_reason="", checks=("as many pods are wanted",)
        )


_REPLICAS = "Replicas of "


def _chosen(request: StepRequest) -> tuple[str, ...]:
    """Returns the chosen services, otherwise the one whose schema the run is about."""
    return chosen_services(request) or tuple(one.name for one in request.environment.services if one.name == request.inputs.get("service"))


def _owed(calls: tuple[PlannedCall, ...]) -> tuple[PlannedCall, ...]:
    """Returns the calls, the first of which leaves the debt and captures how many pods each service had."""
    if not calls:
        return ()
    captured = {call.undo["service"]: call.undo["replicas"] for call in calls}
    return (replace(calls[0], debt=STOPPED_DEBT, undo={**calls[0].undo, "captured": captured}), *calls[1:])


def _fingerprint(deployments: Sequence[Deployment], survey: Survey) -> Fingerprint:
    facts = [(f"{_REPLICAS}{one.name}", f"{one.replicas} · {one.uid}") for one in deployments]
    if survey.application is not None:
        facts.append(policy_fact(survey.application))
    if not survey.application_read:
        facts.append(UNREAD_POLICY)
    return Fingerprint(tuple(facts))
