"""Takes back what a step in git has done: the push by another commit, and Image Updater's annotation as it was."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gospel_rollback_tui.actions.freezing import CALLS, UPDATER_FOLLOWS
from gospel_rollback_tui.actions.git_prompt import Wanted, where_words
from gospel_rollback_tui.actions.git_push import PUSH, GitPush, revert_by_hand
from gospel_rollback_tui.domain.debts import GIT_DEBT
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.preview import PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import StepRequest


@dataclass(frozen=True, slots=True)
class PushUndo:
    """Plans the undo of one push and of what was stopped before it."""

    push: GitPush

    def plan(self, request: StepRequest, spec: ActionSpec, done: Sequence[CallRun]) -> Preview:
        """Previews a commit that takes back what `done` pushed, and Image Updater as it was; what the push paid is then owed again."""
        pushes = [call for call in done if call.id == PUSH]
        try:
            thaws = tuple(thaw for call in done if call.id in CALLS for thaw in self.push.freezing.undo(request.environment.cluster, call))
        except RollbackError as error:
            return replace(self._only(request, spec, ()), refused=error.sentences())
        if not pushes:
            return self._only(request, spec, thaws)
        preview = self.push.plan(request, spec, lambda _application: self._taken_back(request, pushes))
        debt = GIT_DEBT if any(GIT_DEBT.id in call.undo["paid"] for call in pushes) else None
        owing = tuple(replace(call, debt=debt) if call.id == PUSH else call for call in preview.calls)
        return replace(preview, calls=(*owing, *thaws) if owing else (), checks=(*preview.checks, *(UPDATER_FOLLOWS for _ in thaws)), yes="put it back")

    def _taken_back(self, request: StepRequest, pushes: Sequence[CallRun]) -> Wanted:
        """Returns the branch without what was pushed; raises Refused when it holds nothing of it."""
        repository = self.push.repository
        branch = repository.place.branch
        shas = [sha for call in pushes if (sha := repository.pushed(call.undo["mark"], branch))]
        if not shas:
            raise Refused(f"Nothing of it is on {branch}.", next_step="Close the pull request and delete its branch.")
        proposal = repository.reverted(shas)
        names = ", ".join(sha[:7] for sha in shas)
        return Wanted(
            proposal,
            f"Undo: {request.step.title}",
            f'Revert "{pushes[-1].undo["subject"]}"',
            f"without {names}",
            self.push.estate.rendering(proposal.parent, proposal.tree),
            tuple(f"This reverts commit {sha}." for sha in shas),
            by_hand=revert_by_hand(repository, shas, 0),
        )

    def _only(self, request: StepRequest, spec: ActionSpec, thaws: tuple[PlannedCall, ...]) -> Preview:
        """Returns the preview where nothing was pushed: Image Updater alone was stopped."""
        application: JsonObject | None = self.push.estate.application(request.environment)
        return Preview(
            step=request.step.id,
            title=f"Undo: {request.step.title}",
            target=self.push.repository.place.branch,
            where=where_words(self.push.repository.place),
            danger=max(spec.danger, request.step.danger),
            calls=thaws,
            fingerprint=self.push.fingerprint(self.push.repository.remote_head(), "", application),
            checks=(UPDATER_FOLLOWS,),
            by_hand=tuple(call.by_hand for call in thaws),
            yes="put it back",
            refused="" if thaws else "There is nothing to put back: everything is as it was before the step.",
        )
