"""The runs of an environment as an app reaches them."""

from pathlib import Path

import pytest

from gospel_rollback_tui.cli.runs import EnvironmentRuns
from gospel_rollback_tui.domain.decisions import Decision, Verb
from gospel_rollback_tui.domain.errors import JournalError, Refused
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.engine.journal_file import NAME
from gospel_rollback_tui.engine.run_folder import run_id
from gospel_rollback_tui.ui.ports import Opening
from tests.cli.test_verbs import written_run
from tests.diagnosis.scenes import ENVIRONMENT


class NoSymptom:
    """An operator who chose none."""

    symptom: HttpCheck | None = None

    def skew(self) -> float:
        """Clocks that agree."""
        return 0.0


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


def test_a_read_only_app_follows_and_starts_nothing(tmp_path: Path) -> None:
    """The runner's command is never run, nothing is sent, and no run is opened."""
    folder = written_run(tmp_path)
    before = sorted(folder.iterdir())
    runs = EnvironmentRuns(tmp_path, ENVIRONMENT, ("false",), NoSymptom(), read_only=True)
    followed = runs.current()
    assert followed is not None
    run = followed.run()
    assert run is not None
    assert run.id == run_id(folder)
    assert not followed.alive()
    assert not followed.send(Decision(Verb.NOTE, "ada", {"text": "hello"})).taken
    with pytest.raises(Refused, match="only looks"):
        runs.prepare()
    with pytest.raises(Refused, match="only looks"):
        runs.open(Opening("bad-code", "patch", {}, "it fits", "", None, 0.0))
    runs.close()
    assert sorted(folder.iterdir()) == before


def test_no_run_is_no_problem(tmp_path: Path) -> None:
    """Neither in an empty folder nor without one."""
    assert EnvironmentRuns(tmp_path, ENVIRONMENT, ("false",), NoSymptom()).current() is None
    assert EnvironmentRuns(tmp_path / "none", ENVIRONMENT, ("false",), NoSymptom()).current() is None
