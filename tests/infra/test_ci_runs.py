"""Which deployments are under way, as the configured command prints them."""

import sys

import pytest

from gospel_rollback_tui.domain.errors import NotSent
from gospel_rollback_tui.infra import ci_runs
from gospel_rollback_tui.infra.ci_runs import CiRuns


def printing(program: str) -> CiRuns:
    """Returns a command that runs a program text."""
    return CiRuns((sys.executable, "-c", program))


def test_each_line_is_a_deployment_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Harmless, and with the forge's own login at hand."""
    monkeypatch.setattr(ci_runs, "ASK_SECONDS", 60.0)
    monkeypatch.setenv("GH_TOKEN", "known")
    said = "import os; print('https://forge/runs/7\\x1b[31m'); print(); print(os.environ['GH_TOKEN'], os.environ['GH_PROMPT_DISABLED'])"
    assert printing(said).under_way() == ("https://forge/runs/7", "known 1")
    assert printing("pass").under_way() == ()


@pytest.mark.parametrize("program", ["import sys; print('none'); sys.exit('not logged in')", "import time; time.sleep(600)"])
def test_a_command_that_fails_or_hangs_says_nothing(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown is not the same as none."""
    monkeypatch.setattr(ci_runs, "ASK_SECONDS", 2.0)
    with pytest.raises(NotSent, match="not known"):
        printing(program).under_way()
