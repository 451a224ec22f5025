"""The reviewer merges what has waited long enough, once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gospel_rollback_tui.drill.repository.bare import EstateRepository
from gospel_rollback_tui.drill.repository.forge import Forge
from gospel_rollback_tui.drill.repository.git_program import BareGit
from gospel_rollback_tui.drill.scripts import find_script
from tests.drill.waiting import wait_for


@pytest.fixture
def repository(tmp_path: Path) -> EstateRepository:
    """A repository with a branch to review."""
    repository = EstateRepository(tmp_path / "gospelib.git", find_script("ready-but-failing"), datetime.now(UTC))
    BareGit(repository.folder).run("branch", "rollback/r1", "main")
    repository.write({"README.md": "rolled back\n"}, "roll back", branch="rollback/r1")
    return repository


def test_a_branch_is_merged_when_its_time_has_come(repository: EstateRepository) -> None:
    """Not before, and not again until something new is pushed to it."""
    forge = Forge(repository, 5.0)
    before = repository.head
    forge.review(100.0)
    forge.review(104.9)
    assert repository.head == before
    forge.review(105.0)
    merged = repository.commit("main")
    assert merged is not None
    assert merged.message == "Merge pull request #42 from gospelib/rollback/r1"
    assert repository.files(merged.sha)["README.md"] == "rolled back\n"
    forge.review(200.0)
    assert repository.head == merged.sha
    repository.write({"README.md": "better\n"}, "again", branch="rollback/r1")
    forge.review(201.0)
    assert repository.files(repository.head)["README.md"] == "better\n"


def test_without_a_reviewer_nothing_is_merged(repository: EstateRepository) -> None:
    """The branch waits for somebody outside the drill."""
    before = repository.head
    forge = Forge(repository, None)
    forge.review(0.0)
    forge.review(1_000_000.0)
    assert repository.head == before


def test_the_thread_looks_by_itself(repository: EstateRepository) -> None:
    """A started forge merges a branch that is there."""
    before = repository.head
    forge = Forge(repository, 0.0)
    forge.start()
    try:
        wait_for(lambda: repository.head != before)
    finally:
        forge.close()
