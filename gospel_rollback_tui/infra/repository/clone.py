"""Our own clone of a repository: made once, kept between runs, used by one process at a time."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gospel_rollback_tui.domain.errors import NotSent, Refused
from gospel_rollback_tui.domain.git_place import GitPlace
from gospel_rollback_tui.infra.repository.git import Git, quiet_ssh
from gospel_rollback_tui.infra.repository.refusals import unreachable

FIRST_SECONDS = 300.0
"""For the fetch that makes the clone."""
FETCH_SECONDS = 60.0
ASK_SECONDS = 15.0
"""For a question to the remote."""
LOCK_SECONDS = 90.0
"""How long another process may hold the clone before we give up."""
_STALE_SECONDS = 900.0
"""Age of a lock file of git's own that no command can hold any more: each has a deadline well below it."""
_TRY_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Clone:
    """The clone of one place's repository."""

    place: GitPlace
    folder: Path
    """Holds the clones of all repositories."""
    program: str = "git"

    @property
    def name(self) -> str:
        """The clone's folder name: readable, and its own for each address and branch."""
        address = f"{self.place.repository}\n{self.place.branch}"
        readable = re.sub(r"[^A-Za-z0-9]+", "-", self.place.repository.removesuffix(".git").rstrip("/").rpartition("/")[2])[:40]
        return f"{readable}-{hashlib.sha256(address.encode()).hexdigest()[:12]}"

    @property
    def path(self) -> Path:
        """The bare repository."""
        return self.folder / f"{self.name}.git"

    @property
    def tracking(self) -> str:
        """The ref that holds the remote branch as it was last fetched."""
        return f"refs/remotes/origin/{self.place.branch}"

    @property
    def git(self) -> Git:
        """Git in the clone, for what needs no network."""
        return Git(self.path, self.program)

    def networked(self) -> Git:
        """Returns git in the clone with an ssh that asks nothing."""
        own = os.environ.get("GIT_SSH_COMMAND", "")
        if not own and os.environ.get("GIT_SSH"):
            return self.git
        if not own:
            own = self.git.run("config", "--get", "core.sshCommand").text.strip()
        return Git(self.path, self.program, {"GIT_SSH_COMMAND": quiet_ssh(own)})

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the clone against every other process and thread; raises NotSent when somebody else has held it for too long."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self.folder / f"{self.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            until = time.monotonic() + LOCK_SECONDS
            while not _locked(descriptor):
                if time.monotonic() > until:
                    raise NotSent("Another app of this host is still at work in the clone of the repository.", next_step="Try again, or go on by hand.")
                time.sleep(_TRY_SECONDS)
            yield
        finally:
            os.close(descriptor)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Gives a folder that is gone afterwards; what a killed process left of its own is taken away too."""
        for left in self.folder.glob(f"{self.name}.work-*"):
            owner = left.name.removeprefix(f"{self.name}.work-").partition("-")[0]
            if not owner.isdigit() or not _alive(int(owner)):
                shutil.rmtree(left, ignore_errors=True)
        place = Path(tempfile.mkdtemp(prefix=f"{self.name}.work-{os.getpid()}-", dir=self.folder))
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def fetch(self) -> None:
        """Brings branch and tags as the remote has them; makes the clone the first time.

        Raises:
            NotSent: The remote was not reached, or git is not here.
            Refused: The clone is shallow: a revert in one may delete the whole tree.
        """
        with self.held():
            first = not self._made()
            if first:
                self._make()
            self._take_away_stale_locks()
            git = self.networked()
            ended = git.run("fetch", "--quiet", "--prune", "--no-write-fetch-head", "origin", deadline=FIRST_SECONDS if first else FETCH_SECONDS)
            self._refuse_shallow(ended.complaints)
            if not ended.well:
                raise unreachable(self.place, ended)

    def _made(self) -> bool:
        return (self.path / "config").is_file() and self.git.run("rev-parse", "--git-dir").well

    def _make(self) -> None:
        """The address goes into a file: as an argument every user of the host could read what may stand in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        started = self.git.run("init", "--quiet", "--bare", "--template=")
        if not started.well:
            raise NotSent(f"The clone of the repository cannot be made: {started.words()}", next_step="Look at the folder of the runs, then try again.")
        url = self.place.repository.replace("\\", "\\\\").replace('"', '\\"')
        branch = self.place.branch
        config = (
            f'[remote "origin"]\n\turl = "{url}"\n\tfetch = +refs/heads/{branch}:{self.tracking}\n\tfetch = +refs/tags/*:refs/tags/*\n\ttagOpt = --no-tags\n'
        )
        with (self.path / "config").open("a") as file:
            file.write(config)
        (self.path / "config").chmod(0o600)

    def _take_away_stale_locks(self) -> None:
        """A git that was killed leaves its lock files; we hold the clone, so an old one belongs to nobody."""
        for lock in self.path.rglob("*.lock"):
            try:
                if time.time() - lock.stat().st_mtime > _STALE_SECONDS:
                    lock.unlink()
            except FileNotFoundError:
                continue

    def _refuse_shallow(self, complaints: tuple[str, ...]) -> None:
        said = any("shallow" in line for line in complaints)
        if said or self.git.run("rev-parse", "--is-shallow-repository").text.strip() == "true":
            raise Refused(
                f"{self.place.repository} is a shallow copy: its oldest commits look as if they had made every file, and a revert would delete them.",
                next_step="Configure the address of the full repository (git.repository).",
            )


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
