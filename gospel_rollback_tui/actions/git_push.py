"""One push to the repository that Argo CD follows: previewed, sent once, and believed only when the remote holds it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from gospel_rollback_tui.actions.freezing import CALLS, UNFOLLOW, UPDATER_FOLLOWS, UPDATER_STOPPED, FreezePlan, Freezing
from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_ports import Repository
from gospel_rollback_tui.actions.git_prompt import Wanted, diff_of, notices_of, refused_preview, where_words
from gospel_rollback_tui.actions.ports import Surveyor
from gospel_rollback_tui.actions.prompt import against, unstopped
from gospel_rollback_tui.actions.schema_check import SchemaGates, check_again, check_schema, needed, with_changes
from gospel_rollback_tui.actions.together import both
from gospel_rollback_tui.domain.application import application_from
from gospel_rollback_tui.domain.commits import Parcel, marker
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.fighters import Means, Survey
from gospel_rollback_tui.domain.git_place import source_mismatch, sources_of
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, Notice, PlannedCall, Preview
from gospel_rollback_tui.domain.pull_requests import pull_request_link
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.release_change import rendered_changes
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

PUSH = "push"
"""Id of the call that pushes; what stops Image Updater goes before it."""
WHERE = "where"
"""Input: straight to the branch, or by a pull request."""
BRANCH, PULL_REQUEST = "branch", "pull-request"
_MOST_BRANCHES = 9
"""Branches of one run."""


@dataclass(frozen=True, slots=True)
class GitPush:
    """Plans, sends and checks the push of one proposal; the actions say what the proposal is."""

    estate: GitEstate
    freezing: Freezing
    """Stops Image Updater first, which would commit the newest image over what is pushed."""
    surveyor: Surveyor | None = None
    """Looks at what else may release again meanwhile; None: nobody looks."""
    gates: SchemaGates | None = None
    """None: nobody looks at databases."""

    @property
    def repository(self) -> Repository:
        """The repository that is pushed to."""
        return self.estate.repository

    def where_choice(self) -> ChoiceList:
        """Returns the two ways to the branch, the one that the server has not refused suggested."""
        branch = self.repository.place.branch
        words = self.repository.protected(branch)
        straight = Option(BRANCH, f"straight to {branch}", f"refused before: {words}" if words else "one commit, pushed at once", suggested=not words)
        return ChoiceList(
            WHERE, "How does it get there?", (straight, Option(PULL_REQUEST, "by a pull request", "a branch of its own, merged by you", bool(words)))
        )

    def plan(self, request: StepRequest, spec: ActionSpec, wanted: Callable[[JsonObject | None], Wanted]) -> Preview:
        """Previews the push of what `wanted` works out from the Application; what forbids it is `Preview.refused`."""
        place = self.repository.place
        where = where_words(place)
        try:
            self.repository.fetch()
            application = self.estate.application(request.environment)
            mismatch = self._mismatch(application)
            if mismatch:
                return refused_preview(request, spec, mismatch, where)
            author = self.repository.author()
            return self._preview(request, spec, wanted(application), application, author)
        except Refused as error:
            return refused_preview(request, spec, f"{error.text} {error.next_step}".strip(), where)

    def _mismatch(self, application: JsonObject | None) -> str:
        if application is None:
            return ""
        heads = any(source.revision == "HEAD" for source in sources_of(application))
        return source_mismatch(self.repository.place, application, self.repository.default_branch() if heads else "")

    def _preview(self, request: StepRequest, spec: ActionSpec, wanted: Wanted, application: JsonObject | None, author: str) -> Preview:
        place = self.repository.place
        refused = wanted.refused or ("It would change nothing: the branch says that already." if wanted.proposal.empty else "")
        parcel = self._parcel(request, wanted)
        if not refused:
            refused = self.repository.rehearse(parcel)
        call = self._call(wanted, parcel)
        pull = parcel.ref != place.branch
        rendering = wanted.rendering
        schema = check_schema(self.gates, rendered_changes(request.environment, rendering.before or (), rendering.after or ()))
        stopped = self._stopped(request, application)
        survey = self._survey(request, application, stopped)
        notices = list(notices_of(request, wanted, place, author, signed=self.repository.signs()))
        if request.environment.argocd.application and application is None:
            notices.append(Notice("Argo CD", "cannot be read: whether it follows this very branch was not compared", warning=True))
        if pull:
            notices.append(Notice("Goes by", f"branch {parcel.ref}; then open the pull request {call.body['link'] or 'at your forge'} and merge it"))
        return Preview(
            step=request.step.id,
            title=wanted.title,
            target=place.branch,
            where=f"{where_words(place)} · as {author}",
            danger=max(spec.danger, request.step.danger),
            calls=() if refused else with_changes((*stopped.calls, call), schema),
            fingerprint=schema.beside(self.fingerprint(parcel.parent, parcel.tree, application)),
            notices=(*notices, *against(survey, Means.GIT), *schema.notices),
            checks=(*(UPDATER_STOPPED for _ in stopped.calls), self.check_name()),
            undo="a commit that takes this one back" + (", Image Updater's annotation as it was" if stopped.calls else ""),
            by_hand=(*(one.by_hand for one in stopped.calls), *wanted.by_hand),
            yes=f"push {parcel.ref}" if pull else f"push to {place.branch}",
            refused=refused,
            needs_reason=needed(unstopped(survey, Means.GIT), schema.reason),
        )

    def _stopped(self, request: StepRequest, application: JsonObject | None) -> FreezePlan:
        """Returns what stops Image Updater; auto-sync stays on, since it is what applies the commit."""
        return FreezePlan() if application is None else self.freezing.plan_updater(request.environment.cluster, application_from(application))

    def _survey(self, request: StepRequest, application: JsonObject | None, stopped: FreezePlan) -> Survey:
        """Returns what may release again meanwhile: an image updater, a deployment under way, a window that holds every sync."""
        beside = self.surveyor.beside(request.environment.argocd.application) if self.surveyor is not None else Survey()
        owner = application_from(application) if application is not None else None
        return replace(beside, application=owner, application_read=owner is not None, updater_held=stopped.refused)

    def _parcel(self, request: StepRequest, wanted: Wanted) -> Parcel:
        place = self.repository.place
        suggested = PULL_REQUEST if self.repository.protected(place.branch) else BRANCH
        ref = self._own_branch(request.run) if request.inputs.get(WHERE, suggested) == PULL_REQUEST else place.branch
        lines = [wanted.subject, "", *wanted.body, f"By {request.operator} in run {request.run or '-'}, step {request.step.id}."]
        mark = marker(request.run, request.step.id, request.attempt)
        return Parcel(wanted.proposal.tree, wanted.proposal.parent, "\n".join(lines), mark, ref)

    def _own_branch(self, run: str) -> str:
        """Returns a branch that the remote does not have: an earlier attempt's may still stand there."""
        names = [f"rollback/{run}", *(f"rollback/{run}-{number}" for number in range(2, _MOST_BRANCHES + 1))]
        free = next((name for name in names if not self.repository.remote_head(name)), "")
        if not free:
            raise Refused(f"The remote has {_MOST_BRANCHES} branches of this run already.", next_step="Delete those that are not needed any more.")
        return free

    def _call(self, wanted: Wanted, parcel: Parcel) -> PlannedCall:
        place = self.repository.place
        link = pull_request_link(place.repository, parcel.ref, place.branch) if parcel.ref != place.branch else ""
        return PlannedCall(
            id=PUSH,
            title=f"pushed to {parcel.ref}",
            where=f"PUSH {parcel.ref}",
            summary=wanted.summary,
            body={
                "kind": "push",
                "ref": parcel.ref,
                "branch": place.branch,
                "parent": parcel.parent,
                "tree": parcel.tree,
                "message": parcel.message,
                "mark": parcel.mark,
                "link": link,
                "pays": list(wanted.debts),
            },
            undo={"kind": "push", "ref": parcel.ref, "mark": parcel.mark, "subject": wanted.subject, "paid": list(wanted.debts)},
            by_hand="\n".join(wanted.by_hand),
            diff=diff_of(wanted),
        )

    def fingerprint(self, parent: str, tree: str, application: JsonObject | None) -> Fingerprint:
        """Returns what a push rests on: the branch, the files as they would be, what Argo CD follows."""
        place = self.repository.place
        facts = [(f"branch {where_words(place)}", parent[:12]), ("files as they would be", tree[:12])]
        if application is not None:
            facts += [("Argo CD follows", "; ".join(f"{one.repository} {one.revision} {one.path}" for one in sources_of(application)))]
        return Fingerprint(tuple(facts))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the branch on the remote, and what Argo CD follows."""
        head, (application, schema) = both(
            self.repository.remote_head,
            lambda: both(partial(self.estate.application, request.environment), lambda: check_again(self.gates, request.environment, preview)),
        )
        tree = next((str(call.body["tree"]) for call in preview.calls if call.id == PUSH), "")
        return schema.beside(self.fingerprint(head, tree, application))

    def send(self, call: PlannedCall) -> str:
        """Makes the commit and pushes it, or stops Image Updater."""
        if call.id in CALLS:
            return self.freezing.send(call)
        body = call.body
        sha = self.repository.push(Parcel(body["tree"], body["parent"], body["message"], body["mark"], body["ref"]))
        link = f"; open the pull request: {body['link']}" if body["link"] else ""
        return f"{sha[:7]} on {body['ref']}{link}"

    def happened(self, call: PlannedCall) -> bool | None:
        """Returns whether the remote has the commit that carries this attempt's trailer, or Image Updater follows what it shall."""
        if call.id in CALLS:
            return self.freezing.happened(call)
        return bool(self.repository.pushed(call.body["mark"], call.body["ref"]) or self._holds(call))

    def _holds(self, call: PlannedCall) -> bool:
        """Returns whether the followed branch has the commit, or by another one, such as a squashed merge, the same files."""
        body, place = call.body, self.repository.place
        if self.repository.pushed(body["mark"], place.branch):
            return True
        if body["ref"] == place.branch:
            return False
        head = self.repository.remote_head()
        if head == body["parent"]:
            return False
        self.repository.fetch()
        contents = self.repository.contents((self.repository.head(), body["tree"]), place.folder)
        return len(contents) == 2 and len(set(contents.values())) == 1

    def check_name(self) -> str:
        """Returns what is looked for on the remote."""
        return f"{where_words(self.repository.place)} holds it"

    def checks(self, preview: Preview) -> tuple[CheckState, ...]:
        """Looks once: at the remote branch, and whether Image Updater is stopped."""
        found = []
        for call in preview.calls:
            if call.id in CALLS:
                found.append(CheckState(UPDATER_STOPPED if call.id == UNFOLLOW else UPDATER_FOLLOWS, passed=self.freezing.happened(call) or None))
                continue
            holds = self._holds(call)
            waits = f"waits for the pull request {call.body['link'] or 'of ' + call.body['ref']} to be merged"
            words = "it does" if holds else waits if call.body["ref"] != call.body["branch"] else "not there"
            found.append(CheckState(self.check_name(), passed=holds or None, words=words))
        return tuple(found)


def revert_by_hand(repository: Repository, shas: Sequence[str], mainline: int) -> tuple[str, ...]:
    """Returns the commands that revert those commits in a work tree of the operator's own."""
    branch = repository.place.branch
    towards = f" -m {mainline}" if mainline else ""
    return (
        "git fetch --prune --tags origin",
        f"git worktree add --detach ../rollback origin/{branch}",
        f"git -C ../rollback revert --no-edit{towards} {' '.join(shas)}",
        f"git -C ../rollback push origin HEAD:{branch}",
    )
