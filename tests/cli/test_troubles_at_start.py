"""What is wrong before the screen is a sentence and an exit code, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gospel_rollback_tui.cli import run
from tests.cli.test_verbs import EXAMPLE
from tests.ordinary_user import ordinary_user

TOOL = (sys.executable, "-m", "gospel_rollback_tui")


def test_a_configuration_folder_that_cannot_be_searched_ends_with_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The file that was looked for is named, and why it could not be."""
    with ordinary_user() as home:
        (home / "gospel-rollback").mkdir(mode=0)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(home))
        code = run(["runs"])
    assert code == 2
    assert "config.yaml: cannot be looked for: Permission denied" in capsys.readouterr().err


def test_output_that_its_encoding_lacks_is_replaced() -> None:
    """A pipe in the C locale gets question marks, not a traceback."""
    environ = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = subprocess.run([*TOOL, "runbook", "bad-code", "--config", str(EXAMPLE)], capture_output=True, env=environ)
    assert ended.returncode == 0, ended.stderr
    assert b"?" in ended.stdout


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [["drill", "--list"], ["check"], ["--help"], ["drill", "--help"], ["--version"]])
def test_a_full_disk_under_the_output_is_a_sentence(arguments: list[str], unbuffered: str) -> None:
    """Exit code 1, nothing of the interpreter's own."""
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run([*TOOL, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": unbuffered})
    assert ended.returncode == 1
    assert ended.stderr == "gospel-rollback: The output cannot be written: No space left on device. Nothing was changed.\n"


def test_a_closed_pipe_ends_with_141_and_says_nothing() -> None:
    """As any filter does that lost its reader."""
    ours, theirs = os.pipe()
    os.close(ours)
    ended = subprocess.run([*TOOL, "drill", "--list"], stdout=theirs, stderr=subprocess.PIPE, text=True)
    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_an_operator_without_a_name_is_named_by_number() -> None:
    """A user id without an entry in the password file, as in containers."""
    environ = {name: value for name, value in os.environ.items() if name not in ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME")}
    code = "import os\nfrom gospel_rollback_tui.cli.runs import operator\nos.getuid() or os.setuid(43219)\nprint(os.getuid(), operator())"
    number, _, name = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ).stdout.strip().partition(" ")
    assert name
    assert number != "43219" or name == "uid 43219"


def test_a_scenario_nobody_plays_is_said_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """With those there are."""
    assert run(["drill", "--scenario", "nope"]) == 2
    assert "gospel-rollback: No script plays 'nope'; scenarios are: " in capsys.readouterr().err
