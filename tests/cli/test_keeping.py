"""Files that an operator asks for are the operator's alone, and whole or not there."""

import resource
from pathlib import Path

import pytest

from gospel_rollback_tui.cli.keeping import keeper
from gospel_rollback_tui.domain.errors import RollbackError
from gospel_rollback_tui.engine.run_folder import list_runs


def test_each_file_is_new_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Two that are asked for at once do not overwrite each other."""
    keep = keeper(tmp_path / "kept")
    first, second = Path(keep("logs", ["one", "zwölf"])), Path(keep("logs", ["two"]))
    assert first.read_text(encoding="utf-8") == "one\nzwölf\n"
    assert second.read_text() == "two\n"
    assert first.stat().st_mode & 0o777 == 0o600
    assert first.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """With what to do instead."""
    (tmp_path / "kept").write_text("a file stands where the folder should be")
    with pytest.raises(RollbackError, match="cannot be written") as caught:
        keeper(tmp_path / "kept")("logs", ["one"])
    assert "Copy single lines" in caught.value.sentences()


def test_a_file_that_cannot_be_written_to_its_end_is_not_left_behind(tmp_path: Path) -> None:
    """Half a log would be taken for the whole one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(RollbackError, match="cannot be written"):
            keeper(tmp_path / "kept")("logs", ["x" * 400] * 400)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((tmp_path / "kept").iterdir()) == []


def test_what_was_kept_is_no_run(tmp_path: Path) -> None:
    """The folder lies beside the runs."""
    keeper(tmp_path / "kept")("logs", ["one"])
    assert list_runs(tmp_path) == ()
