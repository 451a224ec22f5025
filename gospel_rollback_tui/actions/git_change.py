"""The actions that change what git says: each a way to work out one commit, and the one push that all of them share."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gospel_rollback_tui.actions.git_prompt import Wanted, refused_preview
from gospel_rollback_tui.actions.git_push import GitPush
from gospel_rollback_tui.actions.git_undo import PushUndo
from gospel_rollback_tui.domain.errors import Refused
from gospel_rollback_tui.domain.preview import CheckState, Fingerprint, PlannedCall, Preview
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.run import CallRun
from gospel_rollback_tui.domain.runbook import ActionSpec
from gospel_rollback_tui.engine.ports import ChoiceList, StepRequest

NOT_CONFIGURED = "No git repository is configured for this environment (git.repository, git.branch)."


class Working(Protocol):
    """How a step works out what the branch shall say."""

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the live lists that set the step's inputs, from the branch as it was just fetched."""

    def wanted(self, request: StepRequest, application: JsonObject | None) -> Wanted:
        """Returns what the branch shall say; raises Refused with what forbids it."""


@dataclass(frozen=True, slots=True)
class ChangeInGit:
    """One commit, pushed to the branch that Argo CD follows or to one of our own for a pull request."""

    spec: ActionSpec
    push: GitPush | None
    """None: no repository is configured."""
    working: Working | None

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns what can be chosen, and the ways to the branch."""
        if self.push is None or self.working is None:
            return ()
        self.push.repository.fetch()
        return *self.working.choices(request), self.push.where_choice()

    def plan(self, request: StepRequest) -> Preview:
        """Previews the commit as manifests and as files; what forbids it is `Preview.refused`."""
        working = self.working
        if self.push is None or working is None:
            return refused_preview(request, self.spec, NOT_CONFIGURED)
        return self.push.plan(request, self.spec, lambda application: working.wanted(request, application))

    def facts(self, request: StepRequest, preview: Preview) -> Fingerprint:
        """Re-reads the branch on the remote, and what Argo CD follows."""
        return self._configured().facts(request, preview)

    def send(self, request: StepRequest, call: PlannedCall) -> str:
        """Makes the commit and pushes it, or stops Image Updater before."""
        return self._configured().send(call)

    def happened(self, request: StepRequest, call: PlannedCall) -> bool | None:
        """Returns whether the remote has this attempt's commit, or the annotation is as the call makes it."""
        return self._configured().happened(call)

    def checks(self, request: StepRequest, preview: Preview, since: float) -> tuple[CheckState, ...]:
        """Returns whether the branch that Argo CD follows holds it."""
        return self._configured().checks(preview)

    def undo_plan(self, request: StepRequest, done: Sequence[CallRun]) -> Preview:
        """Previews a commit that takes back what was pushed."""
        return PushUndo(self._configured()).plan(request, self.spec, done)

    def _configured(self) -> GitPush:
        if self.push is None:
            raise Refused(NOT_CONFIGURED)
        return self.push
