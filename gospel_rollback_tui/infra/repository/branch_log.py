"""The newest commits of the branch for whoever only looks: asked in the background, and never waited for long."""

import threading
import time
from collections.abc import Callable

from gospel_rollback_tui.domain.commits import Commit
from gospel_rollback_tui.domain.errors import NoRoute, RollbackError
from gospel_rollback_tui.infra.repository.repository import GitRepository

DEADLINE = 2.0
"""Seconds for the remote's answer."""
FRESH = 30.0
"""Seconds for which an answer of the remote holds: rounds of triage come more often than anybody pushes."""
COMMITS = 30
"""States of the branch that are read."""


class BranchLog:
    """Reads the log of one repository's folder of manifests; safe to be asked from several threads."""

    def __init__(self, repository: GitRepository, *, deadline: float = DEADLINE, clock: Callable[[], float] = time.monotonic) -> None:
        """Asks nothing yet; `clock` gives monotonic seconds."""
        self._repository = repository
        self._deadline = deadline
        self._clock = clock
        self._lock = threading.Lock()
        self._asking: _Fetch | None = None
        self._last: _Fetch | None = None
        """The newest that has succeeded."""

    def newest(self) -> tuple[Commit, ...]:
        """Returns the states of the branch that changed the folder, newest first.

        Raises:
            NoRoute: The remote did not answer in time, and has not within this process before.
            RollbackError: What it answered.
        """
        fetch = self._fetch()
        if not fetch.done.wait(self._deadline) and self._last is None:
            raise NoRoute(f"{self._repository.place.branch} was not fetched within {self._deadline:g} s.")
        if fetch.failure is not None:
            raise fetch.failure
        return self._repository.log(self._repository.place.folder, COMMITS)

    def _fetch(self) -> "_Fetch":
        """Returns the fetch that is under way or whose answer still holds; begins one where there is none."""
        with self._lock:
            now = self._clock()
            asked = self._asking
            if asked is not None and asked.done.is_set() and asked.failure is None:
                self._last = asked
            if asked is None or (asked.done.is_set() and (asked.failure is not None or now - asked.begun > FRESH)):
                asked = self._asking = _Fetch(now)
                threading.Thread(target=asked.run, args=(self._repository,), name="branch-log", daemon=True).start()
            return asked


class _Fetch:
    """One question to the remote."""

    def __init__(self, begun: float) -> None:
        self.begun = begun
        self.done = threading.Event()
        self.failure: RollbackError | None = None

    def run(self, repository: GitRepository) -> None:
        """Fetches, and keeps why it could not."""
        try:
            repository.fetch()
        except RollbackError as error:
            self.failure = error
        finally:
            self.done.set()
