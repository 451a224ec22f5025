"""Has Argo CD look at git at once and apply what the branch declares, by itself or by a sync of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.argocd_checks import OperationChecks, wanted_from_json, wanted_to_json, workloads_to_json
from gospel_rollback_tui.actions.argocd_prompt import changed_services, release_lines, release_notices
from gospel_rollback_tui.actions.argocd_release import Releases
from gospel_rollback_tui.actions.argocd_survey import ReleaseSurvey, Surveyed
from gospel_rollback_tui.actions.argocd_where import where_of
from gospel_rollback_tui.actions.catalogue import SYNC
from gospel_rollback_tui.actions.freezing import policy_fact
from gospel_rollback_tui.actions.live import LiveEstate
from gospel_rollback_tui.actions.ports import ArgoCdApi, BranchHead, Surveyor, Whereabouts, Workloads
from gospel_rollback_tui.actions.together import both, together
from gospel_rollback_tui.actions.verification import ServiceVerification
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.danger import Danger
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.manifests import workload_images
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.release_diff import NEVER_PRUNED
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.domain.sync_history import SHORT, Entry
from gospel_rollback_tui.domain.sync_operations import has_begun, operation_from, wanted_by
from gospel_rollback_tui.domain.sync_status import SyncStatus, sync_status_from
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

SYNC_CALL = "sync"
PRUNE = "prune"
"""Input: `yes` deletes what git does not declare any more."""


@dataclass(frozen=True, slots=True)
class SyncRelease:
    """The step behind a push: refresh, and a sync where Argo CD does not begin one by itself."""

    workloads: Workloads
    whereabouts: Whereabouts
    verification: ServiceVerification
    surveyor: Surveyor
    api: ArgoCdApi
    releases: Releases
    branch: BranchHead | None = None
    """What the remote branch holds; None: what Argo CD sees there counts."""
    spec: ActionSpec = SYNC

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns whether to prune, where there is anything that git does not declare any more."""
        left = sync_status_from(self.api.application(_name(request), refresh=True)).left
        if not left:
            return ()
        kept = [key.words for key in left if key.kind in NEVER_PRUNED]
        shown = ", ".join(key.words for key in left[:6])
        never = f"it would delete {', '.join(kept[:3])}: take that away by hand, if at all" if kept else ""
        options = (Option("no", "no, leave it", "it runs on", suggested=True), Option("yes", "yes, delete it", shown, refused=never))
        return (ChoiceList(PRUNE, f"Git does not declare {shown} any more. Delete it?", options),)

    def plan(self, request: StepRequest) -> Preview:
        """Previews the sync; no call where Argo CD has begun it, or nothing differs: then it is only looked at."""
        raw, where = both(lambda: self._compared(request), lambda: where_of(request, self.whereabouts, self.api))
        status, application = sync_status_from(raw), application_from(raw)
        prune = request.inputs.get(PRUNE) == "yes"
        surveyed = self._survey(request, raw, status)
        running = operation_from(raw)
        busy = running is not None and not running.over
        ours = running is not None and busy and running.revisions == status.revisions
        needed = not status.equals_git or (prune and bool(status.left))
        refused = surveyed.refused if needed and not ours else ""
        if busy and not ours and running is not None:
            refused = f"An operation is under way ({running.words}): stop it in a step of its own, or wait."
        calls = (self._call(request, raw, surveyed, status, prune=prune),) if needed and not ours and not refused else ()
        return Preview(
            step=request.step.id,
            title=f"Sync {application.name} with {_short(status)}",
            target=application.name,
            where=where,
            danger=max(self.spec.danger, request.step.danger, Danger.DESTRUCTIVE if prune else Danger.OBSERVE) if calls else Danger.OBSERVE,
            calls=calls,
            fingerprint=_fingerprint(raw),
            notices=release_notices(request, surveyed.diff, surveyed.survey, compared=surveyed.compared, sources=False) if calls else (),
            checks=("Argo CD carried it out", "git equals what runs", "every workload runs what git declares", "services well"),
            undo="by another commit",
            by_hand=tuple(call.by_hand for call in calls),
            yes="sync" if calls else "look",
            refused=refused,
        )

    def _compared(self, request: StepRequest) -> JsonObject:
        """Returns the Application as compared with the branch just now; raises Refused while Argo CD sees another commit there."""
        raw = self.api.application(_name(request), refresh=True)
        status = sync_status_from(raw)
        if not status.revisions or status.word == "Unknown":
            raise Refused(
                f"Argo CD cannot compare with git: {status.words}.", next_step="Look whether it reaches the repository; a patch of the services needs none."
            )
        head = self.branch.remote_head() if self.branch is not None else ""
        if head and head not in status.revisions:
            raise Refused(
                f"The branch is at {head[:SHORT]}, and Argo CD sees {_short(status)} there.",
                next_step="Look in a moment; if it stays so, Argo CD follows another branch or repository.",
            )
        return raw

    def _survey(self, request: StepRequest, raw: JsonObject, status: SyncStatus) -> Surveyed:
        reading = ReleaseSurvey(self.api, self.releases, LiveEstate(self.workloads), self.surveyor)
        return reading.of(request.environment, raw, Entry(-1, status.revisions))

    def _call(self, request: StepRequest, raw: JsonObject, surveyed: Surveyed, status: SyncStatus, *, prune: bool) -> PlannedCall:
        name = surveyed.application.name
        marker = f"{request.run}/{request.step.id}/{request.attempt}"
        # While auto-sync is on, or of several sources, only the branch's own commit is taken, which is named by no revision.
        revision = "" if surveyed.application.auto_sync or len(status.revisions) > 1 else status.revisions[0]
        return PlannedCall(
            id=SYNC_CALL,
            title=f"synced with {_short(status)}",
            where=f"POST sync of Application {name} (Argo CD)",
            summary=f"{_short(status)} applied" + (", what is left over deleted" if prune else ""),
            body={
                "kind": "Sync",
                "name": name,
                "revision": revision,
                "prune": prune,
                "marker": marker,
                "wanted": wanted_to_json(wanted_by(raw, status.revisions, marker)),
                "workloads": workloads_to_json(workload_images(surveyed.manifests, request.environment.cluster.namespace)),
                "services": list(changed_services(request.environment, surveyed.diff)),
            },
            undo={"kind": "Sync"},
            by_hand=f"argocd app sync {name} --timeout 600" + (" --prune" if prune else ""),
            diff=release_lines(surveyed.diff),
        )

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the policy, the commit that Argo CD sees and the last operation."""
        return _fingerprint(self.api.application(_name(request)))

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Starts the sync."""
        body = call.body
        self.api.sync(body["name"], body["revision"], prune=body["prune"], run=body["marker"])
        return f"Argo CD took it: {call.summary}"

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether Argo CD took it: the operation carries the attempt's own mark, or its entry is in the history."""
        return has_begun(self.api.application(call.body["name"]), wanted_from_json(call.body["wanted"]))

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Looks once: the operation, the comparison with git, the images, the services and the symptom."""
        looking = OperationChecks(self.api, self.workloads, self.verification.skew)
        call = next(iter(preview.calls), None)
        if call is not None:
            raw, operation = looking.look(call.body["name"], wanted_from_json(call.body["wanted"]), since)
        else:
            raw = self.api.application(_name(request), refresh=True)
            operation = _own(raw)
        status = sync_status_from(raw)
        if operation.passed is not True:
            return (operation, _equal(status))
        namespace = request.environment.cluster.namespace
        workloads = call.body["workloads"] if call is not None else self._workloads(request, status)
        found = [operation, _equal(status), looking.images(_name(request), namespace, workloads, done=call is not None)]
        chosen = call.body["services"] if call is not None else ()
        services = [service for service in request.environment.services if not chosen or service.name in chosen]
        for states in together([partial(self.verification.of, service, None, since) for service in services]):
            found += states
        if request.symptom is not None:
            found.append(self.verification.answers(f"{request.symptom.label()} answers {request.symptom.expect_status}", request.symptom))
        return tuple(found)

    def _workloads(self, request: StepRequest, status: SyncStatus) -> list[dict[str, object]]:
        manifests = self.releases.manifests(_name(request), status.revisions)
        kept: list[dict[str, object]] = workloads_to_json(workload_images(manifests, request.environment.cluster.namespace))
        return kept

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Refuses: what git declares is changed by another commit."""
        raise RollbackError("A sync is put back by another commit in git.", next_step="Revert the commit, then sync again.")


def _name(request: StepRequest) -> str:
    name = request.environment.argocd.application
    if not name:
        raise Refused("No Argo CD Application is configured.", next_step="Set `argocd.application`, or apply the manifests.")
    return name


def _short(status: SyncStatus) -> str:
    return " + ".join(revision[:SHORT] for revision in status.revisions)


def _own(raw: JsonObject) -> CheckState:
    """Returns how the operation stands that Argo CD began by itself; a failed one is not begun again."""
    last = operation_from(raw)
    name = "Argo CD carried it out"
    if last is None or (last.over and last.phase == "Succeeded"):
        return CheckState(name, passed=True, words=last.words if last is not None else "nothing was to be done")
    if last.over and last.revisions == sync_status_from(raw).revisions:
        return CheckState(name, passed=False, words=f"{last.words} ended {last.phase}: {last.message}", final=True)
    return CheckState(name, passed=None, words=last.message or last.phase or "asked for")


def _equal(status: SyncStatus) -> CheckState:
    return CheckState("git equals what runs", passed=True if status.equals_git else None, words=status.words)


def _fingerprint(raw: JsonObject) -> Fingerprint:
    last = operation_from(raw)
    return Fingerprint(
        (
            policy_fact(application_from(raw)),
            ("Commit of the branch", _short(sync_status_from(raw))),
            ("Last operation", f"{last.words}, {last.phase} · {last.identity}" if last is not None else "none"),
        )
    )
