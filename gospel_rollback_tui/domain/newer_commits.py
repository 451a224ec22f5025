"""Which commits git holds behind the release to go back to: whatever is made of the cluster, the next sync deploys them."""

from collections.abc import Sequence
from dataclasses import dataclass

from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.sync_history import Entry

_ROUNDED = 1.0
"""Seconds by which two times of the cluster may differ that were written at the same moment."""


@dataclass(frozen=True, slots=True)
class Release:
    """A deployed release, as git knows it."""

    revisions: tuple[str, ...] = ()
    """Its commits, one a source."""
    deployed: float | None = None
    """Wall time."""


def release_before(history: Sequence[Entry]) -> Release | None:
    """Returns what was deployed before the last deployment; None: the history does not reach that far.

    Args:
        history: Of the Application, newest last.
    """
    found = next((entry for entry in reversed(history) if entry.revisions != history[-1].revisions), None)
    return Release(found.revisions, found.deployed) if found is not None else None


def release_made(history: Sequence[Entry], created: float) -> Release:
    """Returns the release whose deployment made an object at that wall time; where the history tells of none, that time alone."""
    found = next((entry for entry in history if entry.deployed is not None and entry.deployed >= created - _ROUNDED), None)
    return Release(found.revisions, found.deployed) if found is not None else Release(deployed=created)


def newer_than(branch: Sequence[Commit], release: Release) -> tuple[Commit, ...]:
    """Returns the commits behind the release, newest first; none where the branch says again what the release says.

    A release whose commit is not among those of the branch, since it touched other folders, is told by its time.

    Args:
        branch: The states of the branch, newest first.
        release: What is gone back to.
    """
    at = next((index for index, commit in enumerate(branch) if commit.sha in release.revisions), None)
    if at is None:
        return tuple(commit for commit in branch if release.deployed is not None and commit.at > release.deployed)
    if branch[0].content and branch[0].content == branch[at].content:
        return ()
    return tuple(branch[:at])
