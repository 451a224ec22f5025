"""Commits, tags and proposed changes of a git repository, as values."""

from dataclasses import dataclass

from gospel_rollback_tui.domain.preview import DiffLine

TRAILER = "Gospel-Rollback-Run"
"""Trailer of every commit this tool makes: its value tells the run, the step and the attempt that made it."""


def marker(run: str, step: str, attempt: int) -> str:
    """Returns what the trailer of an attempt's commit says."""
    return f"{run}/{step}/{attempt}"


def trailer_line(mark: str) -> str:
    """Returns the trailer as it stands in a commit's message."""
    return f"{TRAILER}: {mark}"


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit."""

    sha: str
    parents: tuple[str, ...]
    author: str
    at: float
    """Wall time of its committer."""
    subject: str
    tags: tuple[str, ...] = ()
    content: str = ""
    """Id of the folder that was asked about, as this commit has it: equal ids are equal files. Empty: it has none."""

    @property
    def short(self) -> str:
        """The seven characters that people say."""
        return self.sha[:7]

    @property
    def merge(self) -> bool:
        """Whether it joins two lines of work."""
        return len(self.parents) > 1


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag and the commit it points at."""

    name: str
    sha: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change that could be committed; nothing was, so far."""

    parent: str
    """The commit it is made on: the remote branch as it was last fetched."""
    tree: str
    files: tuple[tuple[str, str], ...]
    """(what happens, path) of each file, e.g. (`M`, `infra/k8s/base/auth.yaml`)."""
    diff: tuple[DiffLine, ...]

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not self.files


@dataclass(frozen=True, slots=True)
class Parcel:
    """A commit to be made and pushed."""

    tree: str
    parent: str
    message: str
    """Subject and body, without the trailer."""
    mark: str
    """Value of the trailer."""
    ref: str
    """Branch on the remote, without `refs/heads/`."""
