"""What the screens are shown where the estate's clients cannot be started."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.cli import adapters, views
from gospel_rollback_tui.cli.early_feeds import LaterAsker
from gospel_rollback_tui.cli.views import Estate
from gospel_rollback_tui.domain.errors import ProgramFault
from gospel_rollback_tui.domain.estate import HttpCheck
from gospel_rollback_tui.domain.health import HttpAnswer
from gospel_rollback_tui.runbooks.loader import load_library
from tests.diagnosis.scenes import ENVIRONMENT

LIBRARY = load_library(CATALOGUE, None)


@pytest.mark.parametrize("begins", ["_start_feeds", "_start"])
def test_a_start_that_fails_by_a_fault_of_the_program_is_said_on_the_first_screen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, begins: str) -> None:
    """Not an empty screen for ever: the fault is the trouble of the picture, and what asks for a preview is told the same."""

    def _broken(_estate: Estate) -> object:
        raise ImportError("cannot import name 'x'")

    monkeypatch.setattr(views.Estate, begins, _broken)
    estate = Estate(ENVIRONMENT, LIBRARY, "ann", tmp_path)
    assert estate.picture() is None
    estate.begin_feeds()
    estate.begin()
    picture = estate.picture()
    assert picture is not None
    assert picture.trouble is not None
    assert "a fault of this program, not of the estate (ImportError: cannot import name 'x')" in picture.trouble.text
    path = LIBRARY.runbook("bad-code").paths[0]
    with pytest.raises(ProgramFault, match="fault of this program"):
        estate.plan(path, path.steps[0].id, {})
    estate.close()


def test_the_feeds_run_while_the_other_clients_are_still_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The pods are on the screen before boto3 and the others are there."""
    imported, closing = threading.Event(), threading.Event()

    class _Slow:
        def __init__(self, *_arguments: object, **_options: object) -> None:
            imported.set()
            assert closing.wait(60)
            raise ImportError("closed before it was there")

    monkeypatch.setattr(adapters, "Adapters", _Slow)
    estate = Estate(ENVIRONMENT, LIBRARY, "ann", tmp_path)
    estate.begin_feeds()
    beginning = threading.Thread(target=estate.begin)
    beginning.start()
    assert imported.wait(60)
    assert estate.snapshot() is not None
    estate.close()
    closing.set()
    beginning.join(60)


def test_what_starts_the_feeds_imports_no_other_client() -> None:
    """Neither httpx nor boto3 nor psycopg stands between the first paint and the pods."""
    asked = "import sys, gospel_rollback_tui.cli.early_feeds; print(sorted({'httpx', 'boto3', 'botocore', 'psycopg', 'kubernetes'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_health_question_waits_for_its_client() -> None:
    """Asked before the client is there, answered once it is."""
    later = LaterAsker()
    check = HttpCheck("verses", "http://127.0.0.1:1/")
    answers: list[HttpAnswer] = []
    asking = threading.Thread(target=lambda: answers.append(later.ask(check)))
    asking.start()

    class _Client:
        def ask(self, asked: HttpCheck) -> HttpAnswer:
            assert asked is check
            return HttpAnswer(200, "", 0.0)

    later.bring(_Client())
    asking.join(60)
    assert [answer.status for answer in answers] == [200]
