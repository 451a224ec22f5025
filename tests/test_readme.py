"""The README is true: its commands are known, its offline ones run, its tables say what the code says, its pictures exist."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from gospel_rollback_tui.actions.catalogue import CATALOGUE
from gospel_rollback_tui.cli import run
from gospel_rollback_tui.cli.arguments import options_of
from gospel_rollback_tui.cli.grammar import parse
from gospel_rollback_tui.runbooks.loader import load_library

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
LINES = [line.partition("#")[0].strip() for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
COMMANDS = [part.strip() for line in LINES for part in line.split("&&") if part.strip()]
OURS = [shlex.split(command)[1:] for command in COMMANDS if command.startswith("gospel-rollback")]
OFFLINE = ("runbook", "runs", "check")


@pytest.mark.parametrize("command", [c for c in COMMANDS if c.startswith("make")])
def test_every_make_verb_exists(command: str) -> None:
    """Make itself says what it would do."""
    subprocess.run([*shlex.split(command), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


@pytest.mark.parametrize("arguments", OURS, ids=" ".join)
def test_every_command_is_one_that_the_program_knows(arguments: list[str]) -> None:
    """The parser takes it as it stands."""
    assert callable(options_of(parse(arguments)).verb)


@pytest.mark.parametrize("arguments", [a for a in OURS if a and (a[0] in OFFLINE or a == ["drill", "--list"])], ids=" ".join)
def test_offline_commands_run_as_written(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the example configuration in its place each ends with 0."""
    place = tmp_path / "gospel-rollback"
    place.mkdir()
    shutil.copy(ROOT / "config.example.yaml", place / "config.yaml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "runbooks").mkdir()
    shutil.copy(ROOT / "gospel_rollback_tui" / "runbooks" / "infrastructure.yaml", tmp_path / "runbooks")
    monkeypatch.chdir(tmp_path)
    assert run(arguments) == 0


def test_the_scenarios_are_those_of_the_runbooks() -> None:
    """The table's first column, in the matrix's order."""
    listed = re.findall(r"^\| `([a-z-]+)` \|", README, re.MULTILINE)
    assert listed == [runbook.id for runbook in load_library(CATALOGUE, None).runbooks]


def test_pictures_exist() -> None:
    """Every picture that is shown is in the repository."""
    assert [path for path in re.findall(r"!\[.*?\]\((.*?)\)", README) if not (ROOT / path).exists()] == []
