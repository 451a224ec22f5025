"""Rolls a whole Application back to an entry of Argo CD's history, with what would revert it frozen first."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.argocd_access import Applications
from gospel_rollback_tui.actions.argocd_calls import ROLLBACK_CALL, RollbackCall, destination
from gospel_rollback_tui.actions.argocd_checks import OperationChecks, wanted_from_json
from gospel_rollback_tui.actions.argocd_choices import ENTRY, entry_choice, running
from gospel_rollback_tui.actions.argocd_prompt import changed_services, release_notices
from gospel_rollback_tui.actions.argocd_release import Releases
from gospel_rollback_tui.actions.argocd_survey import ReleaseSurvey, Surveyed
from gospel_rollback_tui.actions.argocd_undo import RollbackUndo
from gospel_rollback_tui.actions.argocd_where import where_of
from gospel_rollback_tui.actions.catalogue import ROLLBACK
from gospel_rollback_tui.actions.deployment import PUT_BACK, deployment_facts
from gospel_rollback_tui.actions.freezing import CALLS, FreezePlan, Freezing, frozen_by, policy_fact
from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.ports import ArgoCdApi, Changes, Surveyor, Whereabouts, Workloads
from gospel_rollback_tui.actions.prompt import unstopped
from gospel_rollback_tui.actions.schema_check import SchemaGates, check_again, check_schema, needed, with_changes
from gospel_rollback_tui.actions.terminating import TERMINATE_CALL, Terminating
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.fighters import Means
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.release_change import ReleaseChange, release_changes
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.sync_history import find, history_from, sources_digest, why_gone
from gospel_rollback_tui.domain.sync_operations import operation_from
from gospel_rollback_tui.domain.workloads import Deployment, deployment_from
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest


@dataclass(frozen=True, slots=True)
class RollBackRelease:
    """The bundle of the release rollback: auto-sync off where it is on, then the rollback."""

    workloads: Workloads
    changes: Changes
    whereabouts: Whereabouts
    verification: ServiceVerification
    surveyor: Surveyor
    api: ArgoCdApi
    releases: Releases
    gates: SchemaGates | None = None
    """None: nobody looks at databases."""
    clock: Callable[[], float] = time.time
    """Wall time of this machine."""
    spec: ActionSpec = ROLLBACK

    @property
    def _live(self) -> LiveEstate:
        return LiveEstate(self.workloads)

    @property
    def _freezing(self) -> Freezing:
        return Freezing(Applications(self.workloads, self.changes, self.whereabouts, self.api))

    @property
    def _survey(self) -> ReleaseSurvey:
        return ReleaseSurvey(self.api, self.releases, self._live, self.surveyor)

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the history's entries; one that is gone from git, or is what runs, cannot be chosen."""
        return self._choices(request, self.api.application(_name(request)))

    def _choices(self, request: StepRequest, raw: JsonObject) -> tuple[ChoiceList, ...]:
        environment, at = request.environment, self.clock() + self.verification.skew()
        namespace = environment.cluster.namespace
        live, told = both(lambda: running(self._live, environment), lambda: self.releases.told(_name(request), history_from(raw), namespace))
        return (entry_choice(raw, told, live, at),)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the bundle: what changes per service, what stays, which hooks do not run, who works against it."""
        raw = self.api.application(_name(request))
        entry = find(request.inputs.get(ENTRY, "") or self._suggested(request, raw), history_from(raw))
        if entry is None:
            raise _not_there(request, raw)
        application = application_from(raw)
        (surveyed, freeze), where = both(
            lambda: both(lambda: self._survey.of(request.environment, raw, entry), lambda: self._freezing.plan(request.environment.cluster, application)),
            lambda: where_of(request, self.whereabouts, self.api),
        )
        schema = check_schema(self.gates, _release_changes(request, surveyed))
        refused = surveyed.refused or freeze.refused or _nothing(surveyed)
        calls = () if refused else with_changes((*freeze.calls, *self._ended_first(application.name, raw), self._call(request, raw, surveyed, freeze)), schema)
        label = surveyed.told.label(entry)
        return Preview(
            step=request.step.id,
            title=f"Roll {application.name} back to {label}",
            target=application.name,
            where=where,
            danger=max(self.spec.danger, request.step.danger),
            calls=calls,
            fingerprint=schema.beside(_fingerprint(raw, entry.key, _changing(request, surveyed))),
            notices=(
                *release_notices(request, surveyed.diff, surveyed.survey, compared=surveyed.compared, sources=_rendered_otherwise(raw, entry.sources)),
                *schema.notices,
            ),
            checks=_checks(request, label),
            undo=_undo_words(raw),
            by_hand=tuple(call.by_hand for call in calls),
            yes="roll the release back",
            refused=refused,
            needs_reason=needed(unstopped(surveyed.survey, Means.ARGOCD), schema.reason),
        )

    def _suggested(self, request: StepRequest, raw: JsonObject) -> str:
        """Returns the entry that the content speaks for, where nobody has chosen; empty: none."""
        return next((option.value for one in self._choices(request, raw) for option in one.options if option.suggested), "")

    def _ended_first(self, name: str, raw: JsonObject) -> tuple[PlannedCall, ...]:
        """Returns the call that ends an operation under way: while there is one, no other begins."""
        under_way = operation_from(raw)
        return () if under_way is None or under_way.over else (Terminating(self.api).plan(name, under_way),)

    def _call(self, request: StepRequest, raw: JsonObject, surveyed: Surveyed, freeze: FreezePlan) -> PlannedCall:
        to = destination(request.environment, surveyed)
        return RollbackCall(self.api).plan(raw, to, debt=GIT_DEBT, frozen=frozen_by(freeze.calls))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads sync policy, entry, last operation and the Deployments that change."""
        call = next((call for call in preview.calls if call.id == ROLLBACK_CALL), None)
        services = call.body["services"] if call is not None else ()
        names = [request.environment.service(name).deployment for name in services]
        (raw, schema), deployments = both(
            lambda: both(lambda: self.api.application(_name(request)), lambda: check_again(self.gates, request.environment, preview)),
            lambda: together([partial(self.workloads.deployment, name) for name in names]),
        )
        entry = call.body["entry"] if call is not None else request.inputs.get(ENTRY, "")
        return schema.beside(_fingerprint(raw, entry, tuple(map(deployment_from, deployments))))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Sends the one call."""
        if call.id in CALLS:
            return self._freezing.send(call)
        if call.id == TERMINATE_CALL:
            return Terminating(self.api).send(call)
        return RollbackCall(self.api).send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the call has its effect."""
        if call.id in CALLS:
            return self._freezing.happened(call)
        if call.id == TERMINATE_CALL:
            return Terminating(self.api).happened(call)
        return RollbackCall(self.api).happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once: this operation first, and only once it succeeded at images, services and symptom."""
        call = next((call for call in preview.calls if call.id == ROLLBACK_CALL), None)
        if call is None:
            return ()
        looking = OperationChecks(self.api, self.workloads, self.verification.skew)
        body = call.body
        raw, operation = looking.look(body["name"], wanted_from_json(body["wanted"]), since)
        held = (looking.stays_off(raw),) if preview.yes != PUT_BACK or body["frozen"] else ()
        if operation.passed is not True:
            return (operation, *held)
        images = looking.images(body["name"], request.environment.cluster.namespace, body["workloads"], done=True)
        found = [operation, *held, images]
        if preview.yes == PUT_BACK:
            return tuple(found)
        services = [request.environment.service(name) for name in body["services"]]
        for states in together([partial(self.verification.of, service, None, since) for service in services]):
            found += states
        if request.symptom is not None:
            found.append(self.verification.answers(f"{request.symptom.label()} answers {request.symptom.expect_status}", request.symptom))
        return tuple(found)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews going back to the entry that ran before, and auto-sync as it was last."""
        raw, where = both(lambda: self.api.application(_name(request)), lambda: where_of(request, self.whereabouts, self.api))
        plan = RollbackUndo(RollbackCall(self.api), self._survey, self._freezing).plan(request.environment, raw, done)
        surveyed = plan.surveyed
        deployments = _changing(request, surveyed) if surveyed is not None and any(call.id == ROLLBACK_CALL for call in plan.calls) else ()
        entry = next((call.body["entry"] for call in plan.calls if call.id == ROLLBACK_CALL), request.inputs.get(ENTRY, ""))
        return Preview(
            step=request.step.id,
            title=f"Undo: {request.step.title}",
            target=application_from(raw).name,
            where=where,
            danger=max(Danger.REVERSIBLE, request.step.danger),
            calls=plan.calls,
            fingerprint=_fingerprint(raw, entry, deployments),
            notices=release_notices(request, surveyed.diff, surveyed.survey, compared=surveyed.compared, sources=False) if surveyed is not None else (),
            checks=("Argo CD carried it out", "every workload runs what ran before"),
            by_hand=tuple(call.by_hand for call in plan.calls),
            yes=PUT_BACK,
            refused=plan.refused or ("" if plan.calls else "There is nothing to put back: everything is as it was before the step."),
        )


def _name(request: StepRequest) -> str:
    name = request.environment.argocd.application
    if not name:
        raise Refused("No Argo CD Application is configured.", next_step="Set `argocd.application`, or roll the services back.")
    return name


def _not_there(request: StepRequest, raw: JsonObject) -> Refused:
    chosen, entries = request.inputs.get(ENTRY, ""), history_from(raw)
    if not chosen and entries:
        return Refused("No entry of the history is chosen.", next_step="Choose one.")
    why = why_gone(chosen, entries)
    way_on = "Choose from the history as it is now." if entries else "Argo CD cannot go back then: go by git, or roll the services back."
    return Refused(f"{why[0].upper()}{why[1:]}.", next_step=way_on)


def _nothing(surveyed: Surveyed) -> str:
    return "" if surveyed.diff.changed else f"{surveyed.told.label(surveyed.entry)} is what runs: nothing would change."


def _changing(request: StepRequest, surveyed: Surveyed) -> tuple[Deployment, ...]:
    names = {request.environment.service(name).deployment for name in changed_services(request.environment, surveyed.diff)}
    return tuple(one for one in surveyed.deployments if one.name in names)


def _release_changes(request: StepRequest, surveyed: Surveyed) -> tuple[ReleaseChange, ...]:
    return release_changes(request.environment, ((change.before, change.after) for change in surveyed.diff.changed if not change.made))


def _rendered_otherwise(raw: JsonObject, sources: str) -> bool:
    spec = raw.get("spec")
    return isinstance(spec, dict) and sources_digest(spec) != sources


def _undo_words(raw: JsonObject) -> str:
    entries = history_from(raw)
    back = f"back to entry {entries[-1].id}, {entries[-1].short}" if entries else "none"
    return back + (", auto-sync as it was" if application_from(raw).auto_sync else "")


def _checks(request: StepRequest, label: str) -> tuple[str, ...]:
    named = ["Argo CD carries out this very operation", "auto-sync stays off", f"every workload runs the images of {label}"]
    named += ["pods of the release ready, none older", "/health and /ready answer", "no burst of errors"]
    return (*named, *([f"{request.symptom.label()} answers {request.symptom.expect_status}"] if request.symptom is not None else []))


def _fingerprint(raw: JsonObject, entry: str, deployments: Sequence[Deployment]) -> Fingerprint:
    last, found = operation_from(raw), find(entry, history_from(raw))
    return Fingerprint(
        (
            policy_fact(application_from(raw)),
            ("History entry", found.key if found is not None else "gone"),
            ("Last operation", f"{last.words}, {last.phase} · {last.identity}" if last is not None else "none"),
            *(fact for deployment in deployments for fact in deployment_facts(deployment)),
        )
    )
