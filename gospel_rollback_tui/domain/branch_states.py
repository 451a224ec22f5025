"""The states that a branch went through, what each declares, and which of them to go back to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.sync_history import Entry

ServiceImages = Mapping[str, str]
"""Service → image."""


@dataclass(frozen=True, slots=True)
class BranchState:
    """One state of the branch."""

    commit: Commit
    images: ServiceImages | None = field(default=None, hash=False)
    """What it declares; None: it was not rendered."""
    deployed: Entry | None = None
    """The newest entry of Argo CD's history that deployed just these files."""
    broken: str = ""
    """Why it cannot be gone back to; empty: it can."""
    now: bool = False
    """It is what the branch says."""
    gone_back_from: bool = False
    """The branch has already left it for an older state."""

    @property
    def label(self) -> str:
        """Its release tags, or the short commit."""
        return ", ".join(tag.removeprefix("release/") for tag in self.commit.tags) or self.commit.short


def branch_states(
    commits: Sequence[Commit],
    images: Mapping[str, ServiceImages | None],
    broken: Mapping[str, str],
    deployed: Mapping[str, Entry],
) -> tuple[BranchState, ...]:
    """Returns the states with what is known of each, newest first as they came.

    Args:
        commits: Newest first.
        images: Commit → what it declares.
        broken: Commit → why it cannot be gone back to.
        deployed: Content → the newest entry of Argo CD's history that deployed it.
    """
    contents = [commit.content for commit in commits]
    found = []
    for index, commit in enumerate(commits):
        older = set(contents[index + 1 :])
        found.append(
            BranchState(
                commit,
                images.get(commit.sha),
                deployed.get(commit.content),
                broken.get(commit.sha, "") or ("" if commit.content else "it has no such folder"),
                now=bool(contents) and commit.content == contents[0],
                gone_back_from=any(content in older for content in contents[:index]),
            )
        )
    return tuple(found)


def says_what_runs(state: BranchState, running: ServiceImages) -> bool:
    """Returns whether a state declares exactly the images that run; False where one of the two is not known."""
    return bool(running) and state.images is not None and all(state.images.get(service) == image for service, image in running.items())


def suggested_state(states: Sequence[BranchState], running: ServiceImages) -> BranchState | None:
    """Returns the state to go back to; None: nothing speaks for any.

    Where the cluster runs something else than the branch says, it was changed beside git: the newest state that says what
    runs. Otherwise the newest good release: one that was deployed, or at least tagged, has other images, and was not left.
    """
    fit = [state for state in states if not state.now and not state.broken]
    now = next((state for state in states if state.now), None)
    if now is None or now.images is None:
        return None
    if running and not says_what_runs(now, running):
        return next((state for state in fit if says_what_runs(state, running)), None)
    other = [state for state in fit if state.images is not None and state.images != now.images and not state.gone_back_from]
    deployed = next((state for state in other if state.deployed is not None), None)
    return deployed or next((state for state in other if state.commit.tags), None)


def undone(states: Sequence[BranchState], chosen: BranchState) -> tuple[Commit, ...]:
    """Returns the commits that going back to a state undoes, newest first."""
    newer = states[: next((index for index, state in enumerate(states) if state.commit.sha == chosen.commit.sha), 0)]
    return tuple(state.commit for state in newer)
