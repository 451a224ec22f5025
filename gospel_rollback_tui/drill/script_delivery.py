"""The words in which a script tells how its services are delivered: Argo CD's policy, what owns it, git, and who else acts.

Pure values, as in `script`; every time is in seconds.
"""

from dataclasses import dataclass
from enum import Enum


class Owner(Enum):
    """What keeps the Application's own spec as it declares it."""

    NOBODY = "nobody"
    PARENT = "parent"
    """An app-of-apps parent with self-heal."""

    APPLICATION_SET = "applicationset"


@dataclass(frozen=True, slots=True)
class WindowScene:
    """A sync window of the project."""

    ends_after: float
    """Seconds from the start of the estate to the window's end, to the minute."""

    kind: str = "deny"
    manual: bool = False
    """Whether it lets syncs through that somebody asks for."""


@dataclass(frozen=True, slots=True)
class SyncScene:
    """The sync policy of the Application that owns the Deployments, and what has happened to it."""

    automated: bool = True
    self_heal: bool = True
    prune: bool = True
    healed_before: float | None = None
    """Seconds since self-heal last reverted something; None when it never did."""

    history_limit: int | None = None
    """The Application's `revisionHistoryLimit`; 0 leaves no history, None leaves Argo CD's ten."""

    several_sources: bool = False
    """Whether the Application names a second source, for values."""

    owner: Owner = Owner.NOBODY
    window: WindowScene | None = None
    stuck: str = ""
    """What the operation that has been under way since the newest release waits for, in Argo CD's words; empty: none is."""

    image_updater: float | None = None
    """Seconds between two looks of Image Updater, which commits the newest tag to git; None where it does not run."""

    somebody_syncs: float | None = None
    """Seconds after a rollback until somebody else syncs the branch again; None when nobody does."""


@dataclass(frozen=True, slots=True)
class LaterCommit:
    """A commit that somebody made to the branch after the newest release."""

    before: float
    """Seconds from the commit to the start of the estate."""

    author: str
    """As git writes one: `Name <address>`."""

    subject: str
    path: str
    text: str
    """What the file at the path holds from then on, or, with `replaces`, what stands in place of that."""

    replaces: str = ""
    """The part of the file that is replaced; empty for the whole file."""


@dataclass(frozen=True, slots=True)
class GitScene:
    """The branch that the Application follows: how its newest release came to it, what came after, who guards it."""

    protected: bool = False
    """Whether a push to the branch is refused, as a forge refuses one that goes round its reviews."""

    reviewed_after: float | None = None
    """Seconds after which a reviewer merges a pushed branch `rollback/…`; None when nobody does."""

    merged: bool = False
    """Whether the newest release is a merge commit."""

    later: tuple[LaterCommit, ...] = ()
    """Oldest first."""

    somebody_pushes: bool = False
    """Whether somebody commits something else to the branch once auto-sync is off, or after a minute."""
