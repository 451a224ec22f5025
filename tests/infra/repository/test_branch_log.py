"""The log of the branch for whoever only looks: as the remote has it now, and never waited for long."""

import threading
from pathlib import Path

import pytest

from gospel_rollback_tui.domain.errors import NoRoute, NotFound
from gospel_rollback_tui.infra.repository.branch_log import FRESH, BranchLog
from gospel_rollback_tui.infra.repository.repository import GitRepository
from tests.infra.repository.remotes import KUSTOMIZATION, Remote, kustomization


class Clock:
    """Monotonic seconds that a test sets."""

    def __init__(self) -> None:
        """Begins at 0."""
        self.seconds = 0.0

    def __call__(self) -> float:
        """Returns them."""
        return self.seconds


class Waiting(GitRepository):
    """A repository whose remote answers when it is told to."""

    answer: threading.Event

    def fetch(self) -> None:
        """Waits for the word."""
        self.answer.wait()
        super().fetch()


def test_what_was_pushed_is_seen_once_the_last_answer_is_old(tmp_path: Path) -> None:
    """The remote is asked again after a while, not for every look."""
    remote, clock = Remote.make(tmp_path), Clock()
    log = BranchLog(remote.repository(tmp_path / "state"), clock=clock)
    before = log.newest()
    assert before[0].subject.startswith("Release v2.15.0")
    remote.commit("Release v2.16.0", {KUSTOMIZATION: kustomization(gateway="v2.16.0", auth="v2.14.0")})
    assert log.newest() == before
    clock.seconds = FRESH + 1.0
    assert [commit.subject for commit in log.newest()][:2] == ["Release v2.16.0", before[0].subject]


def test_a_remote_that_is_not_there_is_said_and_asked_again(tmp_path: Path) -> None:
    """A failure is no answer that holds."""
    remote = Remote.make(tmp_path)
    log = BranchLog(remote.repository(tmp_path / "state"))
    away = remote.bare.rename(tmp_path / "away.git")
    with pytest.raises(NotFound):
        log.newest()
    away.rename(remote.bare)
    assert log.newest()


def test_a_remote_that_does_not_answer_holds_nobody_up(tmp_path: Path) -> None:
    """The log is unknown until it has; the same question goes on."""
    remote = Remote.make(tmp_path)
    repository = Waiting(remote.repository(tmp_path / "state").place, tmp_path / "state")
    repository.answer = threading.Event()
    log = BranchLog(repository, deadline=0.01)
    with pytest.raises(NoRoute):
        log.newest()
    repository.answer.set()
    assert BranchLog(repository, deadline=60.0).newest()
