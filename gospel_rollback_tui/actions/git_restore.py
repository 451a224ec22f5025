"""Puts the folder of all manifests back to what it was at a good commit: no conflicts, base and overlay together."""

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from gospel_rollback_tui.actions.git_estate import GitEstate, built_images
from gospel_rollback_tui.actions.git_pinning import pinned
from gospel_rollback_tui.actions.git_prompt import Wanted, undone_notice
from gospel_rollback_tui.actions.git_words import image_words, not_what_runs, paid, paid_notice, pin_by_hand
from gospel_rollback_tui.actions.together import together
from gospel_rollback_tui.domain.branch_states import BranchState, ServiceImages, says_what_runs, suggested_state, undone
from gospel_rollback_tui.domain.errors import Refused, RollbackError
from gospel_rollback_tui.domain.estate import Environment
from gospel_rollback_tui.domain.preview import Notice
from gospel_rollback_tui.domain.raw import JsonObject
from gospel_rollback_tui.domain.rendered import got_only_images
from gospel_rollback_tui.domain.spans import span
from gospel_rollback_tui.engine.ports import ChoiceList, Option, StepRequest

COMMIT = "commit"
"""Input: the commit to go back to, or `RUNS`."""
RUNS = "runs"
"""Value of `COMMIT`: the images that run now, written into the overlay, where no commit says them, or one says more that does not run."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a choice is made from."""

    states: tuple[BranchState, ...]
    running: ServiceImages
    suggested: str
    """A commit, `RUNS`, or empty where nothing speaks for any."""


@dataclass(frozen=True, slots=True)
class RestoredFolder:
    """The folder of manifests as it was at a commit (`commit` in the inputs)."""

    estate: GitEstate
    now: Callable[[], float] = time.time

    def choices(self, request: StepRequest) -> tuple[ChoiceList, ...]:
        """Returns the states of the branch that can be gone back to."""
        standing = self._standing(request.environment, self.estate.application(request.environment))
        options = [self._option(state, standing.suggested) for state in standing.states]
        if standing.suggested == RUNS:
            why = "images only" if any(says_what_runs(state, standing.running) for state in standing.states) else "no commit says it"
            options.insert(0, Option(RUNS, "what runs now", f"{why}: {image_words(standing.running)}", suggested=True))
        question = f"What does {self.estate.repository.place.branch} go back to?"
        return (ChoiceList(COMMIT, question, tuple(options)),)

    def _standing(self, environment: Environment, application: JsonObject | None) -> Standing:
        running = self.estate.running(environment)
        states = self.estate.states(environment, running, application)
        found = suggested_state(states, running)
        now = next((state for state in states if state.now), None)
        beside = bool(running) and now is not None and now.images is not None and not says_what_runs(now, running)
        written = beside and (found is None or self._got_only_images(environment, found, running))
        return Standing(states, running, RUNS if written else found.commit.sha if found else "")

    def _got_only_images(self, environment: Environment, found: BranchState, running: ServiceImages) -> bool:
        """Returns whether the cluster was given images of a state and nothing else of it: then git is to say just those too."""
        repository = self.estate.repository
        head, overlay = repository.head(), repository.place.overlay
        try:
            now, then = repository.rendered(head, overlay), repository.rendered(found.commit.sha, overlay)
            declared = built_images(environment, now)
            names = [environment.service(name).deployment for name, image in running.items() if declared.get(name) != image]
            return got_only_images(now, then, together([partial(self.estate.workloads.deployment, name) for name in names]))
        except RollbackError:
            return False

    def _option(self, state: BranchState, suggested: str) -> Option:
        commit = state.commit
        parts = [commit.subject, f"{span(self.now() - commit.at)} ago by {commit.author}"]
        parts += [image_words(state.images)] if state.images else []
        parts += [f"deployed as {state.deployed.id}"] if state.deployed else ["not known to have been deployed"]
        parts += ["gone back from"] if state.gone_back_from else []
        refused = "it is what the branch says now" if state.now else state.broken
        return Option(commit.sha, f"{state.label}  {commit.short}", ", ".join(parts), commit.sha == suggested, refused)

    def wanted(self, request: StepRequest, application: JsonObject | None) -> Wanted:
        """Returns the restored folder; without a choice, as it was at the suggested commit."""
        standing = self._standing(request.environment, application)
        chosen = request.inputs.get(COMMIT, "") or standing.suggested
        if not chosen:
            raise Refused("No commit is chosen, and nothing speaks for any.", next_step="Choose one.")
        return self._as_runs(request, standing) if chosen == RUNS else self._back_to(request, standing, chosen)

    def _back_to(self, request: StepRequest, standing: Standing, chosen: str) -> Wanted:
        repository, place = self.estate.repository, self.estate.repository.place
        if not place.folder:
            raise Refused("No folder of manifests is configured (git.manifests, git.overlay).")
        commit = repository.commit(chosen, place.folder)
        if not repository.on_branch(commit.sha):
            raise Refused(f"Commit {commit.short} is not on {place.branch}.", next_step="Choose another commit.")
        state = next((state for state in standing.states if state.commit.sha == commit.sha), BranchState(commit))
        proposal = repository.restored(commit.sha, (place.folder,))
        rendering = self.estate.rendering(proposal.parent, proposal.tree)
        subject = f"Roll {request.environment.name} back to {state.label}"
        return Wanted(
            proposal,
            f"Put {place.folder} on {place.branch} back to {state.label}",
            subject,
            f"{next((one.label for one in standing.states if one.now), proposal.parent[:7])} → {state.label}",
            rendering,
            (f"{place.folder} as it was in {commit.sha}.",),
            (*undone_notice(undone(standing.states, state), self.now()), *paid_notice(request.environment, rendering, standing.running)),
            _by_hand(place.branch, commit.sha, place.folder, subject),
            not_what_runs(request.step, request.environment, rendering, standing.running),
            debts=paid(request.environment, rendering, standing.running),
        )

    def _as_runs(self, request: StepRequest, standing: Standing) -> Wanted:
        place = self.estate.repository.place
        found = pinned(self.estate, standing.running)
        return Wanted(
            found.proposal,
            f"Write what runs into {place.branch}",
            f"Keep {request.environment.name} at what runs",
            image_words({entry.name: image for entry, image in found.entries}),
            found.rendering,
            notices=(Notice("Only", "images are written: other changes of the release before stay", warning=True),),
            by_hand=pin_by_hand(place.branch, place.overlay, tuple((entry.name, image) for entry, image in found.entries)),
            debts=paid(request.environment, found.rendering, standing.running),
        )


def _by_hand(branch: str, sha: str, folder: str, subject: str) -> tuple[str, ...]:
    return (
        "git fetch --prune --tags origin",
        f"git worktree add --detach ../rollback origin/{shlex.quote(branch)}",
        f"git -C ../rollback restore --source={sha} --staged --worktree -- {shlex.quote(folder)}",
        f"git -C ../rollback commit -m {shlex.quote(subject)}",
        f"git -C ../rollback push origin HEAD:{shlex.quote(branch)}",
    )
