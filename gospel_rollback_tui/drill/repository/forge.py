"""The forge's reviewer: merges a pushed `rollback/…` branch into the Application's branch after a while."""

import time
from contextlib import suppress
from threading import Event, Thread

from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.git_program import RepositoryError

PREFIX = "rollback/"
POLL = 0.2
REVIEWER = "Tomas Reyes <tomas@gospelib.invalid>"


class Forge:
    """One thread that looks for branches to review; without a time to review in, it never merges."""

    def __init__(self, repository: EstateRepository, reviewed_after: float | None) -> None:
        """Prepare; `start` begins to look."""
        self._repository = repository
        self._reviewed_after = reviewed_after
        self._opened: dict[str, float] = {}
        self._merged: dict[str, str] = {}
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="forge", daemon=True)

    def start(self) -> None:
        """Begin to look for branches."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def review(self, now: float) -> None:
        """Merge each branch that has waited long enough at a moment (seconds that only grow) and holds something new."""
        for branch, sha in self._repository.branches(PREFIX).items():
            opened = self._opened.setdefault(branch, now)
            if self._reviewed_after is None or now - opened < self._reviewed_after or self._merged.get(branch) == sha:
                continue
            number = 42 + list(self._opened).index(branch)
            self._repository.merge(branch, f"Merge pull request #{number} from gospelib/{branch}", REVIEWER)
            self._merged[branch] = sha

    def _run(self) -> None:
        while not self._stopping.wait(POLL):
            if self._reviewed_after is not None and (self._repository.folder / "refs" / "heads" / "rollback").is_dir():
                with suppress(RepositoryError):  # somebody pushed at the same moment, or the repository is gone: it looks again
                    self.review(time.monotonic())
