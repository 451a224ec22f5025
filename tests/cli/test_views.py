"""What the screens are shown where the estate's clients cannot be started."""

from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.cli import views
from gospel_rollback_tui.cli.views import Estate
from gospel_rollback_tui.domain.errors import ProgramFault
from gospel_rollback_tui.runbooks.loader import load_library
from tests.diagnosis.scenes import ENVIRONMENT

LIBRARY = load_library(CATALOGUE, None)


def test_a_start_that_fails_by_a_fault_of_the_program_is_said_on_the_first_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not an empty screen for ever: the fault is the trouble of the picture, and what asks for a preview is told the same."""

    def _broken(_estate: Estate) -> object:
        raise ImportError("cannot import name 'x'")

    monkeypatch.setattr(views.Estate, "_start", _broken)
    estate = Estate(ENVIRONMENT, LIBRARY, "ann", tmp_path)
    assert estate.picture() is None
    estate.begin()
    picture = estate.picture()
    assert picture is not None
    assert picture.trouble is not None
    assert "a fault of this program, not of the estate (ImportError: cannot import name 'x')" in picture.trouble.text
    path = LIBRARY.runbook("bad-code").paths[0]
    with pytest.raises(ProgramFault, match="fault of this program"):
        estate.plan(path, path.steps[0].id, {})
    estate.close()
