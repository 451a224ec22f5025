"""The runs of an environment as an app reaches them."""

from pathlib import Path

import pytest

from gospel_rollback_tui.cli.runs import EnvironmentRuns
from gospel_rollback_tui.domain.errors import JournalError
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.engine.journal_file import NAME
from gospel_rollback_tui.engine.run_folder import run_id
from tests.cli.test_verbs import written_run
from tests.diagnosis.scenes import ENVIRONMENT


class NoSymptom:
    """An operator who chose none."""

    symptom: HttpCheck | None = None


def test_a_damaged_run_that_may_be_open_is_said(tmp_path: Path) -> None:
    """The file, and the command that looks into it; it is never as if nothing were open."""
    folder = written_run(tmp_path)
    journal = folder / NAME
    journal.write_text(journal.read_text().replace("users call", "all is well"))
    runs = EnvironmentRuns(tmp_path, ENVIRONMENT, ("false",), NoSymptom())
    with pytest.raises(JournalError, match="may be open") as raised:
        runs.current()
    said = raised.value.sentences()
    assert str(journal) in said
    assert f"runs verify {run_id(folder)}" in said


def test_no_run_is_no_problem(tmp_path: Path) -> None:
    """Neither in an empty folder nor without one."""
    assert EnvironmentRuns(tmp_path, ENVIRONMENT, ("false",), NoSymptom()).current() is None
    assert EnvironmentRuns(tmp_path / "none", ENVIRONMENT, ("false",), NoSymptom()).current() is None
