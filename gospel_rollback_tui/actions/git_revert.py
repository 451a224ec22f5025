"""Takes single commits out of the branch: where later, unrelated good commits touched the same folder and must stay."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from gospel_rollback_tui.actions.git_estate import GitEstate
from gospel_rollback_tui.actions.git_prompt import Wanted
from gospel_rollback_tui.actions.git_push import revert_by_hand
from gospel_rollback_tui.actions.git_words import not_what_runs, paid, paid_notice
from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

COMMITS = "commits"
"""Input: the commits that go, joined by commas."""
MAINLINE = "mainline"
"""Input: number of the parent that a merge is undone towards."""
MOST_COMMITS = 30


@dataclass(frozen=True, slots=True)
class RevertedCommits:
    """The branch without some commits (`commits` and, for merges, `mainline` in the inputs)."""

    estate: GitEstate
    now: Callable[[], float] = time.time

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the commits that changed the manifests, and for chosen merges their parents."""
        commits = self.estate.repository.log(self.estate.repository.place.folder, MOST_COMMITS)
        options = tuple(self._option(commit, first=index == 0) for index, commit in enumerate(commits))
        lists = [ChoiceList(COMMITS, "Which commits are taken out?", options, multiple=True)]
        merges = [commit for commit in self._chosen(request) if commit.merge]
        if merges:
            lists.append(ChoiceList(MAINLINE, f"{merges[0].short} is a merge: which of its parents stays?", self._parents(merges[0])))
        return tuple(lists)

    def _option(self, commit: Commit, *, first: bool) -> Option:
        kind = "merge, " if commit.merge else ""
        tags = f", {', '.join(commit.tags)}" if commit.tags else ""
        detail = f"{kind}{span(self.now() - commit.at)} ago by {commit.author}{tags}"
        return Option(commit.sha, f"{commit.short}  {commit.subject}", detail, first, "" if commit.parents else "it is the first commit")

    def _parents(self, merge: Commit) -> tuple[Option, ...]:
        found = []
        for number, sha in enumerate(merge.parents, 1):
            try:
                subject = self.estate.repository.commit(sha).subject
            except RollbackError:
                subject = ""
            what = "the branch it was merged into" if number == 1 else "what was merged in"
            found.append(Option(str(number), f"{number}  {sha[:7]}  {subject}", what, suggested=number == 1))
        return tuple(found)

    def _chosen(self, request: StepRequest) -> tuple[Commit, ...]:
        names = [name.strip() for name in request.inputs.get(COMMITS, "").split(",") if name.strip()]
        return tuple(self.estate.repository.commit(name) for name in names)

    def wanted(self, request: StepRequest, application: JsonObject | None) -> Wanted:
        """Returns the branch without the chosen commits; a merge needs its mainline chosen too."""
        repository, place = self.estate.repository, self.estate.repository.place
        chosen = self._chosen(request)
        if not chosen:
            raise Refused("No commit is chosen.", next_step="Choose those that brought the bad release.")
        number = request.inputs.get(MAINLINE, "")
        mainline = int(number) if number.isdigit() else None
        proposal = repository.reverted([commit.sha for commit in chosen], mainline)
        rendering = self.estate.rendering(proposal.parent, proposal.tree)
        running = self.estate.running(request.environment)
        names = ", ".join(commit.short for commit in chosen)
        subject = f'Revert "{chosen[0].subject}"' if len(chosen) == 1 else f"Revert {names}"
        return Wanted(
            proposal,
            f"Take {names} out of {place.branch}",
            subject,
            f"without {names}",
            rendering,
            tuple(_reverts(commit, mainline) for commit in chosen),
            (*self._merge_notices(chosen, mainline), *paid_notice(request.environment, rendering, running)),
            revert_by_hand(repository, [commit.sha for commit in chosen], mainline or 0),
            not_what_runs(request.step, request.environment, rendering, running),
            debts=paid(request.environment, rendering, running),
        )

    @staticmethod
    def _merge_notices(chosen: tuple[Commit, ...], mainline: int | None) -> tuple[Notice, ...]:
        """A reverted merge cannot simply be merged again: git takes its commits for already there."""
        merges = [commit for commit in chosen if commit.merge and mainline]
        return tuple(
            Notice("Merge", f"{commit.short} is undone towards {commit.parents[(mainline or 1) - 1][:7]}; to land it again, revert this revert", warning=True)
            for commit in merges
        )


def _reverts(commit: Commit, mainline: int | None) -> str:
    """Returns git's own sentence, by which other tools know a revert."""
    towards = f", reversing changes made to {commit.parents[mainline - 1]}" if commit.merge and mainline and mainline <= len(commit.parents) else ""
    return f"This reverts commit {commit.sha}{towards}."
